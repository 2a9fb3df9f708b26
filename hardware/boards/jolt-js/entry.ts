// What this board's script is made from.

import { start } from "../../../firmware/espruino/start.ts";
import { JOLT_JS } from "./board.ts";

start(JOLT_JS);
