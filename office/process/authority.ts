// The office's certification authority at the start: what is there, or a first one that nobody attended.

import { AuthorityFolder } from "../issuance/authority-folder.ts";
import { establishUnattended } from "../issuance/built-in-ca.ts";
import { AuthorityExistsError } from "../issuance/certificate-authority.ts";
import type { Clock } from "../issuance/clock.ts";
import type { AuthorityNames } from "../issuance/subject.ts";
import { OtherAddressError } from "./start-errors.ts";

export interface OpenedAuthority {
  readonly authority: AuthorityFolder;
  /** Made just now: where the root's key was put. Null: it was there. */
  readonly rootKeyFile: string | null;
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
