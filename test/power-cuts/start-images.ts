// The tokens that a sweep starts from.

import { CborMap } from "../../protocol/cbor.ts";
import {
  ALG_P384,
  OBJECT_AUTH_CERTIFICATE,
  OBJECT_SIGNATURE_CERTIFICATE,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_FIRST_RETIRED,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import { FACTORY_CERTIFICATE, FACTORY_PUBLIC_KEY, VENDOR_FACTORY_KEY, VENDOR_FACTORY_SEAL } from "../../protocol/vendor.ts";
import { blankImage, type FlashImage } from "../../simulator/modelled-flash.ts";
import { putData, vendorCommand } from "../firmware/card-commands.ts";
import { fillMemory, type TestToken } from "../firmware/test-token.ts";
import { bareCertificate } from "../support/bare-certificate.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { imageAfter, SWEPT_GEOMETRY } from "./laboratory.ts";

const BUTTON_ALWAYS = 2;
const CERTIFICATE_BYTES = 700;

/** Makes the attestation key; the command that seals it with a certificate. */
export function factoryKey(token: TestToken): CborMap {
  const point = token.vendor(VENDOR_FACTORY_KEY).get(FACTORY_PUBLIC_KEY) as Uint8Array;
  return new CborMap().put(FACTORY_CERTIFICATE, bareCertificate(point, 200));
}

export const BLANK: FlashImage = blankImage(SWEPT_GEOMETRY);

/** The attestation key is made, not yet sealed. */
export const WITH_FACTORY_KEY: FlashImage = imageAfter(BLANK, 11, ({ token }) => void factoryKey(token));

/** As it leaves the factory. */
export const SEALED: FlashImage = imageAfter(BLANK, 12, ({ token }) => token.data(vendorCommand(VENDOR_FACTORY_SEAL, factoryKey(token))));

/** With its three secrets and keys of both curves, one that asks for the button, two certificates. 9D is empty. */
export const IN_USE: FlashImage = imageAfter(SEALED, 13, ({ token }) => {
  token.initialise();
  token.makeKey(SLOT_AUTHENTICATION);
  token.makeKey(SLOT_SIGNATURE);
  token.makeKey(SLOT_CARD_AUTHENTICATION, { pin: 2, button: BUTTON_ALWAYS });
  token.makeKey(SLOT_FIRST_RETIRED, { algorithm: ALG_P384 });
  token.authenticate();
  const random = new SeededRandom(14);
  for (const tag of [OBJECT_AUTH_CERTIFICATE, OBJECT_SIGNATURE_CERTIFICATE]) token.data(putData(tag, random.bytes(CERTIFICATE_BYTES)));
});

/** And a key in 9D, whose predecessor was replaced. */
export const WITH_ERASED_KEY: FlashImage = imageAfter(IN_USE, 15, ({ token }) => {
  token.makeKey(SLOT_KEY_MANAGEMENT);
  token.makeKey(SLOT_KEY_MANAGEMENT);
});

/** PIN and PUK are blocked. */
export const BLOCKED: FlashImage = imageAfter(WITH_ERASED_KEY, 16, ({ token }) => token.block());

/** Takes no further data object. */
export const FULL: FlashImage = imageAfter(WITH_ERASED_KEY, 17, ({ token }) => {
  token.authenticate();
  fillMemory(token);
});

export const FULL_AND_BLOCKED: FlashImage = imageAfter(FULL, 18, ({ token }) => token.block());
