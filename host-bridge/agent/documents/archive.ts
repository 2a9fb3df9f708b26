// Several files in one: a ZIP archive without compression (PKWARE APPNOTE 6.3.10), since PDFs are compressed already.

import { crc32 } from "node:zlib";

export interface ArchivedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_CENTRAL = 0x06054b50;
const VERSION = 20;
/** General purpose bit 11: names are UTF-8. */
const UTF8_NAMES = 0x0800;
const STORED = 0;
/** Beyond these numbers it would take ZIP64 (§4.5.3). */
const MOST_BYTES = 0xffffffff;
const MOST_FILES = 0xffff;
const FIRST_YEAR = 1980;

/** MS-DOS time and date (§4.4.6), of this computer's zone. */
function dosTime(at: Date): { time: number; date: number } {
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);
  const date = ((at.getFullYear() - FIRST_YEAR) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();
  return { time, date };
}

/** What both headers have, from «version needed» on. */
function commonFields(name: Buffer, bytes: Uint8Array, at: Date): Buffer {
  const fields = Buffer.alloc(26);
  const { time, date } = dosTime(at);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(UTF8_NAMES, 2);
  fields.writeUInt16LE(STORED, 4);
  fields.writeUInt16LE(time, 6);
  fields.writeUInt16LE(date, 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(bytes.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(name.length, 22); // no extra field: 24 stays 0
  return fields;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** @param at told as the time of every file @throws RangeError too much for this form of archive */
export function archiveOf(files: readonly ArchivedFile[], at: Date): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const encoded = Buffer.from(name, "utf8");
    const fields = commonFields(encoded, bytes, at);
    const local = [word(LOCAL_HEADER), fields, encoded, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)];
    // Comment, disk, attributes: none.
    const entry = Buffer.alloc(10);
    central.push(word(CENTRAL_HEADER), Buffer.from([VERSION, 0]), fields, entry, word(offset), encoded);
    parts.push(...local);
    offset += local.reduce((sum, each) => sum + each.length, 0);
  }
  const directory = Buffer.concat(central);
  if (offset + directory.length > MOST_BYTES || files.length > MOST_FILES) throw new RangeError("too much for one archive");
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END_OF_CENTRAL, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}
