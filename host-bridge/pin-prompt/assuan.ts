// The lines of the Assuan protocol (libassuan's manual, «Client/Server Protocol»), as pinentry speaks it. A PIN travels in a D line: it stays in
// byte strings that can be overwritten, and is never made a string.

const LINE_FEED = 0x0a;
const PERCENT = 0x25;
/** Longer than any line that pinentry writes: Assuan allows 1,000 bytes. */
const MAX_LINE_BYTES = 2048;

/** The line ends at the first of these; the protocol wants them and the percent sign escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are escaped
const ESCAPED = /[\u0000-\u001f\u007f%]/g;

/** Text as an argument of a command, in one line whatever it holds. */
export function escapeArgument(text: string): string {
  return text.replace(ESCAPED, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

const hexDigit = (byte: number | undefined): number => {
  const value = byte === undefined ? Number.NaN : Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? -1 : value;
};

/** What a D line carries: percent signs with two hexadecimal digits are bytes. A percent sign without them stands for itself. */
export function unescapeData(data: Uint8Array): Uint8Array {
  const plain = new Uint8Array(data.length);
  let length = 0;
  for (let at = 0; at < data.length; at++) {
    const [high, low] = [hexDigit(data[at + 1]), hexDigit(data[at + 2])];
    if (data[at] === PERCENT && high >= 0 && low >= 0) {
      plain[length++] = high * 16 + low;
      at += 2;
    } else plain[length++] = data[at] ?? 0;
  }
  const result = plain.slice(0, length);
  plain.fill(0);
  return result;
}

/** Cuts what comes from the peer into lines, and overwrites what it was given. */
export class LineCutter {
  private pending = new Uint8Array(0);

  /** The lines that these bytes complete, without their ends. The caller overwrites them. @throws RangeError on a line that never ends */
  accept(bytes: Uint8Array): Uint8Array[] {
    const joined = new Uint8Array(this.pending.length + bytes.length);
    joined.set(this.pending);
    joined.set(bytes, this.pending.length);
    this.wipe();
    bytes.fill(0);
    const lines: Uint8Array[] = [];
    let start = 0;
    for (let end = joined.indexOf(LINE_FEED); end >= 0; end = joined.indexOf(LINE_FEED, start)) {
      lines.push(joined.slice(start, end));
      start = end + 1;
    }
    this.pending = joined.slice(start);
    joined.fill(0);
    if (this.pending.length > MAX_LINE_BYTES) throw new RangeError("a line without an end");
    return lines;
  }

  wipe(): void {
    this.pending.fill(0);
    this.pending = new Uint8Array(0);
  }
}
