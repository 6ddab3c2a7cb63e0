import { useEffect, useState, type ReactNode } from "react";
import { ScanProgress } from "media-integrity-sdk/components";
import type { UseMediaUpload } from "media-integrity-sdk/react";
import { useApp } from "../app-context";
import { useNavigation } from "../navigation";
import { platform } from "../platform";
import { Button, Card, Check, Page, Title } from "../ui";

/** Choose, upload, wait: then on to the result. What a restart interrupted is taken up again. */
export function UploadScreen({ media }: { readonly media: UseMediaUpload }): ReactNode {
  const { words } = useApp();
  const { go } = useNavigation();
  const [showsOnlyMe, setShowsOnlyMe] = useState(false);
  const { reset, takeUp, unfinished, upload } = media;

  const jobId = upload.state === "finished" ? upload.jobId : null;
  useEffect(() => {
    if (jobId === null) return;
    reset();
    go({ at: "upload-result", jobId });
  }, [jobId, reset, go]);

  const interrupted = upload.state === "idle" ? unfinished[0]?.uploadId : undefined;
  useEffect(() => {
    if (interrupted !== undefined) void takeUp(interrupted);
  }, [interrupted, takeUp]);

  const choose = async () => {
    const source = await platform.pickMedia();
    if (source !== null) await media.uploadWithIntegrityCheck(source, { showsOnlyMe });
  };

  return (
    <Page>
      <Title>{words.tabs.upload}</Title>
      {upload.state === "idle" ? (
        <Card>
          <Check label={words.onlyMe} onChange={setShowsOnlyMe} value={showsOnlyMe} />
          <Button label={words.choose} onPress={() => void choose()} />
        </Card>
      ) : (
        <ScanProgress upload={media} />
      )}
    </Page>
  );
}
