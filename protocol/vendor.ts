// The vendor command: CLA 80, INS 5C, P1 = which of VENDOR_*, P2 = 0; data and answer are CBOR maps (cbor.ts). This file is the
// registry of their keys. A key keeps its number for ever; a change of meaning is a new key, a change of form a new version.

export const CLA_VENDOR = 0x80;
export const INS_VENDOR = 0x5c;
export const VENDOR_FORMAT_VERSION = 1;

/** Device information (INFO_*); no data, allowed in every state. */
export const VENDOR_DEVICE_INFO = 0x01;
/** The head of the signature journal as a signed statement. Data: REQUEST_NONCE. Answer: SIGNED_*. Needs PIN or management key. */
export const VENDOR_JOURNAL_HEAD = 0x02;
/** Entries of the signature journal (JOURNAL_*). Data: REQUEST_COUNTER, the first wanted. Needs PIN or management key. */
export const VENDOR_JOURNAL_READ = 0x03;
/** Consent to a list of digests. Data: REQUEST_SLOT, REQUEST_DIGESTS. Answer: none. Needs the PIN (as the key's policy asks) and the button. */
export const VENDOR_BATCH_BEGIN = 0x04;
/** Forgets the list of this channel. No data, no answer. */
export const VENDOR_BATCH_END = 0x05;
/** Erases the key of a slot. Data: REQUEST_SLOT. Answer: SIGNED_*, the destruction receipt. Needs the management key. */
export const VENDOR_ERASE_KEY = 0x06;
/** The destruction receipt of the last key erased in a slot, again. Data: REQUEST_SLOT. Answer: SIGNED_*. Needs PIN or management key. */
export const VENDOR_ERASURE_RECEIPT = 0x07;
/** The host's entropy, mixed into the token's generator. Data: REQUEST_ENTROPY. No answer; allowed in every state. */
export const VENDOR_STIR = 0x08;
/** The self-test. No data, allowed in every state, changes nothing. Answer: SELF_TEST_*. */
export const VENDOR_SELF_TEST = 0x09;
/** Factory step: makes the attestation key. No data. Answer: FACTORY_PUBLIC_KEY. Only on a blank token that is not sealed. */
export const VENDOR_FACTORY_KEY = 0x10;
/** Factory step: stores the attestation key's certificate and seals both for ever. Data: FACTORY_CERTIFICATE. No answer. */
export const VENDOR_FACTORY_SEAL = 0x11;

// Device information
/** VENDOR_FORMAT_VERSION. */
export const INFO_FORMAT = 1;
/** Text: the model. */
export const INFO_MODEL = 2;
/** Unsigned 32 bits. */
export const INFO_SERIAL = 3;
/** Array of three unsigned: firmware version. */
export const INFO_FIRMWARE = 4;
/** Boolean: PIN, PUK and management key are all changed. */
export const INFO_INITIALISED = 5;
/** Unsigned: goes up with every change of a key or a data object, so that a reader knows when to read again. */
export const INFO_REVISION = 6;
/** Unsigned: the longest data that a command may carry, chained or extended. */
export const INFO_MAX_DATA = 7;
/** Boolean: a simulator, not a board. */
export const INFO_SIMULATED = 8;
/** Text: the factory profile, `strict` or `compat`. */
export const INFO_PROFILE = 9;
/** Boolean: the attestation key and its certificate are in place. */
export const INFO_SEALED = 10;
/** Unsigned: counter of the newest entry of the signature journal; 0: none. */
export const INFO_COUNTER = 11;

// Requests
export const REQUEST_SLOT = 1;
/** Array of byte strings, each as long as the curve's field. */
export const REQUEST_DIGESTS = 2;
/** Byte string, 0 to MAX_NONCE_BYTES. */
export const REQUEST_NONCE = 3;
export const REQUEST_COUNTER = 4;
/** Byte string, 0 to MAX_ENTROPY_BYTES. */
export const REQUEST_ENTROPY = 5;

export const MAX_NONCE_BYTES = 32;
export const MAX_ENTROPY_BYTES = 64;
export const MAX_BATCH_DIGESTS = 64;

