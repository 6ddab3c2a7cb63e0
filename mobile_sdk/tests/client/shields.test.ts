import { execFileSync } from "node:child_process";

import { expect, onTestFinished, test } from "vitest";

import { MediaIntegrityError } from "../../src/client/errors.js";
import type { WithId } from "../../src/types/client.js";
import type { Shield } from "../../src/types/generated/documents.js";
import type { PictureDecoder } from "../../src/types/port.js";
import { photograph } from "../hashing/pictures.js";
import { portraitFile } from "../support/portrait.js";
import { blockedCase, device, newCaseId, rejection, watched } from "./making.js";

type Shields = readonly WithId<Shield>[];

/** A picture whose bytes name its seed: what a decoder is does not matter here. */
const seeded: PictureDecoder = async (source) => {
  const text = source instanceof Blob ? await source.text() : "0";
  return photograph(320, 240, Number(text));
};
const picture = (): Blob => new Blob([String(Math.floor(Math.random() * 2 ** 31))]);

test("a shield is made, changed, fed, paused and deleted by its owner alone", async () => {
  const [{ client }, other] = await Promise.all([device(), device()]);
  const shields = watched<Shields>((...to) => client.watchShields(...to));

  const { shieldId, status } = await client.createVictimShield({
    level: "standard",
    toggles: { notifications: true },
  });
  expect(status).toBe("pending");
  // Two people with one face are a dispute.
  onTestFinished(async () => {
    await client.deleteVictimShield(shieldId).catch(() => undefined);
  });
  const add = () => client.addShieldReference(shieldId, portraitFile());
  // A busy machine's first check may run out of time; people are told to try again.
  const { referenceId } = await add().catch((error: unknown) => {
    if (error instanceof MediaIntegrityError && error.retryable) return add();
    throw error;
  });
  const [active] = await shields.until((found) => found[0]?.status === "active", "the shield");
  expect(active?.listed?.map(({ id }) => id)).toEqual([referenceId]);

  expect(
    await client.updateVictimShield(shieldId, {
      level: "maximum",
      contacts: { support: "help@example.com" },
    }),
  ).toMatchObject({ level: "maximum" });
  expect(
    await rejection(
      client.updateVictimShield(shieldId, { level: "standard", sharingAgreed: true }),
    ),
  ).toMatchObject({ code: "invalid" });
  expect((await client.pauseVictimShield(shieldId)).status).toBe("paused");
  expect((await client.resumeVictimShield(shieldId)).status).toBe("active");
  expect((await rejection(other.client.pauseVictimShield(shieldId))).code).toBe("not-found");
  await client.removeShieldReference(shieldId, referenceId);
  expect((await client.deleteVictimShield(shieldId)).status).toBe("deleted");
  await shields.until((found) => found.length === 0, "a list without it");
});

test("of one's own pictures only hashes are sent, and can be taken back", async () => {
  const { client } = await device({ decodePicture: seeded });
  const { shieldId } = await client.createVictimShield({ level: "maximum" });
  const pictures = [picture(), picture()];

  const outcomes = await client.submitPersonalHashes(shieldId, pictures);

  expect(outcomes.map(({ refused }) => refused)).toEqual([null, null]);
  expect(outcomes.every(({ pdq }) => /^[0-9a-f]{64}$/.test(pdq))).toBe(true);
  expect(await client.withdrawPersonalHashes(shieldId, pictures)).toBe(2);
});

test("a picture that cannot be opened here is a file error", async () => {
  const { client } = await device(); // Node has no canvas
  const error = await rejection(client.submitPersonalHashes("shield", [new Blob(["no picture"])]));
  expect(error.code).toBe("file");
});

test("a reference that is too large, empty or no face is refused", async () => {
  const { client } = await device();
  const { shieldId } = await client.createVictimShield({ level: "standard" });
  const add = (file: Blob) => rejection(client.addShieldReference(shieldId, file));

  expect(await add(new Blob([new Uint8Array(8 * 2 ** 20 + 1)]))).toMatchObject({
    code: "file",
    reason: "reference_size",
  });
  expect(await add(new Blob([]))).toMatchObject({ code: "file", reason: "file_empty" });
  expect((await add(new Blob(["no picture"]))).code).toBe("invalid");
});

test("whoever is not shown in a case can neither answer for it nor have its evidence", async () => {
  const { client, person } = await device();
  const caseId = await blockedCase(person.uid);

  expect((await rejection(client.answerShieldMatch(caseId, "refuse"))).code).toBe("not-found");
  expect((await rejection(client.requestEvidencePackage(newCaseId()))).code).toBe("not-found");
});

test("base64 is what Python reads", async () => {
  const { base64 } = await import("../../src/client/base64.js");
  for (const length of [0, 1, 2, 3, 4, 24_575, 24_576, 24_577]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 31) % 256);
    expect(base64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
  }
  expect(execFileSync("base64", ["-d"], { input: base64(new Uint8Array([0, 255])) })).toEqual(
    Buffer.from([0, 255]),
  );
});
