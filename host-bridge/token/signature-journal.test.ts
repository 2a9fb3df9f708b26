// The signature journal: what a token wrote is proved by its head; whatever was changed, added, removed or moved is found, and named.

import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { bytesToHex } from "../../protocol/bytes.ts";
import { CborMap, encodeCbor } from "../../protocol/cbor.ts";
import { SLOT_ATTESTATION, SLOT_AUTHENTICATION, SLOT_KEY_MANAGEMENT, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import {
  ENTRY_ERASURE,
  ENTRY_KEY_AGREEMENT,
  ENTRY_SIGNATURE,
  JOURNAL_ENTRIES,
  JOURNAL_FIRST,
  JOURNAL_HASH_BEFORE,
  JOURNAL_NEWEST,
  JOURNAL_READABLE_ENTRIES,
} from "../../protocol/vendor.ts";
import { type SealedToken, sealedToken } from "../../test/support/sealed-token.ts";
import { ascii, PIN, SERIAL } from "../../test/support/simulated-token.ts";
import type { TokenChannel } from "../transport/transport.ts";
import type { JournalFile } from "./journal-file.ts";
import { entryHash, type JournalEntry, type JournalProblem, type JournalSection, journalProblem, upToHead } from "./signature-journal.ts";
import { type JournalHead, parseStatement, type SignedStatement, statementDigest } from "./statement.ts";
import { TokenClient } from "./token-client.ts";
import { verifyJournal } from "./verify-journal.ts";

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest());

interface Journal {
  readonly section: JournalSection;
  readonly head: JournalHead;
  readonly signed: SignedStatement;
}

let sealed: SealedToken;
let journal: Journal;
/** What was done, by the test's own account: slot, kind and digest of each entry from the first key on. */
let done: (readonly [number, number, Uint8Array])[];
let counterBefore: number;

async function readJournal({ token }: SealedToken): Promise<Journal> {
  const officer = await token.officer();
  const signed = await officer.vendor.journalHead(randomBytes(32));
  const section = await officer.vendor.readJournal();
  officer.close();
  return { section, signed, head: parseStatement(signed.statement) as JournalHead };
}

beforeAll(async () => {
  sealed = await sealedToken();
  counterBefore = (await sealed.token.client().deviceInfo()).counter;
  const officer = await sealed.token.officer();
  await officer.verifyPin(ascii(PIN));
  const first = await officer.generateKey(SLOT_AUTHENTICATION);
  const point = await officer.generateKey(SLOT_KEY_MANAGEMENT);
  const digest = sha256(ascii("a letter"));
  await officer.sign(SLOT_AUTHENTICATION, digest);
  await officer.agreeOnKey(SLOT_KEY_MANAGEMENT, point);
  await officer.sign(SLOT_AUTHENTICATION, digest.slice(0, 20));
  await officer.generateKey(SLOT_AUTHENTICATION);
  done = [
    [SLOT_AUTHENTICATION, ENTRY_SIGNATURE, digest],
    [SLOT_KEY_MANAGEMENT, ENTRY_KEY_AGREEMENT, sha256(point)],
    [SLOT_AUTHENTICATION, ENTRY_SIGNATURE, Uint8Array.of(...new Uint8Array(12), ...digest.slice(0, 20))],
    [SLOT_AUTHENTICATION, ENTRY_ERASURE, sha256(first)],
  ];
  for (let round = 0; round < 40; round++) {
    const each = sha256(ascii(`letter ${round}`));
    await officer.sign(SLOT_KEY_MANAGEMENT, each);
    done.push([SLOT_KEY_MANAGEMENT, ENTRY_SIGNATURE, each]);
  }
  officer.close();
  journal = await readJournal(sealed);
});

describe("the hash of an entry", () => {
  test("is that of the entry before, the counter, slot, kind and digest, in this order", () => {
    const before = new Uint8Array(32).fill(0x11);
    const entry = { counter: 0x01020304, slot: 0x9c, kind: 1, digest: new Uint8Array(32).fill(0x22) };
    // { printf '11%.0s' {1..32}; printf 010203049c01; printf '22%.0s' {1..32}; } | xxd -r -p | sha256sum
    expect(bytesToHex(entryHash(before, entry))).toBe("127001477f0495ac323c9d577985c2de6c53ebf4d7bd635a7ec8f30afd988ba4");
  });
});

