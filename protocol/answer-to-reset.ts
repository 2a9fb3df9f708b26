// What the token says of itself when a reader powers it on (ISO 7816-3 §8.2): the same in every reader, virtual or on USB.

/**
 * TS, T0 with 11 historical bytes, T=1; category 80; compact TLV 73: card capabilities (ISO 7816-4 §8.1.1.2.7: selection by name, data in bytes,
 * chaining and extended length); 55: five bytes of the card's own, «SCEAU»; at the end the XOR of what follows TS.
 */
export const ANSWER_TO_RESET = new Uint8Array([0x3b, 0x8b, 0x01, 0x80, 0x73, 0xc0, 0x21, 0xc0, 0x55, 0x53, 0x43, 0x45, 0x41, 0x55, 0x4c]);
