// The officer's menu: what their roles do daily comes first; what they seldom need (colleagues, audit trail, settings, the authority, their own sessions) is
// behind one word when all of it would be more than a line. The account's menu beside it.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import { officesWith, type Permission, ROLES, type Role } from "../../registration/roles.ts";
import type { Visit } from "../edge/visit.ts";
import type { Texts } from "../texts/french.ts";

interface MenuEntry {
  readonly path: string;
  readonly text: Exclude<keyof Texts["menu"], "group">;
}

interface OfficersEntry extends MenuEntry {
  /** null: every officer. */
  readonly permission: Permission | null;
  /** Needed now and then. */
  readonly isSeldom?: true;
}

const OFFICERS_MENU: readonly OfficersEntry[] = [
  { path: "/dossiers", text: "dossiers", permission: "applications" },
  { path: "/identity", text: "identity", permission: "identity" },
  { path: "/desk", text: "desk", permission: "issue" },
  { path: "/unlock", text: "unlock", permission: "unlock" },
  { path: "/search", text: "search", permission: "search" },
  { path: "/organisations", text: "organisations", permission: "search" },
  { path: "/token-secrets", text: "tokenSecrets", permission: "secrets" },
  { path: "/officers", text: "officers", permission: "officers", isSeldom: true },
  { path: "/audit", text: "audit", permission: "audit", isSeldom: true },
  { path: "/settings", text: "settings", permission: "settings", isSeldom: true },
  { path: "/sessions", text: "sessions", permission: null, isSeldom: true },
  { path: "/ca", text: "authority", permission: null, isSeldom: true },
];

/** Where somebody with this role alone begins the day. */
const DAILY: Readonly<Record<Role, string>> = {
  administrator: "/officers",
  verifier: "/identity",
  approver: "/dossiers",
  issuer: "/desk",
  helpdesk: "/unlock",
  auditor: "/audit",
};

/** So many fit in a line of a desk's screen, in both languages. */
const MOST_IN_A_LINE = 7;

/** For accounts, beside the officers' when both are signed in. */
const ACCOUNT_MENU: readonly MenuEntry[] = [
  { path: "/account", text: "account" },
  { path: "/help", text: "help" },
];

export function mayAnywhere(visit: Visit, permission: Permission): boolean {
  return visit.session !== null && officesWith(visit.session.officer.assignments, permission).length > 0;
}

const isHere = (visit: Visit, { path }: MenuEntry): boolean => (visit.path.split("?")[0] ?? "") === path;

const links = (visit: Visit, entries: readonly MenuEntry[]): Html[] =>
  entries.map(
    (entry) =>
      html`<li><a href="${entry.path}"${isHere(visit, entry) ? html` aria-current="page"` : null}>${visit.texts.menu[entry.text]}</a></li>`,
  );

/** What is behind one word, opened without a script. */
function group(visit: Visit, entries: readonly MenuEntry[]): Html {
  const mark = entries.some((entry) => isHere(visit, entry)) ? html` class="here"` : null;
  return html`<li><details class="more"><summary${mark}>${visit.texts.menu.group}</summary><ul>${links(visit, entries)}</ul></details></li>`;
}

function navigation(label: string, entries: readonly Html[]): Html {
  return html`<nav class="menu" aria-label="${label}"><ul>${entries}</ul></nav>`;
}

/** Those that the officer may see: first where each of their roles begins, then the others in the menu's order. */
function officersEntries(visit: Visit): OfficersEntry[] {
  const allowed = OFFICERS_MENU.filter(({ permission }) => permission === null || mayAnywhere(visit, permission));
  const held = new Set((visit.session?.officer.assignments ?? []).map(({ role }) => role));
  const daily = ROLES.filter((role) => held.has(role)).map((role) => DAILY[role]);
  const isDaily = ({ path }: MenuEntry): boolean => daily.includes(path);
  return [...allowed.filter(isDaily), ...allowed.filter((entry) => !isDaily(entry))];
}

export function officersMenu(visit: Visit): Html | null {
  if (visit.session === null) return null;
  const entries = officersEntries(visit);
  const { label } = visit.texts.menu;
  if (entries.length <= MOST_IN_A_LINE) return navigation(label, links(visit, entries));
  const seldom = entries.filter(({ isSeldom }) => isSeldom === true);
  const daily = entries.filter(({ isSeldom }) => isSeldom !== true);
  return navigation(label, [...links(visit, daily), group(visit, seldom)]);
}

export const accountMenu = (visit: Visit): Html | null =>
  visit.account === null ? null : navigation(visit.texts.menu.accountLabel, links(visit, ACCOUNT_MENU));
