// Signs through any PKCS#11 module: chooses a certificate, logs in, and lets the token sign digests. The module is loaded into this
// process and its calls block it, so the bridge must be another process.

import { X509Certificate as NodeCertificate } from "node:crypto";
import { Module, ObjectClass, type PrivateKey, type Session, SessionFlag, type Slot, TokenFlag, UserType } from "graphene-pk11";
import pkcs11js from "pkcs11js";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import { digestInfo } from "../rsa/emsa-pkcs1.ts";
import { certifiedRsaKey } from "../rsa/rsa-public-key.ts";
import type { DigestSigner } from "./signer.ts";
import { checkValidity, isForSigning, issuersOf } from "./signer-certificate.ts";
import { SigningError, type SigningFailure } from "./signing-error.ts";

const CKM_RSA_PKCS = 0x1;
const CKM_ECDSA = 0x1041;
/** Of a signature: RSA with 4,096 bits. */
const MOST_SIGNATURE_BYTES = 512;
const CKU_CONTEXT_SPECIFIC = 2;
/** CKF_OS_LOCKING_OK: graphene's own default would make p11-kit's client refuse. */
const OS_LOCKING = 2;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

const FAILURE_OF_CKR: ReadonlyMap<number, SigningFailure> = new Map([
  [0x32, "removed"], // CKR_DEVICE_REMOVED
  [0x50, "button"], // CKR_FUNCTION_CANCELED
  [0xa0, "wrong-pin"], // CKR_PIN_INCORRECT
  [0xa2, "pin-length"], // CKR_PIN_LEN_RANGE
  [0xa4, "pin-blocked"], // CKR_PIN_LOCKED
  [0xb3, "removed"], // CKR_SESSION_HANDLE_INVALID: our session ended with the token
  [0xe0, "no-token"], // CKR_TOKEN_NOT_PRESENT
]);

export interface Pkcs11SignerOptions {
  readonly modulePath: string;
  /** Only the token with this serial number. */
  readonly tokenSerial?: string;
  /** Only the certificate with this CKA_ID. */
  readonly keyId?: Uint8Array;
  /** Certificates that may lead from the signer's to a root, DER; those that do go into the signature. */
  readonly issuers: readonly Uint8Array[];
  readonly now: Date;
}

/** What a PIN is asked for, so that the prompt can say it. */
export interface PinRequest {
  readonly tokenLabel: string;
  readonly certificate: NodeCertificate;
  readonly isFinalTry: boolean;
}

interface Candidate {
  readonly slot: Slot;
  readonly id: Buffer;
  readonly der: Uint8Array;
  readonly isForSigning: boolean;
}

/** ECDSA's integers in DER: no leading zero but one before a set high bit. */
function derInteger(digits: Uint8Array): Uint8Array {
  let start = 0;
  while (start < digits.length - 1 && digits[start] === 0) start++;
  const trimmed = digits.subarray(start);
  return encodeTlv(INTEGER, (trimmed[0] ?? 0) & 0x80 ? [new Uint8Array(1), trimmed] : [trimmed]);
}

/** r ‖ s → Ecdsa-Sig-Value. */
export function derSignature(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  return encodeTlv(SEQUENCE, [derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half))]);
}

function rethrow(error: unknown): never {
  if (!(error instanceof pkcs11js.Pkcs11Error)) throw error;
  throw new SigningError(FAILURE_OF_CKR.get(error.code) ?? "token", error.message, { cause: error });
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return rethrow(error);
  }
}

/** Certificates on one token whose key is there too (by CKA_ID; the private key itself shows only after login). */
function candidatesOn(slot: Slot): Candidate[] {
  const session = slot.open(SessionFlag.SERIAL_SESSION);
  try {
    const certificates = session.find({ class: ObjectClass.CERTIFICATE });
    const found: Candidate[] = [];
    for (let index = 0; index < certificates.length; index++) {
      const certificate = certificates.items(index);
      const value: Buffer = certificate.getAttribute("value");
      found.push({ slot, id: certificate.getAttribute("id"), der: new Uint8Array(value), isForSigning: isForSigning(value) });
    }
    return found;
  } finally {
    session.close();
  }
}

function choose(candidates: readonly Candidate[], options: Pkcs11SignerOptions): Candidate {
  const { keyId } = options;
  const asked = keyId === undefined ? candidates.filter((each) => each.isForSigning) : candidates.filter((each) => each.id.equals(keyId));
  const [only, ...more] = asked;
  if (only === undefined) throw new SigningError("no-certificate");
  if (more.length > 0) throw new SigningError("which-certificate", asked.map((each) => each.slot.getToken().serialNumber).join(", "));
  return only;
}

