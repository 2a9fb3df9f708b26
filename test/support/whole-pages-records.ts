// Ways to the pages of what is on record: people, tokens, certificates, organisations, officers, the audit trail; and to what everybody sees.

import { eq } from "drizzle-orm";
import { CERTIFICATE, type CertificateState } from "../../office/states/certificate-states.ts";
import { certificates, officers, organisations, people, tokens } from "../../office/store/schema.ts";
import { check, fill, type Step, submit, type Ways } from "./page-steps.ts";
import { first, type WholePages } from "./whole-pages.ts";

export function publicWays(pages: WholePages): Ways {
  const { helpdesk } = pages;
  return {
    welcome: [pages.go("/")],
    "sign-in": [pages.go("/sign-in")],
    "sign-in-needed": [pages.go("/audit")],
    "sign-in-link": [async (page) => page.goto(await helpdesk.signInLink())],
    "sign-in-link-used": [
      async (page) => {
        const link = await helpdesk.signInLink();
        await page.goto(link);
        await submit(page);
        await page.context().clearCookies();
        await page.goto(link);
        await submit(page);
      },
    ],
    authority: [pages.go("/ca")],
    help: [pages.go("/help")],
    "help-terms": [pages.go("/help/terms")],
    activate: [pages.go("/activate")],
    "activate-problems": [pages.go("/activate"), submit],
    "account-sign-in": [pages.go("/account/sign-in")],
    "account-code": [pages.go("/account/sign-in"), fill("#email", "quelquun@exemple.fr"), submit],
  };
}

export function helpdeskWays(pages: WholePages): Ways {
  const { serial } = pages.holder;
  return {
    "search-helpdesk": [pages.go("/search?q=&kind=all")],
    "not-permitted": [pages.go("/audit")],
    "token-helpdesk": [pages.go(`/tokens/${serial}`)],
    "token-not-permitted": [pages.go(`/tokens/${serial}/lose`)],
  };
}

/** One certificate of each state, each token's state that there is, and somebody's sheet. */
async function sheets(pages: WholePages): Promise<Ways> {
  const { db } = pages.office.store;
  const found: Record<string, Step[]> = {};
  for (const state of Object.keys(CERTIFICATE.table) as CertificateState[]) {
    const { id } = first(await db.select().from(certificates).where(eq(certificates.state, state)));
    found[`certificate-${state}`] = [pages.go(`/certificates/${id}`)];
  }
  for (const { serial, state } of await db.select().from(tokens)) found[`token-${state}`] ??= [pages.go(`/tokens/${serial}`)];
  const { id: organisationId } = first(await db.select().from(organisations));
  const someone = first(await db.select().from(people).where(eq(people.organisationId, organisationId)));
  return { ...found, person: [pages.go(`/people/${someone.id}`)], "person-long": [pages.go(`/people/${pages.holder.personId}`)] };
}

/** @param mark so that nobody is invited twice */
export async function recordWays(pages: WholePages, mark: string): Promise<Ways> {
  const { holder } = pages;
  const revoke = `/certificates/${holder.issued.id}/revoke`;
  const { id: officerId } = first(await pages.office.store.db.select().from(officers).where(eq(officers.state, "active")));
  return {
    search: [pages.go("/search")],
    "search-all": [pages.go("/search?q=&kind=all")],
    "search-certificates": [pages.go("/search?q=&kind=certificates")],
    "search-organisations": [pages.go("/search?q=ordre&kind=organisations")],
    "search-none": [pages.go("/search?q=nobody-has-this")],
    ...(await sheets(pages)),
    revoke: [pages.go(revoke)],
    "revoke-problems": [pages.go(revoke), fill("#confirmation", "12345678"), submit],
    audit: [pages.go("/audit")],
    "audit-problem": [pages.go("/audit?q=officer&from=yesterday")],
    "audit-verified": [pages.go("/audit"), (page) => page.locator("form[action='/audit/verify'] button").click()],
    officers: [pages.go("/officers")],
    invite: [pages.go("/officers/invite")],
    "invite-known": [pages.go(`/officers/invite?person=${holder.personId}`)],
    "invite-problems": [pages.go("/officers/invite"), fill("#givenName", "Ève"), submit],
    invited: [
      pages.go("/officers/invite"),
      fill("#givenName", "Ève"),
      fill("#surname", "Noël"),
      fill("#email", `eve.${mark}@exemple.fr`),
      fill("#number", `E${mark}`),
      check("input[value=helpdesk]"),
      check("input[name=handover][value=show]"),
      submit,
    ],
    withdraw: [pages.go(`/officers/${officerId}/withdraw`)],
    sessions: [pages.go("/sessions")],
    "authority-signed-in": [pages.go("/ca")],
    "not-found": [pages.go("/people/nobody")],
  };
}

