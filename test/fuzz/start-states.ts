// The tokens that a fuzzing session may begin with.

import {
  ALG_P384,
  OBJECT_CHUID,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_FIRST_RETIRED,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import { blankImage, type FlashImage } from "../../simulator/modelled-flash.ts";
import { putData, verifyPin } from "../firmware/card-commands.ts";
import { seal } from "../firmware/sealed-token.ts";
import { fillMemory, WRONG_PIN } from "../firmware/test-token.ts";
import { imageAfter, SWEPT_GEOMETRY } from "../power-cuts/laboratory.ts";

const blank = blankImage(SWEPT_GEOMETRY);

const initialised = imageAfter(blank, 41, ({ token }) => {
  seal(token);
  token.initialise();
});

const inUse = imageAfter(initialised, 42, ({ token }) => {
  token.makeKey(SLOT_AUTHENTICATION);
  token.makeKey(SLOT_SIGNATURE);
  token.makeKey(SLOT_KEY_MANAGEMENT);
  token.makeKey(SLOT_CARD_AUTHENTICATION, { pin: 1, button: 2 });
  token.makeKey(SLOT_FIRST_RETIRED, { algorithm: ALG_P384, button: 3 });
  token.authenticate().data(putData(OBJECT_CHUID, new Uint8Array(700)));
});

const pinBlocked = imageAfter(inUse, 43, ({ token }) => {
  for (let i = 0; i < 3; i++) token.sw(verifyPin(WRONG_PIN));
});

export const START_STATES: readonly { readonly name: string; readonly image: FlashImage }[] = [
  { name: "blank", image: blank },
  { name: "initialised", image: initialised },
  { name: "in use", image: inUse },
  { name: "in use (again: most of the time)", image: inUse },
  { name: "PIN blocked", image: pinBlocked },
  { name: "PIN and PUK blocked", image: imageAfter(inUse, 44, ({ token }) => token.block()) },
  { name: "full", image: imageAfter(inUse, 45, ({ token }) => fillMemory(token.authenticate())) },
];
