// What tests seal with.

import { sealingOf } from "../../office/sealing/sealing.ts";

export const testSealing = sealingOf(new Uint8Array(32).fill(7));
