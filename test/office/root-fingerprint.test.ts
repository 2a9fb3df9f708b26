// The root as anybody gets it: the files behind the links of the CA's page, compared by openssl with what the ceremony printed and with what the page says;
// before and after a rollover, which the old CA's list survives. And an office that is no demonstration: who reaches it, and this machine's simulated tokens.

import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StateFolder } from "../../cli/state-folder.ts";
import { startChild } from "../../cli/tour/children.ts";
import { rootFile } from "../../host-bridge/factory/attestation-root.ts";
import { SIMULATOR_ROOT } from "../../host-bridge/token/attestation-key.ts";
import { openPkcs11Key } from "../../office/issuance/pkcs11-key.ts";
import { freePort, OFFICE_START_LIMIT_MS, OfficeProcess } from "../support/office-process.ts";
import { mustRun, type Outcome, run, SCEAU, sceau } from "../support/run.ts";
import { SOFTHSM_PIN, type SoftHsm, softHsm } from "../support/softhsm.ts";

const LIMIT_MS = 180_000;
const CEREMONY_CRL = /^root\.crl$/;

let folder: string;
let state: StateFolder;
let rootKey: string;
let passphrase: string;
let office: OfficeProcess;
let hsm: SoftHsm;
/** What the ceremonies printed, in the order of their being held. */
const printed: string[] = [];

const command = (...words: string[]): Outcome => sceau([...words, "--state", state.root]);
const url = (path: string): string => `${office.ready["address"]}${path}`;

/** 32 bytes, hexadecimal. */
const fingerprint = (path: string, form: string): string =>
  (mustRun("openssl", ["x509", "-in", path, "-inform", form, "-noout", "-fingerprint", "-sha256"]).split("=")[1] ?? "")
    .trim()
    .replaceAll(":", "")
    .toLowerCase();

/** What a record says of a certificate, in either language. @param heading of its section */
function recorded(record: string, heading: RegExp): string {
  const section = record.split(/^-{20,}$/m).find((part) => heading.test(part)) ?? "";
  const lines = /(?:Empreinte SHA-256|SHA-256 fingerprint)\s+((?:[0-9A-F]{2}\s+){31}[0-9A-F]{2})/.exec(section)?.[1] ?? "";
  return lines.replace(/\s/g, "").toLowerCase();
}

async function fetched(path: string): Promise<string> {
  const file = join(folder, path.replaceAll("/", "_"));
  const answer = await fetch(url(path));
  expect(answer.status, path).toBe(200);
  writeFileSync(file, new Uint8Array(await answer.arrayBuffer()));
  return file;
}

/** The links of the page, and its text without what is between the groups of a fingerprint. */
async function caPage(language: string): Promise<{ links: string[]; text: string }> {
  const body = await (await fetch(url("/ca"), { headers: { "accept-language": language } })).text();
  expect(body).toContain(`<html lang="${language}"`);
  const links = [...body.matchAll(/href="(\/ca\/[^"?]+)"/g)].map(([, link]) => link ?? "");
  return { links, text: body.replace(/<[^>]+>|\s/g, "").toLowerCase() };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sceau-root-"));
  state = new StateFolder(join(folder, "s"), {});
  [rootKey, passphrase] = [join(folder, "away", "root-key.pem"), join(folder, "away", "passphrase.txt")];
  mkdirSync(join(folder, "away"));
  writeFileSync(passphrase, "douze lettres au moins\n");
  hsm = softHsm(folder);
  const port = await freePort();
  const held = command(
    "office",
    "ca",
    "init",
    "--url",
    `http://127.0.0.1:${port}`,
    "--root-key",
    rootKey,
    "--root-passphrase-file",
    passphrase,
    "--witness",
    "Irène Faron",
    "--lang",
    "fr",
  );
  expect(held.status).toBe(0);
  printed.push(held.stdout);
  office = await OfficeProcess.start({ state: state.root, port });
}, OFFICE_START_LIMIT_MS);

