// The world of a simulated token: the operating system's randomness, a modelled flash, a scripted button, Node's clock.

import { randomFillSync } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { DeviceIdentity, Hal } from "../firmware/hal.ts";
import type { ModelledFlash } from "./modelled-flash.ts";
import { nobleCrypto } from "./noble-crypto.ts";
import type { ScriptedButton } from "./scripted-button.ts";

export interface NodeHalParts {
  readonly device: DeviceIdentity;
  readonly flash: ModelledFlash;
  readonly button: ScriptedButton;
}

export function createNodeHal(parts: NodeHalParts): Hal {
  return {
    ...parts,
    rng: {
      fill: (out) => void randomFillSync(out),
      stir: () => {}, // the operating system's generator is seeded by the operating system
    },
    led: { show: () => {} },
    clock: {
      nowMs: () => performance.now(),
      every: (periodMs, tick) => {
        const timer = setInterval(tick, periodMs);
        return () => clearInterval(timer);
      },
    },
    crypto: nobleCrypto,
    selfTest: () => ({ parts: 0, failed: 0 }), // no button and no light that could break
  };
}
