// What `sceau office` does: the registration office's server, until it is stopped.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { shellWord } from "../../host-bridge/desktop/shell-word.ts";
import { rootFile } from "../../host-bridge/factory/attestation-root.ts";
import { SIMULATOR_ROOT } from "../../host-bridge/token/attestation-key.ts";
import { SmtpAddressError, smtpServer } from "../../office/mail/smtp-mailer.ts";
import { DEFAULT_HOST, DEFAULT_PORT, type OfficeConfig, type OfficeStep, type RunningOffice, startOffice } from "../../office/office.ts";
import type { StartWarning } from "../../office/process/start-checks.ts";
import { readCertificates } from "../certificates.ts";
import type { CliContext } from "../context.ts";
import { readPin } from "../secrets.ts";
import { untilStopped } from "../until-stopped.ts";
import { UsageError } from "../usage-error.ts";

export interface OfficeOptions {
  readonly host?: string;
  readonly port?: string;
  readonly publicUrl?: string;
  readonly trustedProxy?: readonly string[];
  readonly tlsKey?: string;
  readonly tlsCertificate?: string;
  readonly smtp?: string;
  readonly smtpPasswordFile?: string;
  readonly smtpFrom?: string;
  readonly demo?: true;
  readonly trustClock?: true;
  readonly log?: string;
}

const LOG_LEVELS = ["silent", "error", "warn", "info"] as const;
const MAX_PORT = 65_535;
const STANDARD_ERROR = 2;
/** Whoever tries it waits for its mails. */
const DEMO_JOBS_MS = 500;

function portOf(text: string | undefined): number {
  const port = text === undefined ? DEFAULT_PORT : Number(text);
  if (!Number.isSafeInteger(port) || port < 1 || port > MAX_PORT) throw new UsageError("bad-number", text ?? "");
  return port;
}

function logLevelOf(text = "warn"): string {
  if (!(LOG_LEVELS as readonly string[]).includes(text)) throw new UsageError("bad-word", `${text} (${LOG_LEVELS.join(", ")})`);
  return text;
}

/** The root of the tokens that `sceau sim` makes in this state folder; none yet: there is no such token. */
function simulatorRoots({ state }: CliContext): Uint8Array[] {
  const file = rootFile(state.factory, SIMULATOR_ROOT);
  return existsSync(file) ? readCertificates(file) : [];
}

/** Where an office of this state folder has its store: null is PGlite in its folder. */
export function databaseUrl(): string | null {
  const url = process.env["DATABASE_URL"];
  return url === undefined || url === "" ? null : url;
}

function tlsOf({ tlsKey, tlsCertificate }: OfficeOptions): OfficeConfig["tls"] {
  if (tlsKey === undefined && tlsCertificate === undefined) return null;
  if (tlsKey === undefined || tlsCertificate === undefined) throw new UsageError("bad-word", "--tls-key, --tls-certificate");
  return { key: tlsKey, certificate: tlsCertificate };
}

const FROM = /^[!-?A-~]+@[!-?A-~]+$/;

/** @throws UsageError a password without its user, or the other way round; no address of a mail server */
async function smtpOf({ say }: CliContext, { smtp, smtpPasswordFile, smtpFrom }: OfficeOptions): Promise<Pick<OfficeConfig, "smtp">> {
  if (smtp === undefined) {
    if (smtpPasswordFile !== undefined || smtpFrom !== undefined) throw new UsageError("bad-word", "--smtp");
    return {};
  }
  if (smtpFrom !== undefined && !FROM.test(smtpFrom)) throw new UsageError("bad-word", "--smtp-from");
  try {
    const server = smtpServer(smtp);
    if ((server.user === null) !== (smtpPasswordFile === undefined)) throw new UsageError("bad-word", "--smtp, --smtp-password-file");
    const password = server.user === null ? null : await readPin(smtpPasswordFile, say.officeServer.smtpPassword(server.host));
    return { smtp: { server, password, from: smtpFrom ?? null } };
  } catch (error) {
    // Without what was given: a password could be in it.
    if (error instanceof SmtpAddressError) throw new UsageError("bad-word", "--smtp smtp[s]://user@host:port");
    throw error;
  }
}

function configOf(context: CliContext, options: OfficeOptions): OfficeConfig {
  const { say, state } = context;
  const isDemo = options.demo === true;
  const folder = state.office(isDemo);
  const isFirst = databaseUrl() === null && !existsSync(join(folder, "db"));
  const progress = (step: OfficeStep): void => {
    const text = step === "first-database" && !isFirst ? say.officeServer.progress.database : say.officeServer.progress[step];
    if (context.isJson) context.report({ event: "progress", step }, []);
    else context.print(text);
  };
  return {
    folder,
    authorityFolder: state.officeAuthority(isDemo),
    databaseUrl: databaseUrl(),
    host: options.host ?? DEFAULT_HOST,
    port: portOf(options.port),
    publicUrl: options.publicUrl ?? null,
    tls: tlsOf(options),
    ...(options.trustedProxy !== undefined && { trustedProxies: options.trustedProxy }),
    isDemo,
    ...(isDemo && { jobsEveryMs: DEMO_JOBS_MS }),
    trustClock: options.trustClock === true,
    first: { ...say.officeServer.first, country: "FR", email: "officer@localhost" },
    clock: context,
    authorityMade: (authority, rootKey) => {
      context.report({ event: "authority", folder: authority, rootKey }, [say.officeServer.authorityMade(authority, rootKey)]);
    },
    simulatorRoots: () => simulatorRoots(context),
    progress,
    logLevel: logLevelOf(options.log),
    logTo: pino.destination({ dest: STANDARD_ERROR, sync: true }),
  };
}

function warningText({ say: { officeServer } }: CliContext, warning: StartWarning): string {
  const at = warning.at.toISOString();
  const text = officeServer.warning;
  return warning.kind === "issuer-short" ? text["issuer-short"](at, warning.profiles.join(", ")) : text[warning.kind](at);
}

function tell(context: CliContext, office: RunningOffice): void {
  const say = context.say.officeServer;
  const { publicUrl, address, kind, firstCode, hasOfficer, hasSocket, warnings } = office;
  if (firstCode !== null) {
    const command = `  sceau office enrol ${shellWord(publicUrl)}`;
    context.report({ event: "first-officer", url: publicUrl, code: firstCode }, [
      say.firstOfficer,
      command,
      say.firstCode,
      `  ${firstCode}`,
    ]);
  } else if (!hasOfficer) context.print(say.nobodyYet);
  if (!hasSocket) context.print(say.noSocket);
  for (const warning of warnings) context.report({ event: "warning", ...warning }, [warningText(context, warning)]);
  const others = publicUrl === address ? [] : [say.listensOn(address)];
  context.report({ event: "ready", url: publicUrl, address, kind, pid: process.pid }, [say.ready(publicUrl), ...others, say.howToStop]);
}

export async function runOffice(context: CliContext, options: OfficeOptions): Promise<void> {
  const config = { ...configOf(context, options), ...(await smtpOf(context, options)) };
  const stopped = untilStopped();
  const demo = config.isDemo ? await import("../demo-office.ts") : null;
  const office = await startOffice({ ...config, ...(demo !== null && { fillDemo: demo.demoFiller(context) }) });
  demo?.tellDemo(context, office.publicUrl);
  tell(context, office);
  await stopped;
  await office.close();
  context.print(context.say.officeServer.stopped);
}
