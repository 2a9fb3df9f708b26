// The office's certification authority at the start: what is there, or a first one that nobody attended.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { AuthorityFolder } from "../issuance/authority-folder.ts";
import { establishUnattended } from "../issuance/built-in-ca.ts";
import { AuthorityExistsError } from "../issuance/certificate-authority.ts";
import type { Clock } from "../issuance/clock.ts";
import { writeLastingFile } from "../issuance/durable-files.ts";
import type { AuthorityNames } from "../issuance/subject.ts";
import { OtherAddressError } from "./start-errors.ts";

export interface OpenedAuthority {
  readonly authority: AuthorityFolder;
  /** Made just now: where the root's key was put. Null: it was there. */
  readonly rootKeyFile: string | null;
}

/** In the authority's folder, and its backups: an office issues by it, and keeps what it issued. */
const MARK = "used-by-an-office";

/** Whether an office has ever begun to issue by the authority in the folder. */
export const isOfAnOffice = (folder: string): boolean => existsSync(join(folder, MARK));

/** Before the store knows the authority: from then on nothing is to be issued beside the office. */
export function markAsOffices({ folder }: AuthorityFolder): void {
  if (isOfAnOffice(folder)) return;
  try {
    writeLastingFile(join(folder, MARK), "");
  } catch (error) {
    // Another server of this folder was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

const withoutSlash = (address: string): string => address.replace(/\/+$/, "");

/**
 * @param wanted the address that was asked for; null: whatever the authority says, or that of `names` for a new one
 * @throws OtherAddressError; AuthoritySettingsError, CeremonyError
 */
export async function openAuthority(folder: string, names: AuthorityNames, wanted: string | null, clock: Clock): Promise<OpenedAuthority> {
  if (!AuthorityFolder.exists(folder)) {
    try {
      const { authority, record } = await establishUnattended(
        folder,
        { ...names, publicUrl: withoutSlash(wanted ?? names.publicUrl) },
        clock,
      );
      return { authority, rootKeyFile: record.rootKey.file };
    } catch (error) {
      // Another server of this folder was faster.
      if (!(error instanceof AuthorityExistsError) || !AuthorityFolder.exists(folder)) throw error;
    }
  }
  const authority = AuthorityFolder.open(folder);
  const fixed = authority.names.publicUrl;
  if (wanted !== null && withoutSlash(wanted) !== withoutSlash(fixed)) throw new OtherAddressError(fixed);
  return { authority, rootKeyFile: null };
}
