// One question over HTTP: straight, or through the proxy that the environment names.

import type { OfficeAnswer } from "./answer-bytes.ts";
import { proxyFor, UnusableProxyError } from "./proxy.ts";
import { askThroughTunnel, type Question } from "./tunnel.ts";

/** Redirections are errors. @throws UnusableProxyError, TunnelError; the system's or TLS's error, maybe as the cause of fetch's */
export async function ask(url: URL, question: Question): Promise<OfficeAnswer> {
  const choice = proxyFor(url.href, process.env);
  if (choice.kind === "unusable") throw new UnusableProxyError(choice.variable);
  if (choice.kind === "used") return askThroughTunnel(choice.proxy, url, question);
  const { method, headers, body, signal } = question;
  return fetch(url, { method, headers, ...(body !== "" && { body }), redirect: "error", signal });
}
