import {
  createTheme,
  type CSSVariablesResolver,
  localStorageColorSchemeManager,
  type MantineColorsTuple,
} from "@mantine/core";

/** The name under which `public/color-scheme.js` looks for the choice. */
export const colorSchemeManager = localStorageColorSchemeManager({ key: "holdfast-shop-scheme" });

/** Ink for light pages, at the dark end, and paper for dark ones. */
const ink: MantineColorsTuple = [
  "#f7f4ee",
  "#ece7dd",
  "#d6cfc1",
  "#b5ac9b",
  "#8f8676",
  "#6b6355",
  "#4b453b",
  "#322e27",
  "#1f1b16",
  "#16130f",
];

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 9, dark: 0 },
  colors: { ink },
  defaultRadius: "md",
  radius: { md: "12px" },
  fontFamily: "var(--font-text)",
  respectReducedMotion: true,
  focusRing: "auto",
  components: { Button: { defaultProps: { size: "md" } } },
});

/** The palette has the last word on Mantine's own surfaces. */
export const cssVariables: CSSVariablesResolver = () => {
  const surfaces = {
    "--mantine-color-body": "var(--surface)",
    "--mantine-color-text": "var(--text)",
    "--mantine-color-dimmed": "var(--text-muted)",
    "--mantine-color-placeholder": "var(--text-muted)",
    "--mantine-color-default": "var(--surface)",
    "--mantine-color-default-hover": "var(--surface-sunken)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-default-color": "var(--text)",
    "--mantine-color-error": "var(--bad)",
    "--mantine-color-anchor": "var(--text)",
    "--mantine-color-gray-light-color": "var(--text-muted)",
    "--mantine-color-gray-light-hover": "var(--surface-sunken)",
  };
  return { variables: {}, light: surfaces, dark: surfaces };
};
