// vpcd's messages, the same both ways: a length of two bytes, big-endian, then as many bytes. From vpcd one byte is a control code, and more are a
// command APDU (vsmartcard, src/vpcd/vpcd.c).

export const CONTROL_POWER_OFF = 0;
export const CONTROL_POWER_ON = 1;
export const CONTROL_RESET = 2;
export const CONTROL_GET_ATR = 4;

const LENGTH_BYTES = 2;

/** Puts messages together again, however the stream was cut. */
export class VpcdMessageReader {
  private received = Buffer.alloc(0);

  /** The messages that are whole now. */
  take(bytes: Buffer): Uint8Array[] {
    this.received = Buffer.concat([this.received, bytes]);
    const messages: Uint8Array[] = [];
    while (this.received.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.received.readUInt16BE(0);
      if (this.received.length < end) break;
      messages.push(new Uint8Array(this.received.subarray(LENGTH_BYTES, end)));
      this.received = this.received.subarray(end);
    }
    return messages;
  }
}

/** Length and body in one: vpcd (3.3) crashes pcscd when what it reads ends after the length's first byte, and one short write is never torn. */
export function vpcdMessage(body: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(body.length);
  return Buffer.concat([length, body]);
}
