import {
  createTheme,
  type CSSVariablesResolver,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
} from "@mantine/core";

/** The name under which `public/color-scheme.js` looks for the choice. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: "holdfast-color-scheme" });

const petrol: MantineColorsTuple = [
  "#e9f5f5",
  "#d2e9e9",
  "#a3d3d4",
  "#74bcbe",
  "#4fa9ac",
  "#2f9195",
  "#1c7b80",
  "#126a6f",
  "#0b5d63",
  "#08494e",
];

/** Greys with the palette's hint of green, the lightest first. */
const dark: MantineColorsTuple = [
  "#e5ebe8",
  "#c3ccc8",
  "#9daaa5",
  "#6b7773",
  "#45514e",
  "#38433f",
  "#1f2726",
  "#171d1c",
  "#101615",
  "#0b0f0e",
];

export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 8, dark: 3 },
  colors: { petrol, dark },
  defaultRadius: "sm",
  fontFamily: "var(--font-text)",
  fontFamilyMonospace: "var(--font-code)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "19px" },
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    // Nothing moves by itself, and nothing takes processor time to look as if it did.
    SegmentedControl: { defaultProps: { transitionDuration: 0 } },
  },
});

/** The palette has the last word on Mantine's own surfaces. */
export const cssVariables: CSSVariablesResolver = () => {
  const surfaces = {
    "--mantine-color-body": "var(--surface-card)",
    "--mantine-color-text": "var(--text)",
    "--mantine-color-dimmed": "var(--text-muted)",
    "--mantine-color-placeholder": "var(--text-muted)",
    "--mantine-color-default": "var(--surface-card)",
    "--mantine-color-default-hover": "var(--surface-hover)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-default-color": "var(--text)",
    "--mantine-color-error": "var(--critical)",
    "--mantine-color-anchor": "var(--accent)",
    "--mantine-color-gray-light-color": "var(--text-muted)",
    "--mantine-color-gray-outline": "var(--text-muted)",
    "--mantine-color-gray-light-hover": "var(--surface-hover)",
  };
  return { variables: {}, light: surfaces, dark: surfaces };
};
