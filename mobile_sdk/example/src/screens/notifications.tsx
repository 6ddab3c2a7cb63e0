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

function routeOf({ caseId, consentRequestId, reportId, shieldId }: Notification): Route | null {
  if (consentRequestId) return { at: "request", requestId: consentRequestId };
  if (shieldId) return { at: "shield" };
  if (reportId) return { at: "report" };
  return caseId ? { at: "case", caseId } : null;
}
