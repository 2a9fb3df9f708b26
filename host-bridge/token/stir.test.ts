// The host's entropy: when a token is opened, before each key, and at no other time; an older token is none the worse.

import { beforeEach, expect, test } from "vitest";
import { parseCommandApdu } from "../../protocol/apdu.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { CborMap, decodeCbor } from "../../protocol/cbor.ts";
import { INS_GENERATE_KEY_PAIR, SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { INS_VENDOR, REQUEST_ENTROPY, VENDOR_DEVICE_INFO, VENDOR_FACTORY_KEY, VENDOR_STIR } from "../../protocol/vendor.ts";
import { ascii, MANAGEMENT_KEY, PIN, SimulatedToken } from "../../test/support/simulated-token.ts";
import type { TokenChannel } from "../transport/transport.ts";
import { TokenClient } from "./token-client.ts";

let simulated: SimulatedToken;
/** What went to the token, each by a name; what it was stirred with. */
let sent: string[];
let entropies: string[];

const NAMES: ReadonlyMap<number, string> = new Map([
  [VENDOR_DEVICE_INFO, "device information"],
  [VENDOR_STIR, "stir"],
  [VENDOR_FACTORY_KEY, "factory key"],
]);

/** A client of a token that answers the new command so; null: as it does. */
function client(answer: Uint8Array | null = null): TokenClient {
  const channel = simulated.channel();
  const watching: TokenChannel = {
    ...channel,
    transmit: async (apdu, options) => {
      const { ins, p1, data } = parseCommandApdu(apdu);
      const isStir = ins === INS_VENDOR && p1 === VENDOR_STIR;
      sent.push((ins === INS_VENDOR ? NAMES.get(p1) : null) ?? (ins === INS_GENERATE_KEY_PAIR ? "generate" : "other"));
      const request = isStir ? decodeCbor(data) : null;
      if (request instanceof CborMap) entropies.push(Buffer.from(request.get(REQUEST_ENTROPY) as Uint8Array).toString("hex"));
      return isStir && answer !== null ? answer : channel.transmit(apdu, options);
    },
  };
  return new TokenClient(watching);
}

beforeEach(async () => {
  simulated = await SimulatedToken.initialised();
  sent = [];
  entropies = [];
});

test("is sent once when a token is opened, and before each key: 32 other bytes each time", async () => {
  const officer = client();
  await officer.deviceInfo();
  await officer.deviceInfo();
  expect(sent).toEqual(["device information", "stir", "device information"]);
  await officer.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
  sent = [];
  await officer.generateKey(SLOT_SIGNATURE);
  await officer.generateKey(SLOT_AUTHENTICATION);
  expect(sent).toEqual(["stir", "generate", "stir", "generate"]);
  expect(new Set(entropies).size).toBe(3);
  expect(entropies.every((each) => each.length === 64)).toBe(true);
});

test("is sent before the attestation key, too", async () => {
  simulated = new SimulatedToken();
  await client().vendor.factoryKey();
  expect(sent).toEqual(["stir", "factory key"]);
});

test("comes between no PIN and its signature", async () => {
  await simulated.makeKey(SLOT_SIGNATURE);
  const holder = client();
  await holder.verifyPin(ascii(PIN));
  await holder.sign(SLOT_SIGNATURE, new Uint8Array(32).fill(1));
  expect(sent).toEqual(["other", "other"]);
});

test.each([
  ["does not know it", Uint8Array.of(0x6a, 0x86)],
  ["knows no vendor command", Uint8Array.of(0x6d, 0x00)],
  ["has a generator that failed", Uint8Array.of(0x6f, 0x00)],
])("a token that %s is opened and used as ever", async (_what, answer) => {
  const officer = client(answer);
  expect((await officer.deviceInfo()).isInitialised).toBe(true);
  await officer.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
  expect(await officer.generateKey(SLOT_SIGNATURE)).toHaveLength(65);
});
