// Who runs what root is not to run: nobody, when the tests run as root; else whoever runs them.

const NOBODY = 65_534;

export const isRoot = process.getuid?.() === 0;
export const ORDINARY_USER = isRoot
  ? { uid: NOBODY, gid: NOBODY }
  : { uid: process.getuid?.() ?? NOBODY, gid: process.getgid?.() ?? NOBODY };

/**
 * Node as another user. It may read whatever root may: the checkout may lie where that user cannot look, such as /root.
 * @returns program and arguments
 */
export function nodeAs(user: { readonly uid: number; readonly gid: number } | undefined, args: readonly string[]): [string, string[]] {
  if (user === undefined || !isRoot) return [process.execPath, [...args]];
  const identity = ["--reuid", String(user.uid), "--regid", String(user.gid), "--clear-groups"];
  const capability = "+dac_read_search";
  // Without no_setuid_fixup access(2) asks as if there were no capability.
  const rights = ["--securebits", "+no_setuid_fixup", "--inh-caps", capability, "--ambient-caps", capability];
  return ["setpriv", [...identity, ...rights, process.execPath, ...args]];
}
