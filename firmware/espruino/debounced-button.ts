// The button of a board: one press is a release, then a level that holds. Held down beforehand it does not count: consent is given after the question.

import type { Button } from "../hal.ts";
import type { Board } from "./board.ts";

const DEBOUNCE_MS = 25;

export function isButtonDown(board: Board): boolean {
  pinMode(board.button.pin, board.button.mode);
  return !!digitalRead(board.button.pin) === board.button.pressed;
}

export function boardButton(board: Board): Button {
  return {
    wait: (timeoutMs, done) => {
      let watch = 0;
      let timer = 0;
      // A change that has begun is told after its 25 ms even when its watch is cleared meanwhile; and the next wait may have the same numbers.
      let isOver = false;
      const stop = (): void => {
        isOver = true;
        clearWatch(watch);
        clearTimeout(timer);
      };
      const end = (pressed: boolean): void => {
        stop();
        done(pressed);
      };
      watch = setWatch(
        (change) => {
          if (!isOver && change.state === board.button.pressed) end(true);
        },
        board.button.pin,
        { repeat: true, edge: "both", debounce: DEBOUNCE_MS },
      );
      timer = setTimeout(() => end(false), timeoutMs);
      return stop;
    },
  };
}
