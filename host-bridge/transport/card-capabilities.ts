// What a card says that it can do, in its answer to reset (ISO 7816-3 §8.2, ISO 7816-4 §8.1.1).

/** Historical bytes with a status indicator at their end, and with nothing but compact TLVs (ISO 7816-4 §8.1.1.1). */
const CATEGORY_WITH_STATUS = 0x00;
const CATEGORY_COMPACT_TLV = 0x80;
const STATUS_BYTES = 3;
/** Compact TLV «card capabilities», and in its third byte: extended Lc and Le (§8.1.1.2.7). */
const TAG_CAPABILITIES = 7;
const EXTENDED_LENGTH = 0x40;

/** Interface bytes come in groups; the upper half of T0 and of each TDi says which of TA, TB, TC, TD follow. */
function historicalBytes(atr: Uint8Array): Uint8Array {
  const [, format = 0] = atr;
  let [at, present] = [2, format >> 4];
  while (present !== 0) {
    const count = [1, 2, 4, 8].filter((bit) => (present & bit) !== 0).length;
    const hasNext = (present & 8) !== 0;
    present = hasNext ? (atr[at + count - 1] ?? 0) >> 4 : 0;
    at += count;
  }
  return atr.subarray(at, at + (format & 0x0f));
}

/** Whether the card says that it takes extended APDUs; what is cut short says nothing. */
export function saysExtendedLength(atr: Uint8Array): boolean {
  const [category, ...rest] = historicalBytes(atr);
  if (category !== CATEGORY_WITH_STATUS && category !== CATEGORY_COMPACT_TLV) return false;
  const objects = category === CATEGORY_WITH_STATUS ? rest.slice(0, -STATUS_BYTES) : rest;
  for (let at = 0; at < objects.length; ) {
    const head = objects[at] ?? 0;
    const length = head & 0x0f;
    if (head >> 4 === TAG_CAPABILITIES && length >= 3) return ((objects[at + 3] ?? 0) & EXTENDED_LENGTH) !== 0;
    at += 1 + length;
  }
  return false;
}
