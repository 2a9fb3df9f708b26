// A token whose flash operations are recorded, in a world that repeats itself.

import type { Profile } from "../../firmware/profile.ts";
import type { FlashGeometry, FlashImage } from "../../simulator/modelled-flash.ts";
import { apdu, type CommandParts } from "../firmware/card-commands.ts";
import { copyImage, TestToken } from "../firmware/test-token.ts";
import { HeldButton, repeatable } from "../support/repeatable-world.ts";
import { RecordedFlash } from "./recorded-flash.ts";

/** The smallest flash that a token is meant for: eight pages of 4 KB. */
export const SWEPT_GEOMETRY: FlashGeometry = { pageCount: 8, pageBytes: 4096, wordBytes: 4, writesPerWord: 2 };

export interface Opened {
  readonly token: TestToken;
  readonly flash: RecordedFlash;
  readonly button: HeldButton;
}

/** Plugs a token in on this very image, which its writes change. @throws what the firmware throws */
export function openOn(image: FlashImage, seed = 1, profile?: Profile): Opened {
  const flash = new RecordedFlash(SWEPT_GEOMETRY, image);
  const button = new HeldButton();
  const token = new TestToken({
    geometry: SWEPT_GEOMETRY,
    image,
    changeHal: (hal) => ({ ...repeatable(hal, seed, button), flash }),
    ...(profile && { profile }),
  });
  return { token, flash, button };
}

/** An image on which these things have been done. */
export function imageAfter(image: FlashImage, seed: number, act: (opened: Opened) => void): FlashImage {
  const copy = copyImage(image);
  act(openOn(copy, seed));
  return copy;
}

/** A command for whose button somebody presses. The answer: its status word. */
export function pressed(opened: Opened, parts: CommandParts): number {
  let late = 0;
  const response = opened.token.raw(apdu(parts), opened.token.channel, (answer) => {
    late = answer.sw;
  });
  if (response !== null) return response.sw;
  opened.button.end(true);
  return late;
}
