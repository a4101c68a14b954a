import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";

const schemes: readonly { readonly scheme: MantineColorScheme; readonly name: string }[] = [
  { scheme: "auto", name: "As the system" },
  { scheme: "light", name: "Light" },
  { scheme: "dark", name: "Dark" },
];

/** What the shop keeps, and how it looks. */
export function Footer() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <footer className="footer">
      <div className="footer__content">
        <p className="footer__note">
          This shop sets no cookies. Your cart and your guest session are kept in this browser.
        </p>
        <div className="footer__schemes" role="group" aria-label="Colours">
          {schemes.map(({ scheme, name }) => (
            <button
              key={scheme}
              type="button"
              className="footer__scheme"
              aria-pressed={colorScheme === scheme}
              onClick={() => setColorScheme(scheme)}
            >
              {name}
            </button>
          ))}
        </div>
      </div>
    </footer>
  );
}
