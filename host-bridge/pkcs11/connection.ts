// One RPC connection: handshake, frames, calls. p11-kit/rpc-transport.c and rpc-message.c are the other end.
//
//   handshake  client: the version it offers (one byte); server: the same byte
//   frame      call code (4) | length of options (4) | length of body (4) | options | body, all big-endian
//   body       call id (4) | signature (4 + n) | arguments

import type { Socket } from "node:net";
import { Application } from "./application.ts";
import { CKR_ARGUMENTS_BAD, CKR_CRYPTOKI_NOT_INITIALIZED, CKR_FUNCTION_NOT_SUPPORTED } from "./ck.ts";
import { CkError, ckrOf } from "./ck-error.ts";
import { PKCS_FUNCTIONS } from "./functions.ts";
import { ERROR_CALL, RPC_CALLS, type RpcCall } from "./rpc-calls.ts";
import { RpcReader } from "./rpc-reader.ts";
import { encodeAnswer } from "./rpc-writer.ts";
import type { SlotList } from "./slot.ts";

const HEADER_BYTES = 12;
/** The newest version that we know; older clients are answered in theirs. */
const NEWEST_VERSION = 2;
/** A frame that is longer is not for us; nothing that a signing token is sent comes near. */
const MAX_FRAME_BYTES = 1 << 20;

/** Told of every call: its name and its CKR, never what it carried. */
export type CallLog = (name: string, rv: number) => void;

interface Frame {
  readonly callCode: number;
  readonly body: Uint8Array;
}

export class RpcConnection {
  private readonly socket: Socket;
  private readonly application: Application;
  private readonly log: CallLog;
  private version: number | null = null;
  private received = Buffer.alloc(0);

  constructor(socket: Socket, slots: SlotList, log: CallLog) {
    this.socket = socket;
    this.application = new Application(slots);
    this.log = log;
    socket.on("data", (bytes) => this.take(bytes));
    socket.on("error", () => socket.destroy()); // the application has gone; `close` follows
    socket.on("close", () => this.application.reset());
  }

  private take(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    if (this.version === null) this.shakeHands();
    for (let frame = this.nextFrame(); frame !== null; frame = this.nextFrame()) void this.answer(frame);
  }

  /** The client's byte comes back: mechanisms are read in the form of the version that it offers. */
  private shakeHands(): void {
    const offered = this.received[0];
    if (offered === undefined) return;
    this.version = Math.min(offered, NEWEST_VERSION);
    this.received = this.received.subarray(1);
    this.socket.write(Buffer.from([this.version]));
  }

  private nextFrame(): Frame | null {
    if (this.version === null || this.received.length < HEADER_BYTES) return null;
    const optionsLength = this.received.readUInt32BE(4);
    const bodyLength = this.received.readUInt32BE(8);
    if (optionsLength + bodyLength > MAX_FRAME_BYTES) {
      // Its end is out of reach, so nothing behind it can be read either.
      this.socket.destroy();
      return null;
    }
    const bodyStart = HEADER_BYTES + optionsLength;
    if (this.received.length < bodyStart + bodyLength) return null;
    const callCode = this.received.readUInt32BE(0);
    const body = new Uint8Array(this.received.subarray(bodyStart, bodyStart + bodyLength));
    this.received = this.received.subarray(bodyStart + bodyLength);
    return { callCode, body };
  }

  private async answer({ callCode, body }: Frame): Promise<void> {
    let call: RpcCall = ERROR_CALL;
    let answer: Buffer;
    let rv = 0;
    try {
      const reader = new RpcReader(body, this.version ?? 0);
      const known = RPC_CALLS[reader.uint32()];
      call = known ?? ERROR_CALL;
      const signature = Buffer.from(reader.byteString() ?? []).toString("latin1");
      // A newer p11-kit has calls that the table does not know; its client then goes on without them.
      if (known === undefined) throw new CkError(CKR_FUNCTION_NOT_SUPPORTED);
      if (call === ERROR_CALL || signature !== call.request) throw new CkError(CKR_ARGUMENTS_BAD);
      const handle = PKCS_FUNCTIONS.get(call.name);
      if (handle === undefined) throw new CkError(CKR_FUNCTION_NOT_SUPPORTED);
      const args = reader.arguments(call.request);
      if (!this.application.isInitialised && call.name !== "C_Initialize") throw new CkError(CKR_CRYPTOKI_NOT_INITIALIZED);
      answer = encodeAnswer(callCode, call, await handle(this.application, args));
    } catch (error) {
      rv = ckrOf(error);
      answer = encodeAnswer(callCode, ERROR_CALL, [rv]);
    }
    body.fill(0); // it may have carried a PIN
    this.log(call.name, rv);
    if (!this.socket.destroyed) this.socket.write(answer);
  }
}
