// Scenarios of PUT DATA and of RESET.

import { OBJECT_AUTH_CERTIFICATE, OBJECT_CHUID, OBJECT_PRINTED_INFORMATION } from "../../protocol/piv.ts";
import { SW_TRIES_LEFT } from "../../protocol/status-words.ts";
import { changePin, putData, RESET, verifyPin } from "../firmware/card-commands.ts";
import { PIN, WRONG_PIN } from "../firmware/test-token.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { command, managementProved } from "./act.ts";
import { imageAfter } from "./laboratory.ts";
import { type Scenario, triesBack, trySpent } from "./scenario.ts";
import { BLANK, BLOCKED, FULL, FULL_AND_BLOCKED, IN_USE } from "./start-images.ts";

/** As long as those that `fillMemory` has put there. */
const FULL_OBJECT_BYTES = 230;
const random = new SeededRandom(31);
const blankAndBlocked = imageAfter(BLANK, 32, ({ token }) => token.block());

const WRITTEN: readonly Scenario[] = [
  { name: "PUT DATA, a small object", image: IN_USE, act: command(putData(OBJECT_CHUID, random.bytes(59))) },
  { name: "PUT DATA, 3,072 bytes", image: IN_USE, act: command(putData(OBJECT_PRINTED_INFORMATION, random.bytes(3072))) },
  { name: "PUT DATA, an object replaced", image: IN_USE, act: command(putData(OBJECT_AUTH_CERTIFICATE, random.bytes(640))) },
  { name: "PUT DATA, an object removed", image: IN_USE, act: command(putData(OBJECT_AUTH_CERTIFICATE, new Uint8Array())) },
  {
    name: "PUT DATA, an object replaced in a full token",
    image: FULL,
    act: command(putData(OBJECT_AUTH_CERTIFICATE, random.bytes(FULL_OBJECT_BYTES))),
  },
].map((scenario) => ({ ...scenario, prepare: managementProved }));

export const SCENARIOS_OF_OBJECTS: readonly Scenario[] = [
  ...WRITTEN,
  { name: "RESET", image: BLOCKED, act: command(RESET) },
  { name: "RESET of a blank token", image: blankAndBlocked, act: command(RESET) },
  { name: "RESET of a full token", image: FULL_AND_BLOCKED, act: command(RESET) },
  { name: "VERIFY in a full token", image: FULL, act: command(verifyPin(PIN)), between: [trySpent((card) => card.pin)] },
  { name: "VERIFY, wrong, in a full token", image: FULL, act: command(verifyPin(WRONG_PIN), SW_TRIES_LEFT + 2) },
  {
    name: "CHANGE PIN in a full token",
    image: FULL,
    act: command(changePin(PIN, "7294816")),
    between: [trySpent((card) => card.pin), triesBack((card) => card.pin)],
  },
];
