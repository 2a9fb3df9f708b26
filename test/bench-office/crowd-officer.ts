// Officers at their desks: verifiers offer hours and check who comes, approvers waive what is due and approve. Each looks at the list that the office shows
// and takes something from it; when a colleague was quicker, something else.

import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { CHECKLIST } from "../../office/identity/checks.ts";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { FRENCH } from "../../office/pages/texts/french.ts";
import type { BrowserSession } from "../support/officer-client.ts";
import { CROWD } from "./crowd-person.ts";
import type { CrowdStep } from "./crowd-steps.ts";
import type { Ledger } from "./ledger.ts";
import { ProxiedComputer, type ProxiedOffice } from "./proxied-computer.ts";

/** Nothing waits: the list is looked at again. */
const IDLE_MS = 250;
/** A day of the crowd's own: the demonstration offers hours of the next days. */
const DAYS_AHEAD = 30;
const DAY_MS = 86_400_000;
/** Somebody else has decided it, or begun it. */
const REFUSED = [409, 422];
const ID = "[0-9a-f]{8}-[0-9a-f-]{27}";

/** Until when officers work. */
export interface CrowdDay {
  isOver: boolean;
}

type Field = readonly [name: string, value: string];

interface Page {
  readonly status: number;
  readonly text: string;
}

export class CrowdOfficer {
  /** Things that a colleague had taken from the list, too. */
  metColleagues = 0;
  readonly #computer: ProxiedComputer;
  readonly #session: BrowserSession;
  readonly #origin: string;
  readonly #done = new Set<string>();

  constructor(office: ProxiedOffice, number: number, ledger: Ledger<CrowdStep>, session: BrowserSession) {
    this.#computer = new ProxiedComputer(office, number, ledger);
    this.#origin = office.publicUrl;
    this.#session = session;
  }

  /** A day of appointments by video, every ten minutes. @param hours 1 to 10 */
  async offer(place: string, hours: number): Promise<void> {
    const { text } = await this.#get("/identity/slots");
    const office = new RegExp(`name="office" value="(${ID})"`).exec(text)?.[1] ?? "";
    const to = `${String(8 + hours).padStart(2, "0")}:00`;
    const fields = { office, kind: "video", place, day: this.#day(), from: "08:00", to, minutes: "10" };
    const { status } = await this.#post("/identity/slots", Object.entries(fields));
    if (status !== 303) throw new Error(`no hours were offered: ${status}`);
  }

  /** Checks, until the day is over. @returns how many */
  verify(day: CrowdDay): Promise<number> {
    const booked = new RegExp(`href="/identity/checks/(${ID})"`);
    const waiting = async (): Promise<string[]> => {
      const rows = (await this.#get(`/identity?day=${this.#day()}`)).text.split("<tr");
      const open = rows.filter((row) => row.includes(`>${FRENCH.identity.states.booked}<`));
      return open.flatMap((row) => booked.exec(row)?.[1] ?? []);
    };
    return this.#work(day, waiting, async (id) => {
      const address = `/identity/checks/${id}`;
      if (!(await this.#isDone(`${address}/begin`, []))) return false;
      await this.#get(address);
      const seen = CHECKLIST.map((item) => ["seen", item] as const);
      return this.#isDone(address, [["decision", "accept"], ...seen, ["note", ""]]);
    });
  }

  /** Approvals, until the day is over. @returns how many */
  approve(day: CrowdDay): Promise<number> {
    const waiting = async (): Promise<string[]> => {
      const { text } = await this.#get(`/dossiers?list=approval&q=${CROWD}`);
      return [...text.matchAll(new RegExp(`href="/dossiers/(${ID})"><code`, "g"))].map(([, id = ""]) => id);
    };
    return this.#work(day, waiting, async (id) => {
      const address = `/dossiers/${id}`;
      await this.#get(address);
      if (!(await this.#isDone(`${address}/waive`, [["note", "Convention avec l'ordre, séance du 22 novembre."]]))) return false;
      const note = "Tableau de l'ordre, consulté ce jour : inscrit.";
      return this.#isDone(`${address}/approve`, [
        ["note", note],
        ["confirmed", "yes"],
      ]);
    });
  }

  async #work(day: CrowdDay, waiting: () => Promise<string[]>, decide: (id: string) => Promise<boolean>): Promise<number> {
    let decided = 0;
    while (!day.isOver) {
      const open = (await waiting()).filter((id) => !this.#done.has(id));
      const id = open[randomInt(Math.max(1, open.length))];
      if (id === undefined) {
        await sleep(IDLE_MS);
        continue;
      }
      this.#done.add(id);
      if (await decide(id)) decided++;
      else this.metColleagues++;
    }
    this.#computer.close();
    return decided;
  }

  #day(): string {
    return new Date(Date.now() + DAYS_AHEAD * DAY_MS).toISOString().slice(0, 10);
  }

  async #isDone(path: string, fields: readonly Field[]): Promise<boolean> {
    const { status, text } = await this.#post(path, fields);
    if (status === 303) return true;
    if (REFUSED.includes(status)) return false;
    throw new Error(`POST ${path}: ${status} ${text.slice(0, 300)}`);
  }

  #get(path: string): Promise<Page> {
    return this.#ask(path, {});
  }

  #post(path: string, fields: readonly Field[]): Promise<Page> {
    const body = new URLSearchParams({ csrf: csrfToken(this.#session.secret) });
    for (const [name, value] of fields) body.append(name, value);
    return this.#ask(path, { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: body.toString() });
  }

  async #ask(path: string, init: RequestInit): Promise<Page> {
    const cookie = `${this.#session.cookie}; sceau-language=fr`;
    const headers = { ...(init.headers as Record<string, string>), cookie, origin: this.#origin };
    const answer = await this.#computer.fetch(`${this.#origin}${path}`, { ...init, headers });
    const text = await answer.text();
    if (answer.status >= 400 && !REFUSED.includes(answer.status)) throw new Error(`${path}: ${answer.status}`);
    return { status: answer.status, text };
  }
}
