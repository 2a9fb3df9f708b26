// A certificate of the AUTH profile (digitalSignature, clientAuth): to log in with, by TLS or SSH. The office issues none yet; openssl does, with
// the test authority's key.

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toPem } from "../../cli/certificates.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { KEY_SLOTS, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { mustRun } from "./run.ts";
import { bytes, HOLDER, MANAGEMENT_KEY, PIN, type Workbench } from "./workbench.ts";

const AUTH_PROFILE = `[auth]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = email:${HOLDER.email}
`;
const DAYS = "365";

/** Signs a certification request of the token's, whatever its subject, as a certificate to log in with. The answer is DER. */
export async function issueLoginCertificate(bench: Workbench, requestPem: string): Promise<Uint8Array> {
  await bench.authority();
  const passphrase = `file:${join(bench.state.authority, "passphrase")}`;
  const ca = ["-CA", bench.issuingPem, "-CAkey", bench.issuingPem.replace(/\.pem$/, ".key"), "-passin", passphrase];
  const profile = ["-extfile", bench.write("auth.cnf", AUTH_PROFILE), "-extensions", "auth"];
  const subject = ["-subj", `/C=${HOLDER.country}/O=${HOLDER.organisation}/CN=${HOLDER.email}`];
  const files = ["-in", requestPem, "-outform", "DER", "-out", bench.path("auth.der")];
  mustRun("openssl", ["x509", "-req", ...ca, ...profile, ...subject, "-days", DAYS, ...files]);
  return new Uint8Array(readFileSync(bench.path("auth.der")));
}

/** A key in 9A, PIN once, with such a certificate. */
export async function certifyForLogin(bench: Workbench): Promise<X509Certificate> {
  const slot = SLOT_AUTHENTICATION;
  const client = await bench.client();
  await client.authenticateManagement(Buffer.from(MANAGEMENT_KEY, "hex"));
  const point = await client.generateKey(slot);
  const request = await createCertificationRequest(point, async (digest) => {
    await client.verifyPin(bytes(PIN));
    return client.sign(slot, digest);
  });
  const certificate = await issueLoginCertificate(
    bench,
    bench.write("auth.csr", toPem(request).replaceAll("CERTIFICATE", "CERTIFICATE REQUEST")),
  );
  const container = KEY_SLOTS.find((each) => each.slot === slot)?.certificate ?? 0;
  await client.writeCertificate(container, certificate);
  client.close();
  return new X509Certificate(certificate);
}