describe("a token's journal", () => {
  test("tells every use of a private key, in order, and then the head's own signature", () => {
    const told = journal.section.entries.slice(counterBefore).map(({ slot, kind, digest }) => [slot, kind, digest]);
    expect(told).toEqual([...done, [SLOT_ATTESTATION, ENTRY_SIGNATURE, statementDigest(journal.signed.statement)]]);
    expect(journal.section.first).toBe(1);
    expect(journal.head.counter).toBe(counterBefore + done.length);
  });

  test("is proved by its head, with or without the entry of the head's own signature", () => {
    const { section, head, signed } = journal;
    expect(journalProblem(section, head, signed)).toBeNull();
    expect(journalProblem({ ...section, entries: section.entries.slice(0, -1) }, head, signed)).toBeNull();
  });

  test("is proved from any entry on", () => {
    const { section, head, signed } = journal;
    let hashBefore = section.hashBefore;
    section.entries.slice(0, -1).forEach((entry, index) => {
      hashBefore = entryHash(hashBefore, entry);
      expect(journalProblem({ first: index + 2, hashBefore, entries: section.entries.slice(index + 1) }, head, signed)).toBeNull();
    });
  });

  test("with entries after the head is cut where the head ends", async () => {
    const officer = await sealed.token.officer();
    const signed = await officer.vendor.journalHead(new Uint8Array(0));
    await officer.verifyPin(ascii(PIN));
    await officer.sign(SLOT_KEY_MANAGEMENT, new Uint8Array(32));
    const section = await officer.vendor.readJournal();
    const head = parseStatement(signed.statement) as JournalHead;
    expect(journalProblem(section, head, signed)).toBe("beyond-head");
    expect(journalProblem(upToHead(section, head), head, signed)).toBeNull();
  });

  test("is not told to who has proved neither PIN nor management key", async () => {
    const client = sealed.token.client();
    await expect(client.vendor.readJournal()).rejects.toMatchObject({ sw: 0x6982 });
    await expect(client.vendor.journalHead(new Uint8Array(0))).rejects.toMatchObject({ sw: 0x6982 });
    await client.verifyPin(ascii(PIN));
    expect((await client.vendor.readJournal()).entries.length).toBeGreaterThan(done.length);
  });

  test("longer than the token keeps is read from the oldest entry that is there, and proved", async () => {
    const other = await sealedToken(SERIAL + 3);
    const officer = await other.token.officer();
    await officer.generateKey(SLOT_KEY_MANAGEMENT);
    await officer.verifyPin(ascii(PIN));
    for (let round = 0; round < 700; round++) await officer.sign(SLOT_KEY_MANAGEMENT, sha256(ascii(String(round))));
    const { section, head, signed } = await readJournal(other);
    expect(section.first).toBeGreaterThan(1);
    expect(section.entries.length).toBeGreaterThanOrEqual(JOURNAL_READABLE_ENTRIES);
    expect(head.counter).toBe(700);
    expect(journalProblem(section, head, signed)).toBeNull();
  });
});

describe("it is found out when", () => {
  const entries = (change: (list: JournalEntry[]) => JournalEntry[]): JournalProblem | null =>
    journalProblem({ ...journal.section, entries: change([...journal.section.entries]) }, journal.head, journal.signed);
  const renumbered = (list: JournalEntry[]): JournalEntry[] => list.map((entry, index) => ({ ...entry, counter: index + 1 }));

  test("an entry is changed in any bit", () => {
    const upTo = journal.head.counter;
    fc.assert(
      fc.property(fc.nat(upTo - 1), fc.nat(33), fc.nat(7), (at, byteAt, bit) => {
        const flip = (entry: JournalEntry): JournalEntry => {
          if (byteAt === 32) return { ...entry, slot: entry.slot ^ (1 << bit) };
          if (byteAt === 33) return { ...entry, kind: entry.kind ^ (1 << bit) };
          return { ...entry, digest: entry.digest.map((byte, index) => (index === byteAt ? byte ^ (1 << bit) : byte)) };
        };
        expect(entries((list) => list.map((entry, index) => (index === at ? flip(entry) : entry)))).toBe("chain");
      }),
    );
  });

  test("an entry is removed", () => {
    for (const at of [0, 3, journal.section.entries.length - 2]) {
      expect(entries((list) => list.filter((_, index) => index !== at))).toBe("gap");
      expect(entries((list) => renumbered(list.filter((_, index) => index !== at)))).toBe("chain");
    }
  });

  test("the newest are removed", () => {
    expect(entries((list) => list.slice(0, -2))).toBe("incomplete");
    expect(entries(() => [])).toBe("incomplete");
  });

  test("all are removed, with the head's own hash before nothing: a journal that is not empty does not pass for empty", () => {
    const { counter, hash } = journal.head;
    expect(journalProblem({ first: counter + 1, hashBefore: hash, entries: [] }, journal.head, journal.signed)).toBe("incomplete");
  });

  test("the oldest are removed, with a wrong hash before the rest", () => {
    const later = { first: 4, hashBefore: new Uint8Array(32), entries: journal.section.entries.slice(3) };
    expect(journalProblem(later, journal.head, journal.signed)).toBe("chain");
  });

  test("two entries change places", () => {
    const swapped = (list: JournalEntry[]): JournalEntry[] => [...list.slice(0, 5), ...list.slice(5, 7).reverse(), ...list.slice(7)];
    expect(entries(swapped)).toBe("gap");
    expect(entries((list) => renumbered(swapped(list)))).toBe("chain");
  });

  test("an entry is put in", () => {
    expect(entries((list) => renumbered([...list.slice(0, 4), ...list.slice(3)]))).toBe("beyond-head");
    expect(entries((list) => renumbered([...list.slice(0, 4), ...list.slice(3, -1)]))).toBe("chain");
  });

  test("something else stands where the head's own signature must", () => {
    expect(entries((list) => [...list.slice(0, -1), { ...list[list.length - 1], slot: SLOT_SIGNATURE } as JournalEntry])).toBe("own-entry");
    expect(entries((list) => [...list.slice(0, -1), { ...list[list.length - 1], digest: new Uint8Array(32) } as JournalEntry])).toBe(
      "own-entry",
    );
  });

  test("the journal does not begin with nothing", () => {
    const late = { ...journal.section, hashBefore: new Uint8Array(32).fill(1) };
    expect(journalProblem(late, journal.head, journal.signed)).toBe("start");
  });

  test("the head is another token's, or an older one", async () => {
    const other = await readJournal(await sealedToken(SERIAL + 1));
    expect(journalProblem(journal.section, other.head, other.signed)).toBe("beyond-head");
    const sameLength = { ...other.head, counter: journal.head.counter };
    expect(journalProblem(journal.section, sameLength, other.signed)).toBe("chain");
  });
});