// A signed statement
/** Byte string: a CBOR map of STATEMENT_*, deterministically encoded. */
export const SIGNED_STATEMENT = 1;
/** Byte string: ECDSA P-256 in DER by the attestation key, over SHA-256(STATEMENT_PREFIX ‖ the statement's bytes). */
export const SIGNED_SIGNATURE = 2;
/** ASCII: so that no signature over a statement is one over anything else. */
export const STATEMENT_PREFIX = "Sceau statement 1\n";

/** VENDOR_FORMAT_VERSION. */
export const STATEMENT_FORMAT = 1;
/** STATEMENT_IS_*. */
export const STATEMENT_KIND = 2;
export const STATEMENT_SERIAL = 3;
/** Array of three unsigned. */
export const STATEMENT_FIRMWARE = 4;
/** Text: the factory profile. */
export const STATEMENT_PROFILE = 5;
/** Boolean. */
export const STATEMENT_SIMULATED = 6;
/** Journal head: byte string, as the request gave it. */
export const STATEMENT_NONCE = 7;
/** Journal head: counter of the newest entry. Destruction: counter of the entry that tells it. */
export const STATEMENT_COUNTER = 8;
/** Journal head: hash of the newest entry, 32 bytes. */
export const STATEMENT_HASH = 9;
/** Destruction: the slot, the algorithm (SP 800-78-5 table 6-2) and the public point of the erased key. */
export const STATEMENT_SLOT = 10;
export const STATEMENT_ALGORITHM = 11;
export const STATEMENT_PUBLIC_KEY = 12;

export const STATEMENT_IS_JOURNAL_HEAD = 1;
export const STATEMENT_IS_DESTRUCTION = 2;

// The signature journal. Entry n's hash is SHA-256(hash of entry n−1 ‖ n (4 bytes) ‖ slot (1) ‖ kind (1) ‖ digest (32)); the hash before entry 1
// is 32 zeros.
/** Unsigned: counter of the newest entry; 0: none. */
export const JOURNAL_NEWEST = 1;
/** Unsigned: counter of the first entry in this answer (newest + 1: no entries). */
export const JOURNAL_FIRST = 2;
/** Byte string, 32: hash of the entry before the first. */
export const JOURNAL_HASH_BEFORE = 3;
/** Array of byte strings, an entry each: slot (1), kind (1), digest (32); at most JOURNAL_ENTRIES_AN_ANSWER. */
export const JOURNAL_ENTRIES = 4;

/** The newest entries that stay readable, at least. */
export const JOURNAL_READABLE_ENTRIES = 256;
export const JOURNAL_ENTRIES_AN_ANSWER = 32;

/** Kinds of entries. Signature: the digest as it was signed; one of more than 32 bytes as its SHA-256, a shorter one with zeros before. */
export const ENTRY_SIGNATURE = 1;
/** ECDH: SHA-256 of the other side's point. */
export const ENTRY_KEY_AGREEMENT = 2;
/** A key was erased or replaced: SHA-256 of its public point. */
export const ENTRY_ERASURE = 3;

// The self-test
/** Unsigned: PART_* added up, of what was tested. */
export const SELF_TEST_PARTS = 1;
/** Unsigned: those of them that failed. */
export const SELF_TEST_FAILED = 2;

export const PART_SHA256 = 1;
export const PART_AES = 2;
/** Key pair, signature, point, shared secret. */
export const PART_P256 = 4;
/** Random bytes: that there are any. On a board its noise is tested as long as it is used. */
export const PART_RANDOM = 8;
/** The pages of flash can be read. */
export const PART_FLASH = 16;
/** The button is there, and rests. */
export const PART_BUTTON = 32;
export const PART_LIGHTS = 64;

// The factory step
/** Byte string: uncompressed point of P-256. */
export const FACTORY_PUBLIC_KEY = 1;
/** Byte string: X.509 in DER, at most 1,024 bytes, of FACTORY_PUBLIC_KEY. */
export const FACTORY_CERTIFICATE = 1;
