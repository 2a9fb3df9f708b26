// Mails as files, one .eml each (RFC 5322): where nobody has configured a mail server.

import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Clock } from "../issuance/clock.ts";
import { writeLastingFile } from "../issuance/durable-files.ts";
import type { Mail, Mailer } from "./mail.ts";

/** @param from address of the sender; files have mode 0600: there are codes in them */
export function folderMailer(folder: string, from: string, clock: Clock): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return {
    send: async ({ to, subject, text, html }: Mail) => {
      const now = clock.now();
      const { message } = await transport.sendMail({
        from,
        to: [{ name: "", address: to }],
        subject,
        text,
        ...(html !== undefined && { html }),
        date: now,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      if (!Buffer.isBuffer(message)) throw new Error("the mail was not put together");
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const name = `${now.toISOString().replaceAll(/[:.]/g, "-")}-${randomBytes(4).toString("hex")}.eml`;
      writeLastingFile(join(folder, name), new Uint8Array(message));
    },
  };
}
