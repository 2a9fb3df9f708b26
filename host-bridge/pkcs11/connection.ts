// One RPC connection: handshake, frames, calls. p11-kit/rpc-transport.c and rpc-message.c are the other end.
//
//   handshake  client: the version it offers (one byte); server: the same byte
//   body       of a frame (rpc-frames.ts): call id (4) | signature (4 + n) | arguments
//
// An application whose connection is closed under it is killed by SIGPIPE: nothing that it sends closes it.

import type { Socket } from "node:net";
import { Application } from "./application/application.ts";
import type { Services } from "./application/services.ts";
import { CKR_ARGUMENTS_BAD, CKR_CRYPTOKI_NOT_INITIALIZED, CKR_FUNCTION_NOT_SUPPORTED, CKR_HOST_MEMORY } from "./ck/ck.ts";
import { CkError, ckrOf } from "./ck/ck-error.ts";
import { PKCS_FUNCTIONS } from "./functions/functions.ts";
import type { PkcsFunction } from "./functions/pkcs-function.ts";
import { ERROR_CALL, isInSessionOrder, RPC_CALLS, type RpcCall } from "./rpc/rpc-calls.ts";
import { type Frame, FrameReader } from "./rpc/rpc-frames.ts";
import { type Argument, RpcReader } from "./rpc/rpc-reader.ts";
import { encodeAnswer, type Result } from "./rpc/rpc-writer.ts";
import { SessionOrder, type Work } from "./session-order.ts";
import type { SlotList } from "./slots/slot.ts";

/** The newest version that we know; older clients are answered in theirs. */
const NEWEST_VERSION = 2;
/** Calls that may wait for their answers at once, and the bytes of their arguments; further ones are not begun until there is room. */
const MAX_CALLS = 1024;
const MAX_CALL_BYTES = 4 << 20;
/** Read while no further call is begun: the end of an application is seen by who reads on, and its waits are given up then. */
const MAX_AHEAD_BYTES = 256 << 10;
/** Answers that the application has not read: beyond this no call of it is begun. */
const MAX_UNREAD_BYTES = 256 << 10;

/** A call under way. */
interface Ongoing {
  readonly callCode: number;
  readonly body: Uint8Array;
  call: RpcCall;
  args: readonly Argument[];
}

export class RpcConnection {
  private readonly socket: Socket;
  private readonly application: Application;
  private readonly log: Services["log"];
  private readonly frames = new FrameReader();
  private readonly order = new SessionOrder();
  private version: number | null = null;
  private calls = 0;
  private callBytes = 0;
  /** There is no room for a further call. */
  private isHeld = false;
  private whenRead: (() => void)[] = [];

  constructor(socket: Socket, slots: SlotList, services: Services) {
    this.socket = socket;
    this.application = new Application(slots, services);
    this.log = services.log;
    socket.on("data", (bytes) => this.take(bytes));
    socket.on("drain", () => this.goOn());
    socket.on("error", () => socket.destroy()); // the application has gone; `close` follows
    socket.on("close", () => {
      this.application.reset();
      this.goOn();
    });
  }

  /** The client's byte comes back: mechanisms are read in the form of the version that it offers. */
  private take(bytes: Buffer): void {
    const isFirst = this.version === null;
    if (isFirst) {
      this.version = Math.min(bytes.readUInt8(), NEWEST_VERSION);
      this.socket.write(Buffer.from([this.version]));
    }
    this.frames.push(isFirst ? bytes.subarray(1) : bytes);
    this.begin();
  }

  private begin(): void {
    for (let frame = this.nextFrame(); frame !== null; frame = this.nextFrame()) this.accept(frame);
    if (this.frames.waitingBytes >= MAX_AHEAD_BYTES) this.socket.pause();
    else if (this.socket.isPaused()) this.socket.resume();
  }

  /** null: until more has arrived, or until there is room for it. */
  private nextFrame(): Frame | null {
    this.isHeld = this.isFull();
    return this.isHeld ? null : this.frames.next();
  }

