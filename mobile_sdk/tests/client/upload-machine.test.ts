import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { MediaIntegrityError } from "../../src/client/errors.js";
import {
  after,
  INITIAL,
  isOver,
  told,
  type Machine,
  type UploadEvent,
} from "../../src/client/uploading/machine.js";

const TOTAL = 1000;
const JOB = "a".repeat(64);

const event: fc.Arbitrary<UploadEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ event: "opened", totalBytes: TOTAL } as const) },
  fc.nat(2 * TOTAL).map((sentBytes) => ({ event: "progress", sentBytes }) as const),
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      { event: "started" } as const,
      { event: "cut" } as const,
      { event: "connected" } as const,
      { event: "pause" } as const,
      { event: "resume" } as const,
    ),
  },
  fc.constantFrom({ event: "restarted" } as const, { event: "cancel" } as const),
  fc.constant({ event: "stored", jobId: JOB } as const),
  fc.record({
    event: fc.constant("scanned" as const),
    step: fc.constantFrom("open", "match", "decide", null),
    progress: fc.double({ min: 0, max: 2, noNaN: true }),
  }),
  fc.constant({
    event: "finished",
    outcome: { outcome: "refused", jobId: JOB, reason: "damaged", text: "It is damaged." },
  } as const),
  fc.constant({ event: "failed", error: new MediaIntegrityError("internal") } as const),
);

/** Which state may follow on which; the same may always follow. */
const FOLLOWING: Readonly<Record<Machine["state"], readonly Machine["state"][]>> = {
  preparing: ["uploading", "paused", "waiting-for-network", "scanning", "failed", "cancelled"],
  uploading: ["paused", "waiting-for-network", "scanning", "failed", "cancelled"],
  paused: ["uploading", "scanning", "failed", "cancelled"],
  "waiting-for-network": ["uploading", "paused", "scanning", "failed", "cancelled"],
  scanning: ["finished", "failed"],
  finished: [],
  failed: [],
  cancelled: [],
};

function eachStep(check: (before: Machine, next: Machine, event: UploadEvent) => void): void {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let machine = INITIAL;
      for (const each of events) {
        const next = after(machine, each);
        check(machine, next, each);
        machine = next;
      }
    }),
    { numRuns: 1000 },
  );
}

describe("the states of an upload", () => {
  it("follow on each other as they may, whatever happens in whatever order", () => {
    eachStep((before, next) => {
      if (before.state !== next.state) expect(FOLLOWING[before.state]).toContain(next.state);
    });
  });

  it("can all be reached from all that they may follow on", () => {
    const events = fc.sample(event, { numRuns: 500, seed: 1 });
    const known = new Map<string, Machine>([["", INITIAL]]);
    const seen = new Set<string>();
    for (const before of known.values()) {
      for (const each of events) {
        const next = after(before, each);
        if (next.state === before.state && next.state !== "preparing") continue;
        if (next.state !== before.state) seen.add(`${before.state} ${next.state}`);
        known.set(next.state === "preparing" ? JSON.stringify(next) : next.state, next);
      }
    }
    const possible = Object.entries(FOLLOWING).flatMap(([from, to]) =>
      to.map((state) => `${from} ${state}`),
    );
    expect([...seen].sort()).toEqual(possible.sort());
  });

  it("end once", () => {
    eachStep((before, next) => {
      if (isOver(before)) expect(next).toBe(before);
    });
  });

  it("count bytes forwards, never more than there are, unless all are sent again", () => {
    eachStep((before, next, { event: kind }) => {
      if (!("sentBytes" in next)) return;
      expect(next.sentBytes).toBeLessThanOrEqual(next.totalBytes);
      if ("sentBytes" in before && kind !== "restarted") {
        expect(next.sentBytes).toBeGreaterThanOrEqual(before.sentBytes);
      }
    });
  });

  it("tell a scan's progress forwards, from 0 to 1", () => {
    eachStep((before, next) => {
      if (next.state !== "scanning") return;
      expect(next.progress).toBeLessThanOrEqual(1);
      if (before.state === "scanning") {
        expect(next.progress).toBeGreaterThanOrEqual(before.progress);
      }
    });
  });

  it("keep what a person wants: paused is left by a person, or by the end", () => {
    eachStep((before, next, { event: kind }) => {
      if (before.state !== "paused" || next.state === "paused") return;
      expect(["resume", "cancel", "stored", "failed"]).toContain(kind);
    });
  });

  it("remember a pause that was asked for before the file was open", () => {
    const paused = after(after(INITIAL, { event: "pause" }), { event: "opened", totalBytes: 5 });
    expect(paused).toEqual({ state: "paused", sentBytes: 0, totalBytes: 5 });
    const resumed = after(after(INITIAL, { event: "pause" }), { event: "resume" });
    expect(after(resumed, { event: "opened", totalBytes: 5 }).state).toBe("preparing");
  });

  it("are the same object where nothing changed, so that nobody is told twice", () => {
    const scanning = after(INITIAL, { event: "stored", jobId: JOB });
    const scanned = { event: "scanned", step: "open", progress: 0.5 } as const;
    const once = after(scanning, scanned);
    expect(after(once, scanned)).toBe(once);
    expect(after(INITIAL, { event: "connected" })).toBe(INITIAL);
  });

  it("tell nothing of what goes on while it is prepared", () => {
    const opened = after(INITIAL, { event: "opened", totalBytes: 5 });
    expect(told(opened)).toEqual({ state: "preparing" });
  });
});
