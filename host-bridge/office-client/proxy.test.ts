// Which proxy an office is asked through (S14).

import { expect, test } from "vitest";
import { proxyFor } from "./proxy.ts";

const OFFICE = "https://bureau.example:8443/sceau";
const HTTPS_PROXY = "http://proxy.example:3128";
const used = (environment: NodeJS.ProcessEnv, address = OFFICE): string => {
  const choice = proxyFor(address, environment);
  return choice.kind === "used" ? `${choice.variable} ${choice.proxy.host}:${choice.proxy.port}` : choice.kind;
};

test.each([
  [{}, "none"],
  [{ HTTPS_PROXY: "" }, "none"],
  [{ HTTPS_PROXY }, "HTTPS_PROXY proxy.example:3128"],
  [{ HTTPS_PROXY, https_proxy: "http://other.example" }, "https_proxy other.example:80"],
  [{ HTTPS_PROXY: "proxy.example:3128" }, "HTTPS_PROXY proxy.example:3128"],
  [{ HTTPS_PROXY: "http://[2001:db8::1]:3128/" }, "HTTPS_PROXY 2001:db8::1:3128"],
  [{ HTTP_PROXY: HTTPS_PROXY, ALL_PROXY: HTTPS_PROXY }, "none"],
  [{ HTTPS_PROXY: "socks5://proxy.example:1080" }, "unusable"],
  [{ HTTPS_PROXY: "https://proxy.example:3128" }, "unusable"],
  [{ HTTPS_PROXY: "http://proxy.example:port" }, "unusable"],
  [{ HTTPS_PROXY: "http://a%zz:b@proxy.example" }, "unusable"],
])("%o: %s", (environment, expected) => {
  expect(used(environment)).toBe(expected);
});

test.each([
  ["bureau.example", "bypassed"],
  ["BUREAU.example", "bypassed"],
  [".example", "bypassed"],
  ["*.example", "bypassed"],
  ["example", "bypassed"],
  ["*", "bypassed"],
  ["intranet, bureau.example", "bypassed"],
  ["intranet bureau.example", "bypassed"],
  ["bureau.example:8443", "bypassed"],
  ["bureau.example:443", "used"],
  ["reau.example", "used"],
  ["au.example,ample", "used"],
  ["www.bureau.example", "used"],
  ["", "used"],
])("NO_PROXY=%s: %s", (NO_PROXY, expected) => {
  expect(proxyFor(OFFICE, { HTTPS_PROXY, NO_PROXY }).kind).toBe(expected);
});

test.each([
  ["https://192.0.2.7", "192.0.2.7", "bypassed"],
  ["https://192.0.2.7", "2.7", "used"],
  ["https://192.0.2.7:444", "192.0.2.7:444", "bypassed"],
  ["https://[2001:db8::7]", "2001:db8::7", "bypassed"],
  ["https://[2001:db8::7]", "[2001:db8::7]:443", "bypassed"],
  ["https://[2001:db8::7]", "2001:db8::8", "used"],
  ["https://192.0.2.7", "intranet,192.0.2.0/24", "bypassed"],
  ["https://192.0.3.7", "192.0.2.0/24", "used"],
  ["https://[2001:db8::7]", "2001:db8::/32", "bypassed"],
  ["https://[2001:db8::7]", "[2001:db8::]/126", "used"],
  ["https://[2001:db8::7]", "192.0.2.0/0", "used"],
  ["https://bureau.example", "0.0.0.0/0", "used"],
  ["https://192.0.2.7", "192.0.2.0/33,192.0.2/24,/8", "used"],
])("%s with NO_PROXY=%s: %s", (address, NO_PROXY, expected) => {
  expect(proxyFor(address, { HTTPS_PROXY, NO_PROXY }).kind).toBe(expected);
});

test.each(["http://127.0.0.1:8440", "https://localhost:8443", "https://127.3.4.5", "https://[::1]"])("never for %s", (address) => {
  expect(used({ HTTPS_PROXY }, address)).toBe("none");
});

test("name and password of the variable become the header, and nothing else", () => {
  const choice = proxyFor(OFFICE, { HTTPS_PROXY: "http://ada:p%40ss%3Aw%C3%B6rd@proxy.example:3128" });
  if (choice.kind !== "used") throw new Error(choice.kind);
  expect(choice.proxy).toEqual({
    host: "proxy.example",
    port: 3128,
    authorization: `Basic ${Buffer.from("ada:p@ss:wörd", "utf8").toString("base64")}`,
  });
});
