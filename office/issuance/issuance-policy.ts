// Which tokens may be certified here, as officers have decided: kept with the store, so that all servers agree.

import { eq } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import { settings } from "../store/schema.ts";
import type { Database } from "../store/store.ts";

export type FirmwareVersion = readonly [number, number, number];

export interface IssuancePolicy {
  /** As attestation keys' certificates say; null: every model that a trusted root vouches for. */
  readonly models: readonly string[] | null;
  /** «MAJOR.MINOR.PATCH»: not accepted any more. */
  readonly withdrawnFirmware: readonly string[];
  /** The oldest that is accepted; null: any. */
  readonly oldestFirmware: string | null;
}

const SETTING = "issuance.policy";
const OPEN_POLICY: IssuancePolicy = { models: null, withdrawnFirmware: [], oldestFirmware: null };

const VERSION = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

export const firmwareText = (version: FirmwareVersion): string => version.join(".");

/** Null: no version. */
export function parseFirmware(text: string): FirmwareVersion | null {
  const [, major, minor, patch] = VERSION.exec(text) ?? [];
  return patch === undefined ? null : [Number(major), Number(minor), Number(patch)];
}

function isOlder(version: FirmwareVersion, than: FirmwareVersion): boolean {
  const at = version.findIndex((part, index) => part !== than[index]);
  return at >= 0 && (version[at] ?? 0) < (than[at] ?? 0);
}

/** Whether a firmware version is accepted. */
export function acceptsFirmware({ withdrawnFirmware, oldestFirmware }: IssuancePolicy, version: FirmwareVersion): boolean {
  const oldest = oldestFirmware === null ? null : parseFirmware(oldestFirmware);
  return !withdrawnFirmware.includes(firmwareText(version)) && (oldest === null || !isOlder(version, oldest));
}

export async function readPolicy(tx: Database): Promise<IssuancePolicy> {
  const [row] = await tx.select().from(settings).where(eq(settings.name, SETTING));
  return row === undefined ? OPEN_POLICY : (row.value as IssuancePolicy);
}

/** An officer's word that cannot be followed: a version that is none. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}

/** @throws PolicyError */
export async function writePolicy(tx: Database, policy: IssuancePolicy, { actor, now }: { actor: string; now: Date }): Promise<void> {
  const { models, withdrawnFirmware, oldestFirmware } = policy;
  const versions = [...withdrawnFirmware, ...(oldestFirmware === null ? [] : [oldestFirmware])];
  if (versions.some((text) => parseFirmware(text) === null)) throw new PolicyError("a firmware version has three numbers");
  await tx
    .insert(settings)
    .values({ name: SETTING, value: policy })
    .onConflictDoUpdate({ target: settings.name, set: { value: policy } });
  const details = { models: models?.join(" | ") ?? null, withdrawnFirmware: withdrawnFirmware.join(" "), oldestFirmware };
  await appendAudit(tx, { at: now, actor, action: "policy.write", subject: "policy:issuance", details });
}
