// A simulated token whose key in 9C has a certificate for signing, under a root and an issuing CA of its own.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { webcrypto } from "node:crypto";
import {
  AuthorityInfoAccessExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
} from "@peculiar/x509";
import type { KeyPolicies } from "../../host-bridge/token/key-metadata.ts";
import {
  ALG_P256,
  ALG_P384,
  BUTTON_POLICY_ALWAYS,
  OBJECT_SIGNATURE_CERTIFICATE,
  PIN_POLICY_ALWAYS,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import { sealedToken } from "./sealed-token.ts";
import { SERIAL, type SimulatedToken } from "./simulated-token.ts";
import { caExtensions, type Issued, issue, rootCa, YEAR_2035 } from "./test-certificates.ts";

export interface CertifiedTokenOptions {
  readonly serial?: number;
  /** Subject; absent: Irène Faron. */
  readonly name?: string;
  /** ALG_P256 or ALG_P384. */
  readonly algorithm?: number;
  readonly policies?: KeyPolicies;
  readonly usage?: Extension;
  /** An initialised token to be certified. */
  readonly token?: SimulatedToken;
  readonly notAfter?: Date;
  /** Address below which the certificates say that their issuers are: /ca/root.cer, /ca/issuing.cer. */
  readonly publishedAt?: string;
}

export interface CertifiedToken {
  readonly token: SimulatedToken;
  readonly certificate: Uint8Array;
  readonly issuer: Issued;
  readonly root: Issued;
}

/** The token's public key as webcrypto has it; the private half stays where it is, so another one stands in its place. */
async function pairOf(point: Uint8Array, algorithm: number): Promise<webcrypto.CryptoKeyPair> {
  const named = { name: "ECDSA", namedCurve: algorithm === ALG_P384 ? "P-384" : "P-256" };
  const { privateKey } = await webcrypto.subtle.generateKey(named, true, ["sign", "verify"]);
  return { publicKey: await webcrypto.subtle.importKey("raw", new Uint8Array(point), named, true, ["verify"]), privateKey };
}

export async function certifiedToken(options: CertifiedTokenOptions = {}): Promise<CertifiedToken> {
  const { serial = SERIAL, name = "CN=Irène Faron", algorithm = ALG_P256, notAfter = YEAR_2035 } = options;
  const token = options.token ?? (await sealedToken(serial)).token;
  const officer = await token.officer();
  const point = await officer.generateKey(SLOT_SIGNATURE, options.policies ?? { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_ALWAYS }, {
    algorithm,
  });
  officer.close();
  const root = await rootCa();
  const at = (file: string): Extension[] =>
    options.publishedAt === undefined ? [] : [new AuthorityInfoAccessExtension({ caIssuers: `${options.publishedAt}/ca/${file}.cer` })];
  const issuer = await issue({ name: "CN=Test issuing CA", issuer: root, extensions: [...caExtensions(), ...at("root")] });
  const usage = options.usage ?? new KeyUsagesExtension(KeyUsageFlags.nonRepudiation, true);
  // NSS wants an extended usage (host-bridge/signing/README.md).
  const extensions = [usage, new ExtendedKeyUsageExtension([ExtendedKeyUsage.emailProtection]), ...at("issuing")];
  const { der } = await issue({ name, issuer, keys: await pairOf(point, algorithm), extensions, notAfter });
  await token.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, der);
  return { token, certificate: der, issuer, root };
}
