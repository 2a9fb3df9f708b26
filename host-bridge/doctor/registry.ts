// Whether npm's registry is reached: asked when packages are missing. An installation that takes twenty minutes waits for a firewall or a proxy.

import { proxyFor } from "../office-client/proxy.ts";
import type { Check } from "./check.ts";
import type { Code } from "./finding.ts";
import { ok, trouble } from "./found.ts";
import type { Place } from "./place.ts";
import { codeOf, endpointOf } from "./way.ts";

const PUBLIC_REGISTRY = "https://registry.npmjs.org";
const CODES: Readonly<Record<string, Code<"registry">>> = {
  ENOTFOUND: "unknown-name",
  EAI_AGAIN: "unknown-name",
  ECONNREFUSED: "refused",
  ETIMEDOUT: "silent",
};

/** npm's own setting (npm-config(7)), where it is in the environment. */
function registryOf({ environment }: Place): string {
  const told = environment["npm_config_registry"] ?? environment["NPM_CONFIG_REGISTRY"] ?? "";
  return URL.canParse(told) ? told : PUBLIC_REGISTRY;
}

export const REGISTRY: Check<"registry"> = {
  name: "registry",
  area: "installation",
  onlyAfter: ["packages"],
  look: async (place) => {
    const address = registryOf(place);
    const { environment, machine, timeLimitMs } = place;
    const choice = proxyFor(address, environment);
    const proxy = choice.kind === "used" ? `${choice.proxy.host}:${choice.proxy.port}` : "";
    const facts = { ...endpointOf(address), proxy };
    const { host, port } = choice.kind === "used" ? choice.proxy : facts;
    try {
      (await machine.connect(host, port, timeLimitMs)).destroy();
      return ok("registry", "reached", facts);
    } catch (error) {
      const commands = proxy === "" ? ["npm config set https-proxy http://proxy.example:3128"] : ["npm config get https-proxy"];
      return trouble("registry", CODES[codeOf(error)] ?? "no-route", facts, { mender: "network", commands });
    }
  },
};
