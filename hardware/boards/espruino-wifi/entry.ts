// What this board's script is made from.

import { start } from "../../../firmware/espruino/start.ts";
import { ESPRUINO_WIFI } from "./board.ts";

start(ESPRUINO_WIFI);
