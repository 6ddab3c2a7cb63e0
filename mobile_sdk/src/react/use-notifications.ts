import { useMemo } from "react";

import type { MediaIntegrityClient, Notification, WithId } from "../types/index.js";
import { failureOf } from "./failure.js";
import { IGNORED, type Result } from "./attempting.js";
import { useKeyed, useStore } from "./keyed.js";
import {
  NO_NOTIFICATIONS,
  notificationsLeft,
  reduceNotifications,
  unreadOf,
  viewNotifications,
  type NotificationsEvent,
  type NotificationsModel,
  type NotificationsView,
} from "./notifications-machine.js";
import { useSession } from "./session.js";
import { sharedWatch } from "./shared-watch.js";
import { createStore } from "./store.js";
import { settled, type NotReady } from "./watched.js";

export const notificationsWatch = sharedWatch<readonly WithId<Notification>[]>(
  (client, _, next, fail) => client.watchNotifications(next, fail),
);

export interface UseNotifications {
  readonly notifications: NotReady | NotificationsView;
  /** Counts as read at once; unread again where that could not be told the backend. */
  readonly markRead: (notificationId: string) => Promise<Result<"sent" | "queued">>;
  readonly markAllRead: () => Promise<void>;
}

/**
 * What this person was told: the newest first, and how many are unread.
 *
 * @example
 * ```tsx
 * const { notifications, markRead } = useNotifications();
 * if (notifications.state === "ready") return <Badge count={notifications.unread} />;
 * ```
 */
export function useNotifications(): UseNotifications {
  const { client, user, userId, session } = useSession();
  const control = useKeyed([client, session, userId], () =>
    createNotificationsControl(client, userId),
  );
  const model = useStore(control.store);
  return useMemo(() => {
    const look = { user, watched: model.watched, retry: control.retry };
    return {
      notifications: settled(look, (all) => viewNotifications(model, all)),
      markRead: control.markRead,
      markAllRead: control.markAllRead,
    };
  }, [control, model, user]);
}

function createNotificationsControl(client: MediaIntegrityClient, userId: string | null) {
  const watch = userId === null ? null : notificationsWatch(client, userId);
  const store = createStore<NotificationsModel, NotificationsEvent>({
    initial: NO_NOTIFICATIONS,
    reduce: reduceNotifications,
    open: (life) => {
      if (watch === null) return () => undefined;
      const tell = () => life.send({ type: "notifications", watched: watch.get() });
      const stop = watch.subscribe(tell);
      tell();
      return stop;
    },
    left: notificationsLeft,
  });

  async function markRead(id: string): Promise<Result<"sent" | "queued">> {
    const life = store.life();
    if (life.over() || !unreadOf(store.get()).includes(id)) return IGNORED;
    life.send({ type: "read", id });
    try {
      const { sent } = await client.markNotificationRead(id);
      return { result: "done", value: sent ? "sent" : "queued" };
    } catch (cause) {
      life.send({ type: "not-read", id });
      return { result: "failed", error: failureOf(cause, client) };
    }
  }

  return {
    store,
    retry: () => watch?.retry(),
    markRead,
    markAllRead: async () => {
      await Promise.all(unreadOf(store.get()).map(markRead));
    },
  };
}
