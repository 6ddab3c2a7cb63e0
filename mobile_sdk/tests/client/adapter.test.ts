import { randomBytes } from "node:crypto";

import { initializeApp, deleteApp } from "firebase/app";
import { describe, expect, it, onTestFinished } from "vitest";

import { webFirebase } from "../../src/firebase/web.js";
import { readFields } from "../../src/firebase/fields.js";
import { SERVER_TIME, type FirebasePort, type StoredDocument } from "../../src/types/port.js";
import { hasDocument, putDocument } from "../support/admin.js";
import { signUp, type Person } from "../support/people.js";
import { webApp } from "../support/port.js";
import { proxyFor } from "../support/proxy.js";
import { stack } from "../support/stack.js";
import { until } from "../support/wait.js";

const id = (): string => `sdk-${randomBytes(12).toString("hex")}`;

async function appOf(person?: Person) {
  const who = person ?? (await signUp());
  const app = await webApp(who);
  onTestFinished(app.close);
  return { ...app, uid: who.uid };
}

/** What a notification is, as the functions write one. */
const notification = (userId: string) => ({
  userId,
  kind: "upload_blocked",
  createdAt: new Date("2030-01-02T03:04:05.678Z"),
  readAt: null,
});

/** All that a watch of a document tells, with its end. */
function watched(port: FirebasePort, path: string) {
  const told: (StoredDocument | null)[] = [];
  const errors: Error[] = [];
  const stop = port.watchDocument(
    path,
    (document) => told.push(document),
    (error) => errors.push(error),
  );
  return { told, errors, stop };
}