export class Pkcs11Signer implements DigestSigner {
  readonly certificate: Uint8Array;
  readonly issuers: readonly Uint8Array[];
  private readonly module: Module;
  private readonly slot: Slot;
  private readonly keyId: Buffer;
  private session: Session | null = null;
  private pin = "";

  private constructor(module: Module, candidate: Candidate, issuers: readonly Uint8Array[]) {
    this.module = module;
    this.slot = candidate.slot;
    this.keyId = candidate.id;
    this.certificate = candidate.der;
    this.issuers = issuersOf(candidate.der, issuers);
  }

  /**
   * Finds the certificate to sign with; no PIN yet.
   * @throws SigningError
   */
  static open(options: Pkcs11SignerOptions): Pkcs11Signer {
    return translated(() => {
      const module = Module.load(options.modulePath, "Sceau");
      module.initialize({ flags: OS_LOCKING } as never);
      try {
        const slots = module.getSlots(true);
        const present: Slot[] = [];
        for (let index = 0; index < slots.length; index++) {
          const slot = slots.items(index);
          const isAsked = options.tokenSerial === undefined || slot.getToken().serialNumber.trim() === options.tokenSerial;
          if (isAsked) present.push(slot);
        }
        if (present.length === 0) throw new SigningError("no-token", options.tokenSerial);
        const signer = new Pkcs11Signer(module, choose(present.flatMap(candidatesOn), options), options.issuers);
        checkValidity(new NodeCertificate(signer.certificate), options.now);
        return signer;
      } catch (error) {
        module.finalize();
        throw error;
      }
    });
  }

  /** What to tell when asking for the PIN. */
  pinRequest(): PinRequest {
    const token = this.slot.getToken();
    const certificate = new NodeCertificate(this.certificate);
    return { tokenLabel: token.label.trim(), certificate, isFinalTry: (token.flags & TokenFlag.USER_PIN_FINAL_TRY) !== 0 };
  }

  /**
   * Logs in. The PIN is kept until `close` when the key asks for it before each signature.
   * @throws SigningError wrong-pin (detail: "1" when one try is left), pin-blocked, pin-length
   */
  login(pin: string): void {
    const { minPinLen, maxPinLen } = this.slot.getToken();
    const length = Buffer.byteLength(pin);
    if (length < minPinLen || length > maxPinLen) throw new SigningError("pin-length");
    translated(() => {
      this.session = this.slot.open(SessionFlag.SERIAL_SESSION);
      try {
        this.session.login(pin, UserType.USER);
      } catch (error) {
        const { flags } = this.slot.getToken();
        if (error instanceof pkcs11js.Pkcs11Error && FAILURE_OF_CKR.get(error.code) === "wrong-pin") {
          const left = flags & TokenFlag.USER_PIN_FINAL_TRY ? "1" : ""; // PKCS#11 tells no other number
          throw new SigningError("wrong-pin", left, { cause: error });
        }
        throw error;
      }
      this.pin = pin;
    });
  }

  signDigest(digest: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => {
      resolve(translated(() => this.signNow(digest)));
    });
  }

  close(): void {
    this.pin = "";
    this.session?.close();
    this.module.finalize();
  }

  private signNow(digest: Uint8Array): Uint8Array {
    const { session } = this;
    if (session === null) throw new Error("not logged in");
    const keys = session.find({ class: ObjectClass.PRIVATE_KEY, id: this.keyId });
    if (keys.length === 0) throw new SigningError("no-certificate");
    const key = keys.items(0).toType<PrivateKey>();
    // graphene's own sign object asks C_SignInit too late for a context login; the calls are made in their order here.
    const { lib } = this.module;
    const isRsa = certifiedRsaKey(this.certificate) !== null;
    lib.C_SignInit(session.handle, { mechanism: isRsa ? CKM_RSA_PKCS : CKM_ECDSA, parameter: null } as never, key.handle);
    if (key.alwaysAuthenticate) lib.C_Login(session.handle, CKU_CONTEXT_SPECIFIC, this.pin);
    const data = Buffer.from(isRsa ? digestInfo("sha256", digest) : digest);
    const signature = new Uint8Array(lib.C_Sign(session.handle, data, Buffer.alloc(MOST_SIGNATURE_BYTES)));
    return isRsa ? signature : derSignature(signature);
  }
}
