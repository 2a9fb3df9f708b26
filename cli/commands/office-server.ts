// sceau office: the server, and the commands that ask it.

import type { Command } from "commander";
import type { AuditOptions } from "../actions/office-audit.ts";
import type { BackupOptions, RestoreOptions } from "../actions/office-backup.ts";
import type { EnrolOptions } from "../actions/office-enrol.ts";
import type { InviteOptions, RenewOptions, WithdrawOptions } from "../actions/office-officers.ts";
import type { OfficeOptions } from "../actions/office-server.ts";
import type { SignInOptions } from "../actions/office-sign-in.ts";
import type { CliContext } from "../context.ts";

const DEFAULT_URL = "http://127.0.0.1:8440";

function addServer(office: Command, context: () => CliContext): void {
  const { help, officeServer } = context().say;
  const words = officeServer.help;
  office
    .option("--host <address>", words.host)
    .option("--port <number>", words.port)
    .option("--public-url <address>", words.publicUrl)
    .option("--tls-key <file>", words.tlsKey)
    .option("--tls-certificate <file>", words.tlsCertificate)
    .option("--smtp <address>", words.smtp)
    .option("--smtp-password-file <file>", words.smtpPasswordFile)
    .option("--smtp-from <address>", words.smtpFrom)
    .option("--trusted-proxy <address...>", words.trustedProxy)
    .option("--log <level>", words.log)
    .option("--demo", words.demo)
    .option("--trust-clock", words.trustClock)
    .addHelpText(
      "after",
      `\n${help.examples}\n  $ sceau office\n  $ sceau office --demo\n  $ DATABASE_URL=postgres:///sceau sceau office --host 0.0.0.0 --public-url https://office.example`,
    )
    .action(async (options: OfficeOptions) => {
      const { runOffice } = await import("../actions/office-server.ts");
      await runOffice(context(), options);
    });
}

function addOfficers(office: Command, context: () => CliContext): void {
  const { help, officeServer } = context().say;
  const words = officeServer.help;
  const officer = office.command("officer").description(words.officer);
  officer
    .command("list")
    .description(words.officerList)
    .addHelpText("after", `\n${help.example}\n  $ sceau office officer list`)
    .action(async () => {
      const { listOfficers } = await import("../actions/office-officers.ts");
      await listOfficers(context(), office.opts());
    });
  officer
    .command("invite")
    .description(words.officerInvite)
    .requiredOption("--email <address>", words.officerEmail)
    .option("--given-name <name>", help.givenName)
    .option("--surname <name>", help.surname)
    .option("--role <role...>", words.officerRole)
    .option("--mail-language <language>", words.officerLanguage)
    .addHelpText(
      "after",
      `\n${help.example}\n  $ sceau office officer invite --email camille@example.org --given-name Camille --surname Durand --role verifier issuer`,
    )
    .action(async (options: InviteOptions) => {
      const { inviteOfficer } = await import("../actions/office-officers.ts");
      await inviteOfficer(context(), { ...options, ...office.opts() });
    });
  officer
    .command("renew")
    .description(words.officerRenew)
    .argument("<officer>", words.officerId)
    .option("--lost", words.officerLost)
    .option("--yes", words.yes)
    .addHelpText(
      "after",
      `\n${help.examples}\n  $ sceau office officer renew camille@example.org\n  $ sceau office officer renew camille@example.org --lost`,
    )
    .action(async (id: string, options: RenewOptions) => {
      const { renewOfficer } = await import("../actions/office-officers.ts");
      await renewOfficer(context(), id, { ...options, ...office.opts() });
    });
  officer
    .command("reinstate")
    .description(words.officerReinstate)
    .argument("<officer>", words.officerId)
    .addHelpText("after", `\n${help.example}\n  $ sceau office officer reinstate camille@example.org`)
    .action(async (id: string) => {
      const { reinstateOfficer } = await import("../actions/office-officers.ts");
      await reinstateOfficer(context(), id, office.opts());
    });
  officer
    .command("withdraw")
    .description(words.officerWithdraw)
    .argument("<officer>", words.officerId)
    .option("--last", words.officerLast)
    .option("--yes", words.yes)
    .addHelpText("after", `\n${help.example}\n  $ sceau office officer withdraw camille@example.org`)
    .action(async (id: string, options: WithdrawOptions) => {
      const { withdrawOfficer } = await import("../actions/office-officers.ts");
      await withdrawOfficer(context(), id, { ...options, ...office.opts() });
    });
}

