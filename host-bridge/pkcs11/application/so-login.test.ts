// The PUK or management key that the bridge keeps, and for how long.

import { expect, test } from "vitest";
import { managementKeyIn, SoLogin } from "./so-login.ts";

const puk = (): Uint8Array => new TextEncoder().encode("28460917");

test("keeps a copy, gives a copy, and overwrites what it gave", async () => {
  const given = puk();
  const login = new SoLogin("PUK", given);
  given.fill(0);
  let seen = new Uint8Array(0);
  const during = await login.withPuk(async (held) => {
    seen = held as Uint8Array<ArrayBuffer>;
    return Buffer.from(held).toString();
  });
  expect(during).toBe("28460917");
  expect(seen).toEqual(new Uint8Array(8));
});

test("overwrites what it gave, though the work fails", async () => {
  let seen = new Uint8Array(1);
  const work = async (held: Uint8Array): Promise<void> => {
    seen = held as Uint8Array<ArrayBuffer>;
    throw new Error("refused");
  };
  await expect(new SoLogin("PUK", puk()).withPuk(work)).rejects.toThrow("refused");
  expect(seen).toEqual(new Uint8Array(8));
});

test("that has ended gives nothing, whatever is set after", async () => {
  const login = new SoLogin("PUK", puk());
  login.end();
  login.replacePuk(puk());
  await expect(login.withPuk(async () => {})).rejects.toThrow("logged out");
});

test("by one secret has not the other", async () => {
  await expect(new SoLogin("PUK", puk()).withManagementKey(async () => {})).rejects.toMatchObject({ rv: 0xe2 });
  await expect(new SoLogin("management key", new Uint8Array(24)).withPuk(async () => {})).rejects.toMatchObject({ rv: 0x06 });
});

test.each([16, 24, 32])("a management key of %d bytes is read in either case", (length) => {
  const hex = "0f1E2d3C".repeat(length / 4);
  expect(managementKeyIn(Buffer.from(hex))).toEqual(new Uint8Array(Buffer.from(hex, "hex")));
});

test.each([8, 31, 33, 40, 47, 56, 63, 65])("%d digits are no management key", (length) => {
  expect(managementKeyIn(Buffer.from("0".repeat(length)))).toBeNull();
});

test("48 characters that are no digits are no management key", () => {
  expect(managementKeyIn(Buffer.from("0g".repeat(24)))).toBeNull();
  expect(managementKeyIn(Buffer.alloc(48, 0xff))).toBeNull();
});
