// sceau office --smtp: what an office mails leaves by a mail server, with the password from a file; nothing is left in its folder.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readMail } from "../../cli/tour/read-mail.ts";
import { freePort, OFFICE_START_LIMIT_MS, OfficeProcess } from "../support/office-process.ts";
import { startSmtp } from "../support/smtp-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PASSWORD = "s3cret-of-the-mail-server";

test(
  "a code that somebody asks for leaves by the mail server",
  async () => {
    const folder = temporaryFolder();
    const state = join(folder, "state");
    mkdirSync(state, { mode: 0o700 });
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    const smtp = await startSmtp({ tls: null, login: `bureau:${PASSWORD}` });
    const args = [
      "--smtp",
      `smtp://bureau@127.0.0.1:${smtp.port}`,
      "--smtp-password-file",
      passwordFile,
      "--smtp-from",
      "bureau@example.org",
    ];
    const office = await OfficeProcess.start({ state, port: await freePort(), args });
    try {
      const { url } = office.ready;
      const answer = await fetch(`${url}/account/sign-in`, {
        method: "POST",
        headers: { origin: url, "content-type": "application/x-www-form-urlencoded", "accept-language": "fr" },
        body: "email=lea%40example.org",
        redirect: "manual",
      });
      expect(answer.status).toBe(303);
      await expect.poll(() => smtp.mails.length, { timeout: 30_000 }).toBe(1);
      const [mail] = smtp.mails;
      expect(mail).toMatchObject({ from: "bureau@example.org", to: ["lea@example.org"], login: `bureau:${PASSWORD}` });
      expect(readMail(mail?.data ?? "").text).toMatch(/^ {4}\d{4} \d{4}$/m);
      expect(readdirSync(join(state, "office", "mails"))).toEqual([]);
      expect(office.log).not.toContain(PASSWORD);
    } finally {
      await office.stop();
      await smtp.stop();
    }
  },
  OFFICE_START_LIMIT_MS + 60_000,
);
