/** An app with our screens. */

import {
  AppealPortal,
  NotificationList,
  ReportAbuse,
  ScanProgress,
  ScreensProvider,
  ShieldMatch,
  VictimIdentityShield,
  type PickFiles,
} from "media-integrity-sdk/components";
import { useMediaUpload } from "media-integrity-sdk/react";
import type { ReactNode } from "react";

const pick: PickFiles = async ({ kind }) =>
  kind === "reference" ? [] : [{ uri: "file:///picture.jpg", type: "image/jpeg" }];

export function Screens(): ReactNode {
  const media = useMediaUpload();
  return (
    <ScreensProvider
      country="DE"
      messages={{ appeal: { heading: "Beschwerde" } }}
      theme={{ colors: { accent: "#5b2a86" } }}
    >
      <ScanProgress upload={media} onDetails={() => undefined} />
      <AppealPortal caseId="c" pickFiles={pick} />
      <ReportAbuse pickFiles={pick} />
      <VictimIdentityShield />
      <ShieldMatch caseId="c" />
      <NotificationList onOpen={({ kind }) => void kind} />
      {/* @ts-expect-error a case is needed */}
      <AppealPortal />
      {/* @ts-expect-error no such language */}
      <ScreensProvider language="nl" />
    </ScreensProvider>
  );
}
