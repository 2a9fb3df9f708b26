// Where p11-kit's client looks when no variable tells it where the bridge is.

import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * As p11_get_runtime_directory() has it, the same in p11-kit 0.24.1 and 0.26.4: $XDG_RUNTIME_DIR, else /run/user/UID or /var/run/user/UID
 * where there is one, else $XDG_CACHE_HOME, else .cache in the home folder that the user database has (not $HOME). Below it p11-kit/pkcs11.
 */
export function defaultSocket(environment: NodeJS.ProcessEnv): string {
  const { uid, homedir } = userInfo();
  const runtime = [environment["XDG_RUNTIME_DIR"], ...["/run", "/var/run"].map((base) => `${base}/user/${uid}`).filter(isFolder)];
  const folder = [...runtime, environment["XDG_CACHE_HOME"]].find((path) => path !== undefined && path !== "") ?? join(homedir, ".cache");
  return join(folder, "p11-kit", "pkcs11");
}

/**
 * Whether the folder is the user's own, or is to be made in one that is: it is not when another user's environment came along with `sudo`,
 * or somebody lays a trap.
 */
export function isOwnPlace(socket: string): boolean {
  const { uid } = userInfo();
  const folder = dirname(socket);
  const owners = [folder, dirname(folder), dirname(dirname(folder))].map((path) => statSync(path, { throwIfNoEntry: false })?.uid);
  const there = owners.slice(0, 2).filter((owner) => owner !== undefined);
  return there.length > 0 ? there.every((owner) => owner === uid) : owners[2] === uid;
}
