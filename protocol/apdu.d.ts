/** CLA bit 5: the command goes on in the next APDU. */
export declare const CLA_CHAINING = 16;
export declare const INS_GET_RESPONSE = 192;
export interface CommandApdu {
    readonly cla: number;
    readonly ins: number;
    readonly p1: number;
    readonly p2: number;
    readonly data: Uint8Array;
    /** The most bytes that the answer may have: Ne. 0: none are expected. */
    readonly le: number;
}
export interface ResponseApdu {
    readonly data: Uint8Array;
    readonly sw: number;
}
/**
 * The seven forms of ISO 7816-4 §5.1 (case 1; 2, 3, 4 short and extended).
 * @throws MalformedError when the length fields and the bytes disagree
 */
export declare function parseCommandApdu(bytes: Uint8Array): CommandApdu;
/** Short form whenever it fits, else extended. `data` at most 65,535 bytes, `le` at most 65,536. */
export declare function encodeCommandApdu(command: CommandApdu): Uint8Array;
/**
 * The same command as short APDUs that chain, each with at most `pieceBytes` (≤ 255) of data; one APDU when it fits.
 * For readers and cards that have no extended length.
 */
export declare function chainCommandApdu(command: CommandApdu, pieceBytes: number): Uint8Array[];
/** @throws MalformedError when shorter than its status word */
export declare function parseResponseApdu(bytes: Uint8Array): ResponseApdu;
export declare function encodeResponseApdu(data: Uint8Array, sw: number): Uint8Array;
