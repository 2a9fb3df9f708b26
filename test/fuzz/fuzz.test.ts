import { describe, expect, test } from "vitest";
import { apdu } from "../firmware/card-commands.ts";
import { ApduFuzzer, replay } from "./apdu-fuzzer.ts";
import type { FoundInSession } from "./finding.ts";
import type { Step } from "./fuzzed-token.ts";
import { PacketFuzzer } from "./packet-fuzzer.ts";
import { START_STATES } from "./start-states.ts";

/** Another run each time; the seed of one that found something brings it back. */
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1000000);
const SESSIONS = 200;
const PACKET_SESSIONS = 60;

describe(`fuzzing (a short run: FUZZ_SEED=${seed}; longer: npm run fuzz)`, () => {
  function run(fuzzer: { session(): FoundInSession | null }, sessions: number): FoundInSession | null {
    for (let i = 0; i < sessions; i++) {
      const found = fuzzer.session();
      if (found !== null) return found;
    }
    return null;
  }

  test("APDUs: nothing is thrown, no answer is malformed, a refused command changes nothing", () => {
    const fuzzer = new ApduFuzzer(seed);
    expect(run(fuzzer, SESSIONS)).toBeNull();
    // It must have come past the door: signatures, writes, wrong PINs, in tokens of all states.
    for (const met of ["in use, PIN|87|9000", "in use, management|db|9000", "in use|20|63c2", "blank|24|9000", "in use, PIN|80.5c|9000"])
      expect([...fuzzer.seen.keys()]).toContain(met);
  });

  test("packets: nothing is thrown, no answer is malformed, no channel too many", () => {
    const fuzzer = new PacketFuzzer(seed);
    expect(run(fuzzer, PACKET_SESSIONS)).toBeNull();
    expect(fuzzer.seen.get("command 3") ?? 0).toBeGreaterThan(100);
    expect(fuzzer.seen.size).toBeGreaterThan(6);
  });
});

describe("found by the fuzzer", () => {
  const image = START_STATES[0]?.image;
  const channel = 0;

  test("a chain of empty pieces takes no memory", () => {
    const steps: Step[] = Array.from({ length: 50 }, () => ({ kind: "apdu", channel, bytes: apdu({ cla: 0x10, ins: 0xa4, p1: 4 }) }));
    expect(image && replay(image, 0, steps)).toBeNull();
  });
});