const LONG = "Ordre des ingénieurs-conseils et experts agréés près les tribunaux";

function organisationWays(pages: WholePages): Ways {
  const requested = (decision: string) => pages.goWhere(async () => `/organisations/${await pages.organisation("Demandée")}/${decision}`);
  const open = (rest: string) => pages.goWhere(async () => `/organisations/${await pages.organisation(LONG, "open")}${rest}`);
  const closed = (rest: string) => pages.goWhere(async () => `/organisations/${await pages.organisation(LONG, "open", "close")}${rest}`);
  const typeItsName: Step = async (page) => {
    const id = /organisations\/([^/]+)/.exec(page.url())?.[1] ?? "";
    await page.locator("#confirmation").fill(await pages.nameOf(id));
  };
  return {
    organisations: [pages.go("/organisations")],
    organisation: [open("")],
    "organisation-tokens": [open("?list=tokens")],
    "organisation-certificates": [open("?list=certificates")],
    "organisation-open": [requested("open")],
    "organisation-opened": [requested("open"), submit],
    "organisation-refuse": [requested("refuse")],
    "organisation-close": [open("/close")],
    "organisation-close-problems": [open("/close"), fill("#confirmation", "autre"), submit],
    "organisation-closed": [open("/close"), typeItsName, submit],
    "organisation-reopen": [closed("/reopen")],
    "organisation-reopened": [closed("/reopen"), submit],
  };
}

function tokenWays(pages: WholePages): Ways {
  let given: Promise<string> | null = null;
  /** For pages that change nothing. */
  const shown = (rest: string): Step =>
    pages.goWhere(async () => {
      given ??= pages.token();
      return `/tokens/${await given}${rest}`;
    });
  const typeItsEnd: Step = async (page) => {
    const serial = /tokens\/([^/]+)/.exec(page.url())?.[1] ?? "";
    await page.locator("#confirmation").fill(serial.slice(-8));
  };
  const blocked = pages.goWhere(async () => `/tokens/${await pages.token("block")}/unblock`);
  return {
    "token-of-somebody": [shown("")],
    "token-suspend": [shown("/suspend")],
    "token-suspended-by-page": [pages.goWhere(async () => `/tokens/${await pages.token()}/suspend`), submit],
    "token-resume": [pages.goWhere(async () => `/tokens/${await pages.token("suspend")}/resume`)],
    "token-unblock": [blocked],
    "token-damage": [shown("/damage")],
    "token-lose": [shown("/lose")],
    "token-lose-problems": [shown("/lose"), fill("#confirmation", "12345678"), submit],
    "token-lost-by-page": [pages.goWhere(async () => `/tokens/${await pages.token()}/lose`), typeItsEnd, submit],
    "token-lost-before": [pages.goWhere(async () => `/tokens/${await pages.token("lose")}/lose`)],
    "token-retire": [shown("/retire")],
    "token-retire-problems": [shown("/retire"), submit],
    "token-receipt": [shown("/receipt")],
    "token-receipt-problems": [shown("/receipt"), submit],
  };
}

export function decisionWays(pages: WholePages): Ways {
  const officer = (state: "invited" | "active" | "withdrawn", page: string) =>
    pages.goWhere(async () => `/officers/${await pages.officerIn(state)}/${page}`);
  const invite = [
    pages.go("/officers/invite"),
    fill("#givenName", "Théo"),
    fill("#surname", "Invité"),
    fill("#email", "theo.invite@exemple.fr"),
    fill("#number", "T1"),
    check("input[value=helpdesk]"),
    check("input[name=handover][value=show]"),
    submit,
  ];
  return {
    ...organisationWays(pages),
    ...tokenWays(pages),
    "officer-code-active": [officer("active", "code")],
    "officer-code-problems": [officer("active", "code"), submit],
    "officer-code-invited": [...invite, officer("invited", "code")],
    "officer-code-shown": [officer("invited", "code"), submit],
    "officer-withdrawn": [officer("invited", "withdraw"), submit],
    "officer-code-withdrawn": [officer("withdrawn", "code")],
  };
}
