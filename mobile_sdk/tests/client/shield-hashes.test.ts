/** Hashes of one's own pictures where some cannot be read, or sent. Without a backend. */

import { expect, onTestFinished, test } from "vitest";

import { createMediaIntegrityClient } from "../../src/client/create.js";
import { MediaIntegrityError } from "../../src/client/errors.js";
import { isFields } from "../../src/client/reading.js";
import { HashingError } from "../../src/hashing/errors.js";
import type { PictureDecoder } from "../../src/types/port.js";
import { photograph } from "../hashing/pictures.js";
import { lonePort } from "../support/lone-port.js";
import { rejection } from "./making.js";

const DAMAGED = { uri: "damaged" };

/** Another one each. */
const pictures = (count: number) => Array.from({ length: count }, (_, at) => ({ uri: `${at}` }));

const decodePicture: PictureDecoder = async (source) => {
  const name = "uri" in source ? source.uri : "";
  if (name === DAMAGED.uri) throw new HashingError("damaged", "a test");
  return photograph(64, 64, Number(name));
};

function hashesIn(request: unknown): readonly string[] {
  const hashes: unknown = isFields(request) ? request["hashes"] : [];
  if (!Array.isArray(hashes)) return [];
  return hashes.map((each: unknown) => String(isFields(each) ? each["pdq"] : each));
}

/** A client whose backend takes so many calls, and then none. */
function shieldClient(calls = Infinity) {
  const sent: (readonly string[])[] = [];
  const port = lonePort(async (_, request) => {
    if (sent.length >= calls) throw new MediaIntegrityError("too-many", { reason: "rate" });
    const hashes = hashesIn(request);
    sent.push(hashes);
    // Of two that are the same the backend says one thing.
    const outcomes = [...new Set(hashes)].map((pdq) => ({ pdq, refused: null, text: null }));
    return { outcomes, withdrawn: hashes.length };
  });
  const client = createMediaIntegrityClient({ firebase: port, options: { decodePicture } });
  onTestFinished(client.close);
  return { client, sent };
}

test("of many pictures each has its outcome, also one that cannot be read", async () => {
  const { client, sent } = shieldClient();
  const [one, two] = pictures(2);
  if (one === undefined || two === undefined) throw new Error("there are two");

  const outcomes = await client.submitPersonalHashes("shield", [one, DAMAGED, two, one]);

  expect(outcomes.map(({ refused }) => refused)).toEqual([null, "damaged", null, null]);
  expect(outcomes[1]).toMatchObject({ pdq: "", text: expect.stringMatching(/\w/) });
  expect(outcomes[3]?.pdq).toBe(outcomes[0]?.pdq);
  expect(sent.flat()).toEqual([0, 2, 3].map((at) => outcomes[at]?.pdq));
});

test("where not one can be read it is a file error, and nothing is sent", async () => {
  const { client, sent } = shieldClient();

  for (const sources of [[DAMAGED], [DAMAGED, DAMAGED]]) {
    const error = await rejection(client.submitPersonalHashes("shield", sources));
    expect(error).toMatchObject({ code: "file", reason: "damaged" });
  }
  expect(sent).toEqual([]);
});

test("what was taken is told although the rest could not be sent", async () => {
  const { client } = shieldClient(1);

  const outcomes = await client.submitPersonalHashes("shield", pictures(52));

  expect(outcomes).toHaveLength(52);
  expect(outcomes.slice(0, 50).every(({ refused }) => refused === null)).toBe(true);
  expect(outcomes.slice(50).map(({ refused }) => refused)).toEqual(["rate", "rate"]);
  expect(outcomes.every(({ pdq }) => /^[0-9a-f]{64}$/.test(pdq))).toBe(true);
});

test("where nothing can be sent it is an error", async () => {
  const { client } = shieldClient(0);
  const error = await rejection(client.submitPersonalHashes("shield", pictures(2)));
  expect(error).toMatchObject({ code: "too-many", retryable: true });
});

test("hashes of the pictures that can be read are taken back", async () => {
  const { client, sent } = shieldClient();
  expect(await client.withdrawPersonalHashes("shield", [DAMAGED, ...pictures(1)])).toBe(1);
  expect(sent).toHaveLength(1);
});
