// What `sceau office audit` does: verifies the trail, prints its newest signed head for whoever keeps it elsewhere, and says that the database was
// restored. It asks the running server.

import type { AuditAnswer, AuditHeadAnswer, AuditRequest, AuditRestoredAnswer } from "../../office/admin/admin-protocol.ts";
import { headLine, readHeadLines } from "../../office/audit/head-lines.ts";
import { confirm } from "../confirmation.ts";
import type { CliContext } from "../context.ts";
import { EXIT_NEGATIVE } from "../failure.ts";
import { readInput } from "../files.ts";
import { field, mark } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { adminOf, type DemoOption } from "./office-admin.ts";

export interface AuditOptions extends DemoOption {
  readonly verify?: true;
  /** With `verify`: a file with heads; without: print the newest. */
  readonly head?: string | true;
  readonly restored?: true;
  readonly yes?: true;
}

const CONFIRMATION = "RESTORED";
/** The newest says all that the older ones say, for it holds their hashes; these tell where a trail was changed. */
const SENT_HEADS = 1000;

/** @throws UsageError not-readable: the file has something else than heads */
function keptHeads(file: string): AuditRequest {
  const { records, unreadable } = readHeadLines(Buffer.from(readInput(file)).toString("utf8"));
  if (records.length === 0 || unreadable.length > 0) throw new UsageError("not-readable", file);
  const heads = records.filter(({ isRestore }) => !isRestore).sort((a, b) => a.number - b.number);
  return { heads: heads.slice(-SENT_HEADS).map((head) => headLine(head)) };
}

async function verifyAudit(context: CliContext, options: AuditOptions): Promise<void> {
  const kept = typeof options.head === "string" ? keptHeads(options.head) : { heads: [] };
  const report = await adminOf(context, options).post<AuditAnswer>("/audit/verify", kept);
  const say = context.say.officeServer;
  const { events, heads, outside, fault, restores, unreadableLines } = report;
  const [firstLine] = unreadableLines;
  const since = fault?.since === undefined ? "" : ` (${fault.since})`;
  context.report(report, [
    fault === null
      ? `${mark(true)} ${say.auditGood(events, heads, outside)}`
      : `${mark(false)} ${say.auditBad(say.auditFault[fault.fault], fault.number)}${since}`,
    ...restores.map(({ at, number, lostHeads, lostUntil }) => say.auditRestored(at, number, lostHeads, lostUntil)),
    ...(firstLine === undefined ? [] : [say.auditUnreadable(unreadableLines.length, firstLine)]),
  ]);
  if (fault !== null) process.exitCode = EXIT_NEGATIVE;
}

async function printHead(context: CliContext, options: AuditOptions): Promise<void> {
  const head = await adminOf(context, options).get<AuditHeadAnswer>("/audit/head");
  const say = context.say.officeServer;
  if (head === null) {
    context.report(null, [say.auditNoHead]);
    process.exitCode = EXIT_NEGATIVE;
    return;
  }
  const { number, at, hash, signature } = head;
  context.report(head, [
    field(say.label.headEvent, String(number)),
    field(say.label.headAt, at),
    field(say.label.headHash, hash),
    field(say.label.headSignature, signature),
    say.auditKeepHead,
    JSON.stringify(head),
  ]);
}

async function sayRestored(context: CliContext, options: AuditOptions): Promise<void> {
  const say = context.say.officeServer;
  await confirm(options.yes === true, CONFIRMATION, say.confirmRestored);
  const answer = await adminOf(context, options).post<AuditRestoredAnswer>("/audit/restored");
  context.report(answer, [say.auditSaidRestored(answer.lastEvent)]);
}

/** @throws UsageError bad-word: none of them was asked for */
export async function audit(context: CliContext, options: AuditOptions): Promise<void> {
  if (options.verify === true) return verifyAudit(context, options);
  if (options.head === true) return printHead(context, options);
  if (options.restored === true) return sayRestored(context, options);
  throw new UsageError("bad-word", "audit (--verify, --head, --restored)");
}
