// Mails by a mail server (RFC 5321): over TLS, unless the server is on this machine. Nothing of a mail is in an error: there are codes in them.

import { createTransport } from "nodemailer";
import type { Clock } from "../issuance/clock.ts";
import type { Mail, Mailer } from "./mail.ts";

/** Shorter than a job's claim, and than the database lets a transaction wait. */
const LIMIT_MS = 20_000;
const STEP_LIMIT_MS = 10_000;
const SMTP_PORT = 587; // submission, RFC 6409
const SMTPS_PORT = 465; // RFC 8314
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on; else STARTTLS (RFC 3207). */
  readonly isTls: boolean;
  /** On this machine: TLS is used when the server offers it. Elsewhere nothing leaves without it. */
  readonly isLocal: boolean;
  readonly user: string | null;
}

export class SmtpAddressError extends Error {
  override readonly name = "SmtpAddressError";
}

/** The mail server did not take the mail. */
export class SmtpError extends Error {
  override readonly name = "SmtpError";
  /** nodemailer's: ECONNECTION, EAUTH, EENVELOPE, ETLS, …; ETIMEDOUT. */
  readonly code: string;
  /** The server's reply (RFC 5321 §4.2); null: none. */
  readonly reply: number | null;
  constructor(code: string, reply: number | null) {
    super(`the mail server did not take the mail: ${code}${reply === null ? "" : ` ${reply}`}`);
    this.code = code;
    this.reply = reply;
  }
}

/** @param address smtp://user@host:port, smtps://host @throws SmtpAddressError also when a password is in it: others see a command's arguments */
export function smtpServer(address: string): SmtpServer {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isTls = url?.protocol === "smtps:";
  if (url === null || !(isTls || url.protocol === "smtp:") || url.hostname === "" || !/^\/?$/.test(url.pathname) || url.search !== "") {
    throw new SmtpAddressError(address);
  }
  if (url.password !== "") throw new SmtpAddressError("smtp[s]://user@host:port");
  const port = url.port === "" ? (isTls ? SMTPS_PORT : SMTP_PORT) : Number(url.port);
  const user = url.username === "" ? null : decodeURIComponent(url.username);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port, isTls, isLocal: LOOPBACK.test(url.hostname), user };
}

export interface SmtpOptions {
  readonly server: SmtpServer;
  /** Of the server's user; null: the server asks for none. */
  readonly password: string | null;
  /** Address of the sender. */
  readonly from: string;
  /** Certificates (PEM) to believe instead of the machine's. */
  readonly ca?: string;
}

function smtpError(error: unknown): SmtpError {
  const { code, responseCode } = (error ?? {}) as { code?: unknown; responseCode?: unknown };
  return new SmtpError(typeof code === "string" ? code : "unknown", typeof responseCode === "number" ? responseCode : null);
}

export function smtpMailer({ server, password, from, ca }: SmtpOptions, clock: Clock): Mailer {
  const { host, port, isTls, isLocal, user } = server;
  const order = {
    host,
    port,
    secure: isTls,
    requireTLS: !(isTls || isLocal),
    ...(user !== null && { auth: { user, pass: password ?? "" } }),
    connectionTimeout: STEP_LIMIT_MS,
    greetingTimeout: STEP_LIMIT_MS,
    socketTimeout: STEP_LIMIT_MS,
    ...(ca !== undefined && { tls: { ca } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  return {
    send: async ({ to, subject, text, html }: Mail) => {
      const transport = createTransport(order);
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new SmtpError("ETIMEDOUT", null)), LIMIT_MS);
      });
      const mail = { from, to: [{ name: "", address: to }], subject, text, ...(html !== undefined && { html }), date: clock.now() };
      try {
        await Promise.race([transport.sendMail(mail), limit]);
      } catch (error) {
        // Without its cause: the server's words could repeat the mail's.
        throw error instanceof SmtpError ? error : smtpError(error);
      } finally {
        clearTimeout(timer);
        transport.close();
      }
    },
  };
}
