export interface Tlv {
    /** The tag's bytes read as one number: 0x53, 0x7f49, 0x5fc105. */
    readonly tag: number;
    readonly value: Uint8Array;
}
/** One data object: `tag`, the shortest length (value ≤ 65,535 bytes), the values one after the other. */
export declare function encodeTlv(tag: number, values: readonly Uint8Array[]): Uint8Array;
/**
 * The data objects that fill `bytes`, in order, not descending into constructed ones.
 * @throws MalformedError on a tag over three bytes, an indefinite or over-long length, bytes missing or left over
 */
export declare function parseTlvs(bytes: Uint8Array): Tlv[];
/** The value of the first data object with this tag, or null. */
export declare function findTlv(list: readonly Tlv[], tag: number): Uint8Array | null;
/**
 * The value of the one data object that `bytes` must be.
 * @throws MalformedError when it is another tag or not exactly one object
 */
export declare function parseOneTlv(bytes: Uint8Array, tag: number): Uint8Array;
