// Scenarios of the commands that make, use and erase keys.

import { CborMap } from "../../protocol/cbor.ts";
import {
  ALG_P256,
  ALG_P384,
  INS_ATTEST,
  SLOT_ATTESTATION,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_FIRST_RETIRED,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import {
  FACTORY_CERTIFICATE,
  REQUEST_NONCE,
  REQUEST_SLOT,
  VENDOR_ERASE_KEY,
  VENDOR_ERASURE_RECEIPT,
  VENDOR_FACTORY_KEY,
  VENDOR_FACTORY_SEAL,
  VENDOR_JOURNAL_HEAD,
} from "../../protocol/vendor.ts";
import type { FlashImage } from "../../simulator/modelled-flash.ts";
import { agreeCommand, batchBegin, DIGEST, generateKey, signCommand, vendorCommand } from "../firmware/card-commands.ts";
import { copyImage } from "../firmware/test-token.ts";
import { bareCertificate } from "../support/bare-certificate.ts";
import { publicKeyOfP256, publicKeyOfP384 } from "../support/repeatable-world.ts";
import { command, inTurn, managementProved, pinProved } from "./act.ts";
import { openOn } from "./laboratory.ts";
import type { Scenario } from "./scenario.ts";
import { BLANK, FULL, IN_USE, WITH_ERASED_KEY, WITH_FACTORY_KEY } from "./start-images.ts";

const OTHER_P256 = publicKeyOfP256(new Uint8Array(32).fill(7));
const OTHER_P384 = publicKeyOfP384(new Uint8Array(48).fill(7));
const DIGEST_384 = new Uint8Array(48).fill(0x5c);

function sealCommand(image: FlashImage) {
  const point = openOn(copyImage(image)).token.token.card.keys.info(SLOT_ATTESTATION)?.publicKey as Uint8Array;
  return vendorCommand(VENDOR_FACTORY_SEAL, new CborMap().put(FACTORY_CERTIFICATE, bareCertificate(point, 200)));
}

const ofSlot = (p1: number, slot: number) => vendorCommand(p1, new CborMap().put(REQUEST_SLOT, slot));

const MADE: readonly Scenario[] = [
  { name: "GENERATE P-256 in an empty slot", image: IN_USE, act: command(generateKey(SLOT_KEY_MANAGEMENT)) },
  { name: "GENERATE P-384 in an empty slot", image: IN_USE, act: command(generateKey(SLOT_KEY_MANAGEMENT, { algorithm: ALG_P384 })) },
  { name: "GENERATE P-256 over P-256", image: IN_USE, act: command(generateKey(SLOT_SIGNATURE)) },
  { name: "GENERATE P-384 over P-256", image: IN_USE, act: command(generateKey(SLOT_SIGNATURE, { algorithm: ALG_P384 })) },
  { name: "GENERATE P-256 over P-384", image: IN_USE, act: command(generateKey(SLOT_FIRST_RETIRED)) },
  { name: "GENERATE over a key that replaced one", image: WITH_ERASED_KEY, act: command(generateKey(SLOT_KEY_MANAGEMENT)) },
  { name: "GENERATE over a key in a full token", image: FULL, act: command(generateKey(SLOT_AUTHENTICATION)) },
].map((scenario) => ({ ...scenario, prepare: managementProved }));

const USED: readonly Scenario[] = [
  { name: "signature", image: IN_USE, act: command(signCommand(SLOT_AUTHENTICATION)) },
  { name: "signature in a full token", image: FULL, act: command(signCommand(SLOT_AUTHENTICATION)) },
  { name: "signature, PIN always", image: IN_USE, act: command(signCommand(SLOT_SIGNATURE)) },
  { name: "signature, button", image: IN_USE, act: command(signCommand(SLOT_CARD_AUTHENTICATION)) },
  { name: "signature, P-384", image: IN_USE, act: command(signCommand(SLOT_FIRST_RETIRED, DIGEST_384, ALG_P384)) },
  {
    name: "signature of a batch",
    image: IN_USE,
    prepare: inTurn(pinProved, command(batchBegin(SLOT_AUTHENTICATION, [DIGEST]))),
    act: command(signCommand(SLOT_AUTHENTICATION)),
  },
  { name: "key agreement", image: WITH_ERASED_KEY, act: command(agreeCommand(SLOT_KEY_MANAGEMENT, OTHER_P256, ALG_P256)) },
  { name: "key agreement, P-384", image: IN_USE, act: command(agreeCommand(SLOT_FIRST_RETIRED, OTHER_P384, ALG_P384)) },
  { name: "ATTEST", image: IN_USE, act: command({ ins: INS_ATTEST, p1: SLOT_AUTHENTICATION, le: 65536 }) },
  {
    name: "head of the signature journal",
    image: IN_USE,
    act: command(vendorCommand(VENDOR_JOURNAL_HEAD, new CborMap().put(REQUEST_NONCE, new Uint8Array(16)))),
  },
  { name: "receipt of an erasure", image: WITH_ERASED_KEY, act: command(ofSlot(VENDOR_ERASURE_RECEIPT, SLOT_KEY_MANAGEMENT)) },
].map((scenario) => ({ prepare: pinProved, spentBefore: "key use", ...scenario }));

const ERASED: readonly Scenario[] = [
  {
    name: "ERASE KEY, P-256",
    image: IN_USE,
    prepare: managementProved,
    act: command(ofSlot(VENDOR_ERASE_KEY, SLOT_SIGNATURE)),
    between: [(card) => card.keys.erase(SLOT_SIGNATURE)],
    spentBefore: "key use",
  },
  {
    name: "ERASE KEY, P-384",
    image: IN_USE,
    prepare: managementProved,
    act: command(ofSlot(VENDOR_ERASE_KEY, SLOT_FIRST_RETIRED)),
    between: [(card) => card.keys.erase(SLOT_FIRST_RETIRED)],
    spentBefore: "key use",
  },
];

const FACTORY: readonly Scenario[] = [
  { name: "factory: attestation key", image: BLANK, act: command(vendorCommand(VENDOR_FACTORY_KEY)) },
  { name: "factory: attestation key again", image: WITH_FACTORY_KEY, act: command(vendorCommand(VENDOR_FACTORY_KEY)) },
  { name: "factory: seal", image: WITH_FACTORY_KEY, act: command(sealCommand(WITH_FACTORY_KEY)) },
];

export const SCENARIOS_OF_KEYS: readonly Scenario[] = [...MADE, ...USED, ...ERASED, ...FACTORY];
