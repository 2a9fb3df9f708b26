// A computer in front of a proxy that shares its requests out to the office's servers, one after the other. The office is told who asks as proxies tell it
// (X-Forwarded-For, `--trusted-proxy 127.0.0.1`), so that its limits count by computer; none of them is switched off.

import type { z } from "zod";
import { OfficeRefusedError } from "../../host-bridge/office-client/office-client-error.ts";
import { OfficeHttp } from "../../host-bridge/office-client/office-http.ts";
import { Caller, ownAddress } from "./caller.ts";
import { type CrowdStep, stepOf } from "./crowd-steps.ts";
import type { Ledger } from "./ledger.ts";

/** The proxy's own address: on the machine where the servers are. */
export const PROXY_ADDRESS = "127.0.0.1";

export interface ProxiedOffice {
  /** As browsers have it. */
  readonly publicUrl: string;
  /** What each server listens on: http://127.0.0.1:… */
  readonly servers: readonly string[];
}

interface Encoded {
  readonly body?: Uint8Array;
  readonly headers: Record<string, string>;
}

/** As fetch encodes it. */
async function encoded({ body, headers }: RequestInit): Promise<Encoded> {
  const own = Object.fromEntries(new Headers(headers));
  if (body === undefined || body === null) return { headers: own };
  const written = new Response(body);
  const type = own["content-type"] ?? written.headers.get("content-type") ?? "";
  return { body: new Uint8Array(await written.arrayBuffer()), headers: { ...own, "content-type": type } };
}

export class ProxiedComputer {
  readonly #office: ProxiedOffice;
  readonly #address: string;
  readonly #ledger: Ledger<CrowdStep>;
  #caller = new Caller(PROXY_ADDRESS);
  #asked: number;

  /** @param number from 0; which server is asked first, too */
  constructor(office: ProxiedOffice, number: number, ledger: Ledger<CrowdStep>) {
    this.#office = office;
    this.#address = ownAddress(number);
    this.#ledger = ledger;
    this.#asked = number;
  }

  /** fetch, without following redirections. A server's own error is one of the run, too. */
  readonly fetch = async (address: string | URL, init: RequestInit = {}): Promise<Response> => {
    const { pathname, search } = new URL(address);
    const method = init.method === "POST" ? "POST" : "GET";
    const { body, headers } = await encoded(init);
    const { servers } = this.#office;
    const server = servers[this.#asked++ % servers.length] ?? "";
    const startMs = performance.now();
    const answer = await this.#caller.call(`${server}${pathname}${search}`, {
      method,
      headers: { ...headers, host: new URL(this.#office.publicUrl).host, "x-forwarded-for": this.#address },
      ...(body !== undefined && { body }),
    });
    this.#ledger.time(stepOf(method, pathname), performance.now() - startMs);
    if (answer.status >= 500) this.#ledger.fail(`${method} ${pathname}: ${answer.status}`);
    const told = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) for (const each of [value ?? []].flat()) told.append(name, each);
    return new Response(answer.body.length === 0 ? null : new Uint8Array(answer.body), { status: answer.status, headers: told });
  };

  /** What it was waiting for, it gets no more; the office does not know. */
  pullPlug(): void {
    this.#caller.close();
    this.#caller = new Caller(PROXY_ADDRESS);
  }

  close(): void {
    this.#caller.close();
  }
}

/** The holder's program, whose requests are this computer's. */
export class ProxiedHttp extends OfficeHttp {
  readonly #computer: ProxiedComputer;

  constructor(publicUrl: string, computer: ProxiedComputer) {
    super(publicUrl);
    this.#computer = computer;
  }

  override async post<T>(path: string, fields: unknown, schema: z.ZodType<T>): Promise<T> {
    const headers = { "content-type": "application/json", accept: "application/json" };
    const answer = await this.#computer.fetch(`${this.address}${path}`, { method: "POST", headers, body: JSON.stringify(fields) });
    const value: unknown = await answer.json();
    if (answer.ok) return schema.parse(value);
    const { type = "", title = "" } = value as { readonly type?: string; readonly title?: string };
    throw new OfficeRefusedError(type, title, null);
  }
}
