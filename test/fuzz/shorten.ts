// The fewest steps that still find the same.

/** @param finds what these steps find, or null */
export function shorten<T>(steps: readonly T[], why: string, finds: (steps: readonly T[]) => string | null): T[] {
  let kept = [...steps];
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = kept.length - size; at >= 0; at -= size) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (finds(fewer) === why) kept = fewer;
    }
  }
  return kept;
}
