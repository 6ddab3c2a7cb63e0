import type { ReactNode } from "react";
import { NotificationList } from "media-integrity-sdk/components";
import type { Notification } from "media-integrity-sdk";
import { useApp } from "../app-context";
import { useNavigation, type Route } from "../navigation";
import { Page, Title } from "../ui";

/** What this person was told; a tap leads to what it is about. */
export function Notifications(): ReactNode {
  const { words } = useApp();
  const { go } = useNavigation();
  return (
    <Page>
      <Title>{words.tabs.notifications}</Title>
      <NotificationList
        onOpen={(notification) => {
          const route = routeOf(notification);
          if (route !== null) go(route);
        }}
      />
    </Page>
  );
}

/** Of uploads that wait for what the owner of a shield says. */
const ASKING: readonly Notification["kind"][] = ["shield_media_held", "shield_rescan_found"];

function routeOf(notification: Notification): Route | null {
  const { caseId, consentRequestId, reportId, shieldId, kind } = notification;
  if (caseId && ASKING.includes(kind)) return { at: "match", caseId };
  if (consentRequestId) return { at: "request", requestId: consentRequestId };
  if (shieldId) return { at: "shield" };
  if (reportId) return { at: "report" };
  return caseId ? { at: "case", caseId } : null;
}
