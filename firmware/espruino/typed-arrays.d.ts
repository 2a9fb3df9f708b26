// Typed arrays as the noise source uses them, beside protocol/espruino.d.ts: a loop that the interpreter itself runs costs a tenth of one in JavaScript.
// Seen in Espruino 2v29: `map` calls a function of the machine's code, too; `indexOf` takes where to begin.

interface Uint8Array {
  indexOf(value: number, start: number): number;
}
interface Uint8ArrayConstructor {
  /** Element by element, the low eight bits of each. */
  new (words: Int32Array): Uint8Array;
}
interface Int32Array {
  readonly length: number;
  readonly buffer: ArrayBuffer;
  [index: number]: number;
  map(make: () => number): Int32Array;
}
interface Int32ArrayConstructor {
  new (length: number): Int32Array;
}
declare const Int32Array: Int32ArrayConstructor;
