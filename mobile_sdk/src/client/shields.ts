/** Shields: made, changed, fed with references and hashes, and the matches that they report. */

import type { MediaIntegrityClient, ShieldInput } from "../types/client.js";
import type { PersonalHash, PersonalHashOutcome } from "../types/generated/messages.js";
import type { MediaSource } from "../types/port.js";
import { base64 } from "./base64.js";
import { MediaIntegrityError } from "./errors.js";
import { openFile } from "./evidence.js";
import { randomId } from "./ids.js";
import { LIST_LENGTH, type Parts } from "./parts.js";

type Shields = Pick<
  MediaIntegrityClient,
  | "createVictimShield"
  | "updateVictimShield"
  | "pauseVictimShield"
  | "resumeVictimShield"
  | "deleteVictimShield"
  | "addShieldReference"
  | "removeShieldReference"
  | "submitPersonalHashes"
  | "withdrawPersonalHashes"
  | "answerShieldMatch"
  | "requestEvidencePackage"
  | "watchShields"
>;

/** As the backend takes them. */
const MAX_REFERENCE_BYTES = 8 * 1024 * 1024;
const HASHES_IN_ONE_CALL = 50;

export interface ShieldParts extends Parts {
  /** Opens and hashes a picture on this device. Rejects with `file`. */
  readonly hashOf: (source: MediaSource) => Promise<PersonalHash>;
}

export function createShields(parts: ShieldParts): Shields {
  const { call, queue, watches, files, faults, hashOf } = parts;
  /** Of a shield whose making failed without an answer: asked again, it is the same shield. */
  let unanswered: { readonly wish: string; readonly requestKey: string } | null = null;

  /** Of each picture its hash, or why it has none. Rejects with `file` where not one has. */
  async function hashesOf(sources: readonly MediaSource[]): Promise<readonly Hashed[]> {
    const hashes: Hashed[] = [];
    // One after the other: a phone has room for one open picture.
    for (const source of sources) hashes.push(await hashOf(source).catch(unreadable));
    const [first] = hashes;
    if (first instanceof MediaIntegrityError && !hashes.some(isHash)) throw first;
    return hashes;
  }

  return {
    createVictimShield: async (input) => {
      const wish = JSON.stringify(input);
      const requestKey = unanswered?.wish === wish ? unanswered.requestKey : randomId();
      unanswered = { wish, requestKey };
      const made = await call("create_victim_shield", { ...wishOf(input), requestKey });
      unanswered = null;
      return made;
    },
    updateVictimShield: (shieldId, input) =>
      call("update_victim_shield", { shieldId, ...wishOf(input) }),
    pauseVictimShield: (shieldId) => call("pause_victim_shield", { shieldId }),
    resumeVictimShield: (shieldId) => call("resume_victim_shield", { shieldId }),
    deleteVictimShield: (shieldId) => call("delete_victim_shield", { shieldId }),

    addShieldReference: async (shieldId, source) => {
      const file = await openFile(files, source, faults);
      try {
        if (file.size <= 0) throw faults.of("file", "file_empty");
        if (file.size > MAX_REFERENCE_BYTES) throw faults.of("file", "reference_size");
        const read = await file.read(0, file.size);
        const bytes = read instanceof Uint8Array ? read : new Uint8Array(await read.arrayBuffer());
        const added = await call("add_shield_reference", { shieldId, content: base64(bytes) });
        return { referenceId: added.referenceId };
      } finally {
        file.close();
      }
    },
    removeShieldReference: async (shieldId, referenceId) => {
      await call("remove_shield_reference", { shieldId, referenceId });
    },

    submitPersonalHashes: async (shieldId, sources) => {
      const hashed = await hashesOf(sources);
      // By their hashes: of two pictures with the same one the backend says one thing.
      const outcomes = new Map<string, PersonalHashOutcome>();
      let failure = faults.of("internal", "unreadable_answer");
      for (const hashes of inPieces(hashed.filter(isHash), HASHES_IN_ONE_CALL)) {
        try {
          const answer = await call("submit_personal_hashes", { shieldId, hashes });
          for (const outcome of answer.outcomes) outcomes.set(outcome.pdq, outcome);
        } catch (error) {
          failure = faults.from(error);
          if (outcomes.size === 0) throw failure;
          break; // those before are taken, and that must not be lost with the rest
        }
      }
      return hashed.map((each) =>
        isHash(each) ? (outcomes.get(each.pdq) ?? notTaken(failure, each.pdq)) : notTaken(each),
      );
    },
    withdrawPersonalHashes: async (shieldId, sources) => {
      let withdrawn = 0;
      const hashes = (await hashesOf(sources)).filter(isHash).map(({ pdq }) => pdq);
      for (const some of inPieces(hashes, HASHES_IN_ONE_CALL)) {
        withdrawn += (await call("withdraw_personal_hashes", { shieldId, hashes: some })).withdrawn;
      }
      return withdrawn;
    },

    answerShieldMatch: (caseId, answer) => queue.submit({ kind: "shield-answer", caseId, answer }),
    requestEvidencePackage: (caseId) => call("request_evidence_package", { caseId }),

    watchShields: (listener, onError) =>
      watches.query(
        "Shield",
        (userId) => ({
          where: [["ownerId", "==", userId]],
          orderBy: ["createdAt", "desc"],
          limit: LIST_LENGTH,
        }),
        (shields) => listener(shields.filter(({ status }) => status !== "deleted")),
        onError,
      ),
  };
}

/** What became of a picture on this device. */
type Hashed = PersonalHash | MediaIntegrityError;

function isHash(hashed: Hashed): hashed is PersonalHash {
  return !(hashed instanceof MediaIntegrityError);
}

/** What is wrong with one picture; anything else concerns them all, and is thrown. */
function unreadable(error: unknown): MediaIntegrityError {
  if (error instanceof MediaIntegrityError && error.code === "file") return error;
  throw error;
}

/** As the backend says of a hash that it does not take. */
function notTaken(why: MediaIntegrityError, pdq = ""): PersonalHashOutcome {
  return { pdq, refused: why.reason ?? why.code, text: why.userMessage };
}

/** Only what the backend knows, whatever else an object of an app holds. */
function wishOf({ level, toggles, sharingAgreed, contacts }: Partial<ShieldInput>) {
  return {
    ...(level === undefined ? {} : { level }),
    ...(toggles === undefined ? {} : { toggles }),
    ...(sharingAgreed === undefined ? {} : { sharingAgreed }),
    ...(contacts === undefined ? {} : { contacts }),
  };
}

function inPieces<T>(items: readonly T[], length: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / length);
  return Array.from({ length: count }, (_, at) => items.slice(at * length, (at + 1) * length));
}
