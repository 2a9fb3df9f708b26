// The PUK that the bridge keeps, and for how long.

import { expect, test } from "vitest";
import { SoLogin } from "./so-login.ts";

const puk = (): Uint8Array => new TextEncoder().encode("28460917");

test("keeps a copy, gives a copy, and overwrites what it gave", async () => {
  const given = puk();
  const login = new SoLogin(given);
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
  await expect(new SoLogin(puk()).withPuk(work)).rejects.toThrow("refused");
  expect(seen).toEqual(new Uint8Array(8));
});

test("that has ended gives nothing, whatever is set after", async () => {
  const login = new SoLogin(puk());
  login.end();
  login.replace(puk());
  await expect(login.withPuk(async () => {})).rejects.toThrow("logged out");
});
