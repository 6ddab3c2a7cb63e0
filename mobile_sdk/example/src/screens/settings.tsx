import { signOut } from "firebase/auth";
import type { ReactNode } from "react";
import { LANGUAGE_NAMES, LANGUAGES } from "media-integrity-sdk/components";
import { useApp } from "../app-context";
import { Button, Card, Check, Choice, Note, Page, Title } from "../ui";

export function SettingsScreen(): ReactNode {
  const { backend, change, settings, user, words } = useApp();
  return (
    <Page>
      <Title>{words.tabs.settings}</Title>
      <Card>
        <Choice
          label={words.language}
          onChange={(language) => change({ language })}
          options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
          value={settings.language}
        />
        <Choice
          label={words.look}
          onChange={(mode) => change({ mode })}
          options={[
            { value: "system", label: words.asSystem },
            { value: "light", label: words.light },
            { value: "dark", label: words.dark },
          ]}
          value={settings.mode}
        />
      </Card>
      <Card>
        <Check
          label={words.device}
          onChange={(deviceConsent) => change({ deviceConsent })}
          value={settings.deviceConsent}
        />
      </Card>
      {user !== null && (
        <Card>
          <Note>{words.signedInAs(user.displayName ?? user.email ?? user.uid)}</Note>
          <Note>{words.ownId}</Note>
          <Note>{user.uid}</Note>
          <Button label={words.signOut} onPress={() => void signOut(backend.auth)} quiet />
        </Card>
      )}
    </Page>
  );
}
