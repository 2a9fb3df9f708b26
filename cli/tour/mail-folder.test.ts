// What the tour finds in the demonstration's mailbox.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { readInMail } from "./mail-folder.ts";

const CODE = /\b(\d{4} ?\d{4})\b/;

test("a code is looked for in a mail's text: digits of its head are none", async () => {
  const folder = join(temporaryFolder(), "mails");
  mkdirSync(folder);
  const head = ["From: office@localhost", "To: lea@example.org", "Message-ID: <12345678-1234-4abc-8def-0123456789ab@localhost>"];
  const part = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"];
  writeFileSync(join(folder, "1.eml"), [...head, ...part, "", "Votre code=20:", "8765=20=\r\n4321", ""].join("\r\n"));
  writeFileSync(join(folder, "2.eml"), ["To: noé@example.org", ...part, "", "0000 0000", ""].join("\r\n"));
  expect(await readInMail(folder, "lea@example.org", CODE)).toBe("8765 4321");
});
