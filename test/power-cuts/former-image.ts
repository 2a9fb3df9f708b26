// A flash as the firmware before the signature journal left it: layout 1, on every page, tries without their total.

import { Journal } from "../../firmware/journal.ts";
import { ID_KEY, ID_KINDS, ID_REFERENCE_DATA, ID_REVISION, ID_TRIES } from "../../firmware/journal-ids.ts";
import { PAGE_HEADER_BYTES } from "../../firmware/journal-layout.ts";
import { blankImage, type FlashImage, ModelledFlash } from "../../simulator/modelled-flash.ts";
import { nobleCrypto } from "../../simulator/noble-crypto.ts";
import { SWEPT_GEOMETRY } from "./laboratory.ts";

const FORMER_VERSION = 1;
const VERSION_OFFSET = 3;
const CHECKED_BYTES = 8;
const REVISION = new Uint8Array([0, 0, 0, 9]);

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

/** What is written together: a key with the revision, a verifier with its tries. */
function recordOf(id: number, value: Uint8Array) {
  const kind = id & ID_KINDS;
  if (kind === ID_KEY)
    return [
      { id, value },
      { id: ID_REVISION, value: REVISION },
    ];
  if (kind === ID_REFERENCE_DATA)
    return [
      { id, value },
      { id: ID_TRIES | (id & 0xff), value: new Uint8Array([3]) },
    ];
  return [{ id, value }];
}

/**
 * The image of a token with these values (in hex, by id). They lie on the last pages, which are the signature journal's today, when
 * `turns` is 0; on others when it was used on for some time.
 */
export function formerImage(values: ReadonlyMap<number, string>, turns: number): FlashImage {
  const image = blankImage(SWEPT_GEOMETRY);
  const journal = new Journal(new ModelledFlash(SWEPT_GEOMETRY, image, () => {}), nobleCrypto.crc32);
  const fill = (bytes: number): void => {
    for (let written = 0; written < bytes; written += 20) journal.write([{ id: ID_TRIES | 0x80, value: new Uint8Array([3]) }]);
  };
  fill((SWEPT_GEOMETRY.pageCount - 3) * SWEPT_GEOMETRY.pageBytes);
  for (const [id, value] of values) {
    if ((id & ID_KINDS) !== ID_TRIES && id !== ID_REVISION) journal.write(recordOf(id, bytesOf(value)));
  }
  fill(turns * SWEPT_GEOMETRY.pageBytes);
  for (let start = 0; start < image.bytes.length; start += SWEPT_GEOMETRY.pageBytes) {
    const header = image.bytes.subarray(start, start + PAGE_HEADER_BYTES);
    if (header[0] !== 0x53) continue;
    header[VERSION_OFFSET] = FORMER_VERSION;
    header.set(nobleCrypto.crc32(header.slice(0, CHECKED_BYTES)), CHECKED_BYTES);
  }
  return image;
}
