// What `sceau token journal` does: reads the signature journal of a token or out of a file, shows it, checks it, writes it.

import { randomBytes } from "node:crypto";
import type { AttestationTrust } from "../../host-bridge/token/attestation-key.ts";
import { formatJournalFile, type JournalFile, parseJournalFile } from "../../host-bridge/token/journal-file.ts";
import { fromToken } from "../../host-bridge/token/malformed-answer.ts";
import { type JournalEntry, type JournalSection, upToHead } from "../../host-bridge/token/signature-journal.ts";
import { parseStatement, type SignedStatement } from "../../host-bridge/token/statement.ts";
import { type JournalVerdict, verifyJournal } from "../../host-bridge/token/verify-journal.ts";
import { bytesToHex } from "../../protocol/bytes.ts";
import { SLOT_ATTESTATION } from "../../protocol/piv.ts";
import { ENTRY_ERASURE, ENTRY_KEY_AGREEMENT, ENTRY_SIGNATURE, MAX_NONCE_BYTES } from "../../protocol/vendor.ts";
import { attestationCertificate, attestationRoots } from "../attestation-trust.ts";
import type { CliContext } from "../context.ts";
import { EXIT_NEGATIVE, EXIT_OK } from "../failure.ts";
import { readInput, withOutput } from "../files.ts";
import { hasTokenSecrets, loadManagementKey, readPin } from "../secrets.ts";
import { slotName } from "../slots.ts";
import { dim, mark, visible } from "../terminal.ts";
import { type ConnectedToken, withOwnToken } from "../tokens.ts";
import type { PinOption, TokenOption } from "./token.ts";

export interface JournalOptions extends TokenOption, PinOption {
  readonly verify?: true;
  readonly file?: string;
  readonly out?: string;
  readonly root?: readonly string[];
}

/** What was read, and the nonce that the head was asked for with; null when a file cannot tell. */
interface Evidence {
  readonly journal: JournalFile;
  readonly nonce: Uint8Array | null;
}

const SHORT_DIGEST_CHARACTERS = 16;

/** The office's key when it is kept here, else the holder's PIN. */
async function prove({ client, info: { serial } }: ConnectedToken, context: CliContext, options: JournalOptions): Promise<void> {
  if (options.pinFile === undefined && hasTokenSecrets(context.state, serial)) {
    await client.authenticateManagement(loadManagementKey(context.state, serial));
    return;
  }
  const pin = await readPin(options.pinFile, context.say.token.prompt.journal(visible(serial)));
  await client.verifyPin(new TextEncoder().encode(pin));
}

/** The head first: what is signed by other programs meanwhile comes after it. */
async function readEvidence({ client, info: { serial } }: ConnectedToken, certificate: Uint8Array): Promise<Evidence> {
  const nonce = randomBytes(MAX_NONCE_BYTES);
  const head = await client.vendor.journalHead(nonce);
  const section = await client.vendor.readJournal();
  return { journal: { serial, section: withoutLater(section, head), head, certificates: [certificate] }, nonce };
}

function withoutLater(section: JournalSection, head: SignedStatement): JournalSection {
  const statement = fromToken(() => parseStatement(head.statement));
  return statement.kind === "journal-head" ? upToHead(section, statement) : section;
}

function kindName(kind: number, { say }: CliContext): string {
  const { kinds, otherKind } = say.token.journal;
  if (kind === ENTRY_SIGNATURE) return kinds.signature;
  if (kind === ENTRY_KEY_AGREEMENT) return kinds.agreement;
  return kind === ENTRY_ERASURE ? kinds.erasure : otherKind(kind);
}

/** Oldest first: the newest are where one looks on a terminal. */
function table(serial: string, { entries }: JournalSection, context: CliContext): string[] {
  const { journal } = context.say.token;
  const [oldest, newest] = [entries[0], entries[entries.length - 1]];
  if (oldest === undefined || newest === undefined) return [journal.empty(visible(serial))];
  const kinds = entries.map(({ kind }) => kindName(kind, context));
  const width = Math.max(journal.what.length, ...kinds.map((name) => name.length));
  const row = (counter: string, slot: string, what: string, digest: string): string =>
    `${counter.padStart(10)}  ${slot.padEnd(5)} ${what.padEnd(width)}  ${digest}`;
  const line = ({ counter, slot, digest }: JournalEntry, index: number): string =>
    row(String(counter), slotName(slot), kinds[index] ?? "", `${bytesToHex(digest).slice(0, SHORT_DIGEST_CHARACTERS)}…`);
  const lines = entries.map((entry, index) => (entry.slot === SLOT_ATTESTATION ? dim(line(entry, index)) : line(entry, index)));
  const title = journal.title(visible(serial), oldest.counter, newest.counter);
  return [title, dim(row(journal.counter, journal.slot, journal.what, journal.digest)), ...lines];
}

