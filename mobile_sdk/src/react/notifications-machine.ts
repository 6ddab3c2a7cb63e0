import type { Notification, WithId } from "../types/index.js";
import type { Watched } from "./watch-machine.js";

export interface NotificationsModel {
  readonly watched: Watched<readonly WithId<Notification>[]>;
  /** Read here; the backend may not know yet. */
  readonly read: ReadonlySet<string>;
}

export type NotificationsEvent =
  | {
      readonly type: "notifications";
      readonly watched: Watched<readonly WithId<Notification>[]>;
    }
  | { readonly type: "read"; readonly id: string }
  /** It could not be told, and will not be. */
  | { readonly type: "not-read"; readonly id: string };

export const NO_NOTIFICATIONS: NotificationsModel = {
  watched: { state: "loading" },
  read: new Set(),
};

export function reduceNotifications(
  model: NotificationsModel,
  event: NotificationsEvent,
): NotificationsModel {
  switch (event.type) {
    case "notifications":
      return model.watched === event.watched ? model : { ...model, watched: event.watched };
    case "read":
      return unreadOf(model).includes(event.id)
        ? { ...model, read: new Set([...model.read, event.id]) }
        : model;
    case "not-read":
      return model.read.has(event.id)
        ? { ...model, read: new Set([...model.read].filter((id) => id !== event.id)) }
        : model;
  }
}

export function notificationsLeft(model: NotificationsModel): NotificationsModel {
  return model;
}

/** Ids of what nobody has read. */
export function unreadOf({ watched, read }: NotificationsModel): readonly string[] {
  if (watched.state !== "ready") return [];
  return watched.value.flatMap(({ id, readAt }) =>
    (readAt ?? null) === null && !read.has(id) ? [id] : [],
  );
}

/** A notification as it is shown. */
export type ShownNotification = WithId<Notification> & { readonly isRead: boolean };

export interface NotificationsView {
  readonly state: "ready";
  /** The newest first. */
  readonly list: readonly ShownNotification[];
  readonly unread: number;
}

export function viewNotifications(
  model: NotificationsModel,
  all: readonly WithId<Notification>[],
): NotificationsView {
  const unread = new Set(unreadOf(model));
  const list = [...all]
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
    .map((each) => ({ ...each, isRead: !unread.has(each.id) }));
  return { state: "ready", list, unread: unread.size };
}
