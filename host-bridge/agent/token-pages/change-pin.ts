// Chooses a new PIN: what was typed is checked before the token spends a try on it.

import type { FastifyRequest } from "fastify";
import { equalBytes } from "../../../protocol/bytes.ts";
import { SW_WRONG_DATA } from "../../../protocol/status-words.ts";
import { TokenError } from "../../token/token-error.ts";
import type { AgentParts } from "../agent-parts.ts";
import { isPinForm, takeSecret } from "../web/pin-fields.ts";
import type { Answer, Visit } from "../web/visit.ts";
import { type ChangeKind, changePage, type FieldProblem, noTriesPage } from "./pin-pages.ts";

const PUK_BYTES = 8;

interface Typed {
  readonly old: Uint8Array;
  readonly fresh: Uint8Array;
  readonly again: Uint8Array;
}

/** null: nothing; the token may be asked. */
function problemOf(kind: ChangeKind, { old, fresh, again }: Typed, { texts: { tokenPages } }: Visit): FieldProblem | null {
  const { problem, unblock } = tokenPages;
  if (kind === "pin" && !isPinForm(old)) return { field: "old", text: problem.pinForm };
  if (kind === "unblock" && old.length !== PUK_BYTES) return { field: "old", text: unblock.form };
  if (!isPinForm(fresh)) return { field: "fresh", text: problem.pinForm };
  if (!equalBytes(fresh, again)) return { field: "again", text: problem.different };
  return kind === "pin" && equalBytes(old, fresh) ? { field: "fresh", text: problem.same } : null;
}

/** The page with the form. @throws DeskError, TokenError, TransportError */
export async function askChange(
  kind: ChangeKind,
  serial: string,
  visit: Visit,
  { desk }: AgentParts,
  problem?: FieldProblem,
): Promise<Answer> {
  const triesLeft = await (kind === "pin" ? desk.pinTriesLeft(serial) : desk.pukTriesLeft(serial));
  if (triesLeft === 0) return noTriesPage(kind, serial, visit);
  return changePage({ kind, serial, triesLeft, ...(problem !== undefined && { problem }) }, visit);
}

/** What the token said against it, beside its field; null: it is nothing about a PIN or PUK. */
function refusal(kind: ChangeKind, error: unknown, { texts: { tokenPages } }: Visit): FieldProblem | "blocked" | null {
  if (!(error instanceof TokenError)) return null;
  const { problem, unblock } = tokenPages;
  if (error.triesLeft === 0) return "blocked";
  if (error.triesLeft !== null)
    return { field: "old", text: kind === "pin" ? problem.wrongPin(error.triesLeft) : unblock.wrong(error.triesLeft) };
  return error.sw === SW_WRONG_DATA ? { field: "fresh", text: problem.trivial } : null;
}

async function atToken(kind: ChangeKind, serial: string, { old, fresh }: Typed, parts: AgentParts): Promise<Answer> {
  // Work outlives the request when the token is slow: it has copies of its own.
  const secrets = { old: Uint8Array.from(old), fresh: Uint8Array.from(fresh) };
  return parts.works.begin({
    serial,
    title: (texts) => texts.tokenPages[kind].working,
    again: `/tokens/${serial}/${kind}`,
    end: () => {
      secrets.old.fill(0);
      secrets.fresh.fill(0);
    },
    run: async (client) => {
      await (kind === "pin" ? client.changePin(secrets.old, secrets.fresh) : client.unblockPin(secrets.old, secrets.fresh));
      return `/tokens/${serial}?done=${kind}`;
    },
  });
}

export async function change(kind: ChangeKind, serial: string, visit: Visit, request: FastifyRequest, parts: AgentParts): Promise<Answer> {
  const { body } = request;
  const typed: Typed = { old: takeSecret(body, "old"), fresh: takeSecret(body, "fresh"), again: takeSecret(body, "again") };
  try {
    const problem = problemOf(kind, typed, visit);
    if (problem !== null) return await askChange(kind, serial, visit, parts, problem);
    try {
      return await atToken(kind, serial, typed, parts);
    } catch (error) {
      const told = refusal(kind, error, visit);
      if (told === null) throw error;
      return told === "blocked" ? noTriesPage(kind, serial, visit) : await askChange(kind, serial, visit, parts, told);
    }
  } finally {
    for (const secret of [typed.old, typed.fresh, typed.again]) secret.fill(0);
  }
}
