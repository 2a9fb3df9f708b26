// What a token tells of itself and of what it holds, without any secret.

import { X509Certificate } from "node:crypto";
import { ALG_P384, KEY_REF_PIV_PIN, KEY_REF_PUK, KEY_SLOTS, RETIRED_SLOTS, retiredKeySlot } from "../../../protocol/piv.ts";
import { commonName } from "../../signing/distinguished-name.ts";
import type { DeviceInfo } from "../../token/device-info.ts";
import type { TokenClient, Tries } from "../../token/token-client.ts";

export interface CertificateRecord {
  /** Common names. */
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface SlotRecord {
  /** «9C». */
  readonly slot: string;
  /** null: there is no key. */
  readonly algorithm: "P-256" | "P-384" | null;
  /** null: there is none. */
  readonly certificate: CertificateRecord | "unreadable" | null;
}

export interface TokenRecord {
  readonly info: DeviceInfo;
  readonly pin: Tries;
  readonly puk: Tries;
  /** Those that hold something. */
  readonly slots: readonly SlotRecord[];
}

export const slotName = (slot: number): string => slot.toString(16).toUpperCase();

function certificateRecord(der: Uint8Array): CertificateRecord | "unreadable" {
  try {
    const { subject, issuer, validFrom, validTo } = new X509Certificate(der);
    return { subject: commonName(subject), issuer: commonName(issuer), notBefore: new Date(validFrom), notAfter: new Date(validTo) };
  } catch {
    return "unreadable"; // what is in the object is no certificate
  }
}

/** The slots in use first, then the retired ones. @throws TokenError, TransportError, MalformedAnswerError */
export async function readTokenRecord(client: TokenClient, info: DeviceInfo): Promise<TokenRecord> {
  const slots: SlotRecord[] = [];
  const retired = Array.from({ length: RETIRED_SLOTS }, (_, index) => retiredKeySlot(index));
  for (const { slot, certificate: object } of [...KEY_SLOTS, ...retired]) {
    const key = await client.keyMetadata(slot);
    const der = await client.readCertificate(object);
    if (key === null && der === null) continue;
    const algorithm = key === null ? null : key.algorithm === ALG_P384 ? "P-384" : "P-256";
    slots.push({ slot: slotName(slot), algorithm, certificate: der === null ? null : certificateRecord(der) });
  }
  return { info, pin: await client.tries(KEY_REF_PIV_PIN), puk: await client.tries(KEY_REF_PUK), slots };
}
