// What `sceau office ca init`, `roll-over` and `root-crl` do: key ceremonies.

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { CaCeremony, type CeremonyOptions, type CeremonyOutcome, type IssuerRevocation } from "../../office/issuance/ca-ceremony.ts";
import { ceremonyRecord } from "../../office/issuance/ceremony-record.ts";
import { type RootKeyFile, randomPassphraseFile, withRandomPassphrase } from "../../office/issuance/root-key-export.ts";
import type { AuthorityNames } from "../../office/issuance/subject.ts";
import type { CliContext } from "../context.ts";
import { readPin } from "../secrets.ts";
import { UsageError } from "../usage-error.ts";

const ROOT_KEY_FILE = "root-key.pem";
const REASON_CODES = [1, 2, 4, 5] as const;

export interface CeremonyArguments {
  readonly rootKey?: string;
  readonly rootPassphraseFile?: string;
  readonly witness?: readonly string[];
  readonly issuingKey?: string;
}

export interface InitArguments extends CeremonyArguments {
  readonly url: string;
  readonly organisation: string;
  readonly country: string;
}

export interface RootCrlArguments extends CeremonyArguments {
  readonly revoke?: string;
  readonly reason: string;
}

/** The file of the root's key: made, or brought. */
function rootKeyFile({ state }: CliContext, { rootKey }: CeremonyArguments): string {
  return resolve(rootKey ?? join(state.root, ROOT_KEY_FILE));
}

function ceremonyOptions(rootKey: RootKeyFile, { witness = [], issuingKey }: CeremonyArguments): CeremonyOptions {
  return { rootKey, witnesses: witness, ...(issuingKey !== undefined && { issuingKeyUri: issuingKey }) };
}

function report(context: CliContext, { authority, record }: CeremonyOutcome, more: readonly string[]): void {
  const { office } = context.say;
  const result = {
    folder: authority.folder,
    ceremony: record.number,
    rootFingerprint: record.root.fingerprint,
    issuer: record.issuer?.name ?? null,
    rootKey: record.rootKey.file,
    records: authority.ceremonyFolder(record.number),
  };
  context.report(result, [ceremonyRecord(record, office.recordLanguage), office.recordIn(result.records), ...more]);
}

/** Without a file with a passphrase, a random one is made, and put beside the key for whoever takes both away. */
export async function initAuthority(context: CliContext, options: InitArguments): Promise<void> {
  const { url, organisation, country, rootPassphraseFile } = options;
  const names: AuthorityNames = { publicUrl: url, organisation, country };
  const { office } = context.say;
  const file = rootKeyFile(context, options);
  const ceremony = new CaCeremony(context.state.authority, context);
  const hold = (rootKey: RootKeyFile): Promise<CeremonyOutcome> => ceremony.establish(names, ceremonyOptions(rootKey, options));
  const made = office.caMade(context.state.authority);
  if (options.rootKey === undefined) mkdirSync(context.state.root, { recursive: true, mode: 0o700 });
  if (rootPassphraseFile === undefined) {
    report(context, await withRandomPassphrase(file, hold), [made, office.passphraseIn(randomPassphraseFile(file))]);
  } else {
    report(context, await hold({ file, passphrase: await readPin(rootPassphraseFile, office.rootPassphrase(file)) }), [made]);
  }
}

async function broughtKey(context: CliContext, options: CeremonyArguments): Promise<RootKeyFile> {
  const file = rootKeyFile(context, options);
  return { file, passphrase: await readPin(options.rootPassphraseFile, context.say.office.rootPassphrase(file)) };
}

export async function rollOver(context: CliContext, options: CeremonyArguments): Promise<void> {
  const ceremony = new CaCeremony(context.state.authority, context);
  report(context, await ceremony.rollOver(ceremonyOptions(await broughtKey(context, options), options)), []);
}

function revocationOf({ revoke, reason }: RootCrlArguments): IssuerRevocation | null {
  if (revoke === undefined) return null;
  const reasonCode = REASON_CODES.find((code) => String(code) === reason);
  if (reasonCode === undefined) throw new UsageError("bad-number", reason);
  return { issuer: revoke, reasonCode };
}

export async function renewRootCrl(context: CliContext, options: RootCrlArguments): Promise<void> {
  const revocation = revocationOf(options);
  const ceremony = new CaCeremony(context.state.authority, context);
  report(context, await ceremony.renewRootCrl(ceremonyOptions(await broughtKey(context, options), options), revocation), []);
}
