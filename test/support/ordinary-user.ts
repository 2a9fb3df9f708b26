// Who runs what root is not to run: nobody, when the tests run as root; else whoever runs them.

const NOBODY = 65_534;

export const isRoot = process.getuid?.() === 0;
export const ORDINARY_USER = isRoot
  ? { uid: NOBODY, gid: NOBODY }
  : { uid: process.getuid?.() ?? NOBODY, gid: process.getgid?.() ?? NOBODY };
