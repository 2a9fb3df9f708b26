// How many messages a signature costs: calls on p11-kit's RPC socket, and command APDUs at the token.

import { join } from "node:path";
import { CMD_APDU, isInitialPacket, PACKET_BYTES } from "../../protocol/packet.ts";
import { type Counter, startCountingRelay } from "./counting-relay.ts";
import type { Operation, Programs } from "./programs.ts";
import type { Subject, Subjects } from "./subjects.ts";

const RPC_HEADER_BYTES = 12;
const INITIAL_BIT = 0x80;

export interface RoundTrips {
  readonly rpcCalls: number;
  /** null: there is no token. */
  readonly tokenCommands: number | null;
}

/** Cuts a stream into pieces: `lengthOf` tells a piece's length once `headerBytes` of it are there. */
class Cutter implements Counter {
  private rest = Buffer.alloc(0);
  private readonly headerBytes: number;
  private readonly lengthOf: (header: Buffer) => number;
  private readonly onPiece: (piece: Buffer) => void;

  constructor(headerBytes: number, lengthOf: (header: Buffer) => number, onPiece: (piece: Buffer) => void) {
    this.headerBytes = headerBytes;
    this.lengthOf = lengthOf;
    this.onPiece = onPiece;
  }

  take(bytes: Buffer): void {
    this.rest = Buffer.concat([this.rest, bytes]);
    while (this.rest.length >= this.headerBytes && this.rest.length >= this.lengthOf(this.rest)) {
      const length = this.lengthOf(this.rest);
      this.onPiece(this.rest.subarray(0, length));
      this.rest = this.rest.subarray(length);
    }
  }
}

class Count {
  messages = 0;

  /** Calls of p11-kit's RPC: behind one byte of handshake, frames of call code, length of options, length of body, options, body. */
  rpcCalls(): Counter {
    const lengthOf = (header: Buffer): number => RPC_HEADER_BYTES + header.readUInt32BE(4) + header.readUInt32BE(8);
    const frames = new Cutter(RPC_HEADER_BYTES, lengthOf, () => {
      this.messages += 1;
    });
    let isFirst = true;
    return {
      take: (bytes) => {
        frames.take(isFirst ? bytes.subarray(1) : bytes);
        isFirst = false;
      },
    };
  }

  tokenCommands(): Counter {
    return new Cutter(
      PACKET_BYTES,
      () => PACKET_BYTES,
      (packet) => {
        if (isInitialPacket(packet) && packet[4] === (CMD_APDU | INITIAL_BIT)) this.messages += 1;
      },
    );
  }
}

/** What one more signature costs: whatever opens, logs in and closes is the same for `times` and twice as many. */
async function perSignature(
  programs: Programs,
  subject: Subject,
  operation: Operation,
  times: number,
  counts: readonly Count[],
): Promise<number[]> {
  const after = async (signatures: number): Promise<number[]> => {
    const before = counts.map(({ messages }) => messages);
    await programs.load(subject, { operation, processes: 1, times: signatures, warmUp: 0, seed: 1 });
    return counts.map(({ messages }, index) => messages - (before[index] ?? 0));
  };
  const once = await after(times);
  const twice = await after(2 * times);
  return twice.map((messages, index) => (messages - (once[index] ?? 0)) / times);
}

/** Ours, by relays on both sides of a second bridge. @param times signatures, and once more as many */
export async function ourRoundTrips(subjects: Subjects, programs: Programs, operation: Operation, times: number): Promise<RoundTrips> {
  const rpc = new Count();
  const token = new Count();
  const state = subjects.otherState();
  const front = join(subjects.folder, "front.sock");
  const tokenRelay = await startCountingRelay(state.tokenSocket("relayed"), subjects.tokenSocket, () => token.tokenCommands());
  const bridge = await subjects.startBridge(state);
  const rpcRelay = await startCountingRelay(front, state.pkcs11Socket, () => rpc.rpcCalls());
  try {
    const [rpcCalls = 0, tokenCommands = 0] = await perSignature(programs, subjects.behind("sceau", front), operation, times, [rpc, token]);
    return { rpcCalls, tokenCommands };
  } finally {
    await rpcRelay.close();
    await bridge.stop();
    await tokenRelay.close();
  }
}

/** Those of p11-kit's server. */
export async function serverRoundTrips(subjects: Subjects, programs: Programs, operation: Operation, times: number): Promise<RoundTrips> {
  const rpc = new Count();
  const front = join(subjects.folder, "front.sock");
  const relay = await startCountingRelay(front, subjects.serverSocket, () => rpc.rpcCalls());
  try {
    const [rpcCalls = 0] = await perSignature(programs, subjects.behind("p11-kit server", front), operation, times, [rpc]);
    return { rpcCalls, tokenCommands: null };
  } finally {
    await relay.close();
  }
}
