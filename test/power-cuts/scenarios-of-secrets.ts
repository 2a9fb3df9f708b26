// Scenarios of the commands around PIN, PUK and management key.

import type { Card } from "../../firmware/card.ts";
import type { ReferenceData } from "../../firmware/reference-data.ts";
import { ALG_AES_128, ALG_AES_256, FACTORY_PIN, FACTORY_PUK } from "../../protocol/piv.ts";
import { SW_AUTH_METHOD_BLOCKED, SW_TRIES_LEFT } from "../../protocol/status-words.ts";
import { changePin, changePuk, resetPin, setManagementKey, setTries, verifyPin } from "../firmware/card-commands.ts";
import { MANAGEMENT_KEY, PIN, PUK, WRONG_PIN, WRONG_PUK } from "../firmware/test-token.ts";
import { command, factoryManagementProved, inTurn, managementProved, pinProved } from "./act.ts";
import { imageAfter } from "./laboratory.ts";
import { type Scenario, triesBack, trySpent } from "./scenario.ts";
import { BLANK, IN_USE, SEALED } from "./start-images.ts";

const pin = (card: Card): ReferenceData => card.pin;
const puk = (card: Card): ReferenceData => card.puk;
const FRESH_PIN = "7294816";
const FRESH_PUK = "w8?kQ3!z";
const FRESH_MANAGEMENT_KEY = MANAGEMENT_KEY.map((byte) => byte ^ 0x5a);

const oneTryLeft = imageAfter(IN_USE, 21, ({ token }) => {
  token.sw(verifyPin(WRONG_PIN));
  token.sw(verifyPin(WRONG_PIN));
});
const pinBlocked = imageAfter(oneTryLeft, 22, ({ token }) => void token.sw(verifyPin(WRONG_PIN)));

export const SCENARIOS_OF_SECRETS: readonly Scenario[] = [
  { name: "VERIFY", image: IN_USE, act: command(verifyPin(PIN)), between: [trySpent(pin)], spentBefore: "comparison" },
  { name: "VERIFY, one try left", image: oneTryLeft, act: command(verifyPin(PIN)), between: [trySpent(pin)], spentBefore: "comparison" },
  { name: "VERIFY, wrong", image: IN_USE, act: command(verifyPin(WRONG_PIN), SW_TRIES_LEFT + 2), spentBefore: "comparison" },
  {
    name: "VERIFY, wrong, one try left",
    image: oneTryLeft,
    act: command(verifyPin(WRONG_PIN), SW_AUTH_METHOD_BLOCKED),
    spentBefore: "comparison",
  },
  { name: "VERIFY of the factory's PIN", image: SEALED, act: command(verifyPin(FACTORY_PIN)), between: [trySpent(pin)] },
  { name: "CHANGE PIN", image: IN_USE, act: command(changePin(PIN, FRESH_PIN)), between: [trySpent(pin), triesBack(pin)] },
  { name: "CHANGE PIN, wrong", image: IN_USE, act: command(changePin(WRONG_PIN, FRESH_PIN), SW_TRIES_LEFT + 2) },
  { name: "CHANGE PIN, the first", image: BLANK, act: command(changePin(FACTORY_PIN, PIN)), between: [trySpent(pin), triesBack(pin)] },
  { name: "CHANGE PUK", image: IN_USE, act: command(changePuk(PUK, FRESH_PUK)), between: [trySpent(puk), triesBack(puk)] },
  { name: "CHANGE PUK, wrong", image: IN_USE, act: command(changePuk(WRONG_PUK, FRESH_PUK), SW_TRIES_LEFT + 2) },
  { name: "CHANGE PUK, the first", image: BLANK, act: command(changePuk(FACTORY_PUK, PUK)), between: [trySpent(puk), triesBack(puk)] },
  {
    name: "RESET RETRY COUNTER of a blocked PIN",
    image: pinBlocked,
    act: command(resetPin(PUK, FRESH_PIN)),
    between: [trySpent(puk), triesBack(puk)],
  },
  { name: "RESET RETRY COUNTER, wrong PUK", image: pinBlocked, act: command(resetPin(WRONG_PUK, FRESH_PIN), SW_TRIES_LEFT + 2) },
  {
    name: "SET MANAGEMENT KEY",
    image: IN_USE,
    prepare: managementProved,
    act: command(setManagementKey(ALG_AES_256, FRESH_MANAGEMENT_KEY)),
  },
  {
    name: "SET MANAGEMENT KEY, the first",
    image: SEALED,
    prepare: factoryManagementProved,
    act: command(setManagementKey(ALG_AES_128, FRESH_MANAGEMENT_KEY.slice(0, 16))),
  },
  { name: "SET TRIES", image: oneTryLeft, prepare: inTurn(pinProved, managementProved), act: command(setTries(5, 8)) },
];
