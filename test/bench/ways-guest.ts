// The ways to a token on USB, in the guest (test/usb/): a reader for libccid and OpenSC, a HID device for node-hid and our bridge. The guest's processor is
// emulated, its pace told by the same program on both sides: SoftHSM2 in the application's process, and behind p11-kit's server for what RPC costs there.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../../cli/checkout.ts";
import { findP11KitClient } from "../../host-bridge/signing/pkcs11-module.ts";
import type { Outcome } from "../support/run.ts";
import { whyNoGuest } from "../usb/guest-parts.ts";
import { UsbBench } from "../usb/usb-bench.ts";
import { type Measured, parse } from "./programs.ts";
import { PIN, SOFTHSM2, type Subjects } from "./subjects.ts";
import { IN_GUEST, type LoadPrograms, OPENSC, type Turn, takeTurns, type Ways, type WaysPlan, YARDSTICKS } from "./ways.ts";

const SEED = 8;
const LIMIT_MS = 180_000;
const HID_LOAD = join(CHECKOUT, "dist", "test", "bench", "hid-load.js");
/** The guest sees this machine's root, without what is mounted in it: not /dev/shm. */
const SEEN_FROM_GUEST = join(CHECKOUT, "node_modules", ".cache", "sceau");
const QEMU = "qemu-system-x86_64";

/** pcscd without its log, and a p11-kit server of SoftHSM2's. @param folder with the programs and the token */
const prepared = (folder: string): string => `
kill $(cat /run/pcscd/pcscd.pid); wait_for '! test -e /run/pcscd/pcscd.pid'
pcscd $(without_polkit) --foreground --config /tmp/readers >/dev/null 2>&1 &
mkdir /tmp/soft && cp -r ${folder}/softhsm2 /tmp/soft/tokens
printf '%s\\n' 'directories.tokendir = /tmp/soft/tokens' 'objectstore.backend = file' 'log.level = ERROR' >/tmp/soft/conf
export SOFTHSM2_CONF=/tmp/soft/conf
p11-kit server --foreground --provider ${SOFTHSM2} --name /tmp/soft/socket pkcs11: >/dev/null 2>&1 &
wait_for 'test -S /tmp/soft/socket' && wait_for 'opensc-tool --list-readers | grep -q Yes'
`;

function hasQemu(): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, QEMU)));
}

function turns(usb: UsbBench, folder: string, plan: WaysPlan): Turn[] {
  const run = async (script: string): Promise<Measured> => parse(told(await usb.guest.run(script, LIMIT_MS), script));
  const sign = (module: string, environment: string) => (): Promise<Measured> =>
    run(`echo ${PIN} | ${environment} ${folder}/pkcs11-load ${module} sign 1 ${plan.times} ${plan.warmUp} ${SEED}`);
  const p11Kit = findP11KitClient() ?? "";
  const count = `${plan.times} ${plan.warmUp}`;
  return [
    {
      name: `${IN_GUEST}USB, CCID (libccid, OpenSC)`,
      apdus: () => run(`${folder}/pcsc-load ${count}`),
      signatures: sign(OPENSC, ""),
    },
    {
      name: `${IN_GUEST}USB, HID (node-hid, our bridge)`,
      apdus: () => run(`${process.execPath} ${HID_LOAD} /dev/hidraw0 ${count}`),
      signatures: sign(p11Kit, "P11_KIT_SERVER_ADDRESS=unix:path=/tmp/state/run/pkcs11.sock"),
    },
    {
      name: IN_GUEST + YARDSTICKS["p11-kit server"],
      apdus: null,
      signatures: sign(p11Kit, "P11_KIT_SERVER_ADDRESS=unix:path=/tmp/soft/socket"),
    },
    { name: IN_GUEST + YARDSTICKS.softhsm2, apdus: null, signatures: sign(SOFTHSM2, "SOFTHSM2_CONF=/tmp/soft/conf") },
  ];
}

function told({ status, stdout, stderr }: Outcome, script: string): string {
  if (status !== 0) throw new Error(`in the guest: ${script} → ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** @throws when something fails; what this machine cannot do is told as skipped */
export async function waysInGuest(programs: LoadPrograms, subjects: Subjects, plan: WaysPlan): Promise<Ways> {
  const reason = hasQemu() ? whyNoGuest() : `${QEMU} is not installed (npm test installs it)`;
  if (reason !== null) return { ways: [], skipped: [`USB, in the guest: ${reason}`] };
  mkdirSync(SEEN_FROM_GUEST, { recursive: true });
  const folder = mkdtempSync(join(SEEN_FROM_GUEST, "bench-"));
  try {
    for (const name of ["pkcs11-load", "pcsc-load"]) cpSync(join(programs.folder, name), join(folder, name));
    cpSync(subjects.softTokens, join(folder, "softhsm2"), { recursive: true });
    const usb = await UsbBench.open();
    try {
      await usb.attach();
      await usb.mustRun(prepared(folder));
      return { ways: await takeTurns(turns(usb, folder, plan), plan.rounds), skipped: [] };
    } finally {
      await usb.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
