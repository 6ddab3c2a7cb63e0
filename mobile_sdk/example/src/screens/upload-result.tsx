import type { ReactNode } from "react";
import {
  ConsentConfirmation,
  MediaBlockedScreen,
  ScanProgressView,
} from "media-integrity-sdk/components";
import { useScan } from "media-integrity-sdk/react";
import { useApp } from "../app-context";
import { useNavigation } from "../navigation";
import { platform } from "../platform";
import { Published } from "../published";
import { Button, Note, Page, Title } from "../ui";

/** How an upload came out: which screen follows is all that an app has to decide. */
export function UploadResult({ jobId }: { readonly jobId: string }): ReactNode {
  const { words } = useApp();
  const { go } = useNavigation();
  const scan = useScan(jobId);
  const again = () => go({ at: "upload" });

  switch (scan.state) {
    case "idle":
    case "loading":
    case "signed-out":
      return null;
    case "failed":
      return (
        <Page>
          <Note live>{scan.error.userMessage}</Note>
          <Button label={words.again} onPress={scan.retry} />
        </Page>
      );
    case "scanning":
      return (
        <Page>
          <Title>{words.tabs.upload}</Title>
          <ScanProgressView upload={scan} />
        </Page>
      );
    case "finished":
      switch (scan.outcome) {
        case "awaiting-consent":
          return <ConsentConfirmation findAccount={asTyped} jobId={jobId} linkFor={linkFor} />;
        case "held":
        case "blocked":
          return (
            <MediaBlockedScreen
              caseId={scan.caseId}
              onAnother={again}
              onAppeal={() => go({ at: "appeal", caseId: scan.caseId })}
              upload={scan}
            />
          );
        case "published":
        case "refused":
          return (
            <Page>
              <Title>{words.tabs.upload}</Title>
              <ScanProgressView onAgain={again} upload={scan} />
              {scan.outcome === "published" && (
                <Published path={scan.publishedPath} previewPath={scan.previewPath} />
              )}
              <Button label={words.another} onPress={again} quiet />
            </Page>
          );
      }
  }
}

function linkFor(token: string): string {
  return platform.linkTo(`#/consent/${token}`);
}

/** This app has no directory of people: their ids are passed on. Yours may look up a name. */
async function asTyped(account: string): Promise<string | null> {
  return account;
}
