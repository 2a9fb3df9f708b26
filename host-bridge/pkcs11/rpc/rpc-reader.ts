// Reads the arguments of an RPC call. Everything is checked against the frame's end: what does not fit ends in CKR_ARGUMENTS_BAD.

import { type Attribute, attributeKind } from "../ck/attribute.ts";
import { CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_VALUE_INVALID } from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { signatureParts } from "./rpc-calls.ts";

const NO_BYTES = 0xffffffff;
const MAX_ATTRIBUTES = 256;
const MAX_TEMPLATE_DEPTH = 2;
// Mechanisms with parameters of a known form
const CKM_RSA_PKCS_OAEP = 0x09;
const CKM_ECDH1_DERIVE = 0x1050;
const PSS_MECHANISMS = new Set([0x0d, 0x0e, 0x43, 0x44, 0x45, 0x47]);

/** CK_ECDH1_DERIVE_PARAMS; what is null there is empty here. */
export interface EcdhParameters {
  /** CKD_*. */
  readonly kdf: number;
  readonly sharedData: Uint8Array;
  readonly publicData: Uint8Array;
}

/** CK_RSA_PKCS_PSS_PARAMS. */
export interface PssParameters {
  /** CKM_* of the digest. */
  readonly hash: number;
  /** CKG_*. */
  readonly mgf: number;
  readonly saltBytes: number;
}

/** CK_RSA_PKCS_OAEP_PARAMS; what is null there is empty here. */
export interface OaepParameters {
  /** CKM_* of the digest. */
  readonly hash: number;
  /** CKG_*. */
  readonly mgf: number;
  /** CKZ_*. */
  readonly source: number;
  readonly label: Uint8Array;
}

export interface Mechanism {
  readonly type: number;
  /** Whether it came with one, of whatever form. */
  readonly hasParameter: boolean;
  /** CKM_ECDH1_DERIVE's. */
  readonly ecdh?: EcdhParameters;
  /** Of all CKM_…_PSS. */
  readonly pss?: PssParameters;
  /** CKM_RSA_PKCS_OAEP's. */
  readonly oaep?: OaepParameters;
}

/** An attribute that the caller asks for: its type and the room it has. */
export interface AttributeRoom {
  readonly type: number;
  readonly lengthBytes: number;
}

/** One argument, by its signature: y, u, fu, fy: number; ay, s, z: bytes or null; aA: attributes; fA: rooms; M: mechanism or null. */
export type Argument = number | Uint8Array | null | Mechanism | readonly Attribute[] | readonly AttributeRoom[] | readonly number[];

export class RpcReader {
  private readonly bytes: Buffer;
  private readonly version: number;
  private at = 0;

