// An activation on a simulated token, broken off at every command and at every question to the office, before or after it took effect: started
// again it ends in the same way, with one key and one certificate.

import { createHash, verify, webcrypto, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CertificationRequest } from "@peculiar/asn1-csr";
import { AsnConvert } from "@peculiar/asn1-schema";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OBJECT_SIGNATURE_CERTIFICATE, PIN_POLICY_NEVER, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { ascii, MANAGEMENT_KEY, PIN, PUK, SimulatedToken } from "../../test/support/simulated-token.ts";
import { type Issued, issue, rootCa } from "../../test/support/test-certificates.ts";
import { type AttestationRoot, createRoot } from "../factory/attestation-root.ts";
import { provisionToken } from "../factory/provision.ts";
import { initialiseToken, type NewSecrets } from "../token/initialise.ts";
import { TokenClient } from "../token/token-client.ts";
import type { TokenChannel } from "../transport/transport.ts";
import { type ActivationOrder, activateToken } from "./activate-token.ts";
import type { ActivationFacts, ActivationOffice, IssuedCertificate, KeyEvidence } from "./activation-office.ts";
import { proofText } from "./proof-text.ts";

const NOW = new Date("2026-03-01T10:20:30Z");
const SERIAL = 51_000_001;
const OFFICE = "https://office.example";
const CHALLENGE = "a challenge of the office's";

class Cut extends Error {
  override readonly name = "Cut";
}

/** Counts what happens, and breaks off before or after one of them takes effect. */
class Cutter {
  private left: number;
  private readonly isAfter: boolean;
  seen = 0;
  constructor(left = Number.POSITIVE_INFINITY, isAfter = false) {
    this.left = left;
    this.isAfter = isAfter;
  }
  async through<T>(work: () => Promise<T>): Promise<T> {
    this.seen += 1;
    const isNow = this.left-- === 0;
    if (isNow && !this.isAfter) throw new Cut();
    const result = await work();
    if (isNow) throw new Cut();
    return result;
  }
}

