// Valid commands, each of the token's: what the fuzzer begins with.

import { CLA_CHAINING, type CommandApdu, chainCommandApdu } from "../../protocol/apdu.ts";
import { EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import { CborMap } from "../../protocol/cbor.ts";
import {
  ALG_AES_192,
  ALG_AES_256,
  ALG_P384,
  FACTORY_PIN,
  FACTORY_PUK,
  INS_ATTEST,
  INS_GET_CHALLENGE,
  INS_GET_METADATA,
  INS_GET_SERIAL,
  INS_GET_VERSION,
  INS_IMPORT_KEY,
  INS_SELECT,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  OBJECT_ATTESTATION_CERTIFICATE,
  OBJECT_AUTH_CERTIFICATE,
  OBJECT_CHUID,
  OBJECT_DISCOVERY,
  OBJECT_PRINTED_INFORMATION,
  PIV_AID,
  SLOT_ATTESTATION,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_FIRST_RETIRED,
  SLOT_KEY_MANAGEMENT,
  SLOT_MANAGEMENT,
  SLOT_SIGNATURE,
  TAG_CHALLENGE,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import {
  FACTORY_CERTIFICATE,
  REQUEST_COUNTER,
  REQUEST_ENTROPY,
  REQUEST_NONCE,
  REQUEST_SLOT,
  VENDOR_DEVICE_INFO,
  VENDOR_ERASE_KEY,
  VENDOR_ERASURE_RECEIPT,
  VENDOR_FACTORY_KEY,
  VENDOR_FACTORY_SEAL,
  VENDOR_JOURNAL_HEAD,
  VENDOR_JOURNAL_READ,
  VENDOR_SELF_TEST,
  VENDOR_STIR,
} from "../../protocol/vendor.ts";
import {
  ASK_TRIES,
  agreeCommand,
  apdu,
  authenticate,
  BATCH_END,
  batchBegin,
  type CommandParts,
  changePin,
  changePuk,
  DIGEST,
  FORGET_PIN,
  generateKey,
  getData,
  putData,
  RESET,
  resetPin,
  setManagementKey,
  setTries,
  signCommand,
  vendorCommand,
  verifyPin,
} from "../firmware/card-commands.ts";
import { MANAGEMENT_KEY, PIN, PUK, WRONG_PIN, WRONG_PUK } from "../firmware/test-token.ts";
import { bareCertificate } from "../support/bare-certificate.ts";
import { publicKeyOfP256, publicKeyOfP384 } from "../support/repeatable-world.ts";

const POINT = publicKeyOfP256(new Uint8Array(32).fill(9));
const POINT_384 = publicKeyOfP384(new Uint8Array(48).fill(9));
const FRESH_PIN = "7294816";
const PIECE_BYTES = 200;
const BUTTON_ALWAYS = 2;
const BUTTON_CACHED = 3;

const OF_SECRETS: readonly CommandParts[] = [
  ...[verifyPin(PIN), verifyPin(WRONG_PIN), verifyPin(FRESH_PIN), ASK_TRIES, FORGET_PIN],
  ...[
    changePin(PIN, FRESH_PIN),
    changePin(FRESH_PIN, PIN),
    changePin(WRONG_PIN, PIN),
    changePuk(PUK, "w8?kQ3!z"),
    changePuk(WRONG_PUK, PUK),
  ],
  ...[verifyPin(FACTORY_PIN), changePin(FACTORY_PIN, PIN), changePuk(FACTORY_PUK, PUK)],
  ...[resetPin(PUK, PIN), resetPin(WRONG_PUK, PIN), setTries(3, 3), setTries(15, 1), RESET],
  ...[setManagementKey(ALG_AES_256, MANAGEMENT_KEY), setManagementKey(ALG_AES_192, MANAGEMENT_KEY.slice(0, 24))],
  ...[TAG_WITNESS, TAG_CHALLENGE].map((tag) => authenticate(ALG_AES_256, [[tag, EMPTY_BYTES]])),
  authenticate(ALG_AES_256, [
    [TAG_WITNESS, DIGEST.slice(0, 16)],
    [TAG_CHALLENGE, DIGEST.slice(16)],
  ]),
  authenticate(ALG_AES_256, [[TAG_RESPONSE, DIGEST.slice(0, 16)]]),
];

const OF_KEYS: readonly CommandParts[] = [
  ...[generateKey(SLOT_AUTHENTICATION), generateKey(SLOT_SIGNATURE), generateKey(SLOT_FIRST_RETIRED, { algorithm: ALG_P384 })],
  ...[
    generateKey(SLOT_CARD_AUTHENTICATION, { pin: 1, button: BUTTON_ALWAYS }),
    generateKey(SLOT_KEY_MANAGEMENT, { button: BUTTON_CACHED }),
  ],
  ...[
    signCommand(SLOT_AUTHENTICATION),
    signCommand(SLOT_SIGNATURE),
    signCommand(SLOT_CARD_AUTHENTICATION),
    signCommand(SLOT_KEY_MANAGEMENT),
  ],
  signCommand(SLOT_FIRST_RETIRED, new Uint8Array(48).fill(1), ALG_P384),
  ...[
    agreeCommand(SLOT_KEY_MANAGEMENT, POINT),
    agreeCommand(SLOT_FIRST_RETIRED, POINT_384, ALG_P384),
    agreeCommand(SLOT_AUTHENTICATION, POINT),
  ],
  ...[SLOT_AUTHENTICATION, SLOT_KEY_MANAGEMENT].map((slot) => ({ ins: INS_ATTEST, p1: slot, le: 65536 })),
  { ins: INS_IMPORT_KEY, p1: 0x11, p2: SLOT_AUTHENTICATION, data: new Uint8Array(34) },
  ...[SLOT_AUTHENTICATION, SLOT_MANAGEMENT, KEY_REF_PIV_PIN, KEY_REF_PUK, SLOT_ATTESTATION].map((p2) => ({
    ins: INS_GET_METADATA,
    p2,
    le: 256,
  })),
];

const OF_DATA: readonly CommandParts[] = [
  ...[OBJECT_CHUID, OBJECT_AUTH_CERTIFICATE, OBJECT_PRINTED_INFORMATION, OBJECT_DISCOVERY, OBJECT_ATTESTATION_CERTIFICATE].map((tag) =>
    getData(tag, 256),
  ),
  ...[0, 1, 59, 700, 3072, 3073, 3400].map((length) => putData(OBJECT_CHUID, new Uint8Array(length).fill(length & 0xff))),
  ...[putData(OBJECT_PRINTED_INFORMATION, DIGEST), putData(OBJECT_ATTESTATION_CERTIFICATE, DIGEST)],
  ...[0, 1, 16, 256, 257, 65536].map((le) => ({ ins: INS_GET_CHALLENGE, le })),
  ...[INS_GET_SERIAL, INS_GET_VERSION, 0xc0].map((ins) => ({ ins, le: 256 })),
  ...[11, 5, 9].map((length) => ({ ins: INS_SELECT, p1: 4, data: hexToBytes(PIV_AID).slice(0, length), le: 256 })),
];

const ofSlot = (p1: number, slot: number): CommandParts => vendorCommand(p1, new CborMap().put(REQUEST_SLOT, slot));

const OF_VENDOR: readonly CommandParts[] = [
  ...[vendorCommand(VENDOR_DEVICE_INFO), BATCH_END, vendorCommand(VENDOR_FACTORY_KEY)],
  vendorCommand(VENDOR_JOURNAL_HEAD, new CborMap().put(REQUEST_NONCE, DIGEST)),
  ...[0, 1, 2, 5, 0x7fffffff].map((counter) => vendorCommand(VENDOR_JOURNAL_READ, new CborMap().put(REQUEST_COUNTER, counter))),
  ...[SLOT_AUTHENTICATION, SLOT_SIGNATURE, SLOT_CARD_AUTHENTICATION].map((slot) => batchBegin(slot, [DIGEST, new Uint8Array(32).fill(3)])),
  batchBegin(
    SLOT_AUTHENTICATION,
    Array.from({ length: 64 }, (_, i) => new Uint8Array(32).fill(i)),
  ),
  batchBegin(SLOT_FIRST_RETIRED, [new Uint8Array(48).fill(1)]),
  ...[SLOT_AUTHENTICATION, SLOT_KEY_MANAGEMENT, SLOT_FIRST_RETIRED].flatMap((slot) => [
    ofSlot(VENDOR_ERASE_KEY, slot),
    ofSlot(VENDOR_ERASURE_RECEIPT, slot),
  ]),
  ...[0, 64, 65].map((length) => vendorCommand(VENDOR_STIR, new CborMap().put(REQUEST_ENTROPY, new Uint8Array(length)))),
  vendorCommand(VENDOR_SELF_TEST),
  vendorCommand(VENDOR_FACTORY_SEAL, new CborMap().put(FACTORY_CERTIFICATE, bareCertificate(POINT))),
];

function whole(parts: CommandParts): CommandApdu {
  return { cla: 0, p1: 0, p2: 0, data: EMPTY_BYTES, le: 0, ...parts };
}

const ALL: readonly CommandParts[] = [...OF_SECRETS, ...OF_KEYS, ...OF_DATA, ...OF_VENDOR];

/** Series of APDUs: each command in one, and the long ones as chains too. */
export const CORPUS: readonly (readonly Uint8Array[])[] = [
  ...ALL.map((parts) => [apdu(parts)]),
  ...ALL.filter((parts) => (parts.data?.length ?? 0) > PIECE_BYTES).map((parts) => chainCommandApdu(whole(parts), PIECE_BYTES)),
  ...ALL.filter((parts) => (parts.data?.length ?? 0) > 0).map((parts) => chainCommandApdu(whole(parts), 7).slice(0, 3)),
  // A chain that never ends, of pieces with nothing in them.
  Array.from({ length: 20 }, () => apdu({ cla: CLA_CHAINING, ins: INS_SELECT, p1: 4 })),
];

/** What mutations put in the place of a byte of the header. */
export const HEADER_BYTES: readonly number[] = [
  ...new Set(ALL.flatMap((parts) => [parts.cla ?? 0, parts.ins, parts.p1 ?? 0, parts.p2 ?? 0])),
];
