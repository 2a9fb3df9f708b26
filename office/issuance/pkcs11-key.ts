// A key of the authority behind PKCS#11: in a hardware module, or SoftHSM2 for trials. It is made there and cannot leave.

import { createHash, createPublicKey, type KeyObject, randomBytes } from "node:crypto";
import pkcs11js from "pkcs11js";
import { derSignature } from "../../host-bridge/signing/pkcs11-signer.ts";
import { subjectPublicKeyInfo } from "../../host-bridge/token/ec-public-key.ts";
import { parseOneTlv } from "../../protocol/ber-tlv.ts";
import { type CaCurve, type CaKey, CaKeyError, type CaKeyProblem, ecdsaOf } from "./ca-key.ts";
import { readPassphrase } from "./key-file.ts";
import { type Pkcs11Place, parsePkcs11Uri } from "./pkcs11-uri.ts";

/** Object identifiers of the curves, DER (RFC 5480 §2.1.1.1). */
const EC_PARAMETERS: Readonly<Record<CaCurve, Buffer>> = {
  "P-256": Buffer.from("06082a8648ce3d030107", "hex"),
  "P-384": Buffer.from("06052b81040022", "hex"),
};
const OCTET_STRING = 0x04;
const KEY_ID_BYTES = 8;
const CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191;
const CKR_USER_ALREADY_LOGGED_IN = 0x100;
const PROBLEM_OF_CKR: ReadonlyMap<number, CaKeyProblem> = new Map([
  [0xa0, "pin"], // CKR_PIN_INCORRECT
  [0xa1, "pin"], // CKR_PIN_INVALID
  [0xa2, "pin"], // CKR_PIN_LEN_RANGE
  [0xa3, "pin"], // CKR_PIN_EXPIRED
  [0xa4, "pin"], // CKR_PIN_LOCKED
  [0x101, "pin"], // CKR_USER_NOT_LOGGED_IN
  [0x102, "pin"], // CKR_USER_PIN_NOT_INITIALIZED
  [0xe0, "no-token"], // CKR_TOKEN_NOT_PRESENT
]);
/** The session is over, and a new one may work: the module was restarted, the token was plugged in again. */
const LOST = new Set([0x30, 0x32, 0xb0, 0xb3, 0x101, 0x190]); // CKR_DEVICE_ERROR, DEVICE_REMOVED, SESSION_CLOSED, SESSION_HANDLE_INVALID, …

type Handle = pkcs11js.Handle;

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof pkcs11js.Pkcs11Error)) throw error;
    throw new CaKeyError(PROBLEM_OF_CKR.get(error.code) ?? "device", error.message, { cause: error });
  }
}

/** A module is loaded once: C_Initialize is for the whole process. */
const modules = new Map<string, pkcs11js.PKCS11>();

function loadModule(path: string): pkcs11js.PKCS11 {
  const loaded = modules.get(path);
  if (loaded !== undefined) return loaded;
  const module = new pkcs11js.PKCS11();
  try {
    module.load(path);
    module.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
  } catch (cause) {
    const isThere = cause instanceof pkcs11js.Pkcs11Error && cause.code === CKR_CRYPTOKI_ALREADY_INITIALIZED;
    if (!isThere) throw new CaKeyError("module", path, { cause });
  }
  modules.set(path, module);
  return module;
}

/** Fields of CK_TOKEN_INFO are filled up with blanks. */
function isToken(module: pkcs11js.PKCS11, slot: Handle, { token }: Pkcs11Place): boolean {
  const info = module.C_GetTokenInfo(slot);
  return Object.entries(token).every(([field, value]) => info[field as keyof Pkcs11Place["token"]].trimEnd() === value);
}

interface OpenToken {
  readonly module: pkcs11js.PKCS11;
  readonly session: Handle;
}

function openToken(place: Pkcs11Place): OpenToken {
  const module = loadModule(place.modulePath);
  return translated(() => {
    const [slot, ...more] = module.C_GetSlotList(true).filter((each) => isToken(module, each, place));
    if (slot === undefined) throw new CaKeyError("no-token", place.modulePath);
    if (more.length > 0) throw new CaKeyError("which-key", "several tokens match the URI");
    const session = module.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION);
    try {
      if (place.pinFile !== null) login(module, session, readPassphrase(place.pinFile));
    } catch (error) {
      module.C_CloseSession(session);
      throw error;
    }
    return { module, session };
  });
}

/** The login is the whole process's: a second session finds it done. */
function login(module: pkcs11js.PKCS11, session: Handle, pin: string): void {
  try {
    module.C_Login(session, pkcs11js.CKU_USER, pin);
  } catch (error) {
    if (!(error instanceof pkcs11js.Pkcs11Error && error.code === CKR_USER_ALREADY_LOGGED_IN)) throw error;
  }
}

function find({ module, session }: OpenToken, { label, id }: Pkcs11Place, objectClass: number): Handle[] {
  const template: pkcs11js.Template = [
    { type: pkcs11js.CKA_CLASS, value: objectClass },
    { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_EC },
    ...(label === null ? [] : [{ type: pkcs11js.CKA_LABEL, value: label }]),
    ...(id === null ? [] : [{ type: pkcs11js.CKA_ID, value: Buffer.from(id) }]),
  ];
  module.C_FindObjectsInit(session, template);
  try {
    return module.C_FindObjects(session, 2);
  } finally {
    module.C_FindObjectsFinal(session);
  }
}

