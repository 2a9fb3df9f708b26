// The other end of p11-kit's RPC protocol, written from p11-kit's rpc-message.c and rpc-transport.c and sharing nothing with the bridge.

import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Call ids and signatures (p11-kit/rpc-message.h). */
const CALLS = {
  C_Initialize: [1, "ayyay"],
  C_Finalize: [2, ""],
  C_GetInfo: [3, ""],
  C_GetSlotList: [4, "yfu"],
  C_GetSlotInfo: [5, "u"],
  C_GetTokenInfo: [6, "u"],
  C_GetMechanismList: [7, "ufu"],
  C_GetMechanismInfo: [8, "uu"],
  C_InitToken: [9, "uayz"],
  C_OpenSession: [10, "uu"],
  C_CloseSession: [11, "u"],
  C_CloseAllSessions: [12, "u"],
  C_GetSessionInfo: [13, "u"],
  C_InitPIN: [14, "uay"],
  C_SetPIN: [15, "uayay"],
  C_Login: [18, "uuay"],
  C_Logout: [19, "u"],
  C_CreateObject: [20, "uaA"],
  C_CopyObject: [21, "uuaA"],
  C_DestroyObject: [22, "uu"],
  C_GetObjectSize: [23, "uu"],
  C_GetAttributeValue: [24, "uufA"],
  C_SetAttributeValue: [25, "uuaA"],
  C_FindObjectsInit: [26, "uaA"],
  C_FindObjects: [27, "ufu"],
  C_FindObjectsFinal: [28, "u"],
  C_EncryptInit: [29, "uMu"],
  C_DecryptInit: [33, "uMu"],
  C_Decrypt: [34, "uayfy"],
  C_DigestInit: [37, "uM"],
  C_Digest: [38, "uayfy"],
  C_DigestUpdate: [39, "uay"],
  C_DigestKey: [40, "uu"],
  C_DigestFinal: [41, "ufy"],
  C_SignInit: [42, "uMu"],
  C_Sign: [43, "uayfy"],
  C_SignUpdate: [44, "uay"],
  C_SignFinal: [45, "ufy"],
  C_VerifyInit: [48, "uMu"],
  C_Verify: [49, "uayay"],
  C_VerifyUpdate: [50, "uay"],
  C_VerifyFinal: [51, "uay"],
  C_GenerateKeyPair: [59, "uMaAaA"],
  C_DeriveKey: [62, "uMuaA"],
  C_SeedRandom: [63, "uay"],
  C_GenerateRandom: [64, "ufy"],
  C_WaitForSlotEvent: [65, "u"],
  C_LoginUser: [66, "uuayay"],
  C_SessionCancel: [67, "uu"],
  C_DeriveKey2: [89, "uMuaA"],
} as const;

export type CallName = keyof typeof CALLS;
/** But for C_WaitForSlotEvent, which may have no answer. */
export const CALL_NAMES = (Object.keys(CALLS) as CallName[]).filter((name) => name !== "C_WaitForSlotEvent");

/** Attributes that travel as unsigned longs; the others as bytes, but for BOOL_TYPES (map_attribute_to_value_type). */
const ULONG_TYPES = new Set([0x00, 0x80, 0x87, 0x100, 0x121, 0x161, 0x166]);
const BOOL_TYPES = new Set([
  0x01, 0x02, 0x86, 0x103, 0x104, 0x105, 0x106, 0x107, 0x108, 0x109, 0x10a, 0x10b, 0x10c, 0x162, 0x163, 0x164, 0x165, 0x170, 0x171, 0x202,
  0x210,
]);

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Arguments as they stand on the wire, by their letter in a signature. */
export const y = (value: number): Buffer => Buffer.from([value]);
export const u = (value: number | bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};
export const fu = uint32;
export const fy = uint32;
export const string = (bytes: Uint8Array): Buffer => Buffer.concat([uint32(bytes.length), bytes]);
/** p11-kit writes a null pointer of length 0 as «present», with the length ffffffff. */
export const ay = (bytes: Uint8Array | null): Buffer =>
  Buffer.concat([Buffer.from([1]), bytes === null ? uint32(0xffffffff) : string(bytes)]);

/** A mechanism without parameters, in the form of the version that the client offered. */
export function mechanism(type: number, version: number): Buffer {
  return Buffer.concat([uint32(type), version >= 2 ? Buffer.alloc(0) : uint32(0xffffffff)]);
}

/** CKM_ECDH1_DERIVE with its parameters (CK_ECDH1_DERIVE_PARAMS); null pointers as p11-kit writes them. */
export function ecdhMechanism(publicData: Uint8Array, version: number, kdf = 1, sharedData: Uint8Array | null = null): Buffer {
  const shared = sharedData === null ? uint32(0xffffffff) : string(sharedData);
  return Buffer.concat([uint32(0x1050), version >= 2 ? y(1) : Buffer.alloc(0), u(kdf), shared, string(publicData)]);
}

/** A mechanism whose parameters are numbers: CK_RSA_PKCS_PSS_PARAMS, CK_RSA_PKCS_OAEP_PARAMS with its label. */
export function rsaMechanism(type: number, version: number, numbers: readonly number[], label?: Uint8Array): Buffer {
  const parameters = [...numbers.map(u), ...(label === undefined ? [] : [string(label)])];
  return Buffer.concat([uint32(type), version >= 2 ? y(1) : Buffer.alloc(0), ...parameters]);
}

