// The simulated token as a USB device, judged by those who know devices: the kernel's own USB and HID, lsusb, udev, pcscd with libccid and OpenSC, and
// node-hid in our own programs; openssl verifies what is signed. In a guest: attaching a device is the kernel's business, and root's.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BROADCAST_CHANNEL, CMD_APDU, CMD_INIT, PACKET_BYTES } from "../../protocol/packet.ts";
import { REPORT_DESCRIPTOR } from "../../simulator/usbip/descriptors.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { whyNoGuest } from "./guest-parts.ts";
import { BUTTON_DELAY_MS, SCEAU, USB_ID, UsbBench } from "./usb-bench.ts";

/** The guest's packages may have to be fetched first. */
const START_LIMIT_MS = 300_000;
const LIMIT_MS = 120_000;
/** What the kernel says of every device at full speed that comes over USB/IP (drivers/usb/usbip/vhci_hcd.c), and what it says of itself. */
const KERNEL_OWN_WORDS = /vhci_device speed not set|disabling LPM/;

const reason = whyNoGuest();

/** One report with the number that it has not, as hidraw wants it, from the first bytes of a packet. */
function report(...packet: number[]): Uint8Array {
  return Uint8Array.from([0, ...packet, ...new Uint8Array(PACKET_BYTES - packet.length)]);
}

const channelBytes = (channel: number): number[] => [channel >>> 24, (channel >>> 16) & 0xff, (channel >>> 8) & 0xff, channel & 0xff];

/** Reports that are no sense, or the beginning of some. */
function garbage(): Uint8Array {
  const random = new SeededRandom(8);
  const noise = Array.from({ length: 20 }, () => report(...random.bytes(PACKET_BYTES)));
  const unfinished = [CMD_INIT, CMD_APDU].map((command) => report(...channelBytes(BROADCAST_CHANNEL), 0x80 | command, 0x03, 0xe8));
  const continuation = report(...channelBytes(1), 0x05);
  return Buffer.concat([...noise, ...unfinished, continuation]);
}

describe.skipIf(reason !== null)(reason === null ? "a token on USB" : `a token on USB (skipped: ${reason})`, { timeout: LIMIT_MS }, () => {
  let usb: UsbBench;

  beforeAll(async () => {
    usb = await UsbBench.open();
    await usb.attach();
  }, START_LIMIT_MS);

  beforeEach(({ onTestFailed }) => {
    onTestFailed(async () => void process.stderr.write(await usb.diagnosis()));
  });

  afterAll(() => usb?.close());

  test("is a composite device that lsusb reads without a complaint", async () => {
    const { status, stdout, stderr } = await usb.guest.run(`lsusb -v -d ${USB_ID}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.split("\n").map((line) => line.trim().replaceAll(/ +/g, " "));
    expect(lines).toEqual(
      expect.arrayContaining([
        "iManufacturer 1 Sceau",
        "iProduct 2 Sceau token (simulated)",
        `iSerial 3 ${usb.serial}`,
        "bInterfaceClass 11 Chip/SmartCard",
        "dwProtocols 2 T=1",
        "Short and extended APDU level exchange",
        "bInterfaceClass 3 Human Interface Device",
      ]),
    );
    expect(lines.filter((line) => line.startsWith("bEndpointAddress"))).toHaveLength(5);
    // lsusb's words for a device that it cannot read; an older one says that it knows CCID 1.0 only, each that the HID driver has the report descriptor.
    const complaints = lines.filter((line) => /warning|error|can't|junk|invalid|unavailable|\?\?|undefined/i.test(line));
    expect(complaints.filter((line) => line !== "bcdCCID 1.10 (Warning: Only accurate for version 1.0)")).toEqual(["** UNAVAILABLE **"]);
  });

  test("is a hidraw device with packets of 64 bytes, and udev's tag for whoever sits at the computer", async () => {
    const [properties = "", descriptor = ""] = (
      await usb.mustRun("udevadm settle; udevadm info /dev/hidraw0; echo =; base64 -w0 /sys/class/hidraw/hidraw0/device/report_descriptor")
    ).split("=\n");
    expect(properties).toMatch(/^E: CURRENT_TAGS=.*:uaccess:/m);
    expect(Buffer.from(descriptor, "base64")).toEqual(Buffer.from(REPORT_DESCRIPTOR));
  });

  test("signs over HID and over CCID with 9A, at the same time", async () => {
    await Promise.all([usb.signed("HID", "01"), usb.signed("CCID", "01")]);
  });

  test("signs over HID with 9C after 6 s without the button; another process at the same device gets its own answer", async () => {
    const asked = usb.mustRun(`${SCEAU} token info --token /dev/hidraw0 --json --state /tmp/other`);
    const [durationMs, told] = await Promise.all([usb.signed("HID", "02"), asked]);
    expect(durationMs).toBeGreaterThan(BUTTON_DELAY_MS);
    expect(JSON.parse(told)).toMatchObject({ serial: usb.serial, isInitialised: true });
  });

  test("signs over CCID with 9C after 6 s without the button, by time extensions; what comes over HID meanwhile is answered", async () => {
    const signing = usb.signed("CCID", "02");
    const [durationMs] = await Promise.all([signing, usb.signed("HID", "01")]);
    expect(durationMs).toBeGreaterThan(BUTTON_DELAY_MS);
    expect((await usb.pcscdLines("Time extension requested")).length).toBeGreaterThanOrEqual(3);
  });

  test("takes garbage without falling out of step: the program that has the device signs as before", async () => {
    const size = PACKET_BYTES + 1;
    const encoded = Buffer.from(garbage()).toString("base64");
    const odd = "printf '\\0abc' >/dev/hidraw0; head --bytes=64 /dev/urandom >/dev/hidraw0"; // too short; too long by the number that is none
    await usb.mustRun(`base64 -d <<<${encoded} | dd of=/dev/hidraw0 bs=${size} iflag=fullblock status=none; ${odd}`);
    await usb.signed("HID", "01");
    expect(await usb.bridgeEvents("token-out")).toEqual([]);
  });

  test("is seen to go by pcscd and by the bridge when it is unplugged, and to come when it is plugged in again", async () => {
    await usb.unplug();
    expect(await usb.mustRun("usbip port; ls /dev")).not.toMatch(/1-1|hidraw/);
    expect((await usb.tryToAttach()).status).not.toBe(0);
    usb.replug();
    await usb.attach();
    await Promise.all([usb.signed("HID", "01"), usb.signed("CCID", "01")]);
    const events = await usb.pcscdLines("(Adding|Removing) USB device.*Sceau token");
    expect(events.findIndex((line) => line.includes("Removing"))).toBeGreaterThan(0);
    expect(events.at(-1)).toContain("Adding");
  });

  test("leaves nothing in the kernel's log that complains of it", async () => {
    const warnings = (await usb.mustRun("dmesg --level=emerg,alert,crit,err,warn"))
      .split("\n")
      .filter((line) => /usb|hid|vhci/i.test(line));
    expect(warnings.filter((line) => !KERNEL_OWN_WORDS.test(line))).toEqual([]);
  });
});
