// What changes between two texts, line by line: as `diff` shows it, with every line.

/** Lengths of the longest common subsequences of what follows each pair of places. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const [below, right, both] = [lengths[i + 1]?.[j] ?? 0, lengths[i]?.[j + 1] ?? 0, lengths[i + 1]?.[j + 1] ?? 0];
      const row = lengths[i];
      if (row !== undefined) row[j] = before[i] === after[j] ? both + 1 : Math.max(below, right);
    }
  }
  return lengths;
}

const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** Each line with «+ », «- » or two spaces before it. Quadratic in the number of lines: for short files. */
export function lineDifference(before: string, after: string): string[] {
  const [old, young] = [linesOf(before), linesOf(after)];
  const lengths = commonLengths(old, young);
  const told: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < young.length) {
    if (i < old.length && j < young.length && old[i] === young[j]) {
      told.push(`  ${old[i]}`);
      i++;
      j++;
    } else if (j >= young.length || (i < old.length && (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0)))
      told.push(`- ${old[i++]}`);
    else told.push(`+ ${young[j++]}`);
  }
  return told;
}
