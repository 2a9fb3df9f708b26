// A well-formed instance of each command in firmware/README.md's table, by its label there.

import { createECDH } from "node:crypto";
import { Channel } from "../../firmware/channel.ts";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import { CborMap } from "../../protocol/cbor.ts";
import {
  ALG_AES_256,
  ALG_P256,
  INS_ATTEST,
  INS_GENERAL_AUTHENTICATE,
  INS_GET_CHALLENGE,
  INS_GET_METADATA,
  INS_GET_SERIAL,
  INS_GET_VERSION,
  INS_IMPORT_KEY,
  INS_RESET,
  INS_SELECT,
  INS_SET_TRIES,
  KEY_REF_PIV_PIN,
  OBJECT_ATTESTATION_CERTIFICATE,
  OBJECT_CHUID,
  OBJECT_DISCOVERY,
  OBJECT_PRINTED_INFORMATION,
  PIV_AID,
  SLOT_ATTESTATION,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
  TAG_CHALLENGE,
  TAG_DATA_OBJECT_ID,
  TAG_DYNAMIC_AUTH,
  TAG_EXPONENTIATION,
  TAG_RESPONSE,
  TAG_WITNESS,
} from "../../protocol/piv.ts";
import { SW_OK } from "../../protocol/status-words.ts";
import {
  REQUEST_COUNTER,
  REQUEST_ENTROPY,
  REQUEST_NONCE,
  REQUEST_SLOT,
  VENDOR_BATCH_END,
  VENDOR_DEVICE_INFO,
  VENDOR_ERASE_KEY,
  VENDOR_ERASURE_RECEIPT,
  VENDOR_FACTORY_KEY,
  VENDOR_JOURNAL_HEAD,
  VENDOR_JOURNAL_READ,
  VENDOR_SELF_TEST,
  VENDOR_STIR,
} from "../../protocol/vendor.ts";
import { aesDecrypt, aesEncrypt } from "./aes-block.ts";
import {
  ASK_TRIES,
  authenticate,
  authField,
  type CommandParts,
  changePin,
  changePuk,
  DIGEST,
  FORGET_PIN,
  generateKey,
  getData,
  putData,
  resetPin,
  setManagementKey,
  signCommand,
  verifyPin,
} from "./card-commands.ts";
import {
  BUTTON_SLOT,
  batchOf,
  DOOMED_SLOT,
  ERASED_SLOT,
  makeAttestationKey,
  RETIRED_SLOT,
  SPARE_SLOT,
  type Subject,
  sealCommand,
  vendorCommand,
} from "./state-token.ts";

export const NEW_PIN = "730194";
export const NEW_PUK = "w8#Qe5zT";
export const NEW_MANAGEMENT_KEY = hexToBytes("1c66f0b35d8e2a79046bd7118fce93a25077e4bb90cd163f28a5417e6b09d2f4");

const UNLISTED_DIGEST = new Uint8Array(32).fill(0x99);
const CHALLENGE = new Uint8Array(16).fill(0x5a);

function somePoint(): Uint8Array {
  return new Uint8Array(createECDH("prime256v1").generateKeys());
}

function ecdh(slot: number): CommandParts {
  const fields = [encodeTlv(TAG_RESPONSE, [EMPTY_BYTES]), encodeTlv(TAG_EXPONENTIATION, [somePoint()])];
  return { ins: INS_GENERAL_AUTHENTICATE, p1: ALG_P256, p2: slot, data: encodeTlv(TAG_DYNAMIC_AUTH, fields), le: 256 };
}

/** The last of two APDUs: the first has been sent. */
function single(subject: Subject): CommandParts {
  const algorithm = subject.managementAlgorithm;
  const asked = subject.token.data(authenticate(algorithm, [[TAG_CHALLENGE, EMPTY_BYTES]]), subject.channel);
  const answer = aesEncrypt(subject.managementKey, authField(asked, TAG_CHALLENGE));
  return authenticate(algorithm, [[TAG_RESPONSE, answer]]);
}

function mutual(subject: Subject): CommandParts {
  const algorithm = subject.managementAlgorithm;
  const asked = subject.token.data(authenticate(algorithm, [[TAG_WITNESS, EMPTY_BYTES]]), subject.channel);
  return authenticate(algorithm, [
    [TAG_WITNESS, aesDecrypt(subject.managementKey, authField(asked, TAG_WITNESS))],
    [TAG_CHALLENGE, CHALLENGE],
  ]);
}

/** After the attestation key was made, where that can be. */
function seal(subject: Subject): CommandParts {
  const canBeMade = subject.token.sw(vendorCommand(VENDOR_FACTORY_KEY), new Channel()) === SW_OK;
  return sealCommand(canBeMade ? makeAttestationKey(subject.token) : somePoint());
}

const ofSlot = (p1: number, slot: number): CommandParts => vendorCommand(p1, new CborMap().put(REQUEST_SLOT, slot));

const discovery: CommandParts = { ...getData(OBJECT_CHUID), data: encodeTlv(TAG_DATA_OBJECT_ID, [new Uint8Array([OBJECT_DISCOVERY])]) };
const metadata = (p2: number): CommandParts => ({ ins: INS_GET_METADATA, p2, le: 256 });
const fixed = (parts: CommandParts) => (): CommandParts => parts;

