// What this board's script is made from.

import { start } from "../../../firmware/espruino/start.ts";
import { PICO } from "./board.ts";

start(PICO);
