// The built-in certification authority: a root, an issuing CA under it, and their keys as files that only their owner can read.

import { randomBytes, webcrypto } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import "reflect-metadata";
import {
  cryptoProvider,
  type Extension,
  type Name,
  PemConverter,
  PublicKey,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import {
  AuthorityExistsError,
  type CertificateAuthority,
  type CertificationOrder,
  IssuanceError,
  NoAuthorityError,
} from "./certificate-authority.ts";
import {
  ISSUER_YEARS,
  issuerExtensions,
  ROOT_YEARS,
  rootExtensions,
  SIGN_LCP_YEARS,
  signingExtensions,
  statusAddresses,
} from "./profiles.ts";
import { provenKey } from "./proof-of-possession.ts";
import { type AuthorityNames, caName, checkAuthorityNames, checkPerson, issuingCommonName, personName, rootCommonName } from "./subject.ts";

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** More than the 64 random bits that the baseline asks for; the first bit is cleared, so that it stays positive. */
const SERIAL_BYTES = 16;
const SETTINGS_FILE = "ca.json";

cryptoProvider.set(webcrypto);

/** `publicUrl`: where the office is reached from outside; fixed in every certificate. */
export type BuiltInCaSettings = AuthorityNames;

export interface Clock {
  now(): Date;
}

interface Authority {
  readonly certificate: X509Certificate;
  readonly privateKey: webcrypto.CryptoKey;
}

function serialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString("hex");
}

function yearsLater(from: Date, years: number): Date {
  const date = new Date(from);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date;
}

const earlier = (a: Date, b: Date): Date => (a < b ? a : b);

/** Certificates count in whole seconds. */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

const generateKey = (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);

interface Template {
  readonly subject: Name;
  readonly issuer: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: PublicKey;
  readonly extensions: readonly Extension[];
}

function certify(template: Template, signingKey: webcrypto.CryptoKey): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    ...template,
    extensions: [...template.extensions],
    serialNumber: serialNumber(),
    signingAlgorithm: P256,
    signingKey,
  });
}

async function saveKey(path: string, key: webcrypto.CryptoKey): Promise<void> {
  const pem = PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
  writeFileSync(path, `${pem}\n`, { mode: 0o600, flag: "wx" });
}

async function loadAuthority(folder: string, name: string): Promise<Authority> {
  const [pkcs8] = PemConverter.decode(readFileSync(join(folder, `${name}.key`), "utf8"));
  if (pkcs8 === undefined) throw new NoAuthorityError(`${name}.key in ${folder} holds no key`);
  return {
    certificate: new X509Certificate(readFileSync(join(folder, `${name}.pem`), "utf8")),
    privateKey: await webcrypto.subtle.importKey("pkcs8", pkcs8, P256, false, ["sign"]),
  };
}

export class BuiltInCa implements CertificateAuthority {
  readonly root: Uint8Array;
  readonly issuer: Uint8Array;
  private readonly settings: BuiltInCaSettings;
  private readonly issuing: Authority;
  private readonly clock: Clock;

  private constructor(settings: BuiltInCaSettings, root: X509Certificate, issuing: Authority, clock: Clock) {
    this.settings = settings;
    this.root = new Uint8Array(root.rawData);
    this.issuer = new Uint8Array(issuing.certificate.rawData);
    this.issuing = issuing;
    this.clock = clock;
  }

  static exists(folder: string): boolean {
    return existsSync(join(folder, SETTINGS_FILE));
  }

  /**
   * Makes root and issuing CA in `folder`, which appears whole or not at all.
   * @throws AuthorityExistsError, AuthoritySettingsError
   */
  static async create(folder: string, settings: BuiltInCaSettings, clock: Clock): Promise<BuiltInCa> {
    checkAuthorityNames(settings);
    if (existsSync(folder)) throw new AuthorityExistsError(folder);
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    const fresh = `${folder}.${randomBytes(4).toString("hex")}`;
    mkdirSync(fresh, { mode: 0o700 });
    const notBefore = wholeSeconds(clock.now());
    const [rootKeys, issuerKeys] = [await generateKey(), await generateKey()];
    const [rootKey, issuerKey] = [await PublicKey.create(rootKeys.publicKey), await PublicKey.create(issuerKeys.publicKey)];
    const rootName = caName(settings, rootCommonName(settings.organisation));
    const root = await certify(
      {
        subject: rootName,
        issuer: rootName,
        notBefore,
        notAfter: yearsLater(notBefore, ROOT_YEARS),
        publicKey: rootKey,
        extensions: await rootExtensions(rootKey),
      },
      rootKeys.privateKey,
    );
    const issuer = await certify(
      {
        subject: caName(settings, issuingCommonName(settings.organisation)),
        issuer: rootName,
        notBefore,
        notAfter: yearsLater(notBefore, ISSUER_YEARS),
        publicKey: issuerKey,
        extensions: await issuerExtensions(issuerKey, rootKey, statusAddresses(settings.publicUrl, "root")),
      },
      rootKeys.privateKey,
    );
    await saveKey(join(fresh, "root.key"), rootKeys.privateKey);
    await saveKey(join(fresh, "issuing.key"), issuerKeys.privateKey);
    writeFileSync(join(fresh, "root.pem"), `${root.toString("pem")}\n`);
    writeFileSync(join(fresh, "issuing.pem"), `${issuer.toString("pem")}\n`);
    writeFileSync(join(fresh, SETTINGS_FILE), `${JSON.stringify(settings, null, 2)}\n`);
    renameSync(fresh, folder);
    return BuiltInCa.open(folder, clock);
  }

  /** @throws NoAuthorityError */
  static async open(folder: string, clock: Clock): Promise<BuiltInCa> {
    if (!BuiltInCa.exists(folder)) throw new NoAuthorityError(folder);
    const settings = JSON.parse(readFileSync(join(folder, SETTINGS_FILE), "utf8")) as BuiltInCaSettings;
    const root = new X509Certificate(readFileSync(join(folder, "root.pem"), "utf8"));
    return new BuiltInCa(settings, root, await loadAuthority(folder, "issuing"), clock);
  }

  async issueSigning({ person, request }: CertificationOrder): Promise<Uint8Array> {
    checkPerson(person);
    const notBefore = wholeSeconds(this.clock.now());
    const issuer = this.issuing.certificate;
    if (notBefore >= issuer.notAfter) throw new IssuanceError("expired-issuer");
    const publicKey = await provenKey(request);
    const certificate = await certify(
      {
        subject: personName(person),
        issuer: issuer.subjectName,
        notBefore,
        notAfter: earlier(yearsLater(notBefore, SIGN_LCP_YEARS), issuer.notAfter),
        publicKey,
        extensions: await signingExtensions(publicKey, issuer.publicKey, person.email, statusAddresses(this.settings.publicUrl, "issuing")),
      },
      this.issuing.privateKey,
    );
    return new Uint8Array(certificate.rawData);
  }
}
