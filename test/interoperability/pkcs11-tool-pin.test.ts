// OpenSC's pkcs11-tool changes the PIN, unblocks it with the PUK, spends the last try with open eyes, and waits for a token.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../support/run.ts";
import { bytes, PIN, PUK, Workbench } from "../support/workbench.ts";

const NEW_PIN = "558820";
const NEW_PUK = "66093175";
const WRONG_PIN = "11223399";

let bench: Workbench;

beforeEach(async () => {
  bench = await Workbench.open();
  await bench.initialise();
});

afterEach(() => bench.close());

const tool = (...args: string[]) => run("pkcs11-tool", ["--module", bench.module, ...args], { env: bench.environment });
const asOfficer = (puk: string, ...args: string[]) => tool("--login", "--login-type", "so", "--so-pin", puk, ...args);
const canLogIn = (pin: string): boolean => tool("--login", "--pin", pin, "--list-objects").status === 0;
const tokenFlags = (): string => /token flags\s+: (.*)/.exec(tool("--list-slots").stdout)?.[1] ?? "";

async function spendTries(count: number): Promise<void> {
  const client = await bench.client();
  for (let attempt = 0; attempt < count; attempt++) await client.verifyPin(bytes(WRONG_PIN)).catch(() => {});
  client.close();
}

describe("pkcs11-tool", () => {
  it("changes the PIN", () => {
    expect(tool("--login", "--pin", PIN, "--change-pin", "--new-pin", NEW_PIN)).toMatchObject({ status: 0 });
    expect(canLogIn(NEW_PIN)).toBe(true);
    expect(tool("--login", "--pin", PIN, "--change-pin", "--new-pin", NEW_PIN).stderr).toContain("CKR_PIN_INCORRECT");
    expect(tool("--login", "--pin", NEW_PIN, "--change-pin", "--new-pin", "111111").stderr).toContain("CKR_PIN_INVALID");
  });

  it("unblocks the PIN with the PUK", async () => {
    await spendTries(3);
    expect(tokenFlags()).toContain("user PIN locked");
    expect(tool("--login", "--pin", PIN, "--list-objects").stderr).toContain("CKR_PIN_LOCKED");
    expect(asOfficer(WRONG_PIN, "--init-pin", "--new-pin", NEW_PIN).stderr).toContain("CKR_PIN_INCORRECT");
    expect(tokenFlags()).toContain("SO PIN count low");
    expect(asOfficer(PUK, "--init-pin", "--new-pin", NEW_PIN)).toMatchObject({ status: 0 });
    expect(canLogIn(NEW_PIN)).toBe(true);
    expect(tokenFlags()).not.toMatch(/locked|low|try/);
  });

  it("changes the PUK", () => {
    expect(asOfficer(PUK, "--change-pin", "--new-pin", NEW_PUK)).toMatchObject({ status: 0 });
    expect(asOfficer(NEW_PUK, "--init-pin", "--new-pin", NEW_PIN)).toMatchObject({ status: 0 });
  });

  it("is told of the last try before it spends it", async () => {
    await spendTries(2);
    expect(tokenFlags()).toContain("final user PIN try");
    expect(canLogIn(PIN)).toBe(true);
  });

  it("waits for a token that goes (C_WaitForSlotEvent through p11-kit's client)", async () => {
    const child = spawn("pkcs11-tool", ["--module", bench.module, "--test-hotplug"], { env: bench.environment });
    let told = "";
    child.stdout.on("data", (text) => {
      told += text;
    });
    const ended = once(child, "close");
    child.stdin.write("x\n\n"); // no more polling; then one wait
    await expect.poll(() => told, { timeout: 5000 }).toMatch(/C_WaitForSlotEvent/);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(told).not.toMatch(/event on slot/);
    await bench.stop("sim");
    await expect.poll(() => told, { timeout: 5000 }).toMatch(/event on slot/);
    child.stdin.end("x\n");
    await ended;
  });
});
