/** Consent: of the uploader, of the people asked, and taking it back. */

import type { MediaIntegrityClient } from "../types/client.js";
import { LIST_LENGTH, type Parts } from "./parts.js";

type Consent = Pick<
  MediaIntegrityClient,
  | "verifyConsent"
  | "requestConsent"
  | "respondToConsent"
  | "openConsentLink"
  | "withdrawConsent"
  | "watchConsentRequests"
  | "watchConsentOfUpload"
  | "watchConsentsGiven"
>;

/** Who one upload shows are 20 in a call at most; nobody asks five times as many. */
const PEOPLE_OF_ONE_UPLOAD = 100;

export function createConsent({ call, queue, watches }: Parts): Consent {
  return {
    verifyConsent: (input) => call("verify_media_consent", input),

    requestConsent: async (jobId, people) =>
      (await call("request_consent_confirmation", { jobId, people: people.map(asked) })).requests,

    respondToConsent: (key, answer) => queue.submit({ kind: "consent-answer", key, answer }),

    openConsentLink: (token) => call("open_consent_link", { token }),

    withdrawConsent: async (key) => {
      await call("withdraw_consent", key);
    },

    watchConsentRequests: (listener, onError) =>
      watches.query(
        "ConsentRequest",
        (userId) => ({
          where: [["subjectId", "==", userId]],
          orderBy: ["createdAt", "desc"],
          limit: LIST_LENGTH,
        }),
        listener,
        onError,
      ),

    watchConsentOfUpload: (jobId, listener, onError) =>
      watches.query(
        "ConsentRequest",
        (userId) => ({
          where: [
            ["uploaderId", "==", userId],
            ["jobId", "==", jobId],
          ],
          limit: PEOPLE_OF_ONE_UPLOAD,
        }),
        (requests) => listener([...requests].sort((a, b) => +a.createdAt - +b.createdAt)),
        onError,
      ),

    watchConsentsGiven: (listener, onError) =>
      watches.query(
        "ConsentVerification",
        (userId) => ({
          where: [["subjectId", "==", userId]],
          orderBy: ["givenAt", "desc"],
          limit: LIST_LENGTH,
        }),
        listener,
        onError,
      ),
  };
}

/** Exactly one of the three, whatever else an object of an app holds. */
function asked(person: Parameters<MediaIntegrityClient["requestConsent"]>[1][number]) {
  if ("userId" in person) return { userId: person.userId };
  if ("requestId" in person) return { requestId: person.requestId };
  return { link: true } as const;
}
