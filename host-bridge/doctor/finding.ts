// What a check can find: its words for machines and its facts. Sentences for people are whoever's that shows it (cli/messages/doctor-…).

/** The guide's four troubles (S14). */
export type Area = "suite" | "office" | "rights" | "installation";

/** `trouble`: an activation would fail. `warning`: it would not, and something else may. */
export type Verdict = "ok" | "warning" | "trouble";

/**
 * Who can mend it: whoever sits there, as they are; somebody with administrator rights on this computer; whoever runs the firewall or the proxy; the
 * office itself.
 */
export type Mender = "user" | "administrator" | "network" | "office";

/**
 * `not-a-folder`, `other-owner` (root, as sudo leaves it), `open-to-others`: of a folder that is Sceau's own, so its commands may be run; `chosen-file`,
 * `others`, `shared`: the same of any other.
 */
export type FolderCode =
  | "fine"
  | "to-be-made"
  | "not-writable"
  | "read-only"
  | "not-a-folder"
  | "chosen-file"
  | "other-owner"
  | "others"
  | "open-to-others"
  | "shared";

/** Each check, what it can say, and the facts that go with it. No fact holds a secret: passwords of proxies stay out. */
export interface Checks {
  "node-version": { code: "fine" | "too-old"; facts: { version: string; needed: string } };
  packages: { code: "fine" | "missing" | "half-done" | "older" | "no-lock"; facts: { folder: string; count: number; example: string } };
  registry: {
    code: "reached" | "unknown-name" | "refused" | "silent" | "no-route";
    facts: { host: string; port: number; proxy: string };
  };
  native: { code: "fine" | "usb-libraries" | "card-readers" | "not-loading"; facts: { names: string; reason: string } };
  build: { code: "fine" | "missing" | "older"; facts: { folder: string; newer: string } };
  disk: { code: "fine" | "little" | "full"; facts: { path: string; freeMegabytes: number; neededMegabytes: number } };
  module: { code: "fine" | "missing"; facts: { path: string } };
  bridge: { code: "fine" | "not-running" | "dead-socket" | "no-socket" | "forbidden"; facts: { path: string } };
  software: {
    code: "fine" | "no-token" | "nobody" | "other-server" | "not-loading";
    facts: { address: string; count: number; manufacturer: string; reason: string };
  };
  service: {
    code:
      | "fine"
      | "no-systemd"
      | "missing"
      | "unreadable"
      | "foreign"
      | "gone"
      | "other-checkout"
      | "no-pcsc"
      | "not-loaded"
      | "not-enabled"
      | "failed"
      | "waiting"
      | "stopped";
    /** `reason`: what has gone, which other program, or how it ended. */
    facts: { path: string; reason: string };
  };
  registration: { code: "fine" | "missing" | "other-bridge" | "not-ours"; facts: { path: string } };
  browsers: {
    code: "none" | "fine" | "missing" | "moved" | "other-library" | "unreadable";
    /** The names of the software, how many databases, and the first of them. */
    facts: { software: string; count: number; folder: string };
  };
  confined: { code: "none" | "fine" | "flatpak" | "firefox-snap" | "snap"; facts: { software: string; application: string } };
  pcsc: {
    code: "unused" | "fine" | "no-daemon" | "no-driver" | "no-socket" | "dead-socket" | "forbidden" | "refused" | "silent";
    facts: { path: string };
  };
  "virtual-reader": {
    code: "unused" | "fine" | "stranger" | "other-user" | "other-program" | "open" | "slow";
    /** Who is the card: `from` an address, `uid`, `program`, `pid`. `reachable`: this computer's addresses in networks. */
    facts: { ports: string; reachable: string; from: string; uid: number; program: string; pid: number };
  };
  agent: {
    code: "fine" | "not-running" | "other-program" | "other-user";
    facts: { port: number; program: string; pid: number; uid: number };
  };
  user: { code: "fine" | "root"; facts: { name: string; uid: number } };
  "state-folder": {
    code: FolderCode;
    facts: { path: string; at: string; owner: string; mode: string };
  };
  "runtime-folder": {
    code: FolderCode;
    facts: { path: string; at: string; owner: string; mode: string };
  };
  devices: {
    code: "fine" | "no-rule" | "older-rule" | "modem-manager" | "forbidden" | "not-at-the-screen";
    facts: { rule: string; device: string };
  };
  /** Asked when something else wants administrator rights. */
  administrator: {
    code: "member" | "no-member" | "nobody";
    facts: { group: string; names: string; wanted: number };
  };
  "office-address": { code: "fine" | "none" | "bad" | "insecure" | "unreadable-list"; facts: { address: string; path: string } };
  proxy: { code: "none" | "used" | "bypassed" | "unusable"; facts: { variable: string; proxy: string; host: string } };
  name: { code: "fine" | "unknown" | "no-answer"; facts: { host: string; addresses: string; code: string } };
  connection: { code: "fine" | "refused" | "silent" | "no-route"; facts: Endpoint & { code: string; seconds: number } };
  tunnel: { code: "fine" | "direct" | "refused" | "login" | "silent" | "not-a-proxy"; facts: Endpoint & { proxy: string; status: number } };
  certificate: {
    code:
      | "fine"
      | "local"
      | "unchecked"
      | "unknown-issuer"
      | "system-knows"
      | "self-signed"
      | "expired"
      | "not-yet-valid"
      | "name"
      | "not-tls"
      | "silent"
      | "other";
    facts: Endpoint & { issuer: string; subject: string; names: string; from: string; until: string; now: string; code: string };
  };
  answer: {
    code: "fine" | "redirected" | "not-an-office" | "silent" | "broken" | "down";
    facts: { address: string; status: number; location: string; title: string; seconds: number };
  };
  clock: { code: "fine" | "untold" | "off" | "slightly-off"; facts: { here: string; there: string; seconds: number; isAhead: boolean } };
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export type CheckName = keyof Checks;
export type Code<N extends CheckName> = Checks[N]["code"];
export type Facts<N extends CheckName> = Readonly<Checks[N]["facts"]>;

export interface FindingOf<N extends CheckName> {
  readonly check: N;
  readonly code: Code<N>;
  readonly verdict: Verdict;
  readonly facts: Facts<N>;
  readonly mender: Mender;
  /** Lines for a shell, in their order; empty: there is nothing to mend, or no command does it. */
  readonly commands: readonly string[];
}

export type Finding = { [N in CheckName]: FindingOf<N> }[CheckName];
