import { describe, expect, it, onTestFinished } from "vitest";

import { createDeviceHash } from "../../src/client/device.js";
import { memoryStore, webStore } from "../../src/client/stores.js";
import type { KeyValueStore } from "../../src/types/port.js";
import { signUp } from "../support/people.js";
import { webApp } from "../support/port.js";
import { deviceStore } from "../support/uploads.js";

const deviceId = async () => "installation-4711";

describe("the hash of a device", () => {
  it("is the same for every start and every account, and takes the form that the backend takes", async () => {
    const store = memoryStore();
    const first = await createDeviceHash({ store, consent: true, deviceId })();
    const second = await createDeviceHash({ store, consent: true, deviceId })();
    expect(first).toBe(second);
    const app = await webApp(await signUp());
    onTestFinished(app.close);
    const begun = { uploadId: "upload-0001", device: first };
    const answer = await app.port.call("begin_upload", begun, { timeoutMs: 120_000 });
    expect(answer).toMatchObject({ mayUpload: true });
  });

  it("is another one on each installation, even of one device", async () => {
    const make = () => createDeviceHash({ store: memoryStore(), consent: true, deviceId })();
    expect(await make()).not.toBe(await make());
  });

  it("is not made without consent, and consent that is taken back deletes its salt", async () => {
    const store = deviceStore();
    const before = await createDeviceHash({ store, consent: true })();
    expect(store.keys()).toHaveLength(1);
    expect(await createDeviceHash({ store, consent: false })()).toBeNull();
    expect(store.keys()).toEqual([]);
    expect(await createDeviceHash({ store, consent: true })()).not.toBe(before);
  });

  it("never holds the id of the device, and nothing from which it could be worked out is sent", async () => {
    const store = deviceStore();
    const hash = await createDeviceHash({ store, consent: true, deviceId })();
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const kept = await store.getItem(store.keys()[0] ?? "");
    expect(kept).not.toContain("4711");
    expect(hash).not.toContain(kept ?? "-");
  });

  it("is made without an id of the device too, and with one that cannot be read", async () => {
    const store = memoryStore();
    const without = await createDeviceHash({ store, consent: true })();
    const broken = () => Promise.reject(new Error("no permission"));
    expect(await createDeviceHash({ store, consent: true, deviceId: broken })()).toBe(without);
  });

  it("is left out where nothing can be kept", async () => {
    const full: KeyValueStore = {
      ...memoryStore(),
      setItem: () => Promise.reject(new DOMException("", "QuotaExceededError")),
    };
    expect(await createDeviceHash({ store: full, consent: true })()).toBeNull();
  });

  it("is made anew where its salt was damaged", async () => {
    const store = deviceStore();
    await createDeviceHash({ store, consent: true })();
    store.rewrite(() => "");
    expect(await createDeviceHash({ store, consent: true })()).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a browser's storage", () => {
  it("keeps values, and says when it cannot", async () => {
    const values = new Map<string, string>();
    const store = webStore({
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => {
        if (value === "large") throw new DOMException("", "QuotaExceededError");
        values.set(key, value);
      },
      removeItem: (key) => {
        values.delete(key);
      },
    });
    await store.setItem("a", "1");
    expect(await store.getItem("a")).toBe("1");
    await store.removeItem("a");
    expect(await store.getItem("a")).toBeNull();
    await expect(store.setItem("a", "large")).rejects.toThrow();
  });
});
