// An office's address in its one form, and what is none.

import { expect, test } from "vitest";
import { OfficeClientError } from "./office-client-error.ts";
import { OfficeHttp, officeAddress } from "./office-http.ts";

test.each([
  ["https://office.example", "https://office.example"],
  ["https://Office.Example:443/", "https://office.example"],
  ["https://office.example:8443/sceau//", "https://office.example:8443/sceau"],
  ["https://office.example/?a=b#c", "https://office.example"],
  ["https://büro.example", "https://xn--bro-hoa.example"],
  ["http://127.0.0.1:8440/", "http://127.0.0.1:8440"],
  ["http://127.1:8440", "http://127.0.0.1:8440"],
  ["http://localhost:8440", "http://localhost:8440"],
  ["http://[::1]:8440", "http://[::1]:8440"],
])("%s", (text, address) => {
  expect(officeAddress(text)).toBe(address);
});

test.each([
  ["office.example", "url"],
  ["ftp://office.example", "url"],
  ["javascript:alert(1)", "url"],
  ["https://a@office.example", "url"],
  [`https://office.example/${"a".repeat(400)}`, "url"],
  ["http://office.example", "insecure"],
  ["http://localhost.evil.example", "insecure"],
  ["http://127.0.0.1.evil.example", "insecure"],
  ["http://[::2]", "insecure"],
  ["http://0.0.0.0", "insecure"],
] as const)("none: %s", (text, problem) => {
  expect(() => officeAddress(text)).toThrow(expect.objectContaining({ problem }));
});

test("an office that says another address than its own is not it", () => {
  const office = new OfficeHttp("https://office.example/sceau");
  office.requireSame("https://OFFICE.example/sceau/");
  for (const other of ["https://office.example", "http://office.example/sceau", "https://office.example/sceau2", "nonsense"]) {
    expect(() => office.requireSame(other), other).toThrow(OfficeClientError);
  }
});
