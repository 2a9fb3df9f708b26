// The globals that exist on an Espruino board, and nothing else: protocol/ and firmware/ compile with `noLib` against this
// file, so that Buffer, Map, SharedArrayBuffer, TextEncoder, … are compile errors there. What is absent was measured absent
// (Uint8Array.from/of/copyWithin/slice, Array.from/flat/at, Math.imul/clz32/trunc, Number.isInteger, Object.freeze, …).
// What the type checker cannot see (syntax) is refused by the bundle step: hardware/espruino-subset.ts.

interface Object {
  hasOwnProperty(name: string): boolean;
  toString(): string;
}
interface ObjectConstructor {
  keys(value: object): string[];
}
declare const Object: ObjectConstructor;

interface Function {
  readonly length: number;
}
interface CallableFunction extends Function {}
interface NewableFunction extends Function {}
interface IArguments {
  readonly length: number;
  [index: number]: unknown;
}
interface Boolean {
  valueOf(): boolean;
}
interface RegExp {
  test(text: string): boolean;
}

interface Number {
  toString(radix?: number): string;
}

interface String {
  readonly length: number;
  charCodeAt(index: number): number;
  indexOf(part: string): number;
  padStart(length: number, filler?: string): string;
  substring(start: number, end?: number): string;
  toUpperCase(): string;
}
interface StringConstructor {
  fromCharCode(code: number): string;
}
declare const String: StringConstructor;
declare function parseInt(text: string, radix: number): number;

/**
 * Only for the type checker, which wants Symbol.iterator before it lets `for … of` walk an array. Espruino has no Symbol:
 * the bundle step refuses the identifier.
 */
declare const Symbol: { readonly iterator: unique symbol };
interface IteratorYieldResult<T> {
  done?: false;
  value: T;
}
interface IteratorReturnResult {
  done: true;
  value: unknown;
}
interface Iterator<T, _TReturn = unknown, _TNext = unknown> {
  next(): IteratorYieldResult<T> | IteratorReturnResult;
}
interface Iterable<T, _TReturn = unknown, _TNext = unknown> {
  [Symbol.iterator](): Iterator<T>;
}
interface IterableIterator<T, _TReturn = unknown, _TNext = unknown> extends Iterator<T> {
  [Symbol.iterator](): IterableIterator<T>;
}

interface ReadonlyArray<T> {
  readonly length: number;
  readonly [index: number]: T;
  [Symbol.iterator](): IterableIterator<T>;
  indexOf(value: T): number;
  includes(value: T): boolean;
  find(test: (value: T) => boolean): T | undefined;
  filter(test: (value: T) => boolean): T[];
  map<U>(make: (value: T, index: number) => U): U[];
  forEach(visit: (value: T, index: number) => void): void;
  join(separator: string): string;
}
interface Array<T> {
  length: number;
  [index: number]: T;
  [Symbol.iterator](): IterableIterator<T>;
  indexOf(value: T): number;
  includes(value: T): boolean;
  find(test: (value: T) => boolean): T | undefined;
  filter(test: (value: T) => boolean): T[];
  map<U>(make: (value: T, index: number) => U): U[];
  forEach(visit: (value: T, index: number) => void): void;
  join(separator: string): string;
  push(value: T): number;
  pop(): T | undefined;
  splice(start: number, count: number): T[];
}
interface ArrayConstructor {
  isArray(value: unknown): value is unknown[];
}
declare const Array: ArrayConstructor;

interface ArrayBuffer {
  readonly byteLength: number;
}
interface Uint8Array {
  readonly length: number;
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  [index: number]: number;
  [Symbol.iterator](): IterableIterator<number>;
  set(source: Uint8Array | number[], offset?: number): void;
  fill(value: number, start?: number, end?: number): this;
  subarray(start: number, end?: number): Uint8Array;
}
interface Uint8ArrayConstructor {
  new (length: number): Uint8Array;
  new (source: number[] | Uint8Array | ArrayBuffer): Uint8Array;
}
declare const Uint8Array: Uint8ArrayConstructor;
/** In the machine's order of bytes. */
interface Uint32Array {
  readonly length: number;
  [index: number]: number;
  set(source: number[], offset?: number): void;
}
interface Uint32ArrayConstructor {
  new (buffer: ArrayBuffer): Uint32Array;
}
declare const Uint32Array: Uint32ArrayConstructor;

declare const Math: {
  min(a: number, b: number): number;
  max(a: number, b: number): number;
  floor(value: number): number;
  ceil(value: number): number;
};

type Partial<T> = { [P in keyof T]?: T[P] };
type Readonly<T> = { readonly [P in keyof T]: T[P] };
type Record<K extends string | number, T> = { [P in K]: T };
