// What a board can tell of itself without anybody's hand: the button rests. Of its lights it can tell nothing: a pin that is read as an input is no
// light any more, and one that is not cannot be read.

import { PART_BUTTON } from "../../protocol/vendor.ts";
import type { HardwareTest } from "../hal.ts";
import type { Board } from "./board.ts";
import { isButtonDown } from "./debounced-button.ts";

/** A button that is pressed meanwhile fails. */
export function testBoard(board: Board): HardwareTest {
  return { parts: PART_BUTTON, failed: isButtonDown(board) ? PART_BUTTON : 0 };
}
