// The factory profile `compat`, of simulated tokens alone: it takes the YubiKey tools' default secrets and 3DES, so that those tools can judge
// the card. Never on a board: hardware/ may not import this folder, and a token with it refuses a device that is not simulated.

import { createCipheriv } from "node:crypto";
import type { Profile } from "../firmware/profile.ts";
import { ALG_3DES } from "../protocol/piv.ts";

export const COMPAT_PROFILE: Profile = {
  name: "compat",
  isStrict: false,
  managementAlgorithm: ALG_3DES,
  legacyCipher: {
    algorithm: ALG_3DES,
    keyBytes: 24,
    blockBytes: 8,
    encryptBlock: (key, block) => {
      const cipher = createCipheriv("des-ede3", key, null).setAutoPadding(false);
      return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
    },
  },
};
