// The way to the office, step by step: the proxy's variables, its name, its port, the proxy's tunnel.

import { shellWord } from "../desktop/shell-word.ts";
import { OfficeClientError } from "../office-client/office-client-error.ts";
import { proxyFor } from "../office-client/proxy.ts";
import { TunnelError } from "../office-client/tunnel.ts";
import type { OfficeCheck } from "./check.ts";
import type { Code } from "./finding.ts";
import { ok, trouble, warning } from "./found.ts";
import { codeOf, endpointOf, firstHop, openWay } from "./way.ts";

const SECOND_MS = 1000;

export const PROXY: OfficeCheck<"proxy"> = {
  name: "proxy",
  area: "office",
  look: ({ environment }, address) => {
    const choice = proxyFor(address, environment);
    const { host } = endpointOf(address);
    if (choice.kind === "none") return ok("proxy", "none", { variable: "", proxy: "", host });
    const facts = { variable: choice.variable, proxy: "", host };
    if (choice.kind === "bypassed") return ok("proxy", "bypassed", facts);
    if (choice.kind === "unusable")
      return trouble("proxy", "unusable", facts, { commands: [`export ${choice.variable}=http://proxy.example:3128`] });
    return ok("proxy", "used", { ...facts, proxy: `${choice.proxy.host}:${choice.proxy.port}` });
  },
};

/** RFC 1035 §4.1.1, as getaddrinfo tells it: the name server did not answer. */
const NO_ANSWER: ReadonlySet<string> = new Set(["EAI_AGAIN", "ETIMEOUT", "ESERVFAIL", "ECONNREFUSED"]);

export const NAME: OfficeCheck<"name"> = {
  name: "name",
  area: "office",
  needs: ["proxy"],
  look: async (place, address) => {
    const { host } = firstHop(place, address);
    try {
      const addresses = await place.machine.lookup(host);
      return ok("name", "fine", { host, addresses: addresses.join(", "), code: "" });
    } catch (error) {
      const code = codeOf(error);
      const facts = { host, addresses: "", code };
      const mend = { mender: "network", commands: [`getent hosts ${shellWord(host)}`] } as const;
      return trouble("name", NO_ANSWER.has(code) ? "no-answer" : "unknown", facts, mend);
    }
  },
};

const CONNECTION_CODES: Readonly<Record<string, Code<"connection">>> = { ECONNREFUSED: "refused", ETIMEDOUT: "silent" };

export const CONNECTION: OfficeCheck<"connection"> = {
  name: "connection",
  area: "office",
  needs: ["name"],
  look: async (place, address) => {
    const hop = firstHop(place, address);
    const facts = { host: hop.host, port: hop.port, code: "", seconds: Math.round(place.timeLimitMs / SECOND_MS) };
    try {
      (await place.machine.connect(hop.host, hop.port, place.timeLimitMs)).destroy();
      return ok("connection", "fine", facts);
    } catch (error) {
      const code = codeOf(error);
      const commands = [`nc -vz -w 5 ${shellWord(hop.host)} ${hop.port}`];
      return trouble("connection", CONNECTION_CODES[code] ?? "no-route", { ...facts, code }, { mender: "network", commands });
    }
  },
};

const TUNNEL_CODES = { login: "login", refused: "refused", broken: "not-a-proxy" } as const;

export const TUNNEL: OfficeCheck<"tunnel"> = {
  name: "tunnel",
  area: "office",
  needs: ["connection"],
  look: async (place, address) => {
    const choice = proxyFor(address, place.environment);
    const facts = { ...endpointOf(address), proxy: choice.kind === "used" ? `${choice.proxy.host}:${choice.proxy.port}` : "", status: 0 };
    if (choice.kind !== "used") return ok("tunnel", "direct", facts);
    try {
      (await openWay(place, address)).destroy();
      return ok("tunnel", "fine", facts);
    } catch (error) {
      if (codeOf(error) === "ETIMEDOUT") return trouble("tunnel", "silent", facts, { mender: "network" });
      if (!(error instanceof TunnelError)) throw error;
      const commands = error.problem === "login" ? [`export ${choice.variable}=${shellWord(`http://NAME:PASSWORD@${facts.proxy}`)}`] : [];
      const mender = error.problem === "login" ? "user" : "network";
      return trouble("tunnel", TUNNEL_CODES[error.problem], { ...facts, status: error.status }, { mender, commands });
    }
  },
};

/** What officeAddress has against it. */
export const addressCode = (error: unknown): Code<"office-address"> =>
  error instanceof OfficeClientError && error.problem === "insecure" ? "insecure" : "bad";

export const nothingNamed = (program: string, path: string) =>
  warning("office-address", "none", { address: "", path }, { commands: [`${program} doctor --office https://…`] });
