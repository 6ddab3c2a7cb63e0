/** What a person is told, in the app and by push. */

import type { MediaIntegrityClient } from "../types/client.js";
import { COLLECTIONS } from "../types/generated/functions.js";
import { type FirebasePort, SERVER_TIME } from "../types/port.js";
import type { Faults } from "./faults.js";
import { LIST_LENGTH, type Parts } from "./parts.js";
import type { Performers } from "./queue.js";
import type { Watches } from "./watching.js";

type Notifications = Pick<
  MediaIntegrityClient,
  "watchNotifications" | "markNotificationRead" | "registerPushToken" | "forgetPushToken"
>;

export function createNotifications({ call, queue, watches, language }: Parts): Notifications {
  return {
    watchNotifications: (listener, onError) =>
      watches.query(
        "Notification",
        (userId) => ({
          where: [["userId", "==", userId]],
          orderBy: ["createdAt", "desc"],
          limit: LIST_LENGTH,
        }),
        listener,
        onError,
      ),

    markNotificationRead: (notificationId) => queue.submit({ kind: "read", notificationId }),

    registerPushToken: async (token, platform) => {
      await call("register_push_token", { token, platform, language });
    },

    forgetPushToken: async (token) => {
      await call("forget_push_token", { token });
    },
  };
}

export function performRead(parts: {
  readonly port: FirebasePort;
  readonly watches: Watches;
  readonly faults: Faults;
}): Performers["read"] {
  const { port, watches, faults } = parts;
  return async ({ notificationId }, stillTheirs) => {
    stillTheirs();
    try {
      const path = `${COLLECTIONS.Notification}/${notificationId}`;
      await port.updateDocument(path, { readAt: SERVER_TIME });
    } catch (error) {
      const fault = faults.from(error);
      if (fault.code !== "forbidden") throw fault;
      // The rules let it be read once. That it was is what was asked for.
      const isRead = await watches.once<boolean>((listener, failed) =>
        watches.openDocument(
          "Notification",
          notificationId,
          (found) => listener(found?.readAt != null),
          () => failed(faults.of("not-found")),
        ),
      );
      if (!isRead) throw fault;
    }
    return undefined;
  };
}
