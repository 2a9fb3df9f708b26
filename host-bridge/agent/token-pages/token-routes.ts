// The addresses of a token's own pages: its state, its signature journal, its PIN.

import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { hexToBytes } from "../../../protocol/bytes.ts";
import { TokenError } from "../../token/token-error.ts";
import type { AgentParts } from "../agent-parts.ts";
import { DeskError } from "../tokens/desk-error.ts";
import { page } from "../web/answering.ts";
import { isPinForm, takeSecret } from "../web/pin-fields.ts";
import type { Answer, Visit } from "../web/visit.ts";
import { askChange, change } from "./change-pin.ts";
import { askJournalPage, journalPage } from "./journal-page.ts";
import { type JournalReading, readJournalOf } from "./journal-reading.ts";
import { type ChangeKind, noTriesPage } from "./pin-pages.ts";
import { tokenPage } from "./token-page.ts";
import { readTokenRecord } from "./token-record.ts";

const WHICH = z.object({ serial: z.string().regex(/^\d{1,10}$/) });
const DONE = z.object({ done: z.enum(["pin", "unblock"]).optional().catch(undefined), again: z.literal("1").optional().catch(undefined) });
/** How long a journal that was read is shown again. */
const KEPT_MS = 15 * 60_000;

function serialOf({ params }: FastifyRequest): string {
  const result = WHICH.safeParse(params);
  if (!result.success) throw new DeskError("not-plugged-in");
  return result.data.serial;
}

class JournalPages {
  private readonly parts: AgentParts;
  private readonly readings = new Map<string, JournalReading>();

  constructor(parts: AgentParts) {
    this.parts = parts;
  }

  /** Of the last reading, when there is one that is not old; else the form. */
  async show(visit: Visit, request: FastifyRequest): Promise<Answer> {
    const serial = serialOf(request);
    const { again } = DONE.parse(request.query);
    const reading = this.readings.get(serial);
    const isOld = reading === undefined || visit.now.getTime() - reading.at.getTime() > KEPT_MS;
    return again === undefined && !isOld ? journalPage(reading, visit) : this.ask(serial, visit);
  }

  async read(visit: Visit, request: FastifyRequest): Promise<Answer> {
    const serial = serialOf(request);
    const pin = takeSecret(request.body, "pin");
    try {
      if (!this.hasKey(serial) && !isPinForm(pin)) return await this.ask(serial, visit, visit.texts.tokenPages.problem.pinForm);
      return await this.atToken(serial, Uint8Array.from(pin)); // a copy: work outlives the request
    } catch (error) {
      const left = error instanceof TokenError ? error.triesLeft : null;
      if (left === null) throw error;
      return left === 0 ? noTriesPage("pin", serial, visit) : await this.ask(serial, visit, visit.texts.tokenPages.problem.wrongPin(left));
    } finally {
      pin.fill(0);
    }
  }

  private hasKey(serial: string): boolean {
    return this.parts.secrets.find(serial) !== null;
  }

  private async ask(serial: string, visit: Visit, problem?: string): Promise<Answer> {
    const { desk } = this.parts;
    const { info } = desk.token(serial);
    if (!info.isInitialised) return { to: `/tokens/${serial}` };
    const triesLeft = this.hasKey(serial) ? null : await desk.pinTriesLeft(serial);
    if (triesLeft === 0) return noTriesPage("pin", serial, visit);
    return askJournalPage({ serial, triesLeft, ...(problem !== undefined && { problem }) }, visit);
  }

  private async atToken(serial: string, pin: Uint8Array): Promise<Answer> {
    const { works, secrets, attestationRoots, clock } = this.parts;
    return works.begin({
      serial,
      title: (texts) => texts.tokenPages.journal.reading,
      again: `/tokens/${serial}/journal?again=1`,
      end: () => pin.fill(0),
      run: async (client, _progress, info) => {
        const kept = secrets.find(serial);
        const key = kept === null ? null : hexToBytes(kept.managementKey);
        try {
          await (key === null ? client.verifyPin(pin) : client.authenticateManagement(key));
          this.readings.set(serial, await readJournalOf(client, info, attestationRoots(), clock.now()));
          return `/tokens/${serial}/journal`;
        } finally {
          key?.fill(0);
        }
      },
    });
  }
}

function addChange(app: FastifyInstance, parts: AgentParts, kind: ChangeKind): void {
  app.get(
    `/tokens/:serial/${kind}`,
    page(parts, (visit, request) => {
      const serial = serialOf(request);
      return parts.desk.token(serial).info.isInitialised ? askChange(kind, serial, visit, parts) : { to: `/tokens/${serial}` };
    }),
  );
  app.post(
    `/tokens/:serial/${kind}`,
    page(parts, (visit, request) => change(kind, serialOf(request), visit, request, parts)),
  );
}

export function addTokenPageRoutes(app: FastifyInstance, parts: AgentParts): void {
  app.get(
    "/tokens/:serial",
    page(parts, async (visit, request) => {
      const { done } = DONE.parse(request.query);
      const record = await parts.desk.lend(serialOf(request), readTokenRecord);
      return tokenPage(record, visit, done === undefined ? null : visit.texts.tokenPages[done].done);
    }),
  );
  addChange(app, parts, "pin");
  addChange(app, parts, "unblock");
  const journal = new JournalPages(parts);
  app.get(
    "/tokens/:serial/journal",
    page(parts, (visit, request) => journal.show(visit, request)),
  );
  app.post(
    "/tokens/:serial/journal",
    page(parts, (visit, request) => journal.read(visit, request)),
  );
}