function verdictLines({ journal: { section }, nonce }: Evidence, { statement, problems }: JournalVerdict, context: CliContext): string[] {
  const { token } = context.say;
  const isProved = problems.length === 0;
  if (!isProved || statement === null) {
    return [`${mark(false)} ${token.journal.refuted}`, ...problems.map((problem) => `    ${token.problem[problem]}`)];
  }
  const last = section.entries[section.entries.length - 1];
  const serial = visible(statement.serial);
  const proved = last === undefined ? token.journal.provedEmpty(serial) : token.journal.proved(serial, section.first, last.counter);
  const notes = [...(statement.isSimulated ? [token.simulated] : []), ...(statement.profile === "compat" ? [token.compat] : [])];
  return [`${mark(true)} ${proved} ${nonce === null ? token.journal.notFresh : token.journal.fresh}`, ...notes];
}

function evidenceLines(evidence: Evidence, found: JournalVerdict | null, path: string | undefined, context: CliContext): string[] {
  const { serial, section } = evidence.journal;
  const unchecked = path === undefined ? [dim(context.say.token.journal.unchecked)] : [];
  return [
    ...table(serial, section, context),
    ...(path === undefined ? [] : [context.say.token.journal.saved(path)]),
    ...(found === null ? unchecked : verdictLines(evidence, found, context)),
  ];
}

function sectionResult(serial: string, { first, hashBefore, entries }: JournalSection): Record<string, unknown> {
  const list = entries.map(({ counter, slot, kind, digest }) => ({ counter, slot: slotName(slot), kind, digest: bytesToHex(digest) }));
  return { serial, first, hashBefore: bytesToHex(hashBefore), entries: list };
}

function verdictResult({ statement, problems }: JournalVerdict, nonce: Uint8Array | null): Record<string, unknown> {
  const said = statement === null ? {} : { profile: statement.profile, isSimulated: statement.isSimulated };
  return { valid: problems.length === 0, problems, isFresh: problems.length === 0 && nonce !== null, ...said };
}

/** Null: nobody asked whether to believe it. */
function trustFor(options: JournalOptions, context: CliContext): AttestationTrust | null {
  return options.verify === true ? { roots: attestationRoots(context, options.root), at: context.now() } : null;
}

function reportEvidence(evidence: Evidence, options: JournalOptions, context: CliContext, trust: AttestationTrust | null): void {
  const { journal: read, nonce } = evidence;
  const { serial, section } = read;
  const found = trust === null ? null : verifyJournal(read, nonce, trust);
  const verification = found === null ? {} : verdictResult(found, nonce);
  const file = options.out === undefined ? {} : { file: options.out };
  context.report({ ...sectionResult(serial, section), ...verification, ...file }, evidenceLines(evidence, found, options.out, context));
  if (found !== null) process.exitCode = found.problems.length === 0 ? EXIT_OK : EXIT_NEGATIVE;
}

/** Without --verify and --out the token is not asked to sign its head: that would be an entry of its own. */
async function showEntries(context: CliContext, options: JournalOptions): Promise<void> {
  await withOwnToken(context.state, options.token, async (token) => {
    await prove(token, context, options);
    const section = await token.client.vendor.readJournal();
    context.report(sectionResult(token.info.serial, section), table(token.info.serial, section, context));
  });
}

async function askForEvidence(context: CliContext, options: JournalOptions): Promise<Evidence> {
  return withOwnToken(context.state, options.token, async (token) => {
    const certificate = await attestationCertificate(token);
    await prove(token, context, options);
    return readEvidence(token, certificate);
  });
}

export async function journal(context: CliContext, options: JournalOptions): Promise<void> {
  const { file, out } = options;
  const trust = trustFor(options, context); // before the token signs, and before a file is written: a root that cannot be read must not come late
  if (file !== undefined) return reportEvidence({ journal: parseJournalFile(readInput(file)), nonce: null }, options, context, trust);
  if (out === undefined && trust === null) return showEntries(context, options);
  if (out === undefined) return reportEvidence(await askForEvidence(context, options), options, context, trust);
  await withOutput(out, async (output) => {
    const evidence = await askForEvidence(context, options);
    output.fill(formatJournalFile(evidence.journal));
    reportEvidence(evidence, options, context, trust);
  });
}
