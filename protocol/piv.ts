// PIV's numbers: SP 800-73-5 Part 1 (data model) and Part 2 (card commands), SP 800-78-5 (algorithms), and the instruction
// bytes and tags that YubiKey tools speak, for what PIV lacks.

/** Application identifier with its version, 00001000 0100 (Part 1 §2.2). SELECT takes it cut short from the right, too. */
export const PIV_AID = "a000000308000010000100";
/** The shortest prefix of the AID that selects: the registered identifier. */
export const PIV_RID_BYTES = 5;

// Instructions, SP 800-73-5 Part 2 §3
export const INS_VERIFY = 0x20;
export const INS_CHANGE_REFERENCE_DATA = 0x24;
export const INS_RESET_RETRY_COUNTER = 0x2c;
export const INS_GENERATE_KEY_PAIR = 0x47;
export const INS_GENERAL_AUTHENTICATE = 0x87;
export const INS_SELECT = 0xa4;
export const INS_GET_DATA = 0xcb;
export const INS_PUT_DATA = 0xdb;
// An instruction of ISO 7816-4 (§11.5.3) that PIV does not take up: random bytes
export const INS_GET_CHALLENGE = 0x84;
// Instructions of the YubiKey PIV extension
export const INS_GET_METADATA = 0xf7;
export const INS_GET_SERIAL = 0xf8;
export const INS_GET_VERSION = 0xfd;
export const INS_ATTEST = 0xf9;
export const INS_SET_TRIES = 0xfa;
export const INS_RESET = 0xfb;
export const INS_IMPORT_KEY = 0xfe;
export const INS_SET_MANAGEMENT_KEY = 0xff;

/** The most random bytes that the token gives to one GET CHALLENGE. */
export const MAX_CHALLENGE_BYTES = 256;

// Key references, SP 800-73-5 Part 1 §5.1
export const KEY_REF_PIV_PIN = 0x80;
export const KEY_REF_PUK = 0x81;
export const SLOT_AUTHENTICATION = 0x9a;
export const SLOT_MANAGEMENT = 0x9b;
export const SLOT_SIGNATURE = 0x9c;
export const SLOT_KEY_MANAGEMENT = 0x9d;
export const SLOT_CARD_AUTHENTICATION = 0x9e;
/** Retired key management keys: 82 to 95. */
export const SLOT_FIRST_RETIRED = 0x82;
export const RETIRED_SLOTS = 20;
/** The attestation key, YubiKey PIV extension: made at the factory step, never replaced. */
export const SLOT_ATTESTATION = 0xf9;

// Algorithms, SP 800-78-5 table 6-2
export const ALG_AES_128 = 0x08;
export const ALG_AES_192 = 0x0a;
export const ALG_AES_256 = 0x0c;
export const ALG_P256 = 0x11;
export const ALG_P384 = 0x14;
/** Disallowed by SP 800-78-5; known by the simulator's `compat` profile alone. */
export const ALG_3DES = 0x03;
// RSA: of other PIV cards, no token of ours has it. 1024 is of before SP 800-78-4, 4096 the YubiKey PIV extension's.
export const ALG_RSA_1024 = 0x06;
export const ALG_RSA_2048 = 0x07;
export const ALG_RSA_3072 = 0x05;
export const ALG_RSA_4096 = 0x16;

// Data objects, SP 800-73-5 Part 1 table 3
export const OBJECT_CARD_AUTH_CERTIFICATE = 0x5fc101;
export const OBJECT_CHUID = 0x5fc102;
export const OBJECT_AUTH_CERTIFICATE = 0x5fc105;
export const OBJECT_CCC = 0x5fc107;
export const OBJECT_SIGNATURE_CERTIFICATE = 0x5fc10a;
export const OBJECT_KEY_MANAGEMENT_CERTIFICATE = 0x5fc10b;
export const OBJECT_PRINTED_INFORMATION = 0x5fc109;
export const OBJECT_KEY_HISTORY = 0x5fc10c;
/** Certificate of the first retired key; the others follow. */
export const OBJECT_FIRST_RETIRED_CERTIFICATE = 0x5fc10d;
export const OBJECT_DISCOVERY = 0x7e;
/** Certificate of the attestation key, YubiKey PIV extension. */
export const OBJECT_ATTESTATION_CERTIFICATE = 0x5fff01;
/** All data objects that PUT DATA takes lie in 5FC1xx. */
export const OBJECT_PREFIX = 0x5fc1;
/** And those of the YubiKey PIV extension in 5FFFxx. */
export const EXTENSION_OBJECT_PREFIX = 0x5fff;

