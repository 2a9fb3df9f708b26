// The loaded office with a second server over the same folder and database, and what a crowd brings along: blank tokens, officers who are signed in.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { provisionToken } from "../../host-bridge/factory/provision.ts";
import type { AdminClient } from "../../office/admin/admin-client.ts";
import type { InvitationAnswer } from "../../office/admin/admin-protocol.ts";
import type { Role } from "../../office/registration/roles.ts";
import type { OfficeProcess } from "../support/office-process.ts";
import { type BrowserSession, OfficerClient } from "../support/officer-client.ts";
import { SimulatedToken } from "../support/simulated-token.ts";
import type { LoadedOffice } from "./loaded-office.ts";
import type { ProxiedOffice } from "./proxied-computer.ts";

const FIRST_SERIAL = 62_000_001;
const FIRST_OFFICER_SERIAL = 63_000_001;
/** Of the kernel's clock, in /proc (proc(5)): USER_HZ. */
const TICKS_A_SECOND = 100;
const LOOK_MS = 50;
const OUTBOX_LIMIT_MS = 60_000;
const OFFICERS: readonly (readonly [givenName: string, surname: string])[] = [
  ["Bérénice", "Aubry"],
  ["Corentin", "Besson"],
  ["Delphine", "Charpentier"],
  ["Étienne", "Delmas"],
  ["Fatou", "Ndiaye"],
  ["Grégoire", "Fabre"],
  ["Héloïse", "Gaudin"],
  ["Ismaël", "Hamdi"],
];

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly status?: number;
}

/** User and system time of a process. @param pid of one that runs */
function processorSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

export class CrowdedOffice implements ProxiedOffice {
  readonly database: string;
  readonly mails: string;
  readonly publicUrl: string;
  readonly #office: LoadedOffice;
  readonly #processes: readonly OfficeProcess[];
  #tokens = 0;
  #officers = 0;

  private constructor(office: LoadedOffice, second: OfficeProcess) {
    this.#office = office;
    this.#processes = [office.process, second];
    this.database = office.database;
    this.mails = office.mails;
    this.publicUrl = office.url;
  }

  static async over(office: LoadedOffice): Promise<CrowdedOffice> {
    return new CrowdedOffice(office, await office.addServer());
  }

  get servers(): readonly string[] {
    return this.#processes.map(({ ready }) => String(ready["address"]));
  }

  get admin(): AdminClient {
    return this.#office.admin;
  }

  /** As it leaves the factory that the office trusts. */
  async blankToken(): Promise<SimulatedToken> {
    const token = new SimulatedToken(FIRST_SERIAL + this.#tokens++);
    const client = token.client();
    await provisionToken(client, this.#office.root, new Date());
    client.close();
    return token;
  }

  /** Invited, with a token of their own, signed in by it. */
  async officerSession(role: Role): Promise<BrowserSession> {
    const number = this.#officers++;
    const [givenName, surname] = OFFICERS[number] ?? [];
    if (givenName === undefined || surname === undefined) throw new Error("so many officers have no names");
    const who = { givenName, surname, email: `agent.${number}@example.org`, language: "fr" as const };
    const { code } = await this.admin.post<InvitationAnswer>("/officers", { ...who, roles: [role] });
    const officer = await OfficerClient.withToken(this.publicUrl, FIRST_OFFICER_SERIAL + number, this.#office.root);
    const { status, body } = await officer.finish(await officer.order(code));
    if (status !== 200) throw new Error(`enrolment: ${status} ${JSON.stringify(body)}`);
    await officer.prove(body);
    return officer.signIn();
  }

  processorSeconds(): { readonly servers: number; readonly crowd: number } {
    const { user, system } = process.cpuUsage();
    const servers = this.#processes.map(({ ready }) => processorSecondsOf(Number(ready["pid"])));
    return { servers: servers.reduce((sum, seconds) => sum + seconds, 0), crowd: (user + system) / 1e6 };
  }

  /** Resolves when every mail has left. @throws when they do not */
  async outboxIsEmpty(): Promise<void> {
    const client = new pg.Client({ connectionString: this.database });
    await client.connect();
    try {
      for (const end = Date.now() + OUTBOX_LIMIT_MS; Date.now() < end; await sleep(LOOK_MS)) {
        const { rows } = await client.query<{ count: number }>("select count(*)::int from mails where sealed is not null");
        if (rows[0]?.count === 0) return;
      }
      throw new Error("mails that do not leave");
    } finally {
      await client.end();
    }
  }

  /** What no log of a good day has: answers of 500 and more, and errors. */
  logFaults(): string[] {
    const lines = this.#processes.flatMap(({ log }) => log.split("\n").filter((line) => line !== ""));
    const isFault = (line: string): boolean => {
      if (!line.startsWith("{")) return true; // nothing else is due on standard error
      const { level, status = 0 } = JSON.parse(line) as LogLine;
      return level >= 50 || status >= 500;
    };
    return lines.filter(isFault);
  }
}
