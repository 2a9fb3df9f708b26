// Where Sceau keeps things: one folder for each checkout, so that two of them never share a token by accident; `--state DIR` moves it.

import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { basename, isAbsolute, join, resolve } from "node:path";
import { CHECKOUT } from "./checkout.ts";
import { UsageError } from "./usage-error.ts";

/** sockaddr_un holds 108 bytes with the zero at its end (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;
/** Tells a child process of the tour which folder its sockets are in; nothing else sets it. */
export const RUN_VARIABLE = "SCEAU_RUN";
const DEFAULT_RUN = "run";
const TOUR_RUN = /^run-tour-[0-9a-f]{1,16}$/;
/** Letters, digits, dots, hyphens: a name that is also a file name. */
const TOKEN_NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$/;

function defaultRoot(environment: NodeJS.ProcessEnv): string {
  const digest = createHash("sha256").update(CHECKOUT).digest("hex").slice(0, 8);
  // XDG Base Directory Specification 0.8: a relative path is to be ignored.
  const configured = environment["XDG_STATE_HOME"];
  const states = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), ".local", "state");
  return join(states, "sceau", `${basename(CHECKOUT)}-${digest}`);
}

export class StateFolder {
  readonly root: string;
  /** Where the sockets are, in `root`. */
  readonly runName: string;
  /** The everyday one: nobody chose another, and it is no tour's. */
  readonly isDefault: boolean;

  constructor(chosen: string | undefined, environment: NodeJS.ProcessEnv) {
    this.root = chosen === undefined ? defaultRoot(environment) : resolve(chosen);
    const asked = environment[RUN_VARIABLE];
    this.runName = asked !== undefined && TOUR_RUN.test(asked) ? asked : DEFAULT_RUN;
    this.isDefault = chosen === undefined && this.runName === DEFAULT_RUN;
  }

  /** The same folder, with sockets of their own: a bridge that is running is left alone. @param id hexadecimal */
  forTour(id: string): StateFolder {
    return new StateFolder(this.root, { [RUN_VARIABLE]: `run-tour-${id}` });
  }

  get run(): string {
    return join(this.root, this.runName);
  }

  /** A simulated token's flash and identity. */
  token(name: string): string {
    if (!TOKEN_NAME.test(name)) throw new UsageError("token-name", name);
    return join(this.root, "tokens", name);
  }

  get tokenSockets(): string {
    return join(this.run, "tokens");
  }

  tokenSocket(name: string): string {
    this.token(name);
    return this.socket(join(this.tokenSockets, `${name}.sock`));
  }

  /** Where a simulated token's USB plug takes commands. */
  tokenUsbSocket(name: string): string {
    return this.socket(join(this.token(name), "usb.sock"));
  }

  /** Where PKCS#11 software reaches the bridge. */
  get pkcs11Socket(): string {
    return this.socket(join(this.run, "pkcs11.sock"));
  }

  get authority(): string {
    return join(this.root, "ca");
  }

  /** The office's own folder; a demonstration has one of its own. */
  office(isDemo: boolean): string {
    return join(this.root, isDemo ? "office-demo" : "office");
  }

  /** The authority of the office; a demonstration has one of its own. */
  officeAuthority(isDemo: boolean): string {
    return isDemo ? join(this.root, "office-demo", "ca") : this.authority;
  }

  /** The roots that vouch for tokens, a folder each. */
  get factory(): string {
    return join(this.root, "factory");
  }

  /** PUK and management key of a token, until an office keeps them. */
  secrets(serial: string): string {
    return join(this.root, "secrets", `${serial}.json`);
  }

  /** An enrolment whose answer may have been lost. */
  enrolment(serial: string): string {
    return join(this.root, "enrolments", `${serial}.json`);
  }

  get signedDocuments(): string {
    return join(this.root, "signed");
  }

  private socket(path: string): string {
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) throw new UsageError("state-path-too-long", this.root);
    return path;
  }
}
