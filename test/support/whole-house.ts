// One whole office with its authority and jobs, the agents of holders with simulated tokens, and a browser in which people walk through both. Nothing stands
// in for anything: only the port of the agent's link is changed on its way, because 8757 may be taken on the machine that tests.

import { eq } from "drizzle-orm";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { agentAddress } from "../../host-bridge/agent/agent-address.ts";
import { freshHost } from "../../host-bridge/agent/door.ts";
import { decideCorporateAccount, inviteToApply, requestCorporateAccount } from "../../office/dossiers/corporate-accounts.ts";
import { addOffice, changeOrganisation, requestOrganisation } from "../../office/registration/organisations.ts";
import type { Role } from "../../office/registration/roles.ts";
import { accounts } from "../../office/store/application-schema.ts";
import type { Store } from "../../office/store/store.ts";
import { accountCookie } from "./account-cookie.ts";
import { AgentBench } from "./agent-bench.ts";
import { blankToken } from "./agent-requests.ts";
import { openBrowser, watchPage } from "./browser.ts";
import { Endings } from "./endings.ts";
import type { STORE_KINDS } from "./office-stores.ts";
import { enrolledOfficer, type OfficerCookie, officerCookie } from "./officer-cookie.ts";
import type { SimulatedToken } from "./simulated-token.ts";
import { WholeOffice } from "./whole-office.ts";

export const HOUSE_START_LIMIT_MS = 90_000;
export const ASSOCIATION = "Ordre des ingénieurs-conseils";
const MAILS_EVERY_MS = 50;
const FIRST_SERIAL = 62_000_001;
/** Of one step; a page that waits for a token is answered after 20 s. */
const STEP_LIMIT_MS = 30_000;

export type Language = "fr" | "en";

/** How somebody looks at the pages. */
export interface Look {
  readonly language: Language;
  readonly width: number;
}

/** Of whom a window is. */
export interface WindowOf {
  /** Signed in as an officer. */
  readonly officer?: OfficerCookie;
  /** Signed in with a mailbox that was proved before. */
  readonly email?: string;
  /** The agent on that person's computer. */
  readonly agent?: AgentBench;
}

export interface HouseOfficer extends OfficerCookie {
  readonly officerId: string;
}

export interface Company {
  readonly organisationId: string;
  readonly managerId: string;
}

/** What an office has before anybody comes: a desk and an association that authorises. */
async function furnish(store: Store, now: Date): Promise<{ readonly officeId: string; readonly associationId: string }> {
  const acting = { actor: "system", now };
  return store.transaction(async (tx) => {
    const officeId = await addOffice(tx, { name: "Bureau de Rouen", timeZone: "Europe/Paris" }, acting);
    const associationId = await requestOrganisation(tx, { officeId, name: ASSOCIATION, country: "FR", kind: "association" }, acting);
    await changeOrganisation(tx, associationId, "open", acting);
    return { officeId, associationId };
  });
}

interface Parts {
  readonly office: WholeOffice;
  readonly browser: Browser;
  readonly ids: { readonly officeId: string; readonly associationId: string };
  readonly endings: Endings;
  /** How far the house's clock is ahead of this machine's. */
  readonly ahead: { ms: number };
}

export class WholeHouse {
  readonly #parts: Parts;
  readonly #watched: string[][] = [];
  #made = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param folder empty, and with a short path: sockets are in it */
  static async open(folder: string, kind: (typeof STORE_KINDS)[number] = "pglite"): Promise<WholeHouse> {
    const endings = new Endings();
    const ahead = { ms: 0 };
    const clock = { now: () => new Date(Date.now() + ahead.ms) };
    let ids = { officeId: "", associationId: "" };
    const fill = async (store: Store): Promise<void> => {
      ids = await furnish(store, clock.now());
    };
    try {
      const office = await WholeOffice.open(kind, folder, { fill, clock, jobsEveryMs: MAILS_EVERY_MS });
      endings.add(() => office.close());
      const { hostname, port } = new URL(office.url);
      const browser = await openBrowser({ host: hostname, port: Number(port), home: folder });
      endings.add(() => browser.close());
      return new WholeHouse({ office, browser, ids, endings, ahead });
    } catch (error) {
      await endings.run();
      throw error;
    }
  }

  get office(): WholeOffice {
    return this.#parts.office;
  }

  get url(): string {
    return this.office.url;
  }

  /** The folder of .eml files; mails leave within a tenth of a second. */
  get mails(): string {
    return this.office.mails;
  }

  get store(): Store {
    return this.office.store;
  }

