// All pages of the demonstration's office and how one comes to them: without a session, as the helpdesk, as somebody with every role, as the people of the
// demonstration. What a page changes is made when the page is asked for, so that a walk which leaves it out makes nothing.

import { and, eq, notInArray } from "drizzle-orm";
import { DEMO_OFFICERS } from "../../office/demo/demo-officers.ts";
import { mailboxFor } from "../../office/demo/demo-people.ts";
import { changeOrganisation, requestOrganisation } from "../../office/registration/organisations.ts";
import { changeToken } from "../../office/registration/tokens.ts";
import type { OfficerState } from "../../office/states/officer-states.ts";
import type { OrganisationEvent } from "../../office/states/organisation-states.ts";
import type { TokenEvent } from "../../office/states/token-states.ts";
import { dossiers } from "../../office/store/application-schema.ts";
import { officers, offices, organisations, people, tokens } from "../../office/store/schema.ts";
import { accountCookie } from "./account-cookie.ts";
import type { OfficerClient } from "./officer-client.ts";
import type { Step } from "./page-steps.ts";
import type { Holder } from "./token-holder.ts";
import type { WholeOffice } from "./whole-office.ts";

const SYSTEM = "system";

export const first = <T>(values: readonly T[]): T => {
  const [value] = values;
  if (value === undefined) throw new Error("the demonstration has none");
  return value;
};

export class WholePages {
  readonly office: WholeOffice;
  /** With a long name. */
  readonly holder: Holder;
  readonly helpdesk: OfficerClient;
  #made = 0;

  constructor(office: WholeOffice, { holder, helpdesk }: { readonly holder: Holder; readonly helpdesk: OfficerClient }) {
    this.office = office;
    this.holder = holder;
    this.helpdesk = helpdesk;
  }

  go(path: string): Step {
    return (page) => page.goto(`${this.office.url}${path}`);
  }

  /** To an address that is looked up, or made, when it is needed. */
  goWhere(path: () => Promise<string>): Step {
    return async (page) => page.goto(`${this.office.url}${await path()}`);
  }

  /** As one of the demonstration's people. @param name as it is there */
  as(name: string): Step {
    return async (page) => {
      const { cookie } = await accountCookie(this.office.store, mailboxFor(name), new Date());
      const [key = "", value = ""] = cookie.split("=");
      await page.context().addCookies([{ name: key, value, url: this.office.url }]);
    };
  }

  async dossierOf(name: string): Promise<string> {
    return first(
      await this.office.store.db
        .select()
        .from(dossiers)
        .where(eq(dossiers.email, mailboxFor(name))),
    ).id;
  }

  async organisationNamed(name: string): Promise<string> {
    return first(await this.office.store.db.select().from(organisations).where(eq(organisations.name, name))).id;
  }

  async officerIn(state: OfficerState): Promise<string> {
    return first(await this.office.store.db.select().from(officers).where(eq(officers.state, state))).id;
  }

  /** @param then what happens to it @returns its id */
  async organisation(name: string, ...then: OrganisationEvent[]): Promise<string> {
    const acting = { actor: SYSTEM, now: new Date() };
    const { id: officeId } = first(await this.office.store.db.select().from(offices));
    return this.office.store.transaction(async (tx) => {
      const id = await requestOrganisation(tx, { officeId, name: `${name} ${++this.#made}`, country: "FR" }, acting);
      for (const event of then) await changeOrganisation(tx, id, event, acting);
      return id;
    });
  }

  async nameOf(organisationId: string): Promise<string> {
    return first(await this.office.store.db.select().from(organisations).where(eq(organisations.id, organisationId))).name;
  }

  readonly #taken: string[] = [];

  /** One of the demonstration's officers', each once. @param then what happens to it @returns its serial number */
  async token(...then: TokenEvent[]): Promise<string> {
    const { store } = this.office;
    const surnames = DEMO_OFFICERS.map(({ surname }) => surname);
    const rows = await store.db
      .select({ serial: tokens.serial, surname: people.surname })
      .from(tokens)
      .innerJoin(people, eq(people.id, tokens.personId))
      .where(and(eq(tokens.state, "active"), notInArray(tokens.serial, [...this.#taken, ""])));
    const { serial } = first(rows.filter(({ surname }) => surnames.includes(surname)));
    this.#taken.push(serial);
    for (const event of then) await store.transaction((tx) => changeToken(tx, serial, event, { actor: SYSTEM, now: new Date() }));
    return serial;
  }
}
