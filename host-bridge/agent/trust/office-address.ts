// What the holder is shown of an office's address, and the way back to it, which leads nowhere else.

/** What the holder types to trust it. @param address of officeAddress */
export const hostOf = (address: string): string => new URL(address).hostname;

/**
 * An address of this office's, that the office has told. Whatever the text is, it leads to the office itself.
 * @param address of officeAddress
 * @param path begins with a slash
 * @returns null: it would lead elsewhere
 */
export function addressAt(address: string, path: string): string | null {
  if (!path.startsWith("/") || !URL.canParse(`${address}${path}`)) return null;
  const there = new URL(`${address}${path}`); // tabs, line ends, backslashes and dots are gone from it
  const isBelow = there.origin === new URL(address).origin && there.href.startsWith(`${address}/`);
  return isBelow && there.username === "" && there.password === "" ? there.href : null;
}