  /** @param version the byte that the client offered: it settles the form of mechanisms */
  constructor(bytes: Uint8Array, version: number) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.version = version;
  }

  /** The arguments in the order of the signature. */
  arguments(signature: string): Argument[] {
    return signatureParts(signature).map((part) => this.argument(part));
  }

  uint32(): number {
    return this.bytes.readUInt32BE(this.step(4));
  }

  /** A length-prefixed string; null where the length says «none». */
  byteString(): Uint8Array | null {
    const length = this.uint32();
    return length === NO_BYTES ? null : new Uint8Array(this.take(length));
  }

  /** A length-prefixed string of ASCII, as signatures are; empty where the length says «none». */
  text(): string {
    const length = this.uint32();
    if (length === NO_BYTES) return "";
    const from = this.step(length);
    return this.bytes.toString("latin1", from, from + length);
  }

  private argument(part: string): Argument {
    switch (part) {
      case "y":
        return this.byte();
      case "u":
        return this.ulong();
      case "fu":
      case "fy":
        return this.uint32();
      case "ay":
        return this.optionalBytes();
      case "au":
        return this.ulongs();
      case "s":
      case "z":
        return this.byteString();
      case "aA":
        return this.attributes(0);
      case "fA":
        return this.attributeRooms();
      case "M":
        return this.mechanism();
      default:
        throw new CkError(CKR_ARGUMENTS_BAD);
    }
  }

  /** Goes on behind the next bytes. @returns where they begin */
  private step(length: number): number {
    if (length > this.bytes.length - this.at) throw new CkError(CKR_ARGUMENTS_BAD);
    const from = this.at;
    this.at += length;
    return from;
  }

  private take(length: number): Buffer {
    const from = this.step(length);
    return this.bytes.subarray(from, from + length);
  }

  private byte(): number {
    return this.bytes.readUInt8(this.step(1));
  }

  private ulong(): number {
    const high = this.uint32();
    const low = this.uint32();
    return Math.min(high * 2 ** 32 + low, Number.MAX_SAFE_INTEGER);
  }

  private optionalBytes(): Uint8Array | null {
    if (this.byte() !== 0) return this.byteString();
    this.uint32();
    return null;
  }

  private ulongs(): number[] {
    const isPresent = this.byte() !== 0;
    const count = this.uint32();
    if (!isPresent) return [];
    if (count > MAX_ATTRIBUTES) throw new CkError(CKR_ARGUMENTS_BAD);
    return Array.from({ length: count }, () => this.ulong());
  }

  private attributes(depth: number): Attribute[] {
    const count = this.uint32();
    if (count > MAX_ATTRIBUTES || depth > MAX_TEMPLATE_DEPTH) throw new CkError(CKR_ARGUMENTS_BAD);
    return Array.from({ length: count }, () => this.attribute(depth));
  }

  private attribute(depth: number): Attribute {
    const type = this.uint32();
    const none = { type, value: new Uint8Array(0) };
    if (this.byte() === 0) return none;
    const length = this.uint32();
    switch (attributeKind(type)) {
      case "bool": {
        const value = this.byte();
        if (length > 1) throw new CkError(CKR_ATTRIBUTE_VALUE_INVALID);
        return length === 0 ? none : { type, value: new Uint8Array([value]) };
      }
      case "ulong": {
        const value = new Uint8Array(this.take(8)).reverse();
        if (![0, 4, 8].includes(length)) throw new CkError(CKR_ATTRIBUTE_VALUE_INVALID); // 4: a CK_ULONG of a 32-bit client
        return length === 0 ? none : { type, value };
      }
      case "attributes":
        this.attributes(depth + 1);
        return none;
      case "mechanisms": {
        const count = this.uint32();
        this.take(8 * count);
        return none;
      }
      default:
        return { type, value: this.byteString() ?? new Uint8Array(0) };
    }
  }

  private attributeRooms(): AttributeRoom[] {
    const count = this.uint32();
    if (count > MAX_ATTRIBUTES) throw new CkError(CKR_ARGUMENTS_BAD);
    return Array.from({ length: count }, () => ({ type: this.uint32(), lengthBytes: this.uint32() }));
  }

  /** Versions 0 and 1: type, parameters (or «none»). Version 2: nothing behind a type without parameters, else whether there are any. */
  private mechanism(): Mechanism | null {
    const type = this.uint32();
    if (type === NO_BYTES) return null;
    const hasKnownParameters = PSS_MECHANISMS.has(type) || type === CKM_RSA_PKCS_OAEP || type === CKM_ECDH1_DERIVE;
    if (this.version >= 2 && (!hasKnownParameters || this.byte() === 0)) return { type, hasParameter: false };
    if (type === CKM_ECDH1_DERIVE) return { type, hasParameter: true, ecdh: this.ecdhParameters() };
    if (PSS_MECHANISMS.has(type)) {
      return { type, hasParameter: true, pss: { hash: this.ulong(), mgf: this.ulong(), saltBytes: this.ulong() } };
    }
    if (type === CKM_RSA_PKCS_OAEP) return { type, hasParameter: true, oaep: this.oaepParameters() };
    return { type, hasParameter: (this.byteString()?.length ?? 0) > 0 };
  }

  private oaepParameters(): OaepParameters {
    const [hash, mgf, source] = [this.ulong(), this.ulong(), this.ulong()];
    return { hash, mgf, source, label: this.byteString() ?? new Uint8Array(0) };
  }

  private ecdhParameters(): EcdhParameters {
    const none = new Uint8Array(0);
    return { kdf: this.ulong(), sharedData: this.byteString() ?? none, publicData: this.byteString() ?? none };
  }
}
