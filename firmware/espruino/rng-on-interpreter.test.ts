// The board's generator on the boards' own interpreter, with the kernel's HMAC: NIST's vectors, the start-up tests, and what they cost.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleFirmware } from "../../hardware/bundle-firmware.ts";
import vectors from "../../protocol/vectors/hmac-drbg.json" with { type: "json" };

/** A built interpreter, where there is one; no package holds it. */
const interpreter = process.env["ESPRUINO"];

/** `bx lr`: gives back what it was given. */
const ECHO = 'E.nativeCall(1, "int(int)", atob("cEdwR3BHcEdwR3BHcEdwR3BHcEdwR3BHcEdwR3BHcEc="))(271828)';
/** An interpreter of another processor does not, nor one whose memory may not be run. */
function runsMachineCode(): boolean {
  if (interpreter === undefined) return false;
  const { stdout } = spawnSync(interpreter, ["-e", `print("echo " + ${ECHO})`], { encoding: "utf8", input: "", timeout: 10_000 });
  return stdout.includes("echo 271828");
}

/** What the interpreter sees of the firmware. `expect` gives one line; each test has a process of its own. */
const ENTRY = `
  import { BoardRng } from "./firmware/espruino/board-rng.ts";
  import { HmacDrbg } from "./firmware/espruino/hmac-drbg.ts";
  import { Kernel, OP_HMAC } from "./firmware/espruino/kernel.ts";
  import { ADC_NOISE, HARDWARE_NOISE } from "./firmware/espruino/noise-claim.ts";
  import { KERNEL_BASE64 } from "./firmware/p256/kernel-blob.ts";
  import { bytesToHex, hexToBytes } from "./protocol/bytes.ts";
  declare function atob(text: string): string;
  const code = atob(KERNEL_BASE64); // kept: a kernel that lies well is called where it is
  const kernel = new Kernel(code);
  const hmac = (key: Uint8Array, data: Uint8Array) => kernel.call(OP_HMAC, key, null, data, 32);
  globalThis.S = { code, BoardRng, HmacDrbg, ADC_NOISE, HARDWARE_NOISE, hmac, hex: bytesToHex, bytes: hexToBytes };
`;

describe.skipIf(!runsMachineCode())(
  "on the interpreter (skipped unless ESPRUINO names one that runs the kernel: for ARM, its memory executable)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "sceau-rng-"));
    let library: string;
    beforeAll(async () => {
      library = (await bundleFirmware(ENTRY)).code;
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    /** What `script` printed after «answer ». How the interpreter ended is not asked: on Linux it may fall over while it clears up. */
    function run(script: string): string {
      const path = join(folder, "script.js");
      writeFileSync(path, `${library}\n(function () { ${script} })();`);
      const { stdout } = spawnSync(interpreter ?? "", [path], { encoding: "utf8", input: "", timeout: 60_000 });
      return /^answer (.*)$/m.exec(stdout)?.[1]?.trim() ?? stdout;
    }

    test("NIST's vectors, the first of each kind, by the kernel's HMAC", () => {
      const some = vectors.cases.filter((each) => each.what.endsWith("count 0"));
      expect(some).toHaveLength(12);
      const printed = run(`
      const cases = ${JSON.stringify(some)};
      const out = new Uint8Array(128);
      const given = cases.map((each) => {
        const drbg = new S.HmacDrbg(S.hmac, S.bytes(each.entropy + each.nonce + each.personalisation));
        each.generates.forEach((step) => {
          if (step.reseed) drbg.reseed(S.bytes(step.reseed.entropy + step.reseed.additional));
          drbg.generate(out, S.bytes(step.additional));
        });
        return S.hex(out);
      });
      print("answer " + given.join(" "));`);
      expect(printed.split(" ")).toEqual(some.map((each) => each.returned));
    });

    /** A generator on E.hwRand; here that is rand() of the C library, which is no noise, but looks like it. */
    const STARTED = (claim: string, draw = "E.hwRand"): string => `
    const out = new Uint8Array(32);
    let failed = 0;
    const rng = new S.BoardRng({ draw: ${draw}, claim: S.${claim}, hmac: S.hmac, personalisation: new Uint8Array(4), onFailure: () => { failed++; } });`;

    test.each(["HARDWARE_NOISE", "ADC_NOISE"])("%s: starts, gives, reseeds and is stirred", (claim) => {
      const printed = run(`${STARTED(claim)}
      const given = [];
      rng.startUp();
      rng.fill(out); given.push(S.hex(out));
      rng.reseed();
      rng.fill(out); given.push(S.hex(out));
      rng.stir(new Uint8Array(32));
      rng.fill(out); given.push(S.hex(out));
      print("answer " + failed + " " + given.join(" "));`);
      const [failed, ...given] = printed.split(" ");
      expect([failed, new Set(given).size, given.every((each) => /^[0-9a-f]{64}$/.test(each))]).toEqual(["0", 3, true]);
    });

    test.each([
      ["HARDWARE_NOISE", "() => 0"],
      ["ADC_NOISE", "() => 0x12345678"],
    ])("%s: a source that gives %s is refused, and stays so", (claim, draw) => {
      const printed = run(`${STARTED(claim, draw)}
      let thrown = 0;
      for (const each of [() => rng.startUp(), () => rng.fill(out), () => rng.startUp(), () => rng.fill(out)]) {
        try { each(); } catch (error) { thrown++; }
      }
      print("answer " + thrown + " " + (failed > 0) + " " + S.hex(out));`);
      expect(printed).toBe(`4 true ${"00".repeat(32)}`);
    });
  },
);
