// What a board can tell of its button and its lights without anybody's hand: the button rests, each light's pin follows.

import { PART_BUTTON, PART_LIGHTS } from "../../protocol/vendor.ts";
import type { HardwareTest } from "../hal.ts";
import type { Board } from "./board.ts";
import { isButtonDown } from "./debounced-button.ts";

function follows(pin: Pin): boolean {
  digitalWrite(pin, true);
  const isHigh = !!digitalRead(pin);
  digitalWrite(pin, false);
  return isHigh && !digitalRead(pin);
}

/** Leaves the lights out: whoever shows a state shows it anew. A button that is pressed meanwhile fails. */
export function testBoard(board: Board): HardwareTest {
  const leds = board.leds;
  let failed = 0;
  if (isButtonDown(board)) failed |= PART_BUTTON;
  for (const pin of [leds.busy, leds.waiting, leds.error]) if (!follows(pin)) failed |= PART_LIGHTS;
  digitalWrite(leds.busy, true); // a command is under way
  return { parts: PART_BUTTON | PART_LIGHTS, failed };
}