export type TemplateRow = readonly [type: number, value: number | boolean | Uint8Array];

export function template(rows: readonly TemplateRow[]): Buffer {
  const encoded = rows.map(([type, value]) => {
    if (typeof value === "boolean") return [uint32(type), y(1), uint32(1), y(value ? 1 : 0)];
    if (typeof value === "number") return [uint32(type), y(1), uint32(8), u(value)];
    return [uint32(type), y(1), uint32(value.length), string(value)];
  });
  return Buffer.concat([uint32(rows.length), ...encoded.flat()]);
}

/** Attributes asked for, each with the room there is. */
export function rooms(rows: readonly (readonly [type: number, lengthBytes: number])[]): Buffer {
  return Buffer.concat([uint32(rows.length), ...rows.flatMap((row) => row.map(uint32))]);
}

export function callBody(name: CallName, args: readonly Uint8Array[]): Buffer {
  const [id, signature] = CALLS[name];
  return Buffer.concat([uint32(id), string(Buffer.from(signature)), ...args]);
}

export function frame(callCode: number, body: Uint8Array, options: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([uint32(callCode), uint32(options.length), uint32(body.length), options, body]);
}

export interface AttributeAnswer {
  readonly type: number;
  /** null: CK_UNAVAILABLE_INFORMATION. */
  readonly lengthBytes: number | null;
  readonly value: Uint8Array | number | boolean | null;
}

/** The results of a call. */
export class RpcAnswer {
  /** 0 when the call succeeded, else the CKR of an error answer. */
  readonly rv: number;
  readonly signature: string;
  private readonly bytes: Buffer;
  private at = 0;

  constructor(body: Buffer) {
    this.bytes = body;
    const id = this.uint32();
    this.signature = this.string()?.toString("latin1") ?? "";
    this.rv = id === 0 ? this.ulong() : 0;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  ulong(): number {
    return Number(this.bigUlong());
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  bigUlong(): bigint {
    return this.take(8).readBigUInt64BE();
  }

  text(): string {
    return this.string()?.toString("utf8") ?? "";
  }

  version(): string {
    return [...this.take(2)].join(".");
  }

  /** Bytes, or only how many there would be. */
  byteArray(): Buffer | number {
    return this.take(1).readUInt8() === 0 ? this.uint32() : (this.string() ?? 0);
  }

  ulongArray(): number[] | number {
    const isPresent = this.take(1).readUInt8() !== 0;
    const count = this.uint32();
    return isPresent ? Array.from({ length: count }, () => this.ulong()) : count;
  }

  attributes(): AttributeAnswer[] {
    return Array.from({ length: this.uint32() }, () => {
      const type = this.uint32();
      if (this.take(1).readUInt8() === 0) return { type, lengthBytes: null, value: null };
      const lengthBytes = this.uint32();
      if (ULONG_TYPES.has(type)) return { type, lengthBytes, value: this.ulong() };
      if (BOOL_TYPES.has(type)) return { type, lengthBytes, value: this.take(1).readUInt8() !== 0 };
      return { type, lengthBytes, value: this.string() };
    });
  }

  private uint32(): number {
    return this.take(4).readUInt32BE();
  }

  private string(): Buffer | null {
    const length = this.uint32();
    return length === 0xffffffff ? null : this.take(length);
  }

  private take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw new Error("the answer is shorter than it says");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

export class RpcClient {
  readonly socket: Socket;
  /** What the bridge answered to the version that was offered. */
  readonly version: number;
  private lastCode = 0;
  private received = Buffer.alloc(0);
  private readonly waiting = new Map<number, (answer: RpcAnswer | Error) => void>();
  /** Answers that nobody waited for. */
  readonly unasked: number[] = [];

  private constructor(socket: Socket, version: number) {
    this.socket = socket;
    this.version = version;
    socket.on("data", (bytes) => this.take(bytes));
    socket.on("close", () => {
      for (const give of this.waiting.values()) give(new Error("the bridge closed the connection"));
    });
    socket.on("error", () => {});
  }

  static async connect(path: string, offered = 1): Promise<RpcClient> {
    const socket = connect(path);
    await once(socket, "connect");
    socket.write(Buffer.from([offered]));
    const [answer] = (await once(socket, "data")) as [Buffer];
    if (answer.length !== 1) throw new Error("the handshake is one byte");
    return new RpcClient(socket, answer.readUInt8());
  }

  call(name: CallName, ...args: Uint8Array[]): Promise<RpcAnswer> {
    return this.send(callBody(name, args));
  }

  /** A body that need not be one. */
  send(body: Uint8Array, options?: Uint8Array): Promise<RpcAnswer> {
    const code = ++this.lastCode;
    const answer = this.answerTo(code);
    this.socket.write(frame(code, body, options));
    return answer;
  }

  /** The answer with this call code, whoever sends the question. */
  answerTo(code: number): Promise<RpcAnswer> {
    return new Promise((resolve, reject) => {
      this.waiting.set(code, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    while (this.received.length >= 12) {
      const [code, options, body] = [0, 4, 8].map((at) => this.received.readUInt32BE(at)) as [number, number, number];
      const end = 12 + options + body;
      if (this.received.length < end) return;
      const answer = new RpcAnswer(Buffer.from(this.received.subarray(12 + options, end)));
      this.received = this.received.subarray(end);
      const give = this.waiting.get(code);
      this.waiting.delete(code);
      if (give === undefined) this.unasked.push(code);
      else give(answer);
    }
  }
}
