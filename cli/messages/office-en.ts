// What `sceau office` says of its server, officers and backups, in English. French has the same keys (office-fr.ts).

import type { OfficeClientProblem } from "../../host-bridge/office-client/office-client-error.ts";
import type { AuditFault } from "../../office/audit/audit-verification.ts";
import type { BackupProblem } from "../../office/backup/sealed-file.ts";
import type { DemoPerson } from "../../office/demo/demo-people.ts";
import type { OfficeStep } from "../../office/office.ts";
import type { OfficeProblem } from "../office-error.ts";

export const officeEn = {
  help: {
    host: "address to listen on; by default 127.0.0.1",
    port: "port to listen on; by default 8440",
    publicUrl: "how the office is reached from outside: fixed in every certificate when the authority is made; by default http://HOST:PORT",
    tlsKey: "private key (PEM), to speak TLS without a proxy",
    tlsCertificate: "its certificate and those above it (PEM)",
    smtp: "mail server that mails leave by: smtp://user@host (with STARTTLS) or smtps://user@host; by default mails are files in the folder's mails/",
    smtpPasswordFile: "file with that user's password; - is standard input",
    smtpFrom: "address of the sender; by default office@ and the office's host",
    demo: "a demonstration, in a folder of its own: organisations, officers, certificates and applications in every state; simulated tokens count there only",
    trustedProxy: "address of a proxy whose X-Forwarded-For tells who asks: limits count by that",
    trustClock:
      "start though the office has written down a later time than this machine's clock: when that clock is right, and was wrong then",
    log: "what to log on standard error: silent, error, warn or info",
    status: "what the running office is doing",
    officer: "officers: who they are, invite, another code, withdraw, reinstate",
    officerList: "the officers and their roles",
    officerInvite: "invite an officer, or give one who has not enrolled yet a new code",
    officerEmail: "e-mail address of the officer",
    officerRole: "role: verifier, approver, issuer, helpdesk, auditor, administrator (more than once)",
    officerLanguage: "language of the invitation: fr or en",
    officerRenew:
      "another code for an officer whose token is lost, damaged or about to end: with it they enrol another token, or a new certificate",
    officerLost: "the token is perhaps in other hands: its key signs nobody in any more, at once",
    officerReinstate: "reinstate an officer who was withdrawn, with a code to enrol a token by",
    officerLast: "also an office's last active administrator; invite another one afterwards",
    officerWithdraw: "withdraw an officer: they sign in no more, and what they have open ends",
    officerId: "number or e-mail address of the officer",
    yes: "confirmed already: do not ask",
    audit: "the audit trail",
    auditVerify: "read it whole, and check its chain, its signed heads and the office's file of them; exit code 1 when something is wrong",
    auditHead: "print the newest signed head, to be kept elsewhere; with --verify: compare with the heads in this file",
    auditRestored: "say that the database was restored by other means than sceau office restore",
    signIn: "sign in with the token's key in 9A: prints a link that opens the office in a browser, once (so far: simulated tokens)",
    officeUrl: "address of the office; by default http://127.0.0.1:8440",
    open: "open the link in the browser, too",
    enrol:
      "enrol the token of an invited officer: its key in 9A and the certificate by which it signs in (so far: simulated tokens, which only a demonstration certifies)",
    enrolUrl: "address of the office, or the whole link",
    codeFile: "file with the invitation's code on its first line (-: standard input)",
    replace: "replace the key and the certificate that are in 9A",
    backup: "write everything, encrypted, into one file: database, authority, settings",
    backupFile: "the file; it must not exist yet",
    restore: "make an office from a backup, where there is none yet",
    restoreFile: "the backup",
    restoreCrl: "the last revocation lists of its issuing CAs: what they revoke and the backup does not know is revoked again",
    backupPassphraseFile: "file whose first line is the passphrase, 12 characters or more (-: standard input)",
  },
  first: { organisation: "Sceau", givenName: "First", surname: "Officer", language: "en" as "en" | "fr" },
  progress: {
    database: "Opening the database …",
    "first-database": "Making the database (some seconds, the first time) …",
    demo: "Filling the demonstration …",
    authority: "Opening the certification authority …",
    listen: "Opening the port …",
  } satisfies Record<OfficeStep, string> as Record<OfficeStep, string>,
  authorityMade: (folder: string, rootKey: string) =>
    `A certification authority was made in ${folder}, with nobody there. Its root's key is in ${rootKey}, the passphrase beside it: take both away.\nFor real use, hold a ceremony before the first start: sceau office ca init`,
  firstOfficer: "There is no officer yet. The first one, an administrator, plugs in their token and types:",
  firstCode: "and gives this code, which works once, for a week:",
  nobodyYet: "No officer has enrolled yet. A new code: sceau office officer invite --email ADDRESS (sceau office officer list)",
  noSocket: "Another server of this folder takes the commands of sceau office, until it ends; then this one does.",
  warning: {
    clock: (at: string) =>
      `⚠ The office has records of ${at}, later than this machine's clock, which you said is right. The audit trail keeps that.`,
    "root-expired": (at: string) =>
      `⚠ The root expired on ${at}: make a new authority, in a new folder. No certificate of this one is believed any more.`,
    "issuer-expired": (at: string) =>
      `⚠ The issuing CA expired on ${at}: no certificate can be issued. Hold a ceremony: sceau office ca roll-over`,
    "issuer-short": (at: string, profiles: string) =>
      `⚠ The issuing CA ends on ${at}, and with it every new certificate of ${profiles}, before its time. Hold a ceremony: sceau office ca roll-over`,
    "root-crl": (at: string) => `⚠ The root's revocation list ended on ${at}. Bring the root's key: sceau office ca root-crl`,
  },
  ready: (url: string) => `The office is at ${url}`,
  listensOn: (address: string) => `It listens on ${address}`,
  howToStop: "Ctrl-C stops it.",
  stopped: "The office has stopped.",
  label: {
    address: "Listens on",
    since: "Since",
    store: "Database",
    certificates: "Certificates",
    officers: "Officers",
    jobs: "Jobs",
    audit: "Audit trail",
    headEvent: "Event",
    headAt: "Signed",
    headHash: "Hash",
    headSignature: "Signature",
  },
  jobs: (due: number, failing: number) => `${due} due, ${failing} failing`,
  failingJob: (kind: string, attempts: number, error: string, nextTry: string) =>
    `${kind}: failed ${attempts} times (${error}), again ${nextTry}`,
  events: (events: number, head: string) => `${events} events, last signed ${head}`,
  invited: (email: string) => `${email} is invited.`,
  renewed: (name: string) => `${name} has another code; the ones before are over.`,
  reinstated: (name: string) => `${name} is reinstated, and active again once they have enrolled a token.`,
  mailed: (email: string) => `The code goes to ${email} by mail.`,
  typed: "With their token plugged in, they type:",
  keyHeld:
    "On the same token with --replace: a new key replaces the former one. Until then the former key signs them in; its certificate is revoked when the new one is active.",
  keyLost:
    "The lost token signs nobody in any more, and their sessions have ended. Report it lost on its sheet in the office: that revokes its certificates.",
  confirmLost: (name: string) => `Type LOST: what ${name} has open ends, and their token signs them in no more:`,
  confirmWithdrawal: (name: string) => `Type WITHDRAW to withdraw ${name}:`,
  withdrawn: (name: string) => `${name} is withdrawn.`,
  auditGood: (events: number, heads: number, outside: number) =>
    `The audit trail is whole: ${events} events; signed heads: ${heads}, compared with those kept outside of the database: ${outside}.`,
  auditBad: (fault: string, number: number) => `THE AUDIT TRAIL IS NOT WHOLE, from event ${number} on: ${fault}`,
  auditFault: {
    changed: "it was changed",
    missing: "it is missing",
    end: "the trail does not end as it was written",
    head: "its signed head is not by the office's key",
    "cut-off": "it was cut off: signed heads that are kept outside of the database go further",
    rewritten: "it was written anew: a signed head that is kept outside of the database says otherwise",
    "no-head": "nobody has signed it any more",
  } satisfies Record<AuditFault["fault"], string> as Record<AuditFault["fault"], string>,
  auditRestored: (at: string, number: number, lost: number, until: number | null) =>
    `Restored at ${at} from a backup that goes up to event ${number}. ${until === null ? "No signed head of before is missing." : `Signed heads of before that are not in the trail any more: ${lost}, up to event ${until}.`}`,
  auditUnreadable: (lines: number, first: number) =>
    `Lines of audit.heads that cannot be read: ${lines}, the first is line ${first}. A loss of power leaves one; look who wrote the others.`,
  auditNoHead: "The audit trail has no signed head yet.",
  auditKeepHead: "Keep this line where the office's machine cannot change it. To compare: sceau office audit --verify --head FILE",
  confirmRestored:
    "Only if you have restored the database by other means than sceau office restore: what is lost by it is told with every verification from now on. Type RESTORED:",
  auditSaidRestored: (number: number) => `Recorded: the trail was restored up to event ${number}.`,
  adopted: "The running office uses it from now on.",
  signInPin: (token: string, office: string) => `PIN of token ${token}, to sign in at ${office}:`,
  signInLink: "This link opens the office in a browser, once, within a minute:",
  enrolCode: "Code of the invitation:",
  smtpPassword: (host: string) => `Password of the mail server ${host}: `,
  enrolPin: (token: string, office: string) => `PIN of token ${token}, to enrol it at ${office}:`,
  enrolled: (token: string, subject: string) => `Token ${token} is enrolled for ${subject}. To sign in:`,
  backupPassphrase: (file: string) => `Passphrase of the backup ${file}:`,
  backedUp: (file: string, rows: number, files: number) =>
    `Everything is in ${file}: ${rows} rows, ${files} files. The root's key is not: it is where its ceremony put it.`,
  restored: (folder: string, rows: number, files: number, at: string) =>
    `The office is in ${folder} again: ${rows} rows, ${files} files, as they were on ${at}.`,
  listTaken: (issuer: string, number: number, revoked: number, unknown: number) =>
    `From revocation list ${number} of ${issuer}: ${revoked} certificates revoked again, and ${unknown} serial numbers that the backup does not know.`,
  noListTaken:
    "⚠ NO LATER REVOCATION LIST WAS BROUGHT: certificates that were revoked since are VALID AGAIN. If you can get the last list of each issuing CA (…/crl/issuing.crl, a copy, a client's cache), remove what was just restored, and restore once more with --crl.",
  notRestored: (at: string) =>
    [
      `What happened after ${at} is forgotten. Before anybody uses the office:`,
      "  1. Revocations: compare with the last revocation list, the letters and the mails; revoke again what is missing.",
      "  2. Certificates issued since: the office does not know them, and its OCSP says so. Find them (mails, tokens, signed documents), have the holders' new ones issued, and let nobody rely on the old.",
      "  3. Officers withdrawn since can sign in again, tokens reported lost are in use again: withdraw and report them again (sceau office officer list).",
      "  4. Codes and challenges that were open have ended: invite again who had not enrolled (sceau office officer invite).",
      "Start it: sceau office. The old server must not run any more.",
    ].join("\n"),
  demo: {
    made: (officers: string, pin: string) =>
      `The demonstration's officers are simulated tokens; their PIN is ${pin}. Plug one in with sceau sim NAME: ${officers}`,
    signIn: (url: string) => `To sign in as one of them: sceau office sign-in ${url}`,
    people: (url: string, mails: string) =>
      `Applicants and managers sign in with their mailbox at ${url}; the code is in the newest mail in ${mails}. Some of them:`,
    person: {
      ready: "approved: a reference number waits in a mail, for: sceau activate",
      today: "an appointment today, evidence brought",
      submitted: "sent, no appointment yet",
      draft: "a form that was begun",
      manager: "manager of an open corporate account",
      invited: "invited by that account, not begun",
      approved: "approved, the reference number has run out",
      active: "an active certificate",
    } satisfies Record<DemoPerson["what"], string> as Record<DemoPerson["what"], string>,
    answers: (answers: string) => `Everybody's answers to the three questions, in the page's order: ${answers}`,
  },
  failure: {
    folderInUse: (folder: string) => `Another server has the office in ${folder}. Stop it first, or ask it: sceau office status`,
    portTaken: (address: string) => `Another program listens on ${address}. Choose another port with --port.`,
    otherAddress: (fixed: string) =>
      `The authority's certificates name ${fixed}, which cannot be changed any more. Leave --public-url out, or make another authority.`,
    otherAuthority: (name: string) =>
      `The database belongs to another authority than the folder (issuing CA «${name}»). Use the folder that it was started with.`,
    isDemo: "This database is a demonstration's: start it with --demo, or choose another.",
    isNoDemo: "This database is a real office's: it is no place for a demonstration.",
    newerStore: "The database was written by a newer Sceau. Use that one.",
    database: (code: string) => `The database of DATABASE_URL does not answer (${code}). Check the address, the name and the password.`,
    notRunning: "No office is running here. Start it in another terminal: sceau office",
    refused: (problem: string) => `The office did not do it: ${problem}`,
    admin: {
      "last-administrator":
        "This is an office's last active administrator: invite another one first, and withdraw this one once that one has enrolled. If it cannot wait: --last",
      active: "They are an officer already. Another code: sceau office officer renew",
      withdrawn: "This officer was withdrawn. To reinstate them: sceau office officer reinstate",
      state: "The state has changed meanwhile, or does not allow this. Nothing was done.",
      names: "Somebody new needs --given-name and --surname.",
      roles: "Somebody new needs --role.",
    } as Readonly<Record<string, string>>,
    folderPath: (folder: string) => `The path of ${folder} is too long for a socket. Choose a shorter one with --state.`,
    clockBehind: (now: string, newest: string) =>
      `This machine's clock says ${now}, but the office has written down ${newest} already: one of the two is wrong, and nothing was started. Set the clock (date, timedatectl). When it is right, and was wrong then: sceau office --trust-clock`,
    trustFile: (file: string) => `There is no certificate in ${file}.`,
    ocspKey: "The OCSP responder's key cannot be read.",
    client: {
      url: (detail) => `«${detail}» is no address of an office: https://…`,
      insecure: (detail) => `${detail} is http to another machine: anybody on the way could read along. Use https.`,
      unreachable: (detail) => `Nothing answers at ${detail}. Is the office running there?`,
      certificate: (detail) =>
        `The certificate of ${detail} is not by an authority that this computer knows, or not of that name, or expired. Nothing was sent. An office with a CA of its own: NODE_EXTRA_CA_CERTS=/path/of/its/root.pem`,
      "other-office": (detail) =>
        `The office there says that it is ${detail}. Nothing was signed for it. Use the address by which it calls itself.`,
      unreadable: (detail) => `The answer of ${detail} is not an office's.`,
      proxy: (variable) =>
        `${variable} is not the address of an http proxy, the only kind that Sceau knows. Nothing was sent. Write: export ${variable}=http://proxy.example:3128 – or leave the office out by NO_PROXY.`,
    } satisfies Record<OfficeClientProblem, (detail: string) => string> as Record<OfficeClientProblem, (detail: string) => string>,
    command: {
      unreadable: (detail) => `The answer of ${detail} is not an office's.`,
      code: () => "That is no code of an invitation: 43 letters and digits.",
      "slot-in-use": (detail) => `Slot ${detail} has a key and a certificate already. --replace replaces them.`,
      "no-token": (detail) =>
        `${detail === "" ? "No simulated token" : `No simulated token ${detail}`} is plugged in (sceau sim). So far this command reaches simulated tokens only; with a token on USB, sign in by its certificate in the browser.`,
      running: (detail) => `A server has the office in ${detail}: its certificates go to attested keys, by its own ways.`,
      adopted: (detail) =>
        `An office issues by the authority in ${detail}: its certificates go to attested keys, by its own ways, so that it can revoke them. For trials, choose another folder with --state, and make an authority there: sceau office ca init`,
      "not-here": (detail) => `There is no office in ${detail}.`,
    } satisfies Record<OfficeProblem, (detail: string) => string> as Record<OfficeProblem, (detail: string) => string>,
    backup: {
      "not-a-backup": "This file is no backup of an office.",
      passphrase: "The passphrase is wrong, or the file was changed. Nothing was restored.",
      "passphrase-short": "The passphrase needs 12 characters at least.",
      format: "This backup was written by another version of Sceau.",
      migration: "This backup's database is of another version of Sceau: restore it with that one, then start the new one.",
      incomplete: "This backup is not whole. Nothing was restored.",
      "crl-unreadable": "The file of --crl is no revocation list (CRL, DER or PEM). Nothing was restored.",
      "crl-foreign": "The revocation list of --crl is not signed by an issuing CA of this backup. Nothing was restored.",
      "not-empty": "There is an office here already: a backup is restored only where there is none.",
    } satisfies Record<BackupProblem, string> as Record<BackupProblem, string>,
  },
};

export type OfficeMessages = typeof officeEn;
