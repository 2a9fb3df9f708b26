// The agent's pages of documents, asked as a browser asks: files given as the start page's form gives them, an order, a consent.

import type { AgentOptions } from "../../host-bridge/agent/agent.ts";
import { type AgentAnswer, AgentBench, type AgentVisitor, ask } from "./agent-bench.ts";
import { type CertifiedToken, certifiedToken } from "./certified-token.ts";

const BOUNDARY = "----the-boundary";
const ORDER = { reason: "", page: "last", corner: "bottom-right" };

export interface Upload {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function multipart(files: readonly Upload[]): Uint8Array {
  const parts = files.flatMap(({ name, bytes }) => [
    Buffer.from(
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\ncontent-type: application/pdf\r\n\r\n`,
    ),
    Buffer.from(bytes),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

export class DocumentBench {
  readonly agent: AgentBench;
  readonly visitor: AgentVisitor;

  private constructor(agent: AgentBench) {
    this.agent = agent;
    this.visitor = agent.visitor();
  }

  static async start(options: Partial<AgentOptions> = {}): Promise<DocumentBench> {
    const bench = new DocumentBench(await AgentBench.start(options));
    const { visitor } = bench;
    visitor.formToken = /\?csrf=([^"&]+)/.exec((await visitor.get("/")).body)?.[1] ?? ""; // a form with files has it in its address
    return bench;
  }

  close(): Promise<void> {
    return this.agent.close();
  }

  /** What a browser sends with the form of the start page. */
  upload(files: readonly Upload[], csrf = this.visitor.formToken): Promise<AgentAnswer> {
    const body = multipart(files);
    const headers = { "content-type": `multipart/form-data; boundary=${BOUNDARY}`, "content-length": String(body.length) };
    return this.postForm(csrf, headers, body);
  }

  postForm(csrf: string, headers: Readonly<Record<string, string>>, body: string | Uint8Array): Promise<AgentAnswer> {
    const { address, cookies, language } = this.visitor;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const own = { origin: address, cookie, "accept-language": language };
    return ask(address, "POST", `/documents?${new URLSearchParams({ csrf })}`, { ...own, ...headers }, body);
  }

  /** @returns the path of the documents */
  async give(...files: readonly Upload[]): Promise<string> {
    const { location, title } = await this.upload(files);
    if (location === null) throw new Error(title);
    return location;
  }

  /** @returns the page on which the PIN is typed */
  order(path: string, fields: Readonly<Record<string, string>> = {}): Promise<AgentAnswer> {
    return this.visitor.submit(`${path}/order`, { ...ORDER, ...fields });
  }

  /** What the page on which the PIN is typed sends beside it. */
  async asked(path: string, serial: string | number): Promise<{ readonly token: string; readonly shown: string }> {
    const { body } = await this.visitor.get(`${path}/sign?token=${serial}`);
    return { token: String(serial), shown: /name="shown" value="([^"]+)"/.exec(body)?.[1] ?? "" };
  }

  async consent(path: string, serial: string | number, pin: string): Promise<AgentAnswer> {
    return this.visitor.submit(`${path}/sign`, { ...(await this.asked(path, serial)), pin });
  }

  async plugIn(serial = 40_718_225): Promise<CertifiedToken & { readonly unplug: () => Promise<void> }> {
    const holder = await certifiedToken({ serial });
    const plug = await this.agent.plugIn(holder.token);
    return { ...holder, unplug: () => plug.close() };
  }

  /** The bytes of a file of the agent's. */
  async bytesOf(path: string): Promise<{ readonly bytes: Buffer; readonly disposition: string }> {
    const answer = await fetch(`${this.visitor.address}${path}`);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return { bytes: Buffer.from(await answer.arrayBuffer()), disposition: answer.headers.get("content-disposition") ?? "" };
  }
}
