// One area's texts, French beside English: a text that is missing in one of them does not compile, and neither does one too many.

import { frenchSpaces } from "./typography.ts";

/** The same shape with any words. */
type AnyWords<T> = T extends string
  ? string
  : T extends (...values: infer V) => string
    ? (...values: V) => string
    : { readonly [K in keyof T]: AnyWords<T[K]> };

/** The shape is the French one: its functions tell their parameters' types. Lists have the same length in both. */
export function inBothLanguages<const T>(french: T, english: NoInfer<AnyWords<T>>): { readonly fr: AnyWords<T>; readonly en: AnyWords<T> } {
  return { fr: frenchSpaces(french) as AnyWords<T>, en: english };
}
