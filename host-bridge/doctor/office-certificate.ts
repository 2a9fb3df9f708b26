// The office's TLS certificate, as this computer judges it; of one that it refuses, whose it is.

import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { checkServerIdentity, connect as connectTls, type PeerCertificate, rootCertificates, type TLSSocket } from "node:tls";
import { shellWord } from "../desktop/shell-word.ts";
import { asRoot } from "./as-root.ts";
import type { OfficeCheck } from "./check.ts";
import type { Code, Facts } from "./finding.ts";
import { ok, trouble } from "./found.ts";
import type { Place } from "./place.ts";
import { codeOf, endpointOf, openWay } from "./way.ts";

/** Node's names (node:tls, «X509 certificate error codes»). */
const CODES: Readonly<Record<string, Code<"certificate">>> = {
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "unknown-issuer",
  UNABLE_TO_GET_ISSUER_CERT: "unknown-issuer",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknown-issuer",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknown-issuer",
};
/** What the connection says when there is no TLS at the other end. */
const NOT_TLS: ReadonlySet<string> = new Set(["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"]);

interface Seen {
  /** null: all is well. */
  readonly refusal: string | null;
  readonly certificate: PeerCertificate;
}

/** Shakes hands whatever the certificate is, sends nothing, and closes. @param authorities absent: those that Node.js knows */
async function see(place: Place, address: string, authorities?: readonly string[]): Promise<Seen> {
  const socket = await openWay(place, address);
  const { host } = endpointOf(address);
  const options = { socket, host, ...(isIP(host) === 0 && { servername: host }), ...(authorities && { ca: [...authorities] }) };
  return new Promise((resolve, reject) => {
    const secure: TLSSocket = connectTls({ ...options, rejectUnauthorized: false, checkServerIdentity }, () => {
      const { authorizationError } = secure as { authorizationError?: Error | string };
      const certificate = secure.getPeerCertificate();
      secure.destroy();
      resolve({ refusal: authorizationError == null ? null : String(authorizationError), certificate });
    });
    secure.setTimeout(place.timeLimitMs, () => secure.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })));
    secure.once("error", reject);
  });
}

const word = (text: unknown): string => (Array.isArray(text) ? text.join(", ") : typeof text === "string" ? text : "");

/** CN, else O: what a person knows it by. */
const nameOf = (name: PeerCertificate["subject"] | undefined): string => {
  const [common, organisation] = [word(name?.CN), word(name?.O)];
  return [common, ...(organisation !== "" && organisation !== common ? [`(${organisation})`] : [])].join(" ").trim();
};

function factsOf(place: Place, address: string, { refusal, certificate }: Seen): Facts<"certificate"> {
  return {
    ...endpointOf(address),
    issuer: nameOf(certificate.issuer),
    subject: nameOf(certificate.subject),
    names: (certificate.subjectaltname ?? "").replace(/(?:DNS|IP Address):/g, ""),
    from: dateOf(certificate.valid_from),
    until: dateOf(certificate.valid_to),
    now: place.now().toISOString(),
    code: refusal ?? "",
  };
}

const dateOf = (text: string | undefined): string => {
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
};

/** Whether the administrator of this computer has said whom to trust, where Node.js does not look. */
async function doesSystemKnow(place: Place, address: string): Promise<boolean> {
  try {
    const authorities = readFileSync(place.systemAuthorities, "utf8");
    return (await see(place, address, [...rootCertificates, authorities])).refusal === null;
  } catch {
    return false; // no such file, or nobody answers any more
  }
}

const trustSystem = ({ systemAuthorities }: Place): string => `export NODE_EXTRA_CA_CERTS=${shellWord(systemAuthorities)}`;

async function judged(place: Place, address: string, seen: Seen) {
  const facts = factsOf(place, address, seen);
  if (seen.refusal === null) return ok("certificate", "fine", facts);
  const code = CODES[seen.refusal] ?? "other";
  if (code === "expired" || code === "not-yet-valid")
    return trouble("certificate", code, facts, { mender: "office", commands: ["date -u", asRoot(place, "timedatectl set-ntp true")] });
  if (code === "unknown-issuer" && (await doesSystemKnow(place, address)))
    return trouble("certificate", "system-knows", facts, { commands: [trustSystem(place)] });
  if (code === "unknown-issuer" || code === "self-signed") {
    const copy = asRoot(place, "cp authority.crt /usr/local/share/ca-certificates/");
    const commands = [copy, asRoot(place, "update-ca-certificates"), trustSystem(place)];
    return trouble("certificate", code, facts, { mender: "administrator", commands });
  }
  return trouble("certificate", code, facts, { mender: "office" });
}

export const CERTIFICATE: OfficeCheck<"certificate"> = {
  name: "certificate",
  area: "office",
  needs: ["tunnel"],
  look: async (place, address) => {
    const none = { ...endpointOf(address), issuer: "", subject: "", names: "", from: "", until: "", now: "", code: "" };
    if (address.startsWith("http:")) return ok("certificate", "local", none);
    if (place.environment["NODE_TLS_REJECT_UNAUTHORIZED"] === "0")
      return trouble("certificate", "unchecked", none, { commands: ["unset NODE_TLS_REJECT_UNAUTHORIZED"] });
    try {
      return await judged(place, address, await see(place, address));
    } catch (error) {
      const code = codeOf(error);
      if (code === "ETIMEDOUT") return trouble("certificate", "silent", none, { mender: "network" });
      return trouble("certificate", NOT_TLS.has(code) ? "not-tls" : "other", { ...none, code }, { mender: "network" });
    }
  },
};
