// Names for showing, out of real certificates.

import { describe, expect, test } from "vitest";
import { issue } from "../../test/support/test-certificates.ts";
import { commonName } from "./distinguished-name.ts";

const shown = async (name: string): Promise<string> => commonName((await issue({ name })).certificate.subject);

describe("the common name", () => {
  test.each([
    ["CN=Irène Faron, O=Cabinet Faron, C=FR", "Irène Faron"],
    ["C=FR, O=Cabinet Faron, CN=山田太郎", "山田太郎"],
    ["O=CN\\=False, CN=True", "True"],
  ])("of %s is %s", async (name, expected) => {
    expect(await shown(name)).toBe(expected);
  });

  test.each([
    ["Faron\\, Irène", "Faron, Irène"],
    ["Dupont \\+ Fils", "Dupont + Fils"],
    ['\\"Rose\\"', '"Rose"'],
  ])("%s is shown without the backslashes of its notation", async (written, expected) => {
    expect(await shown(`CN=${written}, O=Cabinet`)).toBe(expected);
  });

  test("cannot be forged with a line break in another field", async () => {
    expect(await shown("O=Cabinet\\0ACN\\=Director, CN=Clerk")).toBe("Clerk");
  });

  test("of a certificate without a subject is a dash", async () => {
    expect(await shown("")).toBe("–");
  });

  test("that is missing gives way to the whole subject, on one line", async () => {
    expect(await shown("O=Cabinet Faron, C=FR")).toBe("O=Cabinet Faron, C=FR");
  });
});
