import { useCallback, type ReactNode } from "react";
import {
  AppealPortal,
  ConsentRequestScreen,
  MediaBlockedScreen,
  ReportAbuse,
  ShieldMatch,
  VictimIdentityShield,
} from "media-integrity-sdk/components";
import type { Offer } from "media-integrity-sdk";
import { useMediaUpload } from "media-integrity-sdk/react";
import { useApp } from "../app-context";
import { useNavigation } from "../navigation";
import { platform } from "../platform";
import { Notifications } from "./notifications";
import { Requests } from "./requests";
import { SettingsScreen } from "./settings";
import { UploadScreen } from "./upload";
import { UploadResult } from "./upload-result";

/** The screen for where somebody is. Most of them are the SDK's own. */
export function Here(): ReactNode {
  const { backend } = useApp();
  const { route, go } = useNavigation();
  // Here, so that an upload goes on while somebody looks at another screen.
  const media = useMediaUpload({ onUnmount: "keep" });
  const previewFor = useCallback(
    async (path: string) => (await backend.load(path)) ?? "",
    [backend],
  );
  const takeOffer = (offer: Offer) => go({ at: offer });
  const { pickFiles } = platform;

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
      return <AppealPortal caseId={route.caseId} pickFiles={pickFiles} />;
    case "requests":
      return <Requests />;
    case "request":
      return (
        <ConsentRequestScreen
          onOffer={takeOffer}
          previewFor={previewFor}
          requestId={route.requestId}
        />
      );
    case "consent":
      return <ConsentRequestScreen onOffer={takeOffer} token={route.token} />;
    case "shield":
      return <VictimIdentityShield pickFiles={pickFiles} />;
    case "match":
      return <ShieldMatch caseId={route.caseId} />;
    case "report":
      return <ReportAbuse pickFiles={pickFiles} />;
    case "notifications":
      return <Notifications />;
    case "settings":
      return <SettingsScreen />;
  }
}
