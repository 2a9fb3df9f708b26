// An attestation root: the named key with which a factory certifies the attestation keys of its tokens. A folder with the key, which only its
// owner can read, and the certificate, which everybody may have who is to believe the tokens.

import { randomBytes, webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { type Extension, Name, PemConverter, PublicKey, X509Certificate, X509CertificateGenerator } from "@peculiar/x509";
import { KEY_COMMON_NAME, rootCommonName, verifyAttestationKey } from "../token/attestation-key.ts";
import { subjectPublicKeyInfo } from "../token/ec-public-key.ts";
import { attestationKeyExtensions, ROOT_YEARS, rootExtensions } from "./attestation-profile.ts";
import { FactoryError } from "./factory-error.ts";

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** With the first bit cleared, so that it stays positive, and the second set, so that it keeps its length. */
const SERIAL_NUMBER_BYTES = 16;
const ROOT_NUMBER_BYTES = 8;
const CERTIFICATE_FILE = "root.pem";
const KEY_FILE = "root.key";
/** Letters, digits, dots, hyphens: a name that is also a file name. */
const ROOT_NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$/;
const MODEL = /^[ -~]{1,40}$/;
/** What vendor command 11 takes (firmware/vendor-commands/factory.ts). */
const MAX_CERTIFICATE_BYTES = 1024;

export interface AttestationRoot {
  readonly name: string;
  readonly certificate: X509Certificate;
  readonly privateKey: webcrypto.CryptoKey;
}

interface Template {
  readonly subject: Name;
  readonly issuer: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: PublicKey;
  readonly extensions: readonly Extension[];
}

/** Typed values: a plain string would be read as RFC 4514's notation. */
function nameOf(commonName: string, serialNumber: string): Name {
  return new Name([
    { O: [{ utf8String: "Sceau" }] },
    { CN: [{ utf8String: commonName }] },
    { "2.5.4.5": [{ printableString: serialNumber }] },
  ]);
}

function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

function yearsLater(from: Date, years: number): Date {
  const date = new Date(from);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date;
}

function certify(template: Template, signingKey: webcrypto.CryptoKey): Promise<X509Certificate> {
  const serial = randomBytes(SERIAL_NUMBER_BYTES);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  const { extensions, ...fields } = template;
  return X509CertificateGenerator.create(
    { ...fields, extensions: [...extensions], serialNumber: serial.toString("hex"), signingAlgorithm: P256, signingKey },
    webcrypto,
  );
}

function checkRootName(name: string): void {
  if (!ROOT_NAME.test(name)) throw new FactoryError("root-name", name);
}

/** Moves a folder into its place, which must be free. @throws FactoryError root-exists */
function publish(fresh: string, folder: string, name: string): void {
  try {
    renameSync(fresh, folder);
  } catch (cause) {
    if (existsSync(folder)) throw new FactoryError("root-exists", name, { cause });
    throw cause;
  }
}

/**
 * Makes a root in `folder`/`name`, which appears whole or not at all.
 * @throws FactoryError root-name, root-exists
 */
export async function createRoot(folder: string, name: string, now: Date): Promise<AttestationRoot> {
  checkRootName(name);
  const place = join(folder, name);
  if (existsSync(place)) throw new FactoryError("root-exists", name);
  const keys = await webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const publicKey = await PublicKey.create(keys.publicKey, webcrypto);
  // Two roots of one name, made in two places, differ by their number.
  const subject = nameOf(rootCommonName(name), randomBytes(ROOT_NUMBER_BYTES).toString("hex"));
  const notBefore = wholeSeconds(now);
  const validity = { notBefore, notAfter: yearsLater(notBefore, ROOT_YEARS) };
  const certificate = await certify(
    { subject, issuer: subject, ...validity, publicKey, extensions: rootExtensions(publicKey) },
    keys.privateKey,
  );
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  const fresh = join(folder, `.${name}.${randomBytes(4).toString("hex")}`);
  try {
    mkdirSync(fresh, { mode: 0o700 });
    const key = PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    writeFileSync(join(fresh, KEY_FILE), `${key}\n`, { mode: 0o600, flag: "wx" });
    writeFileSync(join(fresh, CERTIFICATE_FILE), `${certificate.toString("pem")}\n`);
    publish(fresh, place, name);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return openRoot(folder, name);
}

/** Where the certificate of a root is. */
export function rootFile(folder: string, name: string): string {
  return join(folder, name, CERTIFICATE_FILE);
}

/** Reads a file of a root. @throws FactoryError bad-root when it is not there, or not what it should be */
function readRootFile<T>(path: string, name: string, read: (text: string) => T): T {
  try {
    return read(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new FactoryError("bad-root", name, { cause });
  }
}

function readCertificate(folder: string, name: string): X509Certificate {
  return readRootFile(rootFile(folder, name), name, (text) => new X509Certificate(text));
}

async function readKey(path: string, name: string): Promise<webcrypto.CryptoKey> {
  const [pkcs8] = readRootFile(path, name, (text) => PemConverter.decode(text));
  try {
    return await webcrypto.subtle.importKey("pkcs8", pkcs8 ?? new Uint8Array(0), P256, false, ["sign"]);
  } catch (cause) {
    throw new FactoryError("bad-root", name, { cause });
  }
}

/** @throws FactoryError root-name, no-root, bad-root */
export async function openRoot(folder: string, name: string): Promise<AttestationRoot> {
  checkRootName(name);
  if (!existsSync(join(folder, name))) throw new FactoryError("no-root", name);
  return { name, certificate: readCertificate(folder, name), privateKey: await readKey(join(folder, name, KEY_FILE), name) };
}

/** The root of this name; made when there is none, and whoever else makes it at the same time. @throws FactoryError root-name */
export async function openOrCreateRoot(folder: string, name: string, now: Date): Promise<AttestationRoot> {
  if (existsSync(join(folder, name))) return openRoot(folder, name);
  try {
    return await createRoot(folder, name, now);
  } catch (error) {
    if (error instanceof FactoryError && error.problem === "root-exists") return openRoot(folder, name);
    throw error;
  }
}

/** The names of the roots in a folder. */
export function rootNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => ROOT_NAME.test(name) && existsSync(rootFile(folder, name)))
    .sort();
}

/** Their certificates, DER: whom to believe. @throws FactoryError bad-root */
export function rootCertificates(folder: string): Uint8Array[] {
  return rootNames(folder).map((name) => new Uint8Array(readCertificate(folder, name).rawData));
}

export interface AttestedDevice {
  /** Decimal digits. */
  readonly serial: string;
  readonly model: string;
}

/** A token keeps its certificate for ever: one that nobody will believe, as by a key that is not the root's, must not come to it. @throws FactoryError bad-root */
function checkCertified(certificate: Uint8Array, root: AttestationRoot, at: Date): void {
  try {
    verifyAttestationKey(certificate, { roots: [new Uint8Array(root.certificate.rawData)], at });
  } catch (cause) {
    throw new FactoryError("bad-root", root.name, { cause });
  }
}

/**
 * The certificate of a token's attestation key, DER, valid as long as the root.
 * @param point uncompressed, 65 bytes
 * @throws FactoryError model, expired-root, bad-root
 */
export async function certifyAttestationKey(
  root: AttestationRoot,
  point: Uint8Array,
  device: AttestedDevice,
  now: Date,
): Promise<Uint8Array> {
  if (!MODEL.test(device.model)) throw new FactoryError("model", device.model);
  const notBefore = wholeSeconds(now);
  const { subjectName: issuer, notAfter, publicKey: rootKey } = root.certificate;
  if (notBefore >= notAfter) throw new FactoryError("expired-root", root.name);
  const publicKey = new PublicKey(subjectPublicKeyInfo(point));
  const subject = nameOf(`${KEY_COMMON_NAME}${device.model}`, device.serial);
  const extensions = attestationKeyExtensions(publicKey, rootKey);
  const certificate = await certify({ subject, issuer, notBefore, notAfter, publicKey, extensions }, root.privateKey);
  const der = new Uint8Array(certificate.rawData);
  if (der.length > MAX_CERTIFICATE_BYTES) throw new FactoryError("model", device.model);
  checkCertified(der, root, notBefore);
  return der;
}
