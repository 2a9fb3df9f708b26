// The holder's agent in the test's own process, with simulated tokens behind their sockets, and a client that asks it as a browser does.

import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeptSecrets, TokenSecretsStore } from "../../host-bridge/activation/activate-token.ts";
import { type AgentOptions, type RunningAgent, startAgent } from "../../host-bridge/agent/agent.ts";
import type { AgentEvent } from "../../host-bridge/agent/agent-event.ts";
import { HolderPhrase } from "../../host-bridge/agent/trust/holder-phrase.ts";
import { TrustedOffices } from "../../host-bridge/agent/trust/trusted-offices.ts";
import { OPEN_WORKSHOP } from "../../host-bridge/agent/workshop/document-work.ts";
import { SimulatorSource } from "../../host-bridge/sources/simulator-source.ts";
import type { NewSecrets } from "../../host-bridge/token/initialise.ts";
import { SECRETS, SERIAL, type SimulatedToken } from "./simulated-token.ts";

export const PHRASE = "la loutre lit sous la pluie";
const LOOK_MS = 20;
const PLUG_LIMIT_MS = 5000;

const sleep = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));

export interface AgentAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Of the page: its heading. */
  readonly title: string;
  /** null: it does not lead elsewhere. */
  readonly location: string | null;
}

const SPACES = / |&nbsp;/g;
const unescaped = (text: string): string =>
  text
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .replace(SPACES, " ");

export type Headers = Readonly<Record<string, string | undefined>>;

/** One request, as it is given. A header that is undefined is left out. */
export function ask(
  address: string,
  method: string,
  path: string,
  headers: Headers = {},
  body?: string | Uint8Array,
): Promise<AgentAnswer> {
  const { hostname, port, host } = new URL(address);
  const sent = Object.fromEntries(
    Object.entries({ host, ...headers }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ hostname, port, path, method, headers: sent, setHost: false, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        const title = unescaped(/<h1>([^<]*)<\/h1>/.exec(text)?.[1] ?? "");
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text, title, location: answer.headers.location ?? null });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

/** A browser's window: keeps cookies, sends what browsers send, and finds the token of forms. */
export class AgentVisitor {
  readonly address: string;
  readonly cookies = new Map<string, string>();
  language = "fr";
  formToken = "";
  constructor(address: string) {
    this.address = address;
  }

  async get(path: string, headers: Headers = {}): Promise<AgentAnswer> {
    return this.#ask("GET", path, {
      "sec-fetch-site": "same-origin",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
      ...headers,
    });
  }

  /** A form of the page that was got last. */
  async post(path: string, fields: Readonly<Record<string, string>>, headers: Headers = {}): Promise<AgentAnswer> {
    const form = new URLSearchParams({ csrf: this.formToken, ...fields }).toString();
    const own = { origin: this.address, "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    return this.#ask("POST", path, { ...own, "content-type": "application/x-www-form-urlencoded", ...headers }, form);
  }

  /** The same, and on to where it leads, through work that is under way. */
  async submit(path: string, fields: Readonly<Record<string, string>>): Promise<AgentAnswer> {
    return this.follow(await this.post(path, fields));
  }

  async follow(answer: AgentAnswer): Promise<AgentAnswer> {
    let at = answer;
    for (let hops = 0; hops < 60; hops++) {
      const next = at.location ?? /data-waiting="(\/work\/[^"]+)"/.exec(at.body)?.[1];
      if (next === undefined) return at;
      at = await this.get(unescaped(next));
    }
    throw new Error(`no end after ${at.title}`);
  }

  async #ask(method: string, path: string, headers: Headers, body?: string): Promise<AgentAnswer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const own = { "accept-language": this.language, ...(cookie !== "" && { cookie }) };
    const answer = await ask(this.address, method, path, { ...own, ...headers }, body);
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    this.formToken = /name="csrf" value="([^"]+)"/.exec(answer.body)?.[1] ?? this.formToken;
    return answer;
  }
}

