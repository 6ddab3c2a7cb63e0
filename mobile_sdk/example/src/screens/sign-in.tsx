import { createUserWithEmailAndPassword, signInWithEmailAndPassword } from "firebase/auth";
import { useState, type ReactNode } from "react";
import people from "../../demo-people.json";
import { useApp } from "../app-context";
import { Button, Card, Field, Note, Page, Title } from "../ui";

/** Signing in is the app's own affair: the SDK takes whoever Firebase Authentication knows. */
export function SignIn(): ReactNode {
  const { backend, words } = useApp();
  const [mail, setMail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);

  const attempt = async (enter: typeof signInWithEmailAndPassword, as: string, secret: string) => {
    setBusy(true);
    setFailed(false);
    try {
      await enter(backend.auth, as, secret);
    } catch {
      setFailed(true);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Page>
      <Title>{words.signIn}</Title>
      <Card>
        <Field kind="email" label={words.mail} onChange={setMail} value={mail} />
        <Field kind="password" label={words.password} onChange={setPassword} value={password} />
        {failed && <Note live>{words.signInFailed}</Note>}
        <Button
          disabled={busy}
          label={words.signIn}
          onPress={() => void attempt(signInWithEmailAndPassword, mail, password)}
        />
        <Button
          disabled={busy}
          label={words.signUp}
          onPress={() => void attempt(createUserWithEmailAndPassword, mail, password)}
          quiet
        />
      </Card>
      <Card>
        {people.map((person) => (
          <Button
            disabled={busy}
            key={person.email}
            label={words.tryAs(person.name)}
            onPress={() => void attempt(signInWithEmailAndPassword, person.email, person.password)}
            quiet
          />
        ))}
      </Card>
    </Page>
  );
}
