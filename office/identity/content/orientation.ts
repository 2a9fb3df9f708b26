// Which side of a picture is up: the one thing of its EXIF that is kept (CIPA DC-008 §4.6.4, tag 274), in an EXIF of our own that says nothing else.

const BIG_ENDIAN = 0x4d4d;
const LITTLE_ENDIAN = 0x4949;
const TIFF_MAGIC = 42;
const TAG_ORIENTATION = 0x0112;
const TYPE_SHORT = 3;
const ENTRY_BYTES = 12;
/** As it was taken; 2 to 8: turned, mirrored. */
export const UPRIGHT = 1;
const LAST_ORIENTATION = 8;

/** @param tiff from the byte order on, as somebody else wrote it @returns 1 to 8; 1 when it says nothing that can be read */
export function orientationOf(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (view.byteLength < 10) return UPRIGHT;
  const order = view.getUint16(0);
  const isLittle = order === LITTLE_ENDIAN;
  if ((!isLittle && order !== BIG_ENDIAN) || view.getUint16(2, isLittle) !== TIFF_MAGIC) return UPRIGHT;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > view.byteLength) return UPRIGHT;
  const count = view.getUint16(directory, isLittle);
  for (let index = 0; index < count; index++) {
    const at = directory + 2 + index * ENTRY_BYTES;
    if (at + ENTRY_BYTES > view.byteLength) return UPRIGHT;
    if (view.getUint16(at, isLittle) !== TAG_ORIENTATION || view.getUint16(at + 2, isLittle) !== TYPE_SHORT) continue;
    const value = view.getUint16(at + 8, isLittle);
    return value >= UPRIGHT && value <= LAST_ORIENTATION ? value : UPRIGHT;
  }
  return UPRIGHT;
}

/** A TIFF structure with one entry and no further directory. */
export function orientationAlone(orientation: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(26));
  view.setUint16(0, BIG_ENDIAN);
  view.setUint16(2, TIFF_MAGIC);
  view.setUint32(4, 8); // the directory follows
  view.setUint16(8, 1);
  view.setUint16(10, TAG_ORIENTATION);
  view.setUint16(12, TYPE_SHORT);
  view.setUint32(14, 1);
  view.setUint16(18, orientation);
  return new Uint8Array(view.buffer);
}
