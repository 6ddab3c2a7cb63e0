import { describe, expect, it, onTestFinished } from "vitest";

import {
  asMediaIntegrityError,
  errorFields,
  fromFirebase,
  inLanguage,
  MediaIntegrityError,
} from "../../src/client/errors.js";
import { errorMessage, LANGUAGES, languageOf } from "../../src/i18n/errors.js";
import type { ErrorCode } from "../../src/types/errors.js";
import { setClaims, signUp } from "../support/people.js";
import { webApp } from "../support/port.js";
import { proxyFor } from "../support/proxy.js";
import { stack } from "../support/stack.js";

const TIMEOUT = { timeoutMs: 120_000 };

/** Every code; the compiler checks that none is missing. */
const RETRYABLE: Readonly<Record<ErrorCode, boolean>> = {
  unauthenticated: false,
  "app-check": false,
  forbidden: false,
  "not-found": false,
  invalid: false,
  conflict: false,
  "too-many": true,
  "upload-refused": false,
  file: false,
  offline: true,
  unavailable: true,
  timeout: true,
  cancelled: false,
  "session-lost": false,
  internal: false,
};
const CODES = Object.keys(RETRYABLE).filter((code): code is ErrorCode => code in RETRYABLE);

describe("what functions refuse", () => {
  it.each([
    ["begin_upload", { uploadId: "no" }, "invalid", "malformed"],
    ["explain_decision", { caseId: "f".repeat(64) }, "not-found", "not_found"],
    ["claim_case", { caseId: "f".repeat(64) }, "forbidden", "forbidden"],
    ["verify_media_consent", { jobId: "0".repeat(64), basis: "self" }, "not-found", "not_found"],
  ])("%s as %o is %s, and not tried again", async (name, data, code, reason) => {
    const app = await webApp(await signUp());
    onTestFinished(app.close);
    await expect(app.port.call(name, data, TIMEOUT)).rejects.toMatchObject({
      name: "MediaIntegrityError",
      code,
      reason,
      retryable: false,
      userMessage: expect.stringMatching(/\w/),
    });
  });

  it("to somebody who is not signed in is unauthenticated", async () => {
    const app = await webApp(null);
    onTestFinished(app.close);
    const call = app.port.call("begin_upload", { uploadId: "upload-0001" }, TIMEOUT);
    await expect(call).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await app.port.idToken()).toBeNull();
  });

  it("after too many calls says when again", async () => {
    const app = await webApp(await signUp());
    onTestFinished(app.close);
    const check = () => app.port.call("check_hashes", { hashes: ["0".repeat(64)] }, TIMEOUT);
    let refused: unknown;
    for (let call = 0; call < 40 && refused === undefined; call++) {
      await check().catch((error: unknown) => {
        refused = error;
      });
    }
    expect(refused).toMatchObject({ code: "too-many", retryable: true });
    const { retryAfterMs } = asMediaIntegrityError(refused);
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it("never repeats to a user what a malformed request had wrong", async () => {
    const app = await webApp(await signUp());
    onTestFinished(app.close);
    const failure = await app.port
      .call("begin_upload", { uploadId: "?" }, TIMEOUT)
      .catch(asMediaIntegrityError);
    expect(failure).toMatchObject({ userMessage: errorMessage("en", "invalid") });
  });
});

describe("what goes wrong on the way", () => {
  it("is worth another try where the functions cannot be reached", async () => {
    const proxy = await proxyFor(stack().ports.functions);
    onTestFinished(proxy.close);
    const app = await webApp(await signUp(), { functions: proxy.port });
    onTestFinished(app.close);
    proxy.cut();
    const call = app.port.call("begin_upload", { uploadId: "upload-0001" }, TIMEOUT);
    await expect(call).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });

  it("is a timeout where no answer comes in time", async () => {
    const proxy = await proxyFor(stack().ports.functions);
    onTestFinished(proxy.close);
    const app = await webApp(await signUp(), { functions: proxy.port });
    onTestFinished(app.close);
    proxy.hold();
    const call = app.port.call("begin_upload", { uploadId: "upload-0001" }, { timeoutMs: 300 });
    await expect(call).rejects.toMatchObject({ code: "timeout", retryable: true });
  });

  it("is offline where the system says that there is no connection", () => {
    const lost = { code: "functions/internal", message: "internal" };
    expect(fromFirebase(lost, false).code).toBe("offline");
    expect(fromFirebase(lost, undefined).code).toBe("unavailable");
    expect(fromFirebase({ code: "unavailable", message: "x" }, false).code).toBe("offline");
    // The backend answered: there is a connection, whatever the system says.
    const busy = { code: "functions/unavailable", message: "Busy.", details: { code: "busy" } };
    expect(fromFirebase(busy, false)).toMatchObject({ code: "unavailable", reason: "busy" });
  });

  it("is a lost connection where react-native-firebase on iOS does not know", () => {
    const lost = { code: "functions/unknown", message: "The network connection was lost." };
    expect(fromFirebase(lost, undefined)).toMatchObject({ code: "unavailable", retryable: true });
    expect(fromFirebase({ ...lost, code: "firestore/unknown", details: null }, false).code).toBe(
      "offline",
    );
    // The backend answered.
    const said = { ...lost, details: { code: "odd" } };
    expect(fromFirebase(said, true)).toMatchObject({ code: "internal", retryable: false });
  });

  it("is a fault of ours where nobody foresaw it", () => {
    const broken = { code: "functions/internal", message: "INTERNAL" };
    expect(fromFirebase(broken, true)).toMatchObject({ code: "internal", retryable: false });
    for (const odd of [undefined, null, "text", 7, new Error("x"), { code: 5 }]) {
      expect(fromFirebase(odd, true).code).toBe("internal");
    }
    expect(asMediaIntegrityError(new TypeError("x")).message).toBe("internal");
  });

  it("of App Check has a code of its own", () => {
    const failure = {
      code: "unauthenticated",
      message: "Update it.",
      details: { code: "app_check" },
    };
    expect(fromFirebase(failure, true).code).toBe("app-check");
  });

  it("of an account that was disabled is unauthenticated", async () => {
    const person = await signUp();
    const app = await webApp(person);
    onTestFinished(app.close);
    await setClaims(person.uid, {});
    expect(await app.port.idToken({ fresh: true })).not.toBeNull();
    expect(fromFirebase({ code: "auth/user-disabled" }, true).code).toBe("unauthenticated");
  });
});

describe("words for users", () => {
  it.each(CODES)("%s has some in every language, and each is another one's", (code) => {
    const texts = LANGUAGES.map((language) => errorMessage(language, code));
    for (const text of texts) expect(text).toMatch(/\p{Letter}{2,}.*\.$/u);
    expect(new Set(texts).size).toBe(LANGUAGES.length);
  });

  it("say until when, in the way that people write dates", () => {
    const until = new Date(Date.UTC(2030, 4, 17, 12));
    for (const language of LANGUAGES) {
      const text = errorMessage(language, "upload-refused", { until });
      expect(text).not.toContain("{");
      expect(text).not.toBe(errorMessage(language, "upload-refused"));
    }
  });

  it("are the backend's in English, and ours in other languages", () => {
    const details = { reason: "uploads_restricted", backendText: "Until Friday." };
    const error = new MediaIntegrityError("upload-refused", details);
    expect(error.userMessage).toBe("Until Friday.");
    const german = inLanguage(error, "de");
    expect(german.userMessage).toBe(errorMessage("de", "upload-refused"));
    expect(inLanguage(german, "en").userMessage).toBe("Until Friday.");
    expect(german).toMatchObject({ code: "upload-refused", reason: "uploads_restricted" });
  });

  it("of a reason come before those of its code", () => {
    expect(errorMessage("en", "file", { reason: "file_size" })).toContain("25 MB");
    expect(errorMessage("en", "file", { reason: "constructor" })).toBe(errorMessage("en", "file"));
  });

  it.each([
    ["de-AT", "de"],
    ["AR_eg", "ar"],
    ["pt-BR", "en"],
    [undefined, "en"],
    ["", "en"],
  ])("for a phone that says %s are in %s", (tag, language) => {
    expect(languageOf(tag)).toBe(language);
  });
});

describe("an error", () => {
  it.each(CODES)("%s says whether trying again can help", (code) => {
    expect(new MediaIntegrityError(code).retryable).toBe(RETRYABLE[code]);
  });

  it("tells developers codes alone, and an app its fields alone", () => {
    const cause = new Error("secret path");
    const error = new MediaIntegrityError("conflict", { reason: "decided", cause });
    expect(error.message).toBe("conflict: decided");
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify(errorFields(error))).not.toContain("secret");
    expect(Object.keys(errorFields(error)).sort()).toEqual(
      ["code", "reason", "retryAfterMs", "retryable", "until", "userMessage"].sort(),
    );
  });
});