  private isFull(): boolean {
    return this.calls >= MAX_CALLS || this.callBytes >= MAX_CALL_BYTES || this.hasUnread();
  }

  private hasUnread(): boolean {
    return !this.socket.destroyed && this.socket.writableLength >= MAX_UNREAD_BYTES;
  }

  private goOn(): void {
    for (const goOn of this.whenRead.splice(0)) goOn();
    if (!this.socket.destroyed) this.begin();
  }

  private accept(frame: Frame): void {
    const body = frame.body ?? new Uint8Array(0);
    const ongoing: Ongoing = { callCode: frame.callCode, body, call: ERROR_CALL, args: [] };
    this.calls += 1;
    this.callBytes += body.length;
    try {
      if (frame.body === null) throw new CkError(CKR_HOST_MEMORY);
      this.start(ongoing);
    } catch (error) {
      this.refuse(ongoing, error);
    }
  }

  /** @throws CkError when it is no call of ours */
  private start(ongoing: Ongoing): void {
    const reader = new RpcReader(ongoing.body, this.version ?? 0);
    const call = RPC_CALLS[reader.uint32()];
    const signature = reader.text();
    // A newer p11-kit has calls that the table does not know; its client then goes on without them.
    if (call === undefined) throw new CkError(CKR_FUNCTION_NOT_SUPPORTED);
    ongoing.call = call;
    if (call === ERROR_CALL || signature !== call.request) throw new CkError(CKR_ARGUMENTS_BAD);
    const handle = PKCS_FUNCTIONS.get(call.name);
    if (handle === undefined) throw new CkError(CKR_FUNCTION_NOT_SUPPORTED);
    const args = reader.arguments(call.request);
    ongoing.args = args;
    const work: Work = () => this.perform(ongoing, handle, args);
    const [session] = args;
    if (isInSessionOrder(call) && typeof session === "number") this.order.run(session, work, (later) => this.performInTurn(later));
    else void work();
  }

  /** Calls that are not begun wait in front of `begin`; one that waited here must look for itself whether there is room. */
  private async performInTurn(work: Work): Promise<void> {
    while (this.hasUnread()) await new Promise<void>((resolve) => this.whenRead.push(resolve));
    await work();
  }

  /** An answer that is there at once is written at once: so `isFull` counts it before the next call begins. */
  private perform(ongoing: Ongoing, handle: PkcsFunction, args: readonly Argument[]): Promise<void> | undefined {
    try {
      if (!this.application.isInitialised && ongoing.call.name !== "C_Initialize") throw new CkError(CKR_CRYPTOKI_NOT_INITIALIZED);
      const results = handle(this.application, args);
      if (results instanceof Promise) {
        return results.then(
          (late) => this.succeed(ongoing, late),
          (error: unknown) => this.refuse(ongoing, error),
        );
      }
      this.succeed(ongoing, results);
    } catch (error) {
      this.refuse(ongoing, error);
    }
    return undefined;
  }

  private succeed(ongoing: Ongoing, results: readonly Result[]): void {
    let answer: Buffer;
    try {
      answer = encodeAnswer(ongoing.callCode, ongoing.call, results);
    } catch (error) {
      this.refuse(ongoing, error);
      return;
    }
    this.end(ongoing, answer, 0);
  }

  private refuse(ongoing: Ongoing, error: unknown): void {
    const rv = ckrOf(error);
    this.end(ongoing, encodeAnswer(ongoing.callCode, ERROR_CALL, [rv]), rv);
  }

  private end({ call, body, args }: Ongoing, answer: Buffer, rv: number): void {
    body.fill(0); // it may have carried a PIN
    for (const argument of args) if (argument instanceof Uint8Array) argument.fill(0);
    this.calls -= 1;
    this.callBytes -= body.length;
    this.log(call.name, rv);
    if (this.socket.destroyed) return;
    this.socket.write(answer);
    if (this.isHeld) queueMicrotask(() => this.goOn());
  }
}