/** By label. A function may send APDUs that come before. */
export const INSTANCES: Readonly<Record<string, (subject: Subject) => CommandParts>> = {
  SELECT: fixed({ ins: INS_SELECT, p1: 4, data: hexToBytes(PIV_AID), le: 256 }),
  VERIFY: (subject) => verifyPin(subject.pin),
  "VERIFY without data: tries left": fixed(ASK_TRIES),
  "VERIFY, P1 = FF: forget the PIN": fixed(FORGET_PIN),
  "GENERAL AUTHENTICATE, 9B: single": single,
  "GENERAL AUTHENTICATE, 9B: mutual": mutual,
  "… signature, PIN never": fixed(signCommand(SLOT_CARD_AUTHENTICATION)),
  "… signature, PIN once": fixed(signCommand(SLOT_AUTHENTICATION)),
  "… signature, PIN once, button": fixed(signCommand(BUTTON_SLOT)),
  "… signature, PIN always, digest on the list if one is open": fixed(signCommand(SLOT_SIGNATURE, DIGEST)),
  "… signature, PIN always, another digest": fixed(signCommand(SLOT_SIGNATURE, UNLISTED_DIGEST)),
  "… ECDH in 9D or a retired slot": (subject) => ecdh(subject.proof.management ? RETIRED_SLOT : SLOT_KEY_MANAGEMENT),
  "… ECDH in another slot": fixed(ecdh(SLOT_CARD_AUTHENTICATION)),
  "GET DATA: Discovery": fixed(discovery),
  "GET DATA: stored object": fixed(getData(OBJECT_CHUID)),
  "GET DATA: stored object read with the PIN": fixed(getData(OBJECT_PRINTED_INFORMATION)),
  "GET DATA: certificate of F9": fixed(getData(OBJECT_ATTESTATION_CERTIFICATE)),
  "PUT DATA": fixed(putData(OBJECT_CHUID, new Uint8Array(40).fill(0x77))),
  "GENERATE ASYMMETRIC KEY PAIR": fixed(generateKey(SPARE_SLOT)),
  "CHANGE REFERENCE DATA: PIN": (subject) => changePin(subject.pin, NEW_PIN),
  "CHANGE REFERENCE DATA: PUK": (subject) => changePuk(subject.puk, NEW_PUK),
  "RESET RETRY COUNTER": (subject) => resetPin(subject.puk, NEW_PIN),
  "GET CHALLENGE": fixed({ ins: INS_GET_CHALLENGE, le: 32 }),
  "GET METADATA: PIN, PUK, 9B": fixed(metadata(KEY_REF_PIV_PIN)),
  "GET METADATA: key": fixed(metadata(SLOT_SIGNATURE)),
  "GET METADATA: F9": fixed(metadata(SLOT_ATTESTATION)),
  "GET SERIAL": fixed({ ins: INS_GET_SERIAL, le: 256 }),
  "GET VERSION": fixed({ ins: INS_GET_VERSION, le: 256 }),
  "SET MANAGEMENT KEY": fixed(setManagementKey(ALG_AES_256, NEW_MANAGEMENT_KEY)),
  "SET TRIES": fixed({ ins: INS_SET_TRIES, p1: 5, p2: 4 }),
  RESET: fixed({ ins: INS_RESET }),
  "IMPORT ASYMMETRIC KEY": fixed({
    ins: INS_IMPORT_KEY,
    p1: ALG_P256,
    p2: SLOT_AUTHENTICATION,
    data: encodeTlv(6, [new Uint8Array(32).fill(1)]),
  }),
  ATTEST: fixed({ ins: INS_ATTEST, p1: SLOT_SIGNATURE, le: 65536 }),
  "device information": fixed(vendorCommand(VENDOR_DEVICE_INFO)),
  "head of the signature journal": fixed(vendorCommand(VENDOR_JOURNAL_HEAD, new CborMap().put(REQUEST_NONCE, new Uint8Array(8)))),
  "entries of the signature journal": fixed(vendorCommand(VENDOR_JOURNAL_READ, new CborMap().put(REQUEST_COUNTER, 1))),
  "batch consent, PIN-always key": fixed(batchOf(SLOT_SIGNATURE, [UNLISTED_DIGEST])),
  "batch consent, any other key": (subject) =>
    batchOf(subject.proof.management ? SLOT_AUTHENTICATION : SLOT_CARD_AUTHENTICATION, [UNLISTED_DIGEST]),
  "end of batch": fixed(vendorCommand(VENDOR_BATCH_END)),
  "erase a key": fixed(ofSlot(VENDOR_ERASE_KEY, DOOMED_SLOT)),
  "destruction receipt, again": fixed(ofSlot(VENDOR_ERASURE_RECEIPT, ERASED_SLOT)),
  "the host's entropy": fixed(vendorCommand(VENDOR_STIR, new CborMap().put(REQUEST_ENTROPY, new Uint8Array(32)))),
  "self-test": fixed(vendorCommand(VENDOR_SELF_TEST)),
  "factory: make the attestation key": fixed(vendorCommand(VENDOR_FACTORY_KEY)),
  "factory: seal": seal,
};
