import { Button, useMantineColorScheme } from "@mantine/core";
import { IconSettings } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { KeyDialog } from "../shared/access/key-dialog.tsx";
import { useAccessKey, writeAccessKey } from "../shared/api/access-key.ts";
import { Disclosure } from "../shared/ui/disclosure.tsx";

const schemes = [
  { value: "light", word: "Light" },
  { value: "dark", word: "Dark" },
  { value: "auto", word: "Like the system" },
] as const;

/** How the dashboard looks, and with which key it asks. */
export function Settings() {
  const [isAskingKey, setAskingKey] = useState(false);
  return (
    <>
      <Disclosure size={32} label="Settings" icon={<IconSettings size={18} aria-hidden />}>
        {(close) => (
          <div className="settings">
            <Appearance />
            <Access
              onAskKey={() => {
                close();
                setAskingKey(true);
              }}
            />
          </div>
        )}
      </Disclosure>
      {isAskingKey ? <KeyDialog onClose={() => setAskingKey(false)} /> : null}
    </>
  );
}

function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <fieldset className="settings__group">
      <legend>Appearance</legend>
      {schemes.map(({ value, word }) => (
        <label key={value} className="settings__choice">
          <input
            type="radio"
            name="color-scheme"
            value={value}
            checked={colorScheme === value}
            onChange={() => setColorScheme(value)}
          />
          {word}
        </label>
      ))}
    </fieldset>
  );
}

function Access({ onAskKey }: { readonly onAskKey: () => void }) {
  const client = useQueryClient();
  const key = useAccessKey();
  const forget = () => {
    writeAccessKey(null);
    void client.resetQueries();
  };
  return (
    <div className="settings__group">
      <p className="settings__label">{key === null ? "No key in use" : "A key is in use"}</p>
      <Button size="xs" variant="default" onClick={onAskKey}>
        {key === null ? "Use a key" : "Use another key"}
      </Button>
      {key === null ? null : (
        <Button size="xs" variant="subtle" onClick={forget}>
          Forget the key
        </Button>
      )}
    </div>
  );
}
