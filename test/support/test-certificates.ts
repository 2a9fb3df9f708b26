// Certificates for tests: made with @peculiar/x509, every field as the test wants it.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { KeyObject, X509Certificate as NodeCertificate, webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

cryptoProvider.set(webcrypto);

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export type KeyKind = "p256" | "p384" | "rsa" | "rsa-pss";

export interface Issued {
  readonly certificate: NodeCertificate;
  readonly der: Uint8Array;
  readonly keys: webcrypto.CryptoKeyPair;
  /** The same private key for node:crypto. */
  readonly privateKey: KeyObject;
  readonly name: string;
}

export interface CertificateOptions {
  /** Subject, RFC 4514: «CN=Anne». */
  readonly name: string;
  /** Absent: self-signed. */
  readonly issuer?: Issued;
  /** Hexadecimal. */
  readonly serial?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly extensions?: readonly Extension[];
  /** Absent: a new P-256 pair. */
  readonly keys?: webcrypto.CryptoKeyPair;
}

export const YEAR_2025 = new Date("2025-01-01T00:00:00Z");
export const YEAR_2035 = new Date("2035-01-01T00:00:00Z");

export function newKeys(kind: KeyKind = "p256"): Promise<webcrypto.CryptoKeyPair> {
  const uses = ["sign", "verify"] as const;
  if (kind === "p256") return webcrypto.subtle.generateKey(P256, true, uses);
  if (kind === "p384") return webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-384" }, true, uses);
  const name = kind === "rsa" ? "RSASSA-PKCS1-v1_5" : "RSA-PSS";
  return webcrypto.subtle.generateKey({ name, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-256" }, true, uses);
}

/** Basic constraints and key usage of a CA. */
export function caExtensions(pathLength?: number): Extension[] {
  return [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ];
}

export async function issue(options: CertificateOptions): Promise<Issued> {
  const keys = options.keys ?? (await newKeys());
  const issuer = options.issuer;
  const made = await X509CertificateGenerator.create({
    serialNumber:
      options.serial ??
      Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
        .fill(0x41, 0, 1)
        .toString("hex"),
    subject: options.name,
    issuer: issuer?.name ?? options.name,
    notBefore: options.notBefore ?? YEAR_2025,
    notAfter: options.notAfter ?? YEAR_2035,
    publicKey: await PublicKey.create(keys.publicKey),
    extensions: [...(options.extensions ?? [])],
    signingAlgorithm: P256,
    signingKey: (issuer?.keys ?? keys).privateKey,
  });
  const der = new Uint8Array(made.rawData);
  return { certificate: new NodeCertificate(der), der, keys, privateKey: KeyObject.from(keys.privateKey), name: options.name };
}

export const rootCa = (name = "CN=Test root"): Promise<Issued> => issue({ name, extensions: caExtensions() });

export const intermediateCa = (issuer: Issued, pathLength?: number, name = "CN=Test issuing CA"): Promise<Issued> =>
  issue({ name, issuer, extensions: caExtensions(pathLength) });

export function pem(der: Uint8Array): string {
  return `${new X509Certificate(new Uint8Array(der)).toString("pem")}\n`;
}

export function keyPem(issued: Issued): string {
  return String(issued.privateKey.export({ format: "pem", type: "pkcs8" }));
}
