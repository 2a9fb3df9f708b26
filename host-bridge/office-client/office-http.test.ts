// An office's address in its one form, and what is none.

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect, test, vi } from "vitest";
import { z } from "zod";
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

test("a proxy that can't be asked is said, its password is not; nothing is sent past it", async () => {
  vi.stubEnv("https_proxy", "socks5://ada:not-for-a-screen@127.0.0.1:1080");
  const error = await new OfficeHttp("https://office.invalid").post("/", {}, z.object({})).catch((problem: unknown) => problem);
  vi.unstubAllEnvs();
  expect(error).toMatchObject({ name: "OfficeClientError", problem: "proxy", about: "https_proxy" });
  expect(inspect(error)).not.toContain("not-for-a-screen");
});

/** What comes of an answer. */
async function answered(listener: RequestListener): Promise<unknown> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    return await new OfficeHttp(`http://127.0.0.1:${port}`).post("/", {}, z.object({ a: z.string() }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("an answer that never ends is not kept, nor waited for", { timeout: 10_000 }, async () => {
  let sentBytes = 0;
  const endless = answered((_request, answer) => {
    const more = (): void => {
      while (!answer.destroyed && answer.write(" ".repeat(65_536))) sentBytes += 65_536;
    };
    answer.on("drain", more);
    more();
  });
  await expect(endless).rejects.toMatchObject({ problem: "unreadable" });
  expect(sentBytes).toBeLessThan(50_000_000);
});

test("an answer is read whole, whatever its pieces are", async () => {
  const bytes = Buffer.from('{"a":"é"}');
  const pieces = answered((_request, answer) => {
    answer.write(bytes.subarray(0, 7)); // within a character
    setTimeout(() => answer.end(bytes.subarray(7)), 50);
  });
  expect(await pieces).toEqual({ a: "é" });
});