afterAll(async () => {
  await office.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("the CA's page", () => {
  test.each(["fr", "en"])(
    "%s: each file behind its links has the fingerprint that the ceremony printed, and the page says the same",
    async (language) => {
      const { links, text } = await caPage(language);
      const ceremony = join(state.root, "ca", "ceremonies", "1");
      for (const record of [printed[0] ?? "", readFileSync(join(ceremony, `record-${language}.txt`), "utf8")]) {
        for (const [name, heading] of [
          ["root", /CERTIFICAT RACINE|ROOT CERTIFICATE/],
          ["issuing", /CERTIFICAT DE L'AUTORITÉ ÉMETTRICE|ISSUING CA CERTIFICATE|CERTIFICATE OF THE ISSUING/],
        ] as const) {
          const expected = recorded(record, heading);
          expect(expected, `${name} in the record`).toMatch(/^[0-9a-f]{64}$/);
          for (const [suffix, form] of [
            ["cer", "DER"],
            ["pem", "PEM"],
          ] as const) {
            const link = links.find((each) => each === `/ca/${name}.${suffix}`);
            expect(link, `a link to ${name}.${suffix}`).toBeDefined();
            expect(fingerprint(await fetched(link ?? ""), form)).toBe(expected);
          }
          expect(text).toContain(expected);
        }
      }
    },
  );

  test("after a rollover it has the new CA's, too, as the second record says; the old one's list goes on", async () => {
    const held = command("office", "ca", "roll-over", "--root-key", rootKey, "--root-passphrase-file", passphrase, "--lang", "en");
    expect(held.status).toBe(0);
    printed.push(held.stdout);
    const { links, text } = await caPage("en");
    expect(links).toEqual(expect.arrayContaining(["/ca/root.cer", "/ca/issuing.cer", "/ca/issuing-2.cer"]));
    const fresh = fingerprint(await fetched("/ca/issuing-2.cer"), "DER");
    expect(held.stdout.replace(/\s/g, "").toLowerCase()).toContain(fresh);
    expect(text).toContain(fresh);
    expect(fingerprint(await fetched("/ca/root.cer"), "DER")).toBe(recorded(printed[0] ?? "", /CERTIFICAT RACINE/));
    const root = await fetched("/ca/root.pem");
    for (const name of ["issuing", "issuing-2"]) {
      const issuer = await fetched(`/ca/${name}.pem`);
      mustRun("openssl", ["verify", "-x509_strict", "-CAfile", root, issuer]);
      const list = ["crl", "-inform", "DER", "-in", await fetched(`/crl/${name}.crl`), "-noout"];
      const judged = run("openssl", [...list, "-CAfile", root, "-CAfile", issuer]);
      expect([judged.status, judged.stderr]).toEqual([0, "verify OK\n"]);
      const next = mustRun("openssl", [...list, "-nextupdate"]).replace("nextUpdate=", "");
      expect(Date.parse(next)).toBeGreaterThan(Date.now());
      mustRun("pki", ["--print", "--type", "crl", "--in", await fetched(`/crl/${name}.crl`)]);
      expect(mustRun("pki", ["--print", "--type", "x509", "--in", await fetched(`/ca/${name}.cer`)])).toContain("Issuing CA");
    }
  });

  test("with the next CA's key in SoftHSM2 the running office signs its list by that key, keeps none in a file, and does not tell its PIN", async () => {
    const given = ["--root-key", rootKey, "--root-passphrase-file", passphrase, "--issuing-key", hsm.uri("issuing-3")];
    const held = command("office", "ca", "roll-over", ...given, "--json");
    expect([held.status, held.stderr]).toEqual([0, ""]);
    const [issuer, root] = [await fetched("/ca/issuing-3.pem"), await fetched("/ca/root.pem")];
    mustRun("openssl", ["verify", "-x509_strict", "-CAfile", root, issuer]);
    const list = ["crl", "-inform", "DER", "-in", await fetched("/crl/issuing-3.crl"), "-noout", "-CAfile", issuer];
    expect(run("openssl", list).stderr).toBe("verify OK\n");
    const ceremony = readdirSync(join(state.root, "ca", "ceremonies", "3"));
    expect(ceremony.filter((name) => name.endsWith(".key"))).toEqual([]);
    const certified = new X509Certificate(readFileSync(issuer)).publicKey;
    expect((await openPkcs11Key(hsm.uri("issuing-3"))).publicKey.equals(certified)).toBe(true);
    expect(office.log + held.stdout).not.toContain(SOFTHSM_PIN);
  });

  test("the root's key is in no file of the office's, in whatever form", () => {
    const rootPublic = new X509Certificate(readFileSync(join(state.root, "ca", "root.pem"))).publicKey.export({
      format: "pem",
      type: "spki",
    });
    const own = readFileSync(join(state.root, "ca", "passphrase"), "utf8").trim();
    const files = readdirSync(state.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    let keys = 0;
    for (const entry of files) {
      const path = join(entry.parentPath, entry.name);
      if (!readFileSync(path, "latin1").includes("PRIVATE KEY-----")) continue;
      keys++;
      for (const secret of [own, "douze lettres au moins"]) {
        const { stdout } = run("openssl", ["pkey", "-in", path, "-passin", `pass:${secret}`, "-pubout"]);
        expect(stdout, path).not.toBe(rootPublic);
      }
    }
    expect(keys).toBeGreaterThan(3); // two issuing CAs', the responder's, the audit trail's
    expect(files.some(({ name }) => CEREMONY_CRL.test(name))).toBe(true);
    expect(mustRun("openssl", ["pkey", "-in", rootKey, "-passin", `file:${passphrase}`, "-pubout"])).toBe(rootPublic);
    expect(readFileSync(rootKey, "utf8")).toContain("BEGIN ENCRYPTED PRIVATE KEY");
  });
});

test("it listens to this machine alone", async () => {
  const { port } = new URL(office.ready["address"] as string);
  const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outside = others.filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address);
  for (const address of ["127.0.0.2", ...outside])
    await expect(fetch(`http://${address}:${port}/ca`), address).rejects.toThrow("fetch failed");
});

test(
  "this machine's simulated token is refused without --demo, with the reason, though its root is here and even when somebody trusts it",
  async () => {
    const sim = await startChild(state, ["sim", "mine"], ["plugged-in"], { program: SCEAU });
    try {
      const [pin, code] = [join(folder, "pin.txt"), join(folder, "code.txt")];
      writeFileSync(pin, "73910462\n");
      writeFileSync(code, `${office.told.get("first-officer")?.code}\n`);
      expect(command("token", "init", "--pin-file", pin).status).toBe(0);
      const simulatorRoot = rootFile(state.factory, SIMULATOR_ROOT);
      expect(readFileSync(simulatorRoot, "utf8")).toContain("BEGIN CERTIFICATE");
      const address = office.ready["url"] as string;
      const enrol = ["office", "enrol", address, "--code-file", code, "--pin-file", pin];
      const untrusted = command(...enrol, "--json");
      expect([untrusted.status, untrusted.stdout]).toEqual([5, expect.stringContaining("untrusted-root")]);
      writeFileSync(join(state.root, "office", "trust", "simulator.pem"), readFileSync(simulatorRoot));
      const simulated = command(...enrol, "--json");
      expect([simulated.status, simulated.stdout]).toEqual([5, expect.stringMatching(/simulated|untrusted-root/)]);
      expect(command(...enrol).stderr).toMatch(/simul/i);
    } finally {
      await sim.stop();
    }
  },
  LIMIT_MS,
);
