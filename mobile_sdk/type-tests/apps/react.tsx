/** An app with screens of its own. */

import {
  MediaIntegrityProvider,
  useMediaIntegrityAppeal,
  useMediaUpload,
  useShieldMatch,
  type UploadEnd,
} from "media-integrity-sdk/react";
import type { MediaIntegrityClient } from "media-integrity-sdk";
import type { ReactNode } from "react";

function Upload({ file }: { readonly file: Blob }): ReactNode {
  const { upload, uploadWithIntegrityCheck, sendAnyway } = useMediaUpload({ onUnmount: "keep" });
  const begin = async (): Promise<UploadEnd> => {
    const end = await uploadWithIntegrityCheck(file, { surface: "feed" });
    // @ts-expect-error only what is finished has an outcome
    void end.outcome;
    return end.state === "failed" && end.error.reason === "would_be_held" ? sendAnyway() : end;
  };
  // @ts-expect-error only some states know bytes
  void upload.sentBytes;
  return upload.state === "uploading" ? upload.sentBytes : <button onClick={() => void begin()} />;
}

function Appeal({ caseId }: { readonly caseId: string }): ReactNode {
  const { appeal, setReason } = useMediaIntegrityAppeal(caseId);
  const { answering, answer } = useShieldMatch(null);
  // @ts-expect-error no such reason
  setReason("other");
  // @ts-expect-error no such answer
  void answer("perhaps");
  if (answering.state === "failed") return answering.error.userMessage;
  return appeal.state === "drafting" ? appeal.check.missing : null;
}

export function App(props: {
  readonly client: MediaIntegrityClient;
  readonly file: Blob;
}): ReactNode {
  return (
    <MediaIntegrityProvider client={props.client} language="de">
      <Upload file={props.file} />
      <Appeal caseId="c" />
    </MediaIntegrityProvider>
  );
}
