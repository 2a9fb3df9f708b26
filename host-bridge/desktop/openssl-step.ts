// What to write in a configuration file of OpenSSL's, so that `openssl` signs with a token. It is shown, never written: that file is the person's own.

import { existsSync } from "node:fs";
import type { Desktop, OpensslParts } from "./desktop.ts";
import { type Step, step } from "./step.ts";

const LIBRARIES = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib/arm-linux-gnueabihf",
  "/usr/lib64",
  "/usr/lib",
] as const;
const firstOf = (path: string): string | null => LIBRARIES.map((folder) => `${folder}/${path}`).find((file) => existsSync(file)) ?? null;

/** Debian: libengine-pkcs11-openssl, pkcs11-provider. */
export const findOpensslParts = (): OpensslParts => ({
  engine: firstOf("engines-3/pkcs11.so"),
  provider: firstOf("ossl-modules/pkcs11.so"),
});

const engineLines = (module: string, engine: string): string[] => [
  "engines = sceau_engines",
  "[sceau_engines]",
  "pkcs11 = sceau_engine",
  "[sceau_engine]",
  "engine_id = pkcs11",
  `dynamic_path = ${engine}`,
  `MODULE_PATH = ${module}`,
  "init = 0",
];

const providerLines = (module: string, provider: string): string[] => [
  "providers = sceau_providers",
  "[sceau_providers]",
  "default = sceau_default",
  "pkcs11 = sceau_provider",
  "[sceau_default]",
  "activate = 1",
  "[sceau_provider]",
  `module = ${provider}`,
  `pkcs11-module-path = ${module}`,
  "activate = 1",
];

/**
 * A whole file: OPENSSL_CONF=FILE openssl … Sections have names of our own, so that they can as well be added to one that is there. The provider's
 * lines where there is one, else the engine's, never both: an engine that is loaded takes the provider's keys of elliptic curves for its own, and each
 * signature fails («keymgmt export failure»: OpenSSL 3.0.13 with provider 0.3, Ubuntu 24.04; 3.5 with 1.0 signs all the same).
 * @param module p11-kit's client
 */
export function opensslText(module: string, { engine, provider }: OpensslParts): string[] {
  const head = [".include /etc/ssl/openssl.cnf", "[default]", "openssl_conf = sceau", "[sceau]"];
  if (provider !== null) return [...head, ...providerLines(module, provider)];
  return engine === null ? head : [...head, ...engineLines(module, engine)];
}

export function showOpenssl({ module, openssl, asRoot }: Desktop): Step {
  const known = { name: "openssl", part: "user", state: "by-hand" } as const;
  const hasPart = openssl.engine !== null || openssl.provider !== null;
  const missing = [...(module === null ? ["p11-kit-modules"] : []), ...(hasPart ? [] : ["libengine-pkcs11-openssl"])];
  if (module === null || missing.length > 0) {
    const commands = [`${asRoot}apt-get install -y --no-install-recommends ${missing.join(" ")}`];
    return step({ ...known, reason: "packages", commands });
  }
  return step({ ...known, reason: "text", text: opensslText(module, openssl) });
}