/** Secrets of tokens in the test's memory: those of SimulatedToken.initialised are known. */
export class MemoryTokenSecrets implements TokenSecretsStore {
  readonly kept = new Map<string, NewSecrets>([[String(SERIAL), SECRETS]]);

  readonly entrusted: { readonly serial: string; readonly office: string }[] = [];

  find(serial: string): KeptSecrets | null {
    const kept = this.kept.get(serial);
    const offices = this.entrusted.flatMap((each) => (each.serial === serial ? [each.office] : []));
    return kept === undefined ? null : { ...kept, offices };
  }

  entrust(serial: string, office: string): void {
    this.entrusted.push({ serial, office });
  }

  keep(serial: string): NewSecrets {
    const secrets = this.kept.get(serial) ?? { ...SECRETS, managementKey: randomBytes(24).toString("hex") };
    this.kept.set(serial, secrets);
    return secrets;
  }
}

export class AgentBench {
  readonly agent: RunningAgent;
  readonly folder: string;
  readonly secrets: MemoryTokenSecrets;
  readonly events: AgentEvent[];
  readonly #plugs = new Set<{ close(): Promise<void> }>();
  #plugged = 0;

  private constructor(agent: RunningAgent, folder: string, secrets: MemoryTokenSecrets, events: AgentEvent[]) {
    this.agent = agent;
    this.folder = folder;
    this.secrets = secrets;
    this.events = events;
  }

  /** Any port; the holder's phrase is chosen already, unless `phrase` is null. */
  static async start({
    phrase = PHRASE,
    ...options
  }: Partial<AgentOptions> & { readonly phrase?: string | null } = {}): Promise<AgentBench> {
    const folder = mkdtempSync(join(tmpdir(), "sceau-agent-"));
    mkdirSync(join(folder, "sockets"));
    const secrets = new MemoryTokenSecrets();
    const events: AgentEvent[] = [];
    if (phrase !== null) new HolderPhrase(join(folder, "agent")).set(phrase);
    const agent = await startAgent({
      folder: join(folder, "agent"),
      port: 0,
      tokens: [new SimulatorSource(join(folder, "sockets"))],
      secrets,
      clock: { now: () => new Date() },
      log: (event) => events.push(event),
      workshop: OPEN_WORKSHOP, // quicker, and without a build; test/agent/hostile-pdfs.test.ts has the real one
      ...options,
    }).catch((error: unknown) => {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    });
    return new AgentBench(agent, folder, secrets, events);
  }

  get address(): string {
    return this.agent.address;
  }

  /** As if the holder had confirmed that office before. */
  trust(office: string): void {
    new TrustedOffices(join(this.folder, "agent")).add(office, new Date());
  }

  /** Resolves when the agent knows that every token was pulled out. */
  async gone(): Promise<void> {
    const left = (): number => this.#count("token-in") - this.#count("token-out");
    for (const end = Date.now() + PLUG_LIMIT_MS; left() > 0; await sleep(LOOK_MS)) {
      if (Date.now() > end) throw new Error("the agent still has a token");
    }
  }

  visitor(): AgentVisitor {
    return new AgentVisitor(this.address);
  }

  /** Plugs a token in and waits until the agent has it. `close` pulls it out. */
  async plugIn(token: SimulatedToken): Promise<{ close(): Promise<void> }> {
    const name = `token${++this.#plugged}`;
    const before = this.#count("token-in");
    const plug = await token.plugIn(join(this.folder, "sockets", `${name}.sock`));
    this.#plugs.add(plug);
    for (const end = Date.now() + PLUG_LIMIT_MS; this.#count("token-in") === before; await sleep(LOOK_MS)) {
      if (Date.now() > end) throw new Error("the agent does not see the token");
    }
    return {
      close: async () => {
        this.#plugs.delete(plug);
        await plug.close();
      },
    };
  }

  #count(kind: AgentEvent["event"]): number {
    return this.events.filter(({ event }) => event === kind).length;
  }

  async close(): Promise<void> {
    await this.agent.close();
    for (const plug of this.#plugs) await plug.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
