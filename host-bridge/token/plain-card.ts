// What is kept of a PIV card that is no token of ours, for as long as it is in the reader: who it is, what it can, and what was read from it. Such a card
// tells nothing of its keys but their certificates (SP 800-73-5), unless it speaks the YubiKey extension.

import { createHash } from "node:crypto";
import { findTlv, parseTlvs } from "../../protocol/ber-tlv.ts";
import { bytesToHex, readUint32 } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import { INS_GET_METADATA, INS_GET_SERIAL, INS_GET_VERSION, KEY_REF_PIV_PIN, OBJECT_CHUID } from "../../protocol/piv.ts";
import { SW_OK } from "../../protocol/status-words.ts";
import type { CardInReader } from "../transport/transport.ts";
import type { CommandChannel } from "./command-channel.ts";
import { readDataObject } from "./data-object.ts";
import type { DeviceInfo } from "./device-info.ts";
import type { KeyMetadata } from "./key-metadata.ts";

/** Card holder unique identifier: the card's GUID (SP 800-73-5 Part 1 appendix A table 10). */
const TAG_GUID = 0x34;
/** PKCS#11 has room for 16 characters of a serial number. */
const SERIAL_CHARACTERS = 16;
const MODEL = "PIV card";
/** SP 800-73-5 lets a card tell the tries left, not how many there were. */
const USUAL_TRIES = 3;

/** null: the card does not know the command, or has no answer. */
async function answerOf(channel: CommandChannel, name: string, ins: number, p2 = 0): Promise<Uint8Array | null> {
  const { sw, data } = await channel.transmit({ name, ins, p2 });
  return sw === SW_OK ? data : null;
}

function guidIn(chuid: Uint8Array): Uint8Array | null {
  try {
    const guid = findTlv(parseTlvs(chuid), TAG_GUID);
    return guid?.some((byte) => byte !== 0) ? guid : null;
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

/** The number on the case where the card tells it, else the end of its GUID, or a digest of what it has in the GUID's place. */
async function serialNumber(channel: CommandChannel): Promise<string> {
  const onCase = await answerOf(channel, "GET SERIAL", INS_GET_SERIAL);
  const number = onCase?.length === 4 ? readUint32(onCase, 0) : 0;
  if (number !== 0) return String(number); // 0: it has none
  const chuid = (await readDataObject(channel, OBJECT_CHUID)) ?? new Uint8Array(0);
  const guid = guidIn(chuid) ?? createHash("sha256").update(chuid).digest();
  return bytesToHex(guid).slice(-SERIAL_CHARACTERS);
}

export class PlainCard {
  readonly serial: string;
  /** It tells of its keys and PINs: GET METADATA of the YubiKey extension. */
  readonly hasMetadata: boolean;
  /** Keys that were made in this time, each with the certificate that was in its slot then: their own come later. */
  readonly made = new Map<number, { readonly key: KeyMetadata; readonly oldCertificate: Uint8Array | null }>();
  /** The most that were ever left. */
  mostTries = USUAL_TRIES;
  private readonly firmware: DeviceInfo["firmware"];
  private readonly card: CardInReader;
  private writes = 0;
  private objects = new Map<number, Uint8Array | null>();
  private objectsOf = 0;

  private constructor(card: CardInReader, serial: string, hasMetadata: boolean, firmware: DeviceInfo["firmware"]) {
    this.card = card;
    this.serial = serial;
    this.hasMetadata = hasMetadata;
    this.firmware = firmware;
  }

  /** Asks the card who it is. @throws TransportError, MalformedAnswerError, TokenError */
  static async read(card: CardInReader, channel: CommandChannel): Promise<PlainCard> {
    const serial = await serialNumber(channel);
    const [major = 0, minor = 0, patch = 0] = (await answerOf(channel, "GET VERSION", INS_GET_VERSION)) ?? [];
    const hasMetadata = (await answerOf(channel, "GET METADATA", INS_GET_METADATA, KEY_REF_PIV_PIN)) !== null;
    return new PlainCard(card, serial, hasMetadata, [major, minor, patch]);
  }

  get info(): DeviceInfo {
    return {
      model: MODEL,
      serial: this.serial,
      firmware: this.firmware,
      isInitialised: true,
      isSimulated: false,
      revision: this.writes + this.card.disturbances,
      profile: "piv",
      isSealed: false,
      counter: 0,
      isPlainCard: true,
    };
  }

  /** Finds out whether somebody else was at the card. @throws TransportError */
  notice(): Promise<void> {
    return this.card.notice();
  }

  /** To be told after each change. */
  changed(): void {
    this.writes += 1;
  }

  /** What `read` gives, and gave last time when nothing can have changed since: a card is slow, and each certificate is wanted several times. */
  async object(tag: number, read: () => Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    const { revision } = this.info;
    if (revision !== this.objectsOf) this.objects = new Map();
    this.objectsOf = revision;
    const known = this.objects.get(tag);
    if (known !== undefined) return known;
    const { objects } = this;
    const content = await read();
    objects.set(tag, content);
    return content;
  }
}