export interface KeySlot {
  readonly slot: number;
  /** The object that holds its certificate. */
  readonly certificate: number;
}

/** The slots with a key in use of the holder's. */
export const KEY_SLOTS: readonly KeySlot[] = [
  { slot: SLOT_AUTHENTICATION, certificate: OBJECT_AUTH_CERTIFICATE },
  { slot: SLOT_SIGNATURE, certificate: OBJECT_SIGNATURE_CERTIFICATE },
  { slot: SLOT_KEY_MANAGEMENT, certificate: OBJECT_KEY_MANAGEMENT_CERTIFICATE },
  { slot: SLOT_CARD_AUTHENTICATION, certificate: OBJECT_CARD_AUTH_CERTIFICATE },
];

/** The slot of the retired key with this index, 0 to RETIRED_SLOTS − 1. */
export function retiredKeySlot(index: number): KeySlot {
  return { slot: SLOT_FIRST_RETIRED + index, certificate: OBJECT_FIRST_RETIRED_CERTIFICATE + index };
}

export function isRetiredSlot(slot: number): boolean {
  return slot >= SLOT_FIRST_RETIRED && slot < SLOT_FIRST_RETIRED + RETIRED_SLOTS;
}

// Tags
export const TAG_DATA_OBJECT_ID = 0x5c;
export const TAG_DATA = 0x53;
/** A certificate inside its data object, with its two companions (Part 1 appendix A). */
export const TAG_CERTIFICATE = 0x70;
export const TAG_CERT_INFO = 0x71;
export const TAG_ERROR_DETECTION = 0xfe;
/** GENERAL AUTHENTICATE, Part 2 table 7. */
export const TAG_DYNAMIC_AUTH = 0x7c;
export const TAG_WITNESS = 0x80;
export const TAG_CHALLENGE = 0x81;
export const TAG_RESPONSE = 0x82;
/** The other side's point of an ECDH, Part 2 appendix A.5. */
export const TAG_EXPONENTIATION = 0x85;
/** GENERATE ASYMMETRIC KEY PAIR, Part 2 table 11 and 13. */
export const TAG_KEY_TEMPLATE = 0xac;
export const TAG_ALGORITHM = 0x80;
export const TAG_PUBLIC_KEY = 0x7f49;
export const TAG_EC_POINT = 0x86;
export const TAG_MODULUS = 0x81;
export const TAG_PUBLIC_EXPONENT = 0x82;
/** Policies in the key template, YubiKey PIV extension. */
export const TAG_PIN_POLICY = 0xaa;
export const TAG_BUTTON_POLICY = 0xab;
/** GET METADATA, YubiKey PIV extension. */
export const META_ALGORITHM = 0x01;
export const META_POLICY = 0x02;
export const META_ORIGIN = 0x03;
export const META_PUBLIC_KEY = 0x04;
export const META_IS_DEFAULT = 0x05;
export const META_TRIES = 0x06;
export const ORIGIN_GENERATED = 0x01;

export const PIN_POLICY_DEFAULT = 0x00;
export const PIN_POLICY_NEVER = 0x01;
export const PIN_POLICY_ONCE = 0x02;
export const PIN_POLICY_ALWAYS = 0x03;
export const BUTTON_POLICY_DEFAULT = 0x00;
export const BUTTON_POLICY_NEVER = 0x01;
export const BUTTON_POLICY_ALWAYS = 0x02;
export const BUTTON_POLICY_CACHED = 0x03;

/** PIN and PUK on the wire: 8 bytes, the PIN filled up with FF (Part 2 §2.4.3). */
export const REFERENCE_DATA_BYTES = 8;
export const PIN_MIN_DIGITS = 6;
export const PIN_FILLER = 0xff;

/** What a token is set to when it leaves the factory; each must be changed before a key can be made. */
export const FACTORY_PIN = "123456";
export const FACTORY_PUK = "12345678";
export const FACTORY_MANAGEMENT_KEY = "010203040506070801020304050607080102030405060708";

export const P256_DIGEST_BYTES = 32;
export const P384_DIGEST_BYTES = 48;
/** An uncompressed point: 04 ‖ X ‖ Y (SEC 1 §2.3.3). */
export const P256_POINT_BYTES = 65;
/** Every signature of this token: SEQUENCE of two INTEGERs of 32 or 48 bytes each (see firmware/ecdsa-signature.ts). */
export const P256_SIGNATURE_DER_BYTES = 70;
export const P384_SIGNATURE_DER_BYTES = 102;
