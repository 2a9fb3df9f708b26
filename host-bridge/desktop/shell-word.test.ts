// What is proposed to be typed is what was meant.

import { expect, test } from "vitest";
import { shellWord } from "./shell-word.ts";

test("a path with a space or a quotation mark is one word of a shell", () => {
  expect(shellWord("unix:path=/run/pkcs11.sock")).toBe("unix:path=/run/pkcs11.sock");
  expect(shellWord("unix:path=/a b/it's")).toBe("'unix:path=/a b/it'\\''s'");
});