async function certified(ca: Issued, spki: Uint8Array): Promise<Uint8Array> {
  const publicKey = await webcrypto.subtle.importKey("spki", spki, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
  return (await issue({ name: "CN=Holder", issuer: ca, keys: { publicKey, privateKey: ca.keys.privateKey } })).der;
}

/** An office in memory: one activation, one certificate. */
class MemoryOffice implements ActivationOffice {
  readonly address: string;
  token: string | null = null;
  issued: IssuedCertificate | null = null;
  isActive = false;
  kept: Pick<NewSecrets, "puk" | "managementKey"> | null = null;
  readonly requests: Uint8Array[] = [];
  private readonly ca: Issued;
  constructor(ca: Issued, address = OFFICE) {
    this.ca = ca;
    this.address = address;
  }

  async state(): Promise<ActivationFacts> {
    return { stage: this.isActive ? "active" : this.issued === null ? "ready" : "issued", token: this.token, issued: this.issued };
  }
  async secrets(_serial: string, secrets: Pick<NewSecrets, "puk" | "managementKey">): Promise<void> {
    this.kept = { ...secrets };
  }
  async challenge(_evidence: KeyEvidence): Promise<string> {
    return CHALLENGE;
  }
  async certificate(request: Uint8Array, { attestation }: KeyEvidence): Promise<IssuedCertificate> {
    this.requests.push(request);
    const info = AsnConvert.parse(request, CertificationRequest).certificationRequestInfo;
    const spki = new Uint8Array(AsnConvert.serialize(info.subjectPKInfo));
    const attested = new X509Certificate(attestation).publicKey.export({ format: "der", type: "spki" });
    expect(Buffer.from(spki).equals(attested)).toBe(true);
    this.issued ??= { id: "1", certificate: await certified(this.ca, spki), serialNumber: "01" };
    this.token = String(SERIAL);
    return this.issued;
  }
  async proof(signature: Uint8Array): Promise<void> {
    const { certificate } = this.issued ?? { certificate: new Uint8Array(0) };
    expect(verify("sha256", proofText(certificate), new X509Certificate(certificate).publicKey, signature)).toBe(true);
    this.isActive = true;
  }
}

const through = (office: ActivationOffice, cutter: Cutter): ActivationOffice => ({
  address: office.address,
  state: () => cutter.through(() => office.state()),
  secrets: (serial, secrets) => cutter.through(() => office.secrets(serial, secrets)),
  challenge: (evidence) => cutter.through(() => office.challenge(evidence)),
  certificate: (request, evidence) => cutter.through(() => office.certificate(request, evidence)),
  proof: (signature) => cutter.through(() => office.proof(signature)),
});

const cutChannel = (channel: TokenChannel, cutter: Cutter): TokenChannel => ({
  transmit: (apdu, options) => cutter.through(() => channel.transmit(apdu, options)),
  cancel: () => channel.cancel(),
  close: () => channel.close(),
});

describe("an activation", () => {
  let folder: string;
  let root: AttestationRoot;
  let ca: Issued;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sceau-activation-"));
    root = await createRoot(folder, "test", NOW);
    ca = await rootCa();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function bench(): Promise<{
    token: SimulatedToken;
    office: MemoryOffice;
    order: Omit<ActivationOrder, "client" | "office">;
    steps: string[];
  }> {
    const token = new SimulatedToken(SERIAL);
    const client = token.client();
    await provisionToken(client, root, NOW);
    client.close();
    let kept: NewSecrets | null = null;
    const offices: string[] = [];
    const steps: string[] = [];
    const secrets = {
      find: () => (kept === null ? null : { ...kept, offices: [...offices] }),
      keep: () => {
        kept ??= { puk: PUK, managementKey: MANAGEMENT_KEY, keptIn: "the test" };
        return kept;
      },
      entrust: (_serial: string, office: string) => {
        if (!offices.includes(office)) offices.push(office);
      },
    };
    const order = {
      secrets,
      mayEntrust: async () => false,
      certificateObject: OBJECT_SIGNATURE_CERTIFICATE,
      pin: async () => ascii(PIN),
      onStep: (step: string) => void steps.push(step),
      onButton: () => {},
    };
    return { token, office: new MemoryOffice(ca), order, steps };
  }

  async function run({ token, office, order }: Awaited<ReturnType<typeof bench>>, cutter = new Cutter()): Promise<IssuedCertificate> {
    const client = new TokenClient(cutChannel(token.channel(), cutter));
    try {
      return await activateToken({ ...order, client, office: through(office, cutter) });
    } finally {
      client.close();
    }
  }

  async function expectActive({ token, office }: Awaited<ReturnType<typeof bench>>): Promise<void> {
    expect(office.isActive).toBe(true);
    expect(office.kept).toMatchObject({ puk: PUK, managementKey: MANAGEMENT_KEY });
    const client = token.client();
    const certificate = await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE);
    expect(certificate).toEqual(office.issued?.certificate);
    const { publicKey } = new X509Certificate(certificate ?? new Uint8Array(0));
    await client.verifyPin(ascii(PIN));
    const digest = createHash("sha256").update("a document").digest();
    const signature = await client.sign(SLOT_SIGNATURE, digest);
    expect(verify("sha256", Buffer.from("a document"), publicKey, signature)).toBe(true);
    client.close();
  }

  test("S15: formats a new token, makes its key, and ends active", async () => {
    const one = await bench();
    const issued = await run(one);
    await expectActive(one);
    expect(one.steps).toEqual(["format", "escrow", "key", "certificate", "write", "proof"]);
    expect(await run(one)).toEqual(issued); // once more changes nothing
    expect(one.office.requests).toHaveLength(1);
    expect(one.steps.slice(6)).toEqual([]);
  });

  test.each([false, true])(
    "S15: broken off at any point and started again ends in the same way (after it took effect: %s)",
    async (isAfter) => {
      const counter = new Cutter();
      await run(await bench(), counter);
      expect(counter.seen).toBeGreaterThan(25);
      for (let at = 0; at < counter.seen; at++) {
        const one = await bench();
        await expect(run(one, new Cutter(at, isAfter))).rejects.toThrow(Cut);
        await run(one);
        await expectActive(one);
        const keys = new Set(
          one.office.requests.map((request) => createHash("sha256").update(new Uint8Array(request).slice(0, 120)).digest("hex")),
        );
        expect(keys.size).toBe(1);
      }
    },
  );

  test("another office that says it issued for a key that is certified already gets neither PUK nor management key, and no certificate is replaced", async () => {
    const one = await bench();
    const issued = await run(one);
    const client = one.token.client();
    const spki = new X509Certificate(issued.certificate).publicKey.export({ format: "der", type: "spki" });
    const other = new MemoryOffice(ca);
    other.issued = { ...issued, certificate: await certified(ca, new Uint8Array(spki)) };
    await expect(run({ ...one, office: other })).rejects.toMatchObject({ name: "ActivationError", problem: "slot-in-use" });
    other.issued = issued; // it is published: everybody knows it
    await run({ ...one, office: other });
    expect(other.kept).toBeNull();
    expect(await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE)).toEqual(issued.certificate);
    client.close();
  });

  test("a token's secrets go to no second office unless the holder is asked, with the first one's name; once they are there, nobody asks again", async () => {
    const one = await bench();
    await expect(run({ ...one, office: new MemoryOffice(ca) }, new Cutter(14))).rejects.toThrow(Cut); // formatted; 9C is empty
    one.order.secrets.entrust(String(SERIAL), OFFICE);
    const second = new MemoryOffice(ca, "https://second.example");
    await expect(run({ ...one, office: second })).rejects.toMatchObject({ name: "ActivationError", problem: "other-office" });
    expect(second.kept).toBeNull();
    const asked: (readonly string[])[] = [];
    const mayEntrust = async (_serial: string, others: readonly string[]): Promise<boolean> => {
      asked.push(others);
      return true;
    };
    await run({ ...one, office: second, order: { ...one.order, mayEntrust } });
    await expectActive({ ...one, office: second });
    expect(asked).toEqual([[OFFICE]]);
    expect(one.order.secrets.find(String(SERIAL))?.offices).toEqual([OFFICE, second.address]);
    await run({ ...one, office: second }); // active already
  });

  test("a token that was formatted elsewhere, has no attestation key, another key or another's certificate is refused before a PIN is asked for", async () => {
    const asked: boolean[] = [];
    const refused = async (one: Awaited<ReturnType<typeof bench>>, problem: string): Promise<void> => {
      const pin = async (isNew: boolean): Promise<Uint8Array> => {
        asked.push(isNew);
        return ascii(PIN);
      };
      const order = { ...one.order, pin };
      await expect(run({ ...one, order })).rejects.toMatchObject({ name: "ActivationError", problem });
    };
    const elsewhere = await bench();
    await run(elsewhere);
    await refused({ ...(await bench()), token: elsewhere.token }, "formatted-elsewhere");
    await refused({ ...(await bench()), token: new SimulatedToken(SERIAL) }, "not-sealed");
    await refused({ ...elsewhere, office: new MemoryOffice(ca) }, "slot-in-use");
    const bound = await bench();
    bound.office.token = "51000002";
    await refused(bound, "other-token");
    const lost = await bench();
    lost.office.issued = elsewhere.office.issued;
    await refused(lost, "other-key");
    const loose = await bench();
    loose.order.secrets.keep(String(SERIAL), true);
    const client = loose.token.client();
    await initialiseToken(client, ascii(PIN), (needsPuk) => loose.order.secrets.keep(String(SERIAL), needsPuk));
    await client.generateKey(SLOT_SIGNATURE, { pin: PIN_POLICY_NEVER, button: 1 });
    client.close();
    await refused(loose, "slot-in-use");
    expect(asked).toEqual([]);
  });
});
