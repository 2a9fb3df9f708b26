// Tokens in each state that firmware/README.md tells, and channels with each proof, for state-walk.test.ts.

import { Channel } from "../../firmware/channel.ts";
import { findTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import { CborMap, type CborValue, decodeCbor, encodeCbor } from "../../protocol/cbor.ts";
import {
  ALG_AES_192,
  ALG_AES_256,
  BUTTON_POLICY_ALWAYS,
  FACTORY_MANAGEMENT_KEY,
  FACTORY_PIN,
  FACTORY_PUK,
  INS_GET_METADATA,
  INS_GET_SERIAL,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  META_IS_DEFAULT,
  META_TRIES,
  OBJECT_CHUID,
  OBJECT_PRINTED_INFORMATION,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import { SW_OK } from "../../protocol/status-words.ts";
import {
  CLA_VENDOR,
  FACTORY_CERTIFICATE,
  FACTORY_PUBLIC_KEY,
  INFO_SEALED,
  INS_VENDOR,
  REQUEST_DIGESTS,
  REQUEST_SLOT,
  VENDOR_BATCH_BEGIN,
  VENDOR_DEVICE_INFO,
  VENDOR_FACTORY_KEY,
  VENDOR_FACTORY_SEAL,
} from "../../protocol/vendor.ts";
import type { FlashImage } from "../../simulator/modelled-flash.ts";
import { bareCertificate } from "../support/bare-certificate.ts";
import { apdu, type CommandParts, changePin, changePuk, DIGEST, putData, setManagementKey, verifyPin } from "./card-commands.ts";
import type { Life, State, Tries } from "./state-table.ts";
import { copyImage, MANAGEMENT_KEY, PIN, PUK, TestToken, WRONG_PIN, WRONG_PUK } from "./test-token.ts";

/** Keys of a token that is ready: the four slots with their own policies, and these. */
export const RETIRED_SLOT = 0x82;
export const BUTTON_SLOT = 0x83;
/** Nobody's: to be made, erased, and erased already. */
export const SPARE_SLOT = 0x84;
export const DOOMED_SLOT = 0x85;
export const ERASED_SLOT = 0x86;

/** The second digest of the list, so that one signature does not use it up. */
const OTHER_LISTED = new Uint8Array(32).fill(0x42);

const SECRETS = ["PIN", "PUK", "9B"] as const;
type Secret = (typeof SECRETS)[number];

const NO_PROOF = { pin: "none", management: false } as const;
export interface Proof {
  /** `before`: verified, but not by the APDU just before; `list`: and a list of digests is open for 9C. */
  readonly pin: "none" | "before" | "now" | "list";
  readonly management: boolean;
}
export const PROOFS: readonly Proof[] = [false, true].flatMap((management) =>
  (["none", "before", "now", "list"] as const).map((pin) => ({ pin, management })),
);

export function vendorCommand(p1: number, request: CborMap | null = null): CommandParts {
  const data = request === null ? {} : { data: encodeCbor(request) };
  return { cla: CLA_VENDOR, ins: INS_VENDOR, p1, le: 65536, ...data };
}

export function batchOf(slot: number, digests: readonly Uint8Array[]): CommandParts {
  return vendorCommand(VENDOR_BATCH_BEGIN, new CborMap().put(REQUEST_SLOT, slot).put(REQUEST_DIGESTS, digests as CborValue));
}

export function makeAttestationKey(token: TestToken): Uint8Array {
  const answer = decodeCbor(token.data(vendorCommand(VENDOR_FACTORY_KEY), new Channel()));
  return (answer as CborMap).get(FACTORY_PUBLIC_KEY) as Uint8Array;
}

export function sealCommand(point: Uint8Array): CommandParts {
  return vendorCommand(VENDOR_FACTORY_SEAL, new CborMap().put(FACTORY_CERTIFICATE, bareCertificate(point)));
}

/** A token, a channel with a proof, and what its secrets are. */
export class Subject {
  readonly state: State;
  readonly proof: Proof;
  readonly token: TestToken;
  readonly channel = new Channel();
  readonly pin: string;
  readonly puk: string;
  readonly managementAlgorithm: number;
  readonly managementKey: Uint8Array;
  /** Secrets that are not the factory's any more. */
  readonly changed: readonly Secret[];

  constructor(state: State, proof: Proof, changed: readonly Secret[], image: FlashImage) {
    this.state = state;
    this.proof = proof;
    this.changed = changed;
    this.pin = changed.includes("PIN") ? PIN : FACTORY_PIN;
    this.puk = changed.includes("PUK") ? PUK : FACTORY_PUK;
    this.managementAlgorithm = changed.includes("9B") ? ALG_AES_256 : ALG_AES_192;
    this.managementKey = changed.includes("9B") ? MANAGEMENT_KEY : hexToBytes(FACTORY_MANAGEMENT_KEY);
    this.token = new TestToken({ image: copyImage(image) });
    this.prove(this.channel, proof);
    // Blocked last and elsewhere: what the channel had proved must have ended with it.
    if (state.tries === "k" || state.tries === "x") spendTries(this.token, "PUK", 0);
    if (state.tries === "p" || state.tries === "x") spendTries(this.token, "PIN", 0);
  }

  prove(channel: Channel, proof: Proof): void {
    const token = this.token;
    if (proof.management) token.authenticate(this.managementAlgorithm, this.managementKey, channel);
    if (proof.pin !== "none") token.data(verifyPin(this.pin), channel);
    if (proof.pin === "before") token.data({ ins: INS_GET_SERIAL, le: 256 }, channel);
    if (proof.pin === "list" && isReady(this.state.life)) {
      const sw = this.press(batchOf(SLOT_SIGNATURE, [DIGEST, OTHER_LISTED]), channel);
      if (sw !== SW_OK) throw new Error(`no list: ${sw?.toString(16)}`);
    }
  }

  /** The status word of a command; the button is pressed when it asks. */
  press(parts: CommandParts, channel = this.channel): number | null {
    let sw: number | null = null;
    const atOnce = this.token.raw(apdu(parts), channel, (response) => {
      sw = response.sw;
    });
    if (atOnce !== null) return atOnce.sw;
    this.token.button.pressNow();
    return sw;
  }

  /** The state, told by nothing but the token's answers on a channel of its own. */
  seen(): State {
    const ask = (p2: number, tag: number): Uint8Array => {
      const answer = this.token.data({ ins: INS_GET_METADATA, p2, le: 256 }, new Channel());
      return findTlv(parseTlvs(answer), tag) ?? EMPTY_BYTES;
    };
    const info = decodeCbor(this.token.data(vendorCommand(VENDOR_DEVICE_INFO), new Channel())) as CborMap;
    const changed = [KEY_REF_PIV_PIN, KEY_REF_PUK, SLOT_MANAGEMENT].filter((reference) => ask(reference, META_IS_DEFAULT)[0] === 0).length;
    const pinBlocked = ask(KEY_REF_PIV_PIN, META_TRIES)[1] === 0;
    const pukBlocked = ask(KEY_REF_PUK, META_TRIES)[1] === 0;
    return { life: lifeOf(info.get(INFO_SEALED) === true, changed), tries: triesOf(pinBlocked, pukBlocked) };
  }
}

export function isReady(life: Life): boolean {
  return life === "N" || life === "R";
}

export function lifeOf(sealed: boolean, changed: number): Life {
  if (changed === SECRETS.length) return sealed ? "R" : "N";
  if (sealed) return "B";
  return changed === 0 ? "F" : "U";
}

export function triesOf(pinBlocked: boolean, pukBlocked: boolean): Tries {
  if (pinBlocked) return pukBlocked ? "x" : "p";
  return pukBlocked ? "k" : "";
}

/** Wrong values until so many tries are left. */
export function spendTries(token: TestToken, secret: "PIN" | "PUK", leave: number): void {
  const reference = secret === "PIN" ? token.token.card.pin : token.token.card.puk;
  const wrong = secret === "PIN" ? verifyPin(WRONG_PIN) : changePuk(WRONG_PUK, PUK);
  while (reference.triesLeft() > leave) token.send(wrong, new Channel());
}

/** A token of this life whose changed secrets are these; ready ones with keys and objects. Nothing is blocked. */
function build(life: Life, changed: readonly Secret[]): FlashImage {
  const token = new TestToken();
  if (life === "B" || life === "R") token.data(sealCommand(makeAttestationKey(token)));
  if (changed.includes("PIN")) token.data(changePin(FACTORY_PIN, PIN));
  if (changed.includes("PUK")) token.data(changePuk(FACTORY_PUK, PUK));
  if (changed.includes("9B")) {
    token.authenticate(ALG_AES_192, hexToBytes(FACTORY_MANAGEMENT_KEY));
    token.data(setManagementKey(ALG_AES_256, MANAGEMENT_KEY));
  }
  if (isReady(life)) furnish(token);
  return token.image;
}

function furnish(token: TestToken): void {
  const slots = [SLOT_AUTHENTICATION, SLOT_SIGNATURE, SLOT_KEY_MANAGEMENT, SLOT_CARD_AUTHENTICATION, RETIRED_SLOT];
  for (const slot of slots) token.makeKey(slot);
  token.makeKey(BUTTON_SLOT, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_ALWAYS });
  token.makeKey(DOOMED_SLOT);
  token.makeKey(ERASED_SLOT); // replaced: the first is an erased one
  token.makeKey(ERASED_SLOT);
  token.authenticate();
  token.data(putData(OBJECT_CHUID, new Uint8Array(59).fill(0x30)));
  token.data(putData(OBJECT_PRINTED_INFORMATION, new Uint8Array(20).fill(0x31)));
}

/** The sets of changed secrets that a token of this life may have. */
export function changesOf(life: Life): Secret[][] {
  const all = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => SECRETS.filter((_, index) => (bits & (1 << index)) !== 0));
  return all.filter((changed) => lifeOf(life === "B" || life === "R", changed.length) === life);
}

const images = new Map<string, FlashImage>();

/** One subject for each set of changed secrets that the state may have. */
export function subjectsIn(state: State, proof: Proof = NO_PROOF): Subject[] {
  return changesOf(state.life).map((changed) => subject(state, proof, changed));
}

export function subject(state: State, proof: Proof, changed: readonly Secret[]): Subject {
  const key = `${state.life} ${changed.join()}`;
  const image = images.get(key) ?? build(state.life, changed);
  images.set(key, image);
  return new Subject(state, proof, changed, image);
}
