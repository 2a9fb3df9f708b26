// A simulated token on USB at a guest: `sceau sim --usb` runs on this machine, the guest attaches the device over its network and has in it what a
// person's desktop has: udev with our rule, pcscd with libccid, and `sceau bridge`.

import { createHash, randomBytes, type X509Certificate } from "node:crypto";
import { UDEV_RULE_TEXT } from "../../host-bridge/desktop/udev-rule.ts";
import { BUTTON_POLICY_ALWAYS, PIN_POLICY_ALWAYS, SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { USB_PRODUCT_ID, USB_VENDOR_ID } from "../../protocol/usb.ts";
import { mustRun, type Outcome, SCEAU as PROGRAM, sceau } from "../support/run.ts";
import { HOLDER, PIN, Workbench } from "../support/workbench.ts";
import { Guest, HOST_ADDRESS } from "./guest.ts";

const WAIT_LIMIT_S = 40;
/** How long the button of the token is not pressed. */
export const BUTTON_DELAY_MS = 6000;
const STATE = "/tmp/state";
const OPENSC = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so";

const hex4 = (value: number): string => value.toString(16).padStart(4, "0");
export const USB_ID = `${hex4(USB_VENDOR_ID)}:${hex4(USB_PRODUCT_ID)}`;
export const SCEAU = `${process.execPath} ${PROGRAM}`;

/** The keys of the token, by their CKA_ID: 9A, and 9C with a PIN and the button for each signature. */
export type KeyId = "01" | "02";

/** libccid knows a reader by its numbers, not by its class (README of simulator/usbip/): ours goes to the head of its three lists. */
const LIBCCID_LISTS = [
  ["ifdVendorID", `0x${hex4(USB_VENDOR_ID)}`],
  ["ifdProductID", `0x${hex4(USB_PRODUCT_ID)}`],
  ["ifdFriendlyName", "Sceau token (simulated)"],
].map(([list, value]) => `/<key>${list}</,/<array>/s|<array>|<array><string>${value}</string>|`);

/** What the guest's commands share. */
const COMMON = "/tmp/common.sh";
const COMMON_TEXT = `
wait_for() { local end=$((SECONDS + ${WAIT_LIMIT_S})); until eval "$1"; do ((SECONDS < end)) || { echo "never: $1" >&2; return 1; }; sleep 0.1; done; }
without_polkit() { pcscd --help | grep -o -e --disable-polkit; } # there is no D-Bus to ask it by; pcscd 1.9.9 knows none
sign() { # MODULE KEY DIGEST
  local work=$(mktemp -d)
  base64 -d <<<"$3" >$work/digest
  pkcs11-tool --module $1 --sign --mechanism ECDSA --signature-format openssl --id $2 --login --pin ${PIN} \\
    --input-file $work/digest --output-file $work/signature >$work/told 2>&1 || { cat $work/told >&2; return 1; }
  base64 -w0 $work/signature
}
export P11_KIT_SERVER_ADDRESS=unix:path=${STATE}/run/pkcs11.sock
`;

/** What a desktop has running before anybody plugs a token in. */
const DESKTOP = `
cat >${COMMON} <<'COMMON'
${COMMON_TEXT}
COMMON
. ${COMMON}
sed -i '${LIBCCID_LISTS.join(";")}' /etc/libccid_Info.plist
cat >/etc/udev/rules.d/70-sceau.rules <<'RULE'
${UDEV_RULE_TEXT}RULE
modprobe vhci-hcd
/lib/systemd/systemd-udevd --daemon
mkdir /run/pcscd /tmp/readers
LIBCCID_ifdLogLevel=0x0007 pcscd $(without_polkit) --foreground --debug --config /tmp/readers >/tmp/pcscd.log 2>&1 &
${SCEAU} bridge --json --no-serial --state ${STATE} >/tmp/bridge.log 2>&1 &
wait_for 'test -S ${STATE}/run/pkcs11.sock -a -S /run/pcscd/pcscd.comm'
`;

async function bootDesktop(): Promise<Guest> {
  const guest = await Guest.start();
  try {
    await guest.mustRun(DESKTOP);
  } catch (error) {
    await guest.stop();
    throw error;
  }
  return guest;
}

export class UsbBench {
  readonly guest: Guest;
  readonly serial: string;
  private readonly bench: Workbench;
  private readonly port: number;
  private readonly certificates: ReadonlyMap<KeyId, X509Certificate>;
  private attachments = 0;

  private constructor(guest: Guest, bench: Workbench, port: number, serial: string, certificates: ReadonlyMap<KeyId, X509Certificate>) {
    [this.guest, this.bench, this.port, this.serial, this.certificates] = [guest, bench, port, serial, certificates];
  }

  /** A guest with a desktop, and a token with two keys on this machine's loopback, not attached yet. */
  static async open(): Promise<UsbBench> {
    const booting = bootDesktop();
    booting.catch(() => {}); // told below
    const bench = await Workbench.open({ withBridge: false });
    try {
      await bench.initialise();
      const { serial } = await (await bench.client()).deviceInfo();
      const authentication = await bench.certify(SLOT_AUTHENTICATION);
      const policies = { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_ALWAYS };
      const signature = await bench.certify(SLOT_SIGNATURE, new Date(), HOLDER, policies);
      await bench.stop("sim");
      const told = await bench.plugIn(["--usb", "127.0.0.1:0", "--button-delay", String(BUTTON_DELAY_MS)], ["on-usb"]);
      const { port } = told.get("on-usb") as { port: number };
      const certificates = new Map<KeyId, X509Certificate>([
        ["01", authentication],
        ["02", signature],
      ]);
      return new UsbBench(await booting, bench, port, serial, certificates);
    } catch (error) {
      await bench.close();
      await booting.then(
        (guest) => guest.stop(),
        () => {}, // it has ended by itself
      );
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.guest.stop();
    await this.bench.close();
  }

  /** As the user does it who was told how by `sceau sim --usb`. */
  tryToAttach(): Promise<Outcome> {
    return this.guest.run(`usbip --tcp-port ${this.port} attach --remote ${HOST_ADDRESS} --busid 1-1`);
  }

  /**
   * And waits until those who look for tokens have it: the bridge over HID, pcscd over CCID.
   * @throws with what the guest said of it
   */
  async attach(): Promise<void> {
    const attached = await this.tryToAttach();
    if (attached.status !== 0) throw new Error(attached.stderr);
    this.attachments += 1;
    const isWithBridge = `test $(grep -c token-in /tmp/bridge.log) = ${this.attachments}`;
    const there = await this.run(`wait_for '${isWithBridge}' && wait_for 'opensc-tool --list-readers | grep -q Yes'`);
    if (there.status !== 0) throw new Error(`${there.stderr}${await this.diagnosis()}`);
  }

  /** And waits until bridge and pcscd have seen it go. */
  async unplug(): Promise<void> {
    this.command("--unplug");
    const isWithoutBridge = `test $(grep -c token-out /tmp/bridge.log) = ${this.attachments}`;
    await this.mustRun(`wait_for '${isWithoutBridge}' && wait_for 'opensc-tool --list-readers | grep -q No.smart'`);
  }

  replug(): void {
    this.command("--replug");
  }

  /** Runs a script in the guest, with `wait_for CONDITION` at hand. */
  run(script: string): Promise<Outcome> {
    return this.guest.run(`. ${COMMON}; ${script}`);
  }

  /** Like `run`, for what must succeed. The answer is its output. */
  mustRun(script: string): Promise<string> {
    return this.guest.mustRun(`. ${COMMON}; ${script}`);
  }

  /** What the guest's bridge has told of this kind. */
  async bridgeEvents(kind: string): Promise<Record<string, unknown>[]> {
    const lines = (await this.mustRun("cat /tmp/bridge.log")).split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ event }) => event === kind);
  }

  /** The lines of pcscd's log (and libccid's in it) with one of these words. @param words a regular expression of grep -E */
  async pcscdLines(words: string): Promise<string[]> {
    return (await this.mustRun(`grep -E '${words}' /tmp/pcscd.log`)).trim().split("\n");
  }

  /**
   * Signs in the guest, by HID through `sceau bridge`, or by CCID through pcscd and OpenSC; openssl on this machine verifies.
   * @returns what pkcs11-tool took in the guest, in ms
   * @throws when openssl does not verify it
   */
  async signed(by: "HID" | "CCID", id: KeyId): Promise<number> {
    const digest = createHash("sha256").update(randomBytes(32)).digest();
    const module = by === "HID" ? this.bench.module : OPENSC;
    const script = `start=$EPOCHREALTIME; sign ${module} ${id} ${digest.toString("base64")}; status=$?
      end=$EPOCHREALTIME; echo " $(( (\${end/./} - \${start/./}) / 1000 ))"; exit $status`;
    const [signature = "", durationMs] = (await this.mustRun(script)).split(" ");
    const key = this.bench.write("public.pem", String(this.certificates.get(id)?.publicKey.export({ type: "spki", format: "pem" })));
    const files = ["-in", this.bench.write("digest", digest), "-sigfile", this.bench.write("signature", Buffer.from(signature, "base64"))];
    mustRun("openssl", ["pkeyutl", "-verify", "-pubin", "-inkey", key, ...files]);
    return Number(durationMs);
  }

  /** What may tell why something failed. */
  async diagnosis(): Promise<string> {
    const { stdout } = await this.guest.run("dmesg | tail -n 30; tail -n 30 /tmp/bridge.log /tmp/pcscd.log");
    return `${this.guest.console}\n${stdout}`;
  }

  private command(option: "--unplug" | "--replug"): void {
    const { status, stderr } = sceau(["sim", this.bench.tokenName, option, "--state", this.bench.state.root]);
    if (status !== 0) throw new Error(stderr);
  }
}
