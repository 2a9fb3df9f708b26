// How often somebody may try to sign in: by address, and by key.

import { isIPv6 } from "node:net";
import { type Limit, LimitError } from "../../registration/limits.ts";
import { secretDigest } from "../../registration/secret.ts";

const WINDOW_MS = 10 * 60_000;
const BY_ADDRESS = 60;
const BY_KEY = 20;
/** A household or an office has 64 bits of IPv6 addresses to choose from. */
const IPV6_GROUPS = 4;

/** Who counts as one: an IPv4 address, or the 64-bit network of an IPv6 address. */
export function network(address: string): string {
  const embedded = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (embedded !== undefined) return embedded;
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const [before, after] = [head, tail ?? ""].map((part) => (part === "" ? [] : part.split(":")));
  const zeros = tail === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0);
  const groups = [...(before ?? []), ...Array<string>(zeros).fill("0"), ...(after ?? [])];
  return groups
    .slice(0, IPV6_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}

/** Tells whoever is to know that the tries are used up. @throws what `spend` throws */
export async function tellLimit(spend: () => Promise<void>, tell: () => Promise<void>): Promise<void> {
  try {
    await spend();
  } catch (error) {
    if (error instanceof LimitError) await tell();
    throw error;
  }
}

/** Each step has tries of its own. */
export function byAddress(step: "challenge" | "answer" | "link" | "certificate", address: string): Limit {
  return { subject: `sign-in ${step} from ${network(address)}`, count: BY_ADDRESS, windowMs: WINDOW_MS };
}

/** With the address: whoever knows an officer's public key must not be able to lock that officer out. @param publicKey whatever was sent as one */
export function byKey(publicKey: Uint8Array, address: string): Limit {
  const digest = Buffer.from(secretDigest(Buffer.from(publicKey).toString("base64url"))).toString("base64url");
  return { subject: `sign-in with key ${digest} from ${network(address)}`, count: BY_KEY, windowMs: WINDOW_MS };
}
