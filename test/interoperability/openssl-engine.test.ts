// OpenSSL's PKCS#11 engine over p11-kit-client.so, the bridge and the simulated token: digests, requests, certificates, CMS. OpenSSL without
// the engine verifies.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { certifyForLogin } from "../support/login-certificate.ts";
import { ENGINE, type EngineSlot, OpensslEngine } from "../support/openssl-engine.ts";
import { opensslOnRequest } from "../support/openssl-judge.ts";
import { mustRun, run } from "../support/run.ts";
import { PIN, Workbench } from "../support/workbench.ts";

const SLOTS: readonly EngineSlot[] = ["9A", "9C"];
/** What a person types: 9A asks once, which the PIN file answers; 9C at each signature, and then at the terminal. */
const TYPED: Record<EngineSlot, string> = { "9A": "", "9C": `${PIN}\n` };
const PROMPT = "Enter PKCS#11 key PIN for PIV signature:";

let bench: Workbench;
let engine: OpensslEngine;
let documentPath: string;
const certificatePaths = new Map<EngineSlot, string>();

beforeAll(async () => {
  bench = await Workbench.open();
  await bench.initialise();
  const certificates = { "9A": await certifyForLogin(bench), "9C": await bench.certify(SLOT_SIGNATURE) };
  for (const slot of SLOTS) {
    certificatePaths.set(slot, bench.savePem(`${slot}.pem`, certificates[slot].raw));
    bench.write(`${slot}.pub`, mustRun("openssl", ["x509", "-in", certificatePath(slot), "-noout", "-pubkey"]));
  }
  documentPath = bench.write("document", "Convention de stage\n");
  engine = new OpensslEngine(bench);
});

afterAll(() => bench.close());

const certificatePath = (slot: EngineSlot): string => certificatePaths.get(slot) ?? "";
const signDigest = (slot: EngineSlot, typed: string, digest = "-sha256") =>
  engine.openssl(["dgst", ...ENGINE, digest, "-sign", engine.privateKey(slot), "-out", bench.path("signature"), documentPath], typed);
const verifyDigest = (slot: EngineSlot, digest: string, signed: string) =>
  run("openssl", ["dgst", digest, "-verify", bench.path(`${slot}.pub`), "-signature", bench.path("signature"), signed]);

describe.each(SLOTS)("the OpenSSL engine with %s", (slot) => {
  it.each(["-sha256", "-sha384", "-sha512"])("dgst %s -sign", (digest) => {
    const { status, stderr } = signDigest(slot, TYPED[slot], digest);
    expect({ status, stderr }).toEqual({ status: 0, stderr: `Engine "pkcs11" set.\n${slot === "9C" ? `${PROMPT}\n` : ""}` });
    expect(verifyDigest(slot, digest, documentPath).stdout).toBe("Verified OK\n");
    expect(verifyDigest(slot, digest, bench.write("other", "Another document\n")).stdout).toBe("Verification failure\n");
  });

  it("req -new: a certification request", () => {
    const files = ["-key", engine.privateKey(slot), "-out", bench.path("request.pem")];
    expect(engine.openssl(["req", "-new", ...ENGINE, "-subj", "/CN=Irene Faron", ...files], TYPED[slot])).toMatchObject({ status: 0 });
    expect(opensslOnRequest(bench.path("request.pem"))).toBe("Certificate request self-signature verify OK");
    const publicKey = mustRun("openssl", ["req", "-in", bench.path("request.pem"), "-noout", "-pubkey"]);
    expect(publicKey).toBe(mustRun("openssl", ["x509", "-in", certificatePath(slot), "-noout", "-pubkey"]));
  });

  it("req -new -x509: a certificate signed by itself", () => {
    const files = ["-key", engine.privateKey(slot), "-out", bench.path("self.pem")];
    expect(engine.openssl(["req", "-new", "-x509", ...ENGINE, "-subj", "/CN=Irene Faron", ...files], TYPED[slot])).toMatchObject({
      status: 0,
    });
    expect(mustRun("openssl", ["verify", "-check_ss_sig", "-CAfile", bench.path("self.pem"), bench.path("self.pem")])).toMatch(/: OK\n$/);
  });

  it("cms -sign: a CAdES signature under our authority", () => {
    const signer = ["-inkey", engine.privateKey(slot), "-signer", certificatePath(slot), "-certfile", bench.issuingPem];
    const files = ["-in", documentPath, "-outform", "DER", "-out", bench.path("document.p7s")];
    expect(engine.openssl(["cms", "-sign", "-cades", "-binary", ...ENGINE, ...signer, ...files], TYPED[slot])).toMatchObject({ status: 0 });
    const verify = (content: string) =>
      run("openssl", [
        ...["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", bench.path("document.p7s"), "-content", content],
        // A certificate to log in with is none for S/MIME.
        ...["-CAfile", bench.rootPem, "-purpose", slot === "9A" ? "sslclient" : "smimesign", "-out", "/dev/null"],
      ]);
    expect(verify(documentPath)).toMatchObject({ status: 0, stderr: "CAdES Verification successful\n" });
    expect(verify(bench.write("other", "Another document\n")).status).not.toBe(0);
  });
});

describe("the PIN of a key that asks for it each time (9C), with the engine", () => {
  it("is asked at the terminal: the PIN of the URI opens the login, and no signature", () => {
    const { status, stderr } = signDigest("9C", "");
    expect(status).not.toBe(0);
    expect(stderr).toContain(PROMPT);
  });
});
