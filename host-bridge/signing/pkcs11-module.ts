// Finds p11-kit's client, the PKCS#11 module of the distribution that reaches the bridge.

import { existsSync } from "node:fs";

const FOLDERS = [
  "/usr/lib/x86_64-linux-gnu/pkcs11",
  "/usr/lib/aarch64-linux-gnu/pkcs11",
  "/usr/lib/arm-linux-gnueabihf/pkcs11",
  "/usr/lib64/pkcs11",
  "/usr/lib/pkcs11",
];

/** The module's path, or null when the distribution's package (Debian: p11-kit-modules) is not installed. */
export function findP11KitClient(): string | null {
  return FOLDERS.map((folder) => `${folder}/p11-kit-client.so`).find((path) => existsSync(path)) ?? null;
}

/** What p11-kit leaves as it is in a path; a percent sign or a space would be read as something else (p11_path_decode()). */
const PLAIN = /[^A-Za-z0-9_./-]/gu;

/** What tells p11-kit's client where the bridge is. */
export function p11KitAddress(socketPath: string): string {
  return `unix:path=${socketPath.replace(PLAIN, (character) => Buffer.from(character).toString("hex").replace(/../g, "%$&"))}`;
}
