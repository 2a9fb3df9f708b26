// A template that an application gives for an object to be made, or for changes of one: each attribute once, each value of its type's form.

import type { Attribute } from "../ck/attribute.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";

const ULONG_BYTES = 8;

export class Template {
  private readonly values = new Map<number, Uint8Array>();

  /** @throws CkError CKR_TEMPLATE_INCONSISTENT when it gives one attribute two values */
  constructor(rows: readonly Attribute[]) {
    for (const { type, value } of rows) {
      const before = this.values.get(type);
      if (before !== undefined && !Buffer.from(before).equals(value)) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
      this.values.set(type, value);
    }
  }

  get types(): readonly number[] {
    return [...this.values.keys()];
  }

  bytes(type: number): Uint8Array | undefined {
    return this.values.get(type);
  }

  /** @throws CkError CKR_ATTRIBUTE_VALUE_INVALID */
  bool(type: number): boolean | undefined {
    const value = this.values.get(type);
    if (value === undefined) return undefined;
    const [byte] = value;
    if (value.length !== 1 || byte === undefined || byte > 1) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
    return byte === 1;
  }

  /** @throws CkError CKR_ATTRIBUTE_VALUE_INVALID */
  ulong(type: number): number | undefined {
    const value = this.values.get(type);
    if (value === undefined) return undefined;
    if (value.length !== ULONG_BYTES) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
    return Number(Buffer.from(value).readBigUInt64LE());
  }

  /** @throws CkError CKR_TEMPLATE_INCOMPLETE */
  required(type: number): Uint8Array {
    const value = this.values.get(type);
    if (value === undefined) throw new CkError(ck.CKR_TEMPLATE_INCOMPLETE);
    return value;
  }

  /** @throws CkError CKR_ATTRIBUTE_TYPE_INVALID when it has attributes that are not among `known` */
  checkTypes(known: ReadonlySet<number>): void {
    if (this.types.some((type) => !known.has(type))) throw new CkError(ck.CKR_ATTRIBUTE_TYPE_INVALID);
  }

  /** @throws CkError CKR_TEMPLATE_INCONSISTENT when it asks for another value than there will be */
  expectBool(type: number, only: boolean): void {
    if ((this.bool(type) ?? only) !== only) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  }

  /** @throws CkError CKR_TEMPLATE_INCONSISTENT */
  expectUlong(type: number, only: number): void {
    if ((this.ulong(type) ?? only) !== only) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  }
}
