// openssl as the judge of what another program signed over PKCS#11.

import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { derSignature } from "../../host-bridge/signing/pkcs11-signer.ts";
import { mustRun, type Outcome, run } from "./run.ts";
import type { Workbench } from "./workbench.ts";

export interface JudgedSignature {
  readonly publicKey: KeyObject;
  readonly digest: Uint8Array;
  /** r ‖ s, as PKCS#11 gives it. */
  readonly raw: Uint8Array;
}

/** «Signature Verified Successfully», or what openssl says instead. */
export function opensslOnDigest(bench: Workbench, { publicKey, digest, raw }: JudgedSignature): string {
  const key = bench.write("judged-key.pem", publicKey.export({ format: "pem", type: "spki" }));
  const input = bench.write("judged-digest.bin", digest);
  const signature = bench.write("judged-signature.der", derSignature(raw));
  const outcome = run("openssl", ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-in", input, "-sigfile", signature]);
  return (outcome.stdout + outcome.stderr).trim();
}

/** «Certificate request self-signature verify OK», or what openssl says instead. 3.0 tells it on stderr, 3.5 on stdout; exit status 0 is not enough. */
export function opensslOnRequest(request: string): string {
  const { stdout, stderr } = run("openssl", ["req", "-in", request, "-verify", "-noout"]);
  return (stdout + stderr).trim();
}

/** The root and the issuing authority in one file: not every program puts the issuer's certificate into its CMS. */
export function chainPem(bench: Workbench): string {
  return bench.write("judged-chain.pem", readFileSync(bench.rootPem, "utf8") + readFileSync(bench.issuingPem, "utf8"));
}

export interface JudgedCms {
  readonly cms: string;
  readonly form: "DER" | "PEM";
  /** The file of which the CMS tells. */
  readonly content: string;
}

/** Checks the CMS and its signer's chain, and writes the signer's certificate to `signer.pem`. */
export function opensslOnCms(bench: Workbench, { cms, form, content }: JudgedCms): Outcome {
  const files = ["-in", cms, "-content", content, "-CAfile", chainPem(bench), "-signer", bench.path("signer.pem"), "-out", "/dev/null"];
  return run("openssl", ["cms", "-verify", "-binary", "-inform", form, "-purpose", "any", ...files]);
}

/** The serial number of the certificate in a PEM file, as openssl reads it: the form of `X509Certificate.serialNumber`. */
export function serialNumberIn(pem: string): string {
  return mustRun("openssl", ["x509", "-in", pem, "-noout", "-serial"]).trim().replace("serial=", "");
}
