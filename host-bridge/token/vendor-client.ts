// The vendor commands (protocol/vendor.ts) as functions: what PIV has no words for. Errors are those of TokenClient.

import { randomBytes } from "node:crypto";
import { CborMap, type CborValue, decodeCbor, encodeCbor } from "../../protocol/cbor.ts";
import { P256_POINT_BYTES } from "../../protocol/piv.ts";
import { SW_INS_NOT_SUPPORTED } from "../../protocol/status-words.ts";
import {
  CLA_VENDOR,
  FACTORY_CERTIFICATE,
  FACTORY_PUBLIC_KEY,
  INS_VENDOR,
  JOURNAL_ENTRIES,
  JOURNAL_ENTRIES_AN_ANSWER,
  JOURNAL_FIRST,
  JOURNAL_HASH_BEFORE,
  JOURNAL_NEWEST,
  REQUEST_COUNTER,
  REQUEST_DIGESTS,
  REQUEST_ENTROPY,
  REQUEST_NONCE,
  REQUEST_SLOT,
  SELF_TEST_FAILED,
  SELF_TEST_PARTS,
  SIGNED_SIGNATURE,
  SIGNED_STATEMENT,
  VENDOR_BATCH_BEGIN,
  VENDOR_BATCH_END,
  VENDOR_DEVICE_INFO,
  VENDOR_ERASE_KEY,
  VENDOR_ERASURE_RECEIPT,
  VENDOR_FACTORY_KEY,
  VENDOR_FACTORY_SEAL,
  VENDOR_JOURNAL_HEAD,
  VENDOR_JOURNAL_READ,
  VENDOR_SELF_TEST,
  VENDOR_STIR,
} from "../../protocol/vendor.ts";
import type { TransmitOptions } from "../transport/transport.ts";
import type { CommandChannel } from "./command-channel.ts";
import { type DeviceInfo, parseDeviceInfo } from "./device-info.ts";
import { fromToken, MalformedAnswerError } from "./malformed-answer.ts";
import { ENTRY_BYTES, HASH_BYTES, type JournalSection, parseEntry } from "./signature-journal.ts";
import type { SignedStatement } from "./statement.ts";
import { TokenError } from "./token-error.ts";

/** Far more than a token keeps. */
const MAX_JOURNAL_ANSWERS = 256;
/** As much as a generator of 256 bits can take in. */
const ENTROPY_BYTES = 32;

function answerMap(data: Uint8Array): CborMap {
  const map = fromToken(() => decodeCbor(data));
  if (!(map instanceof CborMap)) throw new MalformedAnswerError("the token's answer is no CBOR map");
  return map;
}

function bytesIn(value: CborValue | undefined, lengthBytes: number | null = null): Uint8Array {
  const isSound = value instanceof Uint8Array && (lengthBytes === null || value.length === lengthBytes);
  if (!isSound) throw new MalformedAnswerError("the token's answer lacks a byte string");
  return value;
}

function counterIn(value: CborValue | undefined): number {
  if (typeof value !== "number" || value < 0) throw new MalformedAnswerError("the token's answer lacks a counter");
  return value;
}

function signedStatement(data: Uint8Array): SignedStatement {
  const map = answerMap(data);
  return { statement: bytesIn(map.get(SIGNED_STATEMENT)), signature: bytesIn(map.get(SIGNED_SIGNATURE)) };
}

interface JournalAnswer extends JournalSection {
  readonly newest: number;
}

function journalAnswer(data: Uint8Array): JournalAnswer {
  const map = answerMap(data);
  const list = map.get(JOURNAL_ENTRIES);
  const first = counterIn(map.get(JOURNAL_FIRST));
  if (!Array.isArray(list) || list.length > JOURNAL_ENTRIES_AN_ANSWER) {
    throw new MalformedAnswerError("the token's answer has no list of journal entries");
  }
  const entries = (list as readonly CborValue[]).map((value, index) => parseEntry(first + index, bytesIn(value, ENTRY_BYTES)));
  return { newest: counterIn(map.get(JOURNAL_NEWEST)), first, hashBefore: bytesIn(map.get(JOURNAL_HASH_BEFORE), HASH_BYTES), entries };
}

export class VendorClient {
  private readonly channel: CommandChannel;
  private readonly isThere: boolean;

  /** @param isThere false: the card knows none of these commands, and is sent none: each throws TokenError 6D00 */
  constructor(channel: CommandChannel, isThere = true) {
    this.channel = channel;
    this.isThere = isThere;
  }

  /** @throws TokenError 6D00 */
  checkIsThere(command: string): void {
    if (!this.isThere) throw new TokenError(SW_INS_NOT_SUPPORTED, command);
  }

  async deviceInfo(): Promise<DeviceInfo> {
    return parseDeviceInfo(await this.run("DEVICE INFO", VENDOR_DEVICE_INFO, null));
  }

  /** Changes nothing. Both are PART_* of protocol/vendor.ts, added up: what was tested, and what of it failed. */
  async selfTest(): Promise<{ readonly parts: number; readonly failed: number }> {
    const answer = answerMap(await this.run("SELF TEST", VENDOR_SELF_TEST, null));
    return { parts: counterIn(answer.get(SELF_TEST_PARTS)), failed: counterIn(answer.get(SELF_TEST_FAILED)) };
  }

