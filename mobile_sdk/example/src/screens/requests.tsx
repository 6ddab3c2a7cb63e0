import type { ReactNode } from "react";
import { useScreens } from "media-integrity-sdk/components";
import { useConsentRequests } from "media-integrity-sdk/react";
import { useApp } from "../app-context";
import { useNavigation } from "../navigation";
import { Button, Card, Note, Page, Title } from "../ui";

/** What others want to publish of this person. Whatever waits for an answer is opened at once. */
export function Requests(): ReactNode {
  const { words } = useApp();
  const { words: sdk } = useScreens();
  const { go } = useNavigation();
  const { requests } = useConsentRequests();

  if (requests.state === "failed") {
    return (
      <Page>
        <Note live>{requests.error.userMessage}</Note>
        <Button label={words.again} onPress={requests.retry} />
      </Page>
    );
  }
  if (requests.state !== "ready") return null;

  const all = [...requests.pending, ...requests.settled];
  return (
    <Page>
      <Title>{words.tabs.requests}</Title>
      {all.length === 0 && <Note>{words.noRequests}</Note>}
      {all.map(({ request }) => (
        <Card key={request.id}>
          <Note>{`${sdk.codes.surfaces[request.surface]}, ${sdk.dateTime(request.createdAt)}`}</Note>
          <Button
            label={words.showIt}
            onPress={() => go({ at: "request", requestId: request.id })}
            quiet
          />
        </Card>
      ))}
    </Page>
  );
}
