// What ceremonies make: the root, and issuing CAs under it.

import type { KeyObject } from "node:crypto";
import "reflect-metadata"; // before @peculiar/x509, which needs it
import { X509Certificate } from "@peculiar/x509";
import type { CaKey } from "./ca-key.ts";
import { earlier, wholeSeconds, yearsLater } from "./clock.ts";
import { encryptPrivateKey, RANDOM_PASSPHRASE } from "./encrypted-key.ts";
import { generatePrivateKey, keyInMemory } from "./key-file.ts";
import { createPkcs11Key } from "./pkcs11-key.ts";
import { ISSUER_YEARS, issuerExtensions, ROOT_YEARS, rootExtensions, statusAddresses } from "./profiles.ts";
import { certifyResponder } from "./responder-certificate.ts";
import { type AuthorityNames, caName, issuingCommonName, rootCommonName } from "./subject.ts";
import { newSerialNumber, signCertificate } from "./x509-signing.ts";

/** Where an issuing CA's key is: behind PKCS#11, or in an encrypted file of its ceremony, under the passphrase in another. */
export type KeyPlace = { readonly uri: string } | { readonly passphraseFile: string };

/** The root, with its key for the moment. */
export interface Root {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly key: CaKey;
}

export interface NewIssuer {
  readonly name: string;
  readonly certificate: Uint8Array;
  readonly responder: Uint8Array;
  readonly keyPlace: KeyPlace;
  readonly files: ReadonlyMap<string, string>;
  /** Takes back what is not in the folder. */
  undo(): void;
}

export async function makeRoot(names: AuthorityNames, privateKey: KeyObject, now: Date): Promise<Root> {
  const key = keyInMemory(privateKey);
  const name = caName(names, rootCommonName(names.organisation));
  const notBefore = wholeSeconds(now);
  const certificate = await signCertificate(
    {
      serialNumber: newSerialNumber(),
      subject: name,
      issuer: name,
      notBefore,
      notAfter: yearsLater(notBefore, ROOT_YEARS),
      publicKey: key.publicKey,
      extensions: rootExtensions(key.publicKey),
    },
    key,
  );
  return { certificate, key };
}

interface IssuerKey {
  readonly key: CaKey;
  readonly place: KeyPlace;
  readonly files: ReadonlyMap<string, string>;
  undo(): void;
}

async function makeIssuerKey(name: string, uri: string | undefined, passphraseFile: string, passphrase: string): Promise<IssuerKey> {
  if (uri !== undefined) {
    const { key, destroy } = await createPkcs11Key(uri, "P-256");
    return { key, place: { uri }, files: new Map([[`${name}.uri`, `${uri}\n`]]), undo: destroy };
  }
  const privateKey = generatePrivateKey("P-256");
  const encrypted = encryptPrivateKey(privateKey, passphrase, RANDOM_PASSPHRASE);
  return { key: keyInMemory(privateKey), place: { passphraseFile }, files: new Map([[`${name}.key`, encrypted]]), undo: () => {} };
}

export interface IssuerOrder {
  readonly names: AuthorityNames;
  readonly generation: number;
  readonly ocspKey: KeyObject;
  readonly now: Date;
  readonly uri: string | undefined;
  readonly passphraseFile: string;
  readonly passphrase: string;
}

export async function makeIssuer(root: Root, order: IssuerOrder): Promise<NewIssuer> {
  const { names, generation, now } = order;
  const name = generation === 1 ? "issuing" : `issuing-${generation}`;
  const { key, place, files, undo } = await makeIssuerKey(name, order.uri, order.passphraseFile, order.passphrase);
  try {
    const { subjectName: issuer, notAfter: rootEnd } = new X509Certificate(new Uint8Array(root.certificate));
    const notBefore = wholeSeconds(now);
    const certificate = await signCertificate(
      {
        serialNumber: newSerialNumber(),
        subject: caName(names, issuingCommonName(names.organisation, generation)),
        issuer,
        notBefore,
        notAfter: earlier(yearsLater(notBefore, ISSUER_YEARS), rootEnd),
        publicKey: key.publicKey,
        extensions: issuerExtensions(key.publicKey, root.key.publicKey, statusAddresses(names.publicUrl, "root")),
      },
      root.key,
    );
    const responder = await certifyResponder(names, certificate, key, order.ocspKey, now);
    return { name, certificate, responder: responder.der, keyPlace: place, files, undo };
  } catch (error) {
    undo();
    throw error;
  }
}