function addQuestions(office: Command, context: () => CliContext): void {
  const { help, officeServer } = context().say;
  const words = officeServer.help;
  office
    .command("status")
    .description(words.status)
    .addHelpText("after", `\n${help.example}\n  $ sceau office status`)
    .action(async () => {
      const { officeStatus } = await import("../actions/office-admin.ts");
      await officeStatus(context(), office.opts());
    });
  office
    .command("audit")
    .description(words.audit)
    .option("--verify", words.auditVerify)
    .option("--head [file]", words.auditHead)
    .option("--restored", words.auditRestored)
    .option("--yes", words.yes)
    .addHelpText(
      "after",
      `\n${help.examples}\n  $ sceau office audit --verify\n  $ sceau office audit --head --json >> kept-heads\n  $ sceau office audit --verify --head kept-heads`,
    )
    .action(async (options: AuditOptions) => {
      const { audit } = await import("../actions/office-audit.ts");
      await audit(context(), { ...options, ...office.opts() });
    });
}

function addOfficersSide(office: Command, context: () => CliContext): void {
  const { help, officeServer } = context().say;
  const words = officeServer.help;
  office
    .command("sign-in")
    .description(words.signIn)
    .argument("[url]", words.officeUrl, DEFAULT_URL)
    .option("--token <name>", help.tokenOption)
    .option("--pin-file <file>", help.pinFileOption)
    .option("--open", words.open)
    .addHelpText("after", `\n${help.example}\n  $ sceau office sign-in https://office.example`)
    .action(async (url: string, options: SignInOptions) => {
      const { signIn } = await import("../actions/office-sign-in.ts");
      await signIn(context(), url, options);
    });
  office
    .command("enrol")
    .description(words.enrol)
    .argument("[url]", words.enrolUrl, DEFAULT_URL)
    .option("--code-file <file>", words.codeFile)
    .option("--token <name>", help.tokenOption)
    .option("--pin-file <file>", help.pinFileOption)
    .option("--replace", words.replace)
    .addHelpText("after", `\n${help.example}\n  $ sceau office enrol https://office.example`)
    .action(async (url: string, options: EnrolOptions) => {
      const { enrol } = await import("../actions/office-enrol.ts");
      await enrol(context(), url, options);
    });
}

function addBackups(office: Command, context: () => CliContext): void {
  const { help, officeServer } = context().say;
  const words = officeServer.help;
  office
    .command("backup")
    .description(words.backup)
    .argument("<file>", words.backupFile)
    .option("--passphrase-file <file>", words.backupPassphraseFile)
    .addHelpText("after", `\n${help.example}\n  $ sceau office backup /media/backup/office-2026-11-22.sceau`)
    .action(async (file: string, options: BackupOptions) => {
      const { backupOffice } = await import("../actions/office-backup.ts");
      await backupOffice(context(), file, { ...options, ...office.opts() });
    });
  office
    .command("restore")
    .description(words.restore)
    .argument("<file>", words.restoreFile)
    .option("--passphrase-file <file>", words.backupPassphraseFile)
    .option("--crl <file...>", words.restoreCrl)
    .addHelpText("after", `\n${help.example}\n  $ sceau office restore /media/backup/office-2026-11-22.sceau --crl issuing.crl`)
    .action(async (file: string, options: RestoreOptions) => {
      const { restoreOffice } = await import("../actions/office-backup.ts");
      await restoreOffice(context(), file, { ...options, ...office.opts() });
    });
}

/** @param office the command `sceau office` itself */
export function addOfficeServerCommands(office: Command, context: () => CliContext): void {
  for (const add of [addServer, addQuestions, addOfficers, addOfficersSide, addBackups]) add(office, context);
}
