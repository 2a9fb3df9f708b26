import { expect, test } from "vitest";
import { opensslText } from "./openssl-step.ts";

const ENGINE = "/lib/engines-3/pkcs11.so";
const PROVIDER = "/lib/ossl-modules/pkcs11.so";
const text = (engine: string | null, provider: string | null) => opensslText("/lib/p11-kit-client.so", { engine, provider }).join("\n");

test("OpenSSL is given the provider where there is one, else the engine, and never both: with OpenSSL 3.0 no key would sign", () => {
  expect(text(null, PROVIDER)).toContain(`module = ${PROVIDER}\npkcs11-module-path = /lib/p11-kit-client.so`);
  expect(text(ENGINE, PROVIDER)).toBe(text(null, PROVIDER));
  expect(text(ENGINE, null)).toContain(`dynamic_path = ${ENGINE}\nMODULE_PATH = /lib/p11-kit-client.so`);
  expect(text(ENGINE, null)).not.toContain("provider");
});