describe("the Firebase JS SDK behind the port", () => {
  it("tells who is signed in, first and with every change", async () => {
    const person = await signUp();
    const app = await webApp(null);
    onTestFinished(app.close);
    const told: (string | null)[] = [];
    const stop = app.port.onUser((uid) => told.push(uid));
    await until(() => told.length === 1, "it says that nobody is");
    await app.signIn(person);
    await until(() => told.length === 2, "it says who is");
    expect(app.port.userId()).toBe(person.uid);
    stop();
    await app.signOut();
    expect(app.port.userId()).toBeNull();
    expect(told).toEqual([null, person.uid]);
  });

  it("gives a token, and another one when a fresh one is asked for", async () => {
    const { port, uid } = await appOf();
    const token = await port.idToken();
    const payload = JSON.parse(Buffer.from(token?.split(".")[1] ?? "", "base64url").toString());
    expect(payload).toMatchObject({ user_id: uid, ageGroup: "adult" });
    expect(await port.idToken()).toBe(token);
    expect(await port.idToken({ fresh: true })).toMatch(/\./);
    expect(await port.appCheckToken()).toBeNull();
  });

  it("watches a document from before it is there, with dates for timestamps", async () => {
    const { port, uid } = await appOf();
    const path = `scan_jobs/${id()}`;
    const { told, errors, stop } = watched(port, path);
    onTestFinished(stop);
    await until(() => told.length === 1, "it says that there is none");
    expect(told[0]).toBeNull();
    const createdAt = new Date("2030-01-02T03:04:05.678Z");
    const lease = { since: createdAt, steps: [createdAt, "open"] };
    await putDocument(path, { uploaderId: uid, createdAt, lease, tries: 2, verdict: null });
    await until(() => told.length === 2, "it says that there is one");
    expect(told[1]).toEqual({
      id: path.split("/")[1],
      path,
      fields: { uploaderId: uid, createdAt, lease, tries: 2, verdict: null },
    });
    expect(errors).toEqual([]);
  });

  it("ends a watch that the rules do not allow, with our error", async () => {
    const { port } = await appOf();
    const path = `scan_jobs/${id()}`;
    await putDocument(path, { uploaderId: "somebody-else" });
    const { told, errors, stop } = watched(port, path);
    onTestFinished(stop);
    await until(() => errors.length === 1, "it is refused");
    expect(errors[0]).toMatchObject({ name: "MediaIntegrityError", code: "forbidden" });
    expect(told).toEqual([]);
  });

  it("tells nothing more after a watch was given up", async () => {
    const { port, uid } = await appOf();
    const path = `scan_jobs/${id()}`;
    const given = watched(port, path);
    const other = watched(port, path);
    onTestFinished(other.stop);
    given.stop();
    await putDocument(path, { uploaderId: uid });
    await until(() => other.told.some((document) => document !== null), "the other one is told");
    expect(given.told).toEqual([]);
  });

  it("does not take a lost connection for a document that is not there", async () => {
    const { port, uid, setFirestoreOnline } = await appOf();
    const path = `scan_jobs/${id()}`;
    await putDocument(path, { uploaderId: uid });
    await setFirestoreOnline(false);
    const document = watched(port, path);
    onTestFinished(document.stop);
    const lists: number[] = [];
    const query = {
      collection: "scan_jobs",
      where: [["uploaderId", "==", uid]],
      limit: 5,
    } as const;
    onTestFinished(
      port.watchQuery(
        query,
        (documents) => lists.push(documents.length),
        () => undefined,
      ),
    );
    await setFirestoreOnline(true);
    await until(() => document.told.length > 0 && lists.length > 0, "both are told");
    expect(document.told[0]?.fields).toEqual({ uploaderId: uid });
    expect(lists[0]).toBe(1);
  });

  it("watches a query in its order and within its limit", async () => {
    const { port, uid } = await appOf();
    const ids = [id(), id(), id()];
    for (const [day, each] of ids.entries()) {
      const createdAt = new Date(Date.UTC(2030, 0, 1 + day));
      await putDocument(`victim_notifications/${each}`, { ...notification(uid), createdAt });
    }
    const told: (readonly string[])[] = [];
    const stop = port.watchQuery(
      {
        collection: "victim_notifications",
        where: [["userId", "==", uid]],
        orderBy: ["createdAt", "desc"],
        limit: 2,
      },
      (documents) => told.push(documents.map((each) => each.id)),
      (error) => told.push([error.message]),
    );
    onTestFinished(stop);
    await until(() => told.length > 0, "it is told");
    expect(told.at(-1)).toEqual([ids[2], ids[1]]);
  });

  it("writes the server's time, once, where the rules allow it", async () => {
    const { port, uid } = await appOf();
    const path = `victim_notifications/${id()}`;
    await putDocument(path, notification(uid));
    await port.updateDocument(path, { readAt: SERVER_TIME });
    const { told, stop } = watched(port, path);
    onTestFinished(stop);
    await until(() => told.length > 0, "it is read");
    expect(told[0]?.fields["readAt"]).toBeInstanceOf(Date);
    await expect(port.updateDocument(path, { readAt: SERVER_TIME })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(port.updateDocument(path, { readAt: new Date() })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("refuses a document that the rules do not allow, and leaves nothing behind", async () => {
    const { port, uid } = await appOf();
    const path = `media_integrity_appeals/${id()}`;
    const appeal = { caseId: "x", uploaderId: uid, createdAt: SERVER_TIME };
    await expect(port.createDocument(path, appeal)).rejects.toMatchObject({ code: "forbidden" });
    expect(await hasDocument(path)).toBe(false);
  });

  it("fails to write without a connection, and does not write later", async () => {
    const proxy = await proxyFor(stack().ports.firestore);
    onTestFinished(proxy.close);
    const person = await signUp();
    const { port, close } = await webApp(person, { firestore: proxy.port });
    onTestFinished(close);
    const path = `victim_notifications/${id()}`;
    await putDocument(path, notification(person.uid));
    proxy.cut();
    await expect(port.updateDocument(path, { readAt: SERVER_TIME })).rejects.toMatchObject({
      retryable: true,
    });
    proxy.mend();
    // Had it been kept, it would come before this one, which the rules then refused.
    await port.updateDocument(path, { readAt: SERVER_TIME });
  });

  it("needs a project and a bucket", () => {
    const app = initializeApp({ apiKey: "x", projectId: "y" }, "no-bucket");
    onTestFinished(() => deleteApp(app));
    expect(() => webFirebase({ app })).toThrow("firebase_options");
  });
});

describe("values of Firestore", () => {
  it("become plain ones at any depth, and others stay what they are", () => {
    const date = new Date(5);
    const timestamp = { toDate: () => date };
    const bytes = { toUint8Array: () => new Uint8Array([1]) };
    class Point {
      readonly latitude = 1;
    }
    const point = new Point();
    expect(
      readFields({
        a: [{ b: timestamp }],
        c: bytes,
        d: null,
        e: { f: { g: timestamp } },
        h: point,
      }),
    ).toEqual({
      a: [{ b: date }],
      c: new Uint8Array([1]),
      d: null,
      e: { f: { g: date } },
      h: point,
    });
  });
});
