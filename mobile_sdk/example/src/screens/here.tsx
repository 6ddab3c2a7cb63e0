import type { ReactNode } from "react";
import {
  AppealPortal,
  ConsentRequestScreen,
  MediaBlockedScreen,
  NotificationList,
  ReportAbuse,
  VictimIdentityShield,
} from "media-integrity-sdk/components";
import { useMediaUpload } from "media-integrity-sdk/react";
import { useNavigation } from "../navigation";
import { platform } from "../platform";
import { Requests } from "./requests";
import { SettingsScreen } from "./settings";
import { UploadResult } from "./upload-result";
import { UploadScreen } from "./upload";

/** The screen for where somebody is. Most of them are the SDK's own. */
export function Here(): ReactNode {
  const { route, go } = useNavigation();
  // Here, so that an upload goes on while somebody looks at another screen.
  const media = useMediaUpload({ onUnmount: "keep" });
  switch (route.at) {
    case "upload":
      return <UploadScreen media={media} />;
    case "upload-result":
      return <UploadResult jobId={route.jobId} />;
    case "case":
      return (
        <MediaBlockedScreen
          caseId={route.caseId}
          onAppeal={() => go({ at: "appeal", caseId: route.caseId })}
        />
      );
    case "appeal":
      return <AppealPortal caseId={route.caseId} pickFile={platform.pickMedia} />;
    case "requests":
      return <Requests />;
    case "request":
      return <ConsentRequestScreen requestId={route.requestId} />;
    case "consent":
      return <ConsentRequestScreen token={route.token} />;
    case "shield":
      return <VictimIdentityShield pickFile={platform.pickMedia} />;
    case "report":
      return <ReportAbuse />;
    case "notifications":
      return <NotificationList />;
    case "settings":
      return <SettingsScreen />;
  }
}
