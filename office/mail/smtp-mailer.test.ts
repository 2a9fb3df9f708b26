// Mails by a mail server: what goes over the wire, that nothing leaves without TLS for another machine, and that an error tells nothing of a mail.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { SubjectAlternativeNameExtension } from "@peculiar/x509";
import { afterEach, expect, test } from "vitest";
import { type RunningSmtp, type SmtpBehaviour, startSmtp } from "../../test/support/smtp-server.ts";
import { issue, keyPem, pem } from "../../test/support/test-certificates.ts";
import type { Mail } from "./mail.ts";
import { SmtpAddressError, SmtpError, smtpMailer, smtpServer } from "./smtp-mailer.ts";

const clock = { now: () => new Date("2026-11-22T15:00:00Z") };
const from = "office@bureau.example";
const MAIL: Mail = { to: "lea@example.org", subject: "Votre code", text: "Voici :\n\n.1234 5678\n", html: "<p>1234 5678</p>" };

let server: RunningSmtp | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

async function tls(): Promise<{ readonly key: string; readonly cert: string }> {
  const extensions = [new SubjectAlternativeNameExtension([{ type: "ip", value: "127.0.0.1" }])];
  const issued = await issue({ name: "CN=mail", extensions });
  return { key: keyPem(issued), cert: pem(issued.der) };
}
async function listen(behaviour: SmtpBehaviour): Promise<RunningSmtp> {
  server = await startSmtp(behaviour);
  return server;
}
const failure = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => "sent",
    (error: unknown) => error,
  );

test("a server on this machine takes a mail as it is, with both forms", async () => {
  const { port, mails } = await listen({ tls: null });
  await smtpMailer({ server: smtpServer(`smtp://127.0.0.1:${port}`), password: null, from }, clock).send(MAIL);
  expect(mails).toHaveLength(1);
  const [{ data, ...envelope }] = mails as [RunningSmtp["mails"][number]];
  expect(envelope).toEqual({ from, to: ["lea@example.org"], isTls: false, login: null });
  expect(data).toMatch(/^Subject: Votre code$/m);
  expect(data).toMatch(/^Content-Type: multipart\/alternative;/m);
  expect(data).toContain("\r\n.1234 5678\r\n");
  expect(data).toMatch(/^Date: Sun, 22 Nov 2026 15:00:00 \+0000/m);
});

test("TLS from the first byte, and STARTTLS, each with the user's password and a certificate that is believed", async () => {
  const own = await tls();
  for (const isSmtps of [true, false]) {
    const { port, mails, stop } = await startSmtp({ tls: own, isSmtps, login: "bureau:s3cret" });
    const address = `${isSmtps ? "smtps" : "smtp"}://bureau@127.0.0.1:${port}`;
    const order = { server: { ...smtpServer(address), isLocal: false }, password: "s3cret", from };
    await smtpMailer({ ...order, ca: own.cert }, clock).send(MAIL);
    expect(mails.map(({ isTls, login }) => [isTls, login])).toEqual([[true, "bureau:s3cret"]]);
    const unbelieved = await failure(smtpMailer(order, clock).send(MAIL));
    expect(unbelieved).toBeInstanceOf(SmtpError);
    expect(await failure(smtpMailer({ ...order, ca: own.cert, password: "wrong" }, clock).send(MAIL))).toMatchObject({
      code: "EAUTH",
      reply: 535,
    });
    expect(mails).toHaveLength(1);
    await stop();
  }
}, 30_000);

test("nothing leaves for another machine without TLS, not even the password", async () => {
  const { port, mails } = await listen({ tls: null, login: "bureau:s3cret" });
  const elsewhere = { ...smtpServer(`smtp://bureau@127.0.0.1:${port}`), isLocal: false };
  expect(await failure(smtpMailer({ server: elsewhere, password: "s3cret", from }, clock).send(MAIL))).toMatchObject({ code: "ETLS" });
  expect(mails).toEqual([]);
  expect(smtpServer("smtp://mail.example")).toMatchObject({ host: "mail.example", port: 587, isTls: false, isLocal: false });
  expect(smtpServer("smtps://b%40c@mail.example")).toMatchObject({ port: 465, isTls: true, user: "b@c" });
  expect(smtpServer("smtp://[::1]:2525")).toMatchObject({ host: "::1", port: 2525, isLocal: true });
});

test("an error says which, and nothing of the mail", async () => {
  const { port } = await listen({ tls: null, recipient: () => "550 5.1.1 <lea@example.org>: no such user, Votre code 1234 5678" });
  const error = (await failure(
    smtpMailer({ server: smtpServer(`smtp://127.0.0.1:${port}`), password: null, from }, clock).send(MAIL),
  )) as Error;
  expect(error).toMatchObject({ name: "SmtpError", reply: 550 });
  expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/lea@|1234|Votre code/);
  await server?.stop();
  server = null;
  expect(
    await failure(smtpMailer({ server: smtpServer(`smtp://127.0.0.1:${port}`), password: null, from }, clock).send(MAIL)),
  ).toBeInstanceOf(SmtpError);
});

test("an address with a password, or of something else, is refused", () => {
  for (const address of ["smtp://u:secret@host", "http://host", "host:25", "smtp://", "smtp://host/path", "smtp://host?x=1", ""]) {
    expect(() => smtpServer(address), address).toThrow(SmtpAddressError);
  }
  expect(() => smtpServer("smtp://u:secret@host")).toThrow(/^(?!.*secret)/);
});