describe("a journal with its head", () => {
  const file = (): JournalFile => ({
    serial: String(SERIAL),
    section: journal.section,
    head: journal.signed,
    certificates: [sealed.certificate],
  });

  test("is proved, and for this question when the nonce is that of the question", () => {
    expect(verifyJournal(file(), null, sealed.trust)).toEqual({ statement: journal.head, problems: [] });
    expect(verifyJournal(file(), journal.head.nonce, sealed.trust).problems).toEqual([]);
    expect(verifyJournal(file(), new Uint8Array(32), sealed.trust).problems).toEqual(["old-head"]);
  });

  test("is not proved for another token, without a root, by another statement, or with anything wrong in it; all of that is told", async () => {
    const officer = await sealed.token.officer();
    await officer.generateKey(SLOT_SIGNATURE);
    const receipt = await officer.vendor.eraseKey(SLOT_SIGNATURE);
    const cut = { ...journal.section, entries: journal.section.entries.slice(1) };
    expect(verifyJournal({ ...file(), serial: "1", section: cut }, new Uint8Array(0), { ...sealed.trust, roots: [] }).problems).toEqual([
      "untrusted",
      "other-token",
      "old-head",
      "gap",
    ]);
    expect(verifyJournal({ ...file(), head: receipt }, null, sealed.trust).problems).toEqual(["other-kind"]);
    expect(verifyJournal({ ...file(), certificates: [] }, null, sealed.trust).problems).toEqual(["no-attestation-key"]);
  });
});

describe("a token that answers", () => {
  /** Answers each reading with the next of these maps. */
  function answering(answers: readonly CborMap[]): TokenClient {
    let next = 0;
    const channel: TokenChannel = {
      transmit: async () => Uint8Array.of(...encodeCbor(answers[Math.min(next++, answers.length - 1)] as CborMap), 0x90, 0),
      cancel: () => {},
      close: () => {},
    };
    return new TokenClient(channel);
  }
  const answer = (newest: number, first: number, entries: Uint8Array[], hash = new Uint8Array(32)): CborMap =>
    new CborMap().put(JOURNAL_NEWEST, newest).put(JOURNAL_FIRST, first).put(JOURNAL_HASH_BEFORE, hash).put(JOURNAL_ENTRIES, entries);
  const entry = (fill: number): Uint8Array => new Uint8Array(34).fill(fill);

  test("with an older part gone meanwhile: the rest is read", async () => {
    const client = answering([answer(9, 1, [entry(1), entry(2)]), answer(9, 8, [entry(8)]), answer(9, 9, [entry(9)])]);
    const section = await client.vendor.readJournal();
    expect([section.first, section.entries.map(({ counter }) => counter)]).toEqual([8, [8, 9]]);
  });

  test.each([
    ["no entries where there must be some", [answer(9, 1, [])]],
    ["the same entries again and again", [answer(9, 1, [entry(1)])]],
    ["an entry of another length", [answer(1, 1, [new Uint8Array(33)])]],
    ["a hash of another length", [answer(1, 1, [entry(1)], new Uint8Array(31))]],
    [
      "more entries than an answer has",
      [
        answer(
          33,
          1,
          Array.from({ length: 33 }, () => entry(1)),
        ),
      ],
    ],
    ["no map", [[] as unknown as CborMap]],
  ])("%s makes no sense", async (_, answers) => {
    await expect(answering(answers).vendor.readJournal()).rejects.toMatchObject({ name: "MalformedAnswerError" });
  });

  test("without an end is not listened to for ever", async () => {
    let asked = 0;
    const channel: TokenChannel = {
      transmit: async () => Uint8Array.of(...encodeCbor(answer(0xffffffff, ++asked, [entry(1)])), 0x90, 0),
      cancel: () => {},
      close: () => {},
    };
    const reading = new TokenClient({
      ...channel,
      transmit: (apdu) => (asked > 2000 ? Promise.reject(new Error("still listening")) : channel.transmit(apdu)),
    }).vendor.readJournal();
    await expect(reading).rejects.toMatchObject({ name: "MalformedAnswerError" });
  });
});