  get officeId(): string {
    return this.#parts.ids.officeId;
  }

  get associationId(): string {
    return this.#parts.ids.associationId;
  }

  get now(): Date {
    return this.office.desk.clock.now();
  }

  /** Moves the clock of the office and of every agent on: for what expires, and for limits by the hour. */
  pass(ms: number): void {
    this.#parts.ahead.ms += ms;
  }

  /** Somebody of the office, signed in. Officers of one name count as one person. */
  async officer(roles: readonly Role[], names: { readonly givenName?: string; readonly surname?: string } = {}): Promise<HouseOfficer> {
    const { officeId, associationId: organisationId } = this;
    const order = { officeId, organisationId, roles, number: `officer-${++this.#made}`, ...names };
    const officerId = await enrolledOfficer(this.store, order, this.now);
    return { officerId, ...(await officerCookie(this.store, officerId, this.now)) };
  }

  /** A corporate account, open, whose manager has this mailbox (S9). */
  async company(name: string, manager: { readonly name: string; readonly email: string; readonly language?: Language }): Promise<Company> {
    const { account } = await accountCookie(this.store, manager.email, this.now, manager.language);
    const organisationId = await requestCorporateAccount(this.office.applications, {
      accountId: account.id,
      officeId: this.officeId,
      name,
      country: "FR",
      managerName: manager.name,
      phone: "+33 2 35 00 00 00",
      users: 6,
    });
    await decideCorporateAccount(this.office.applications, organisationId, "open", null, { actor: "system", now: this.now });
    return { organisationId, managerId: account.id };
  }

  /** Its manager asks somebody to apply; the mail leaves. */
  invite({ organisationId, managerId: accountId }: Company, email: string, language: Language = "fr"): Promise<void> {
    return inviteToApply(this.office.applications, { organisationId, accountId, email, language });
  }

  /** The agent on somebody's computer, as it is the first time: without a phrase (unless one is given), without a token, trusting no office. */
  async agent(phrase: string | null = null): Promise<AgentBench> {
    const { office, endings } = this.#parts;
    const attestationRoots = () => [new Uint8Array(office.root.certificate.rawData)];
    const agent = await AgentBench.start({ phrase, host: freshHost(), clock: office.desk.clock, attestationRoots });
    endings.add(() => agent.close());
    return agent;
  }

  /** As it comes from the factory that the office believes. Its button is pressed at once, unless the test scripts it. */
  async blankToken(): Promise<{ readonly token: SimulatedToken; readonly serial: string }> {
    const serial = FIRST_SERIAL + ++this.#made;
    return { token: await blankToken(this.office, serial), serial: String(serial) };
  }

  /** A browser of somebody's own: cookies, language, width. Close its context when they are done. */
  async window({ language, width }: Look, { officer, email, agent }: WindowOf = {}): Promise<Page> {
    const locale = language === "fr" ? "fr-FR" : "en-GB";
    const context = await this.#parts.browser.newContext({ locale, viewport: { width, height: 800 }, acceptDownloads: true });
    context.setDefaultTimeout(STEP_LIMIT_MS);
    const cookie = (pair: string) => ({ name: pair.split("=")[0] ?? "", value: pair.split("=")[1] ?? "", url: this.url });
    if (officer !== undefined) await context.addCookies([cookie(officer.cookie)]);
    if (email !== undefined) await context.addCookies([cookie((await accountCookie(this.store, email, this.now, language)).cookie)]);
    if (agent !== undefined) await leadTo(context, agent);
    const page = await context.newPage();
    this.#watched.push(watchPage(page, this.url));
    return page;
  }

  /** What the pages of all windows did that they must not: a policy broken, an error in a script, another host than the office and the agents. */
  get broken(): string[] {
    return this.#watched.flat().filter((line) => !line.startsWith("asked http://127."));
  }

  /** @throws when nobody has this mailbox */
  async accountId(email: string): Promise<string> {
    const [row] = await this.store.db.select({ id: accounts.id }).from(accounts).where(eq(accounts.email, email));
    if (row === undefined) throw new Error("no such account");
    return row.id;
  }

  close(): Promise<void> {
    return this.#parts.endings.run();
  }
}

/** The office's pages link to the port that agents have: here it is another one. All else about the address stays. */
async function leadTo(context: BrowserContext, { agent }: AgentBench): Promise<void> {
  await context.route(`${agentAddress()}/**`, (route) => {
    const to = new URL(route.request().url());
    to.port = String(agent.port);
    return route.fulfill({ status: 307, headers: { location: to.href } });
  });
}