function theOnly(handles: readonly Handle[]): Handle {
  const [only, ...more] = handles;
  if (only === undefined) throw new CaKeyError("no-key", "the token has no such key");
  if (more.length > 0) throw new CaKeyError("which-key", "several keys match the URI");
  return only;
}

function publicKeyOf({ module, session }: OpenToken, handle: Handle): KeyObject {
  const [point] = module.C_GetAttributeValue(session, handle, [{ type: pkcs11js.CKA_EC_POINT }]);
  try {
    const uncompressed = parseOneTlv(new Uint8Array(point?.value as Buffer), OCTET_STRING);
    return createPublicKey({ key: Buffer.from(subjectPublicKeyInfo(uncompressed)), format: "der", type: "spki" });
  } catch (cause) {
    throw new CaKeyError("key-type", "its point cannot be read", { cause });
  }
}

/** Signs one thing after the other in a session of its own, which is opened anew when it was lost. */
class Pkcs11Key implements CaKey {
  readonly publicKey: KeyObject;
  private readonly place: Pkcs11Place;
  private open: OpenToken & { readonly key: Handle };
  private last: Promise<unknown> = Promise.resolve();

  constructor(place: Pkcs11Place) {
    this.place = place;
    this.open = this.reopen();
    this.publicKey = translated(() => publicKeyOf(this.open, theOnly(find(this.open, place, pkcs11js.CKO_PUBLIC_KEY))));
    ecdsaOf(this.publicKey);
  }

  sign(data: Uint8Array): Promise<Uint8Array> {
    const turn = this.last.then(() => this.signNow(data));
    this.last = turn.catch(() => {});
    return turn;
  }

  private reopen(): OpenToken & { readonly key: Handle } {
    const open = openToken(this.place);
    try {
      return translated(() => ({ ...open, key: theOnly(find(open, this.place, pkcs11js.CKO_PRIVATE_KEY)) }));
    } catch (error) {
      open.module.C_CloseSession(open.session);
      throw error;
    }
  }

  private async signNow(data: Uint8Array): Promise<Uint8Array> {
    const { hash } = ecdsaOf(this.publicKey);
    const digest = createHash(hash).update(data).digest();
    try {
      return await this.signDigest(digest);
    } catch (error) {
      if (!(error instanceof pkcs11js.Pkcs11Error && LOST.has(error.code))) return translated(() => rethrow(error));
      this.open = this.reopen();
      return this.signDigest(digest).catch((again) => translated(() => rethrow(again)));
    }
  }

  private async signDigest(digest: Buffer): Promise<Uint8Array> {
    const { module, session, key } = this.open;
    module.C_SignInit(session, { mechanism: pkcs11js.CKM_ECDSA }, key);
    return derSignature(new Uint8Array(await module.C_SignAsync(session, digest, Buffer.alloc(2 * digest.length))));
  }
}

function rethrow(error: unknown): never {
  throw error;
}

/** @throws CaKeyError */
export async function openPkcs11Key(uri: string): Promise<CaKey> {
  return new Pkcs11Key(parsePkcs11Uri(uri));
}

export interface NewPkcs11Key {
  readonly key: CaKey;
  /** Takes it back: what it was for did not come about. */
  destroy(): void;
}

/** Makes a key under a name (`object`, `id`) that the token does not have yet. @throws CaKeyError */
export async function createPkcs11Key(uri: string, curve: CaCurve): Promise<NewPkcs11Key> {
  const place = parsePkcs11Uri(uri);
  const open = openToken(place);
  const { module, session } = open;
  const pair = translated(() => {
    const known = [pkcs11js.CKO_PRIVATE_KEY, pkcs11js.CKO_PUBLIC_KEY].flatMap((each) => find(open, place, each));
    if (known.length > 0) throw new CaKeyError("key-exists", "the token has a key of this name");
    const names = [
      { type: pkcs11js.CKA_TOKEN, value: true },
      { type: pkcs11js.CKA_ID, value: place.id === null ? randomBytes(KEY_ID_BYTES) : Buffer.from(place.id) },
      ...(place.label === null ? [] : [{ type: pkcs11js.CKA_LABEL, value: place.label }]),
    ];
    return module.C_GenerateKeyPair(
      session,
      { mechanism: pkcs11js.CKM_EC_KEY_PAIR_GEN },
      [...names, { type: pkcs11js.CKA_VERIFY, value: true }, { type: pkcs11js.CKA_EC_PARAMS, value: EC_PARAMETERS[curve] }],
      [
        ...names,
        { type: pkcs11js.CKA_PRIVATE, value: true },
        { type: pkcs11js.CKA_SENSITIVE, value: true },
        { type: pkcs11js.CKA_EXTRACTABLE, value: false },
        { type: pkcs11js.CKA_SIGN, value: true },
      ],
    );
  });
  const destroy = (): void => {
    for (const handle of [pair.privateKey, pair.publicKey]) translated(() => module.C_DestroyObject(session, handle));
  };
  try {
    return { key: new Pkcs11Key(place), destroy };
  } catch (error) {
    destroy();
    throw error;
  }
}
