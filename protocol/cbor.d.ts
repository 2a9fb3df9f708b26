/** A map with unsigned keys in ascending order; Espruino has no Map. */
export declare class CborMap {
    readonly keys: number[];
    readonly values: CborValue[];
    constructor();
    /** Adds an entry; keys must come in ascending order, as they are encoded. */
    put(key: number, value: CborValue): CborMap;
    /** The value under `key`, or undefined when there is none. */
    get(key: number): CborValue | undefined;
}
export type CborValue = number | string | boolean | null | Uint8Array | CborMap | readonly CborValue[];
/** Arrays and maps inside each other, at most. */
export declare const CBOR_MAX_DEPTH = 4;
/** @throws MalformedError on a number that is not an integer of 32 bits, or text that is not ASCII */
export declare function encodeCbor(value: CborValue): Uint8Array;
/**
 * The one value that `bytes` hold.
 * @throws MalformedError on anything outside the subset, another than the deterministic encoding, or bytes left over
 */
export declare function decodeCbor(bytes: Uint8Array): CborValue;
