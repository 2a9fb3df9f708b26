// Which proxy an office is asked through: HTTPS_PROXY and NO_PROXY, as curl reads them. Node 20's fetch reads neither; Node 22.21 and 24 do when
// NODE_USE_ENV_PROXY is set (nodejs.org/api/cli.html).

import { BlockList, isIP } from "node:net";

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|::1)$/;
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** Of the header Proxy-Authorization; null: none. A secret. */
  readonly authorization: string | null;
}

export type ProxyChoice =
  | { readonly kind: "none" }
  /** NO_PROXY names the office. */
  | { readonly kind: "bypassed"; readonly variable: string }
  /** It is no address of an http proxy. */
  | { readonly kind: "unusable"; readonly variable: string }
  | { readonly kind: "used"; readonly variable: string; readonly proxy: HttpProxy };

/** The one in small letters comes first, as curl has it. */
function variableOf(environment: NodeJS.ProcessEnv, name: string): { readonly name: string; readonly value: string } | null {
  const found = [name.toLowerCase(), name].find((variable) => (environment[variable] ?? "") !== "");
  return found === undefined ? null : { name: found, value: environment[found] ?? "" };
}

export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, "$1");
export const portOf = ({ protocol, port }: URL): number => (port !== "" ? Number(port) : protocol === "https:" ? HTTPS_PORT : HTTP_PORT);

/** 10.0.0.0/8, fd00::/8, as curl has them since 7.86. A name is never looked up for it. */
function isInNetwork(entry: string, host: string): boolean {
  const [, network = "", bits = ""] = /^\[?([^/\]]*)\]?\/(\d{1,3})$/.exec(entry) ?? [];
  const [family, longest] = isIP(network) === 6 ? (["ipv6", 128] as const) : (["ipv4", 32] as const);
  if (isIP(network) === 0 || isIP(host) !== isIP(network) || Number(bits) > longest) return false;
  const networks = new BlockList();
  networks.addSubnet(network, Number(bits), family);
  return networks.check(host, family);
}

/** An entry is a name, which stands for what is below it, too, with or without a dot in front; an address; «*»; each maybe with a port; a network. */
function isNamed(list: string, url: URL): boolean {
  const host = bareHost(url.hostname).toLowerCase();
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*" || isInNetwork(entry, host)) return true;
      const [, name = "", port] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(isIP(bareHost(entry)) === 6 ? bareHost(entry) : entry) ?? [];
      const pattern = isIP(entry) === 6 ? entry : bareHost(name);
      if (port !== undefined && isIP(entry) !== 6 && Number(port) !== portOf(url)) return false;
      return host === pattern || (isIP(host) === 0 && host.endsWith(`.${pattern}`));
    });
}

/** @returns null: it is none */
function readProxy(value: string): HttpProxy | null {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, port, username, password } = new URL(text);
  if (protocol !== "http:" || hostname === "") return null;
  let account: string;
  try {
    account = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return null; // a percent sign that is none of an address
  }
  return {
    host: bareHost(hostname),
    port: port === "" ? HTTP_PORT : Number(port),
    authorization: account === ":" ? null : `Basic ${Buffer.from(account, "utf8").toString("base64")}`,
  };
}

/** The environment names a proxy, and not so that it could be asked: to go past it in silence would not be what was wanted. */
export class UnusableProxyError extends Error {
  override readonly name = "UnusableProxyError";
  /** Its name. The value may hold a password. */
  readonly variable: string;
  constructor(variable: string) {
    super(`${variable} is no address of an http proxy`);
    this.variable = variable;
  }
}

/** @param address of officeAddress. This very computer is never asked through a proxy, nor is anything over http. */
export function proxyFor(address: string, environment: NodeJS.ProcessEnv): ProxyChoice {
  const url = new URL(address);
  const asked = variableOf(environment, "HTTPS_PROXY");
  if (url.protocol !== "https:" || LOOPBACK.test(url.hostname) || asked === null) return { kind: "none" };
  const exceptions = variableOf(environment, "NO_PROXY");
  if (exceptions !== null && isNamed(exceptions.value, url)) return { kind: "bypassed", variable: exceptions.name };
  const proxy = readProxy(asked.value);
  return proxy === null ? { kind: "unusable", variable: asked.name } : { kind: "used", variable: asked.name, proxy };
}