  /**
   * The head of the signature journal as the attestation key signs it, after verifyPin or authenticateManagement. That signature is an entry of
   * its own, behind the head.
   * @param nonce at most MAX_NONCE_BYTES
   * @throws TokenError 6A88 on a token without the factory step
   */
  async journalHead(nonce: Uint8Array): Promise<SignedStatement> {
    return signedStatement(await this.run("JOURNAL HEAD", VENDOR_JOURNAL_HEAD, new CborMap().put(REQUEST_NONCE, nonce)));
  }

  /**
   * The entries of the signature journal from `from` on, or from the oldest that is still there, up to the newest; after verifyPin or
   * authenticateManagement.
   */
  async readJournal(from = 1): Promise<JournalSection> {
    let part = await this.readJournalPart(from);
    let section: JournalSection = part;
    for (let read = 0; section.first + section.entries.length <= part.newest; read++) {
      const next = section.first + section.entries.length;
      part = await this.readJournalPart(next);
      const isUseful = part.entries.length > 0 && part.first >= next;
      if (!isUseful || read === MAX_JOURNAL_ANSWERS) throw new MalformedAnswerError("the token's journal does not end");
      // The oldest entries may go while one reads: then the pieces do not join, and what was read is as old as what has gone.
      section = part.first === next ? { ...section, entries: [...section.entries, ...part.entries] } : part;
    }
    return { first: section.first, hashBefore: section.hashBefore, entries: section.entries };
  }

  /**
   * The holder's consent to these digests, after verifyPin: one press, then each can be signed once with `sign`, in any order, on this channel.
   * @param digests at most MAX_BATCH_DIGESTS, each as long as the curve's field
   */
  async beginBatch(slot: number, digests: readonly Uint8Array[], options?: TransmitOptions): Promise<void> {
    await this.run("BATCH BEGIN", VENDOR_BATCH_BEGIN, new CborMap().put(REQUEST_SLOT, slot).put(REQUEST_DIGESTS, digests), options);
  }

  /** The token forgets the list. */
  async endBatch(): Promise<void> {
    await this.run("BATCH END", VENDOR_BATCH_END, null);
  }

  /** Erases a key, after authenticateManagement; the answer is the receipt. @throws TokenError 6A88: no key, or no attestation key (nothing erased) */
  async eraseKey(slot: number): Promise<SignedStatement> {
    return signedStatement(await this.run("ERASE KEY", VENDOR_ERASE_KEY, new CborMap().put(REQUEST_SLOT, slot)));
  }

  /** The receipt of the last key erased or replaced in a slot, again. @throws TokenError 6A82: none was */
  async erasureReceipt(slot: number): Promise<SignedStatement> {
    return signedStatement(await this.run("ERASURE RECEIPT", VENDOR_ERASURE_RECEIPT, new CborMap().put(REQUEST_SLOT, slot)));
  }

  /**
   * Makes the attestation key of a new token; again when it is not sealed yet. The answer is its point, 65 bytes.
   * @throws TokenError 6985: the token is sealed, or no longer blank
   */
  async factoryKey(): Promise<Uint8Array> {
    await this.stir();
    return bytesIn(answerMap(await this.run("FACTORY KEY", VENDOR_FACTORY_KEY, null)).get(FACTORY_PUBLIC_KEY), P256_POINT_BYTES);
  }

  /** Stores the attestation key's certificate (DER, at most 1,024 bytes), and so seals both for ever. @throws TokenError as factoryKey; 6A80: of another key */
  async factorySeal(certificate: Uint8Array): Promise<void> {
    await this.run("FACTORY SEAL", VENDOR_FACTORY_SEAL, new CborMap().put(FACTORY_CERTIFICATE, certificate));
  }

  /**
   * Gives the token 32 bytes of this computer's randomness to mix into its own. Its answer is not looked at: an older token does not know the
   * command, and one that refuses it is no worse than before.
   */
  async stir(): Promise<void> {
    if (!this.isThere) return;
    const entropy = randomBytes(ENTROPY_BYTES);
    const data = encodeCbor(new CborMap().put(REQUEST_ENTROPY, entropy));
    try {
      await this.channel.transmit({ name: "STIR", cla: CLA_VENDOR, ins: INS_VENDOR, p1: VENDOR_STIR, data });
    } finally {
      entropy.fill(0);
      data.fill(0);
    }
  }

  private async readJournalPart(from: number): Promise<JournalAnswer> {
    return journalAnswer(await this.run("JOURNAL READ", VENDOR_JOURNAL_READ, new CborMap().put(REQUEST_COUNTER, from)));
  }

  private async run(name: string, p1: number, request: CborMap | null, options?: TransmitOptions): Promise<Uint8Array> {
    this.checkIsThere(name);
    const data = request === null ? new Uint8Array(0) : encodeCbor(request);
    return this.channel.run({ name, cla: CLA_VENDOR, ins: INS_VENDOR, p1, data }, options);
  }
}
