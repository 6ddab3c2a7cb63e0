import type { ReactNode } from "react";

import { useMediaIntegrity, type UseMediaUpload } from "../react/index.js";
import { InLanguage } from "./context.js";
import { ScanProgressView } from "./scan-progress-view.js";

export interface ScanProgressProps {
  /** What `useMediaUpload` gave; shows nothing while it is idle. */
  readonly upload: UseMediaUpload;
  readonly fileName?: string;
  /** After a failure or a refusal; default: back to nothing. */
  readonly onAgain?: () => void;
  readonly onDetails?: () => void;
  readonly onAskPeople?: () => void;
}

/** One upload as its hook has it, from the first byte to the verdict. */
export function ScanProgress(props: ScanProgressProps): ReactNode {
  const { language } = useMediaIntegrity();
  const { upload, sendAnyway, pause, resume, cancel, reset } = props.upload;
  if (upload.state === "idle") return null;
  return (
    <InLanguage language={language}>
      <ScanProgressView
        upload={upload}
        onPause={pause}
        onResume={resume}
        onCancel={() => {
          void cancel();
        }}
        onAgain={props.onAgain ?? reset}
        onSendAnyway={() => {
          void sendAnyway();
        }}
        {...(props.fileName === undefined ? {} : { fileName: props.fileName })}
        {...(props.onDetails === undefined ? {} : { onDetails: props.onDetails })}
        {...(props.onAskPeople === undefined ? {} : { onAskPeople: props.onAskPeople })}
      />
    </InLanguage>
  );
}
