// Issuance from challenge to proof, on both kinds of store: what is issued, and each refusal with its reason.

import { createHash, generateKeyPairSync, sign, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { BUTTON_POLICY_NEVER, PIN_POLICY_NEVER, SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { P256_KEY } from "../../test/support/certification-requests.ts";
import { ACTOR, type BenchOrder, type BenchToken, IssuanceBench } from "../../test/support/issuance-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { mustRun } from "../../test/support/run.ts";
import { sealedToken } from "../../test/support/sealed-token.ts";
import { verifyAuditTrail } from "../audit/audit-verification.ts";
import { StateError } from "../states/state-table.ts";
import type { TokenState } from "../states/token-states.ts";
import { auditEvents, certificates, issuanceChallenges, keys, offices, organisations, people, tokens } from "../store/schema.ts";
import { spkiOf } from "./ca-key.ts";
import { type IssueOrder, issue } from "./certificate-issuance.ts";
import { DAY_MS, HOUR_MS } from "./clock.ts";
import { issueChallenge } from "./issuance-challenge.ts";
import type { IssuanceRefusal } from "./issuance-error.ts";
import { type IssuancePolicy, writePolicy } from "./issuance-policy.ts";
import { type PersonProfile, POLICY_AUTH, POLICY_SIGN_LCP, POLICY_SIGN_QCP } from "./profiles.ts";
import { ProofError, prove } from "./proof.ts";
import { revoke, UnknownCertificateError } from "./revocation.ts";
import type { RevocationReason } from "./revocation-reasons.ts";

const NOW = new Date("2026-03-02T08:00:00.250Z");
const NOBODY = "00000000-0000-4000-8000-000000000000";
const OPEN: IssuancePolicy = { models: null, withdrawnFirmware: [], oldestFirmware: null };

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IssuanceBench;

  beforeAll(async () => {
    bench = await IssuanceBench.open(kind, NOW);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  const ask = (order: IssueOrder): ReturnType<typeof issue> => issue(bench.desk, order);
  const count = async (): Promise<number> => (await bench.store.db.select({ id: certificates.id }).from(certificates)).length;

  /** Refused for this reason, and nothing was issued or used up. */
  async function expectRefused(order: IssueOrder, refusal: IssuanceRefusal): Promise<void> {
    const [before, unused] = [await count(), await usedChallenges()];
    await expect(ask(order)).rejects.toMatchObject({ name: "IssuanceError", refusal });
    expect([await count(), await usedChallenges()]).toEqual([before, unused]);
  }

  const usedChallenges = async (): Promise<number> =>
    (await bench.store.db.select().from(issuanceChallenges)).filter(({ usedAt }) => usedAt !== null).length;

  /** A sound order; what makes it unsound comes afterwards. */
  async function sound(profile: PersonProfile = "SIGN-LCP"): Promise<{ token: BenchToken; challenge: string; order: BenchOrder }> {
    const token = await bench.token();
    const challenge = await bench.challenge(token, profile);
    const slot = profile === "AUTH" ? SLOT_AUTHENTICATION : SLOT_SIGNATURE;
    return { token, challenge, order: await bench.order(token, challenge, slot) };
  }

  async function withPolicy(policy: Partial<IssuancePolicy>, work: () => Promise<void>): Promise<void> {
    const set = (value: IssuancePolicy): Promise<void> =>
      bench.store.transaction((tx) => writePolicy(tx, value, { actor: ACTOR, now: bench.now }));
    await set({ ...OPEN, ...policy });
    await work().finally(() => set(OPEN));
  }

  /** A request by openssl: what software without a token would send. */
  function softwareRequest(challenge: string): Uint8Array {
    const [config, key, request] = ["req.cnf", "software.key", "software.csr"].map((name) => bench.path(name)) as [string, string, string];
    const lines = ["[req]", "prompt=no", "distinguished_name=dn", "attributes=at", "string_mask=utf8only", "[dn]", "CN=A", "[at]"];
    writeFileSync(config, [...lines, `challengePassword=${challenge}`, ""].join("\n"));
    mustRun("openssl", ["req", "-new", "-nodes", ...P256_KEY, "-config", config, "-keyout", key, "-out", request, "-outform", "DER"]);
    return new Uint8Array(readFileSync(request));
  }

  describe("a certificate", () => {
    test.each<[PersonProfile, number, string, RegExp]>([
      ["SIGN-LCP", 2029, POLICY_SIGN_LCP, /Key Usage: critical\s+Non Repudiation\n[\s\S]*Extended Key Usage: \s+E-mail Protection\n/],
      ["SIGN-QCP", 2031, POLICY_SIGN_QCP, /Key Usage: critical\s+Non Repudiation\n[\s\S]*Extended Key Usage: \s+E-mail Protection\n/],
      ["AUTH", 2029, POLICY_AUTH, /Key Usage: critical\s+Digital Signature\n[\s\S]*Extended Key Usage: \s+TLS Web Client Authentication\n/],
    ])("of the profile %s is valid until %d and says what it is for", async (profile, year, policy, usages) => {
      const issued = await bench.issued(profile);
      const path = bench.path("judged.der");
      writeFileSync(path, issued.certificate);
      const text = mustRun("openssl", ["x509", "-inform", "DER", "-in", path, "-noout", "-text"]);
      expect(text).toMatch(usages);
      expect(text).toContain(`Policy: ${policy}\n`);
      expect(text).toContain("URI:https://office.example.org/crl/issuing.crl");
      expect(text).not.toMatch(/qcStatements|1\.3\.6\.1\.5\.5\.7\.1\.3|0\.4\.0\.194112/);
      expect(issued.notAfter).toEqual(new Date(`${year}-03-02T08:00:00Z`));
      expect(new X509Certificate(issued.certificate).serialNumber.toLowerCase()).toBe(issued.serialNumber);
      const printed = mustRun("pki", ["--print", "--in", path]);
      expect(printed).toContain("OCSP URIs: https://office.example.org/ocsp/issuing");
      expect(/flags:(.*)/.exec(printed)?.[1]?.trim()).toBe(profile === "AUTH" ? "clientAuth" : "");
    });

    test("is certified for the key that the token made, on record with its attestation", async () => {
      const { token, order } = await sound();
      const issued = await ask(order);
      const [row] = await bench.store.db.select().from(certificates).where(eq(certificates.id, issued.id));
      const [key] = await bench.store.db
        .select()
        .from(keys)
        .where(eq(keys.id, row?.keyId ?? ""));
      expect(key).toMatchObject({ tokenSerial: token.serial, slot: "9c", state: "certified" });
      expect(key?.publicKey).toEqual(spkiOf(new X509Certificate(issued.certificate).publicKey));
      expect([key?.attestation, key?.attestationIssuer]).toEqual([order.evidence.attestation, order.evidence.issuer]);
      expect(row).toMatchObject({ state: "issued", personId: token.personId, profile: "SIGN-LCP", issuedAt: NOW });
      const [{ firmware } = { firmware: "" }] = await bench.store.db.select().from(tokens).where(eq(tokens.serial, token.serial));
      expect(firmware).toMatch(/^\d+\.\d+\.\d+$/);
      expect(firmware).not.toBe("0.0.0");
    });

    test("of a key that has one already can be had again: with a new challenge", async () => {
      const { token, order } = await sound();
      const first = await ask(order);
      const client = token.token.client();
      await client.verifyPin(new TextEncoder().encode("73910462"));
      const point = spkiOf(new X509Certificate(first.certificate).publicKey).slice(-65);
      const request = await createCertificationRequest(
        point,
        (digest) => client.sign(SLOT_SIGNATURE, digest),
        await bench.challenge(token),
      );
      client.close();
      const second = await ask({ ...order, request });
      expect([second.isNew, second.id === first.id]).toEqual([true, false]);
    });
  });

  describe("the same request again", () => {
    test("gets the same certificate, also after the challenge's time, and also when both come at once", async () => {
      const { order } = await sound();
      const before = await count();
      const [one, two] = await Promise.all([ask(order), ask(order)]);
      expect([one.isNew, two.isNew].sort()).toEqual([false, true]);
      const at = bench.now;
      bench.later(2 * HOUR_MS);
      const three = await ask(order).finally(() => {
        bench.now = at;
      });
      for (const each of [two, three]) expect(each.certificate).toEqual(one.certificate);
      expect(await count()).toBe(before + 1);
    });

    test("with another key is refused as replayed", async () => {
      const { token, challenge, order } = await sound();
      await ask(order);
      await expectRefused(await bench.order(token, challenge, SLOT_SIGNATURE), "replayed");
    });

    test("changed after it was signed is no proof of possession", async () => {
      const { order } = await sound();
      await ask(order);
      const request = new Uint8Array(order.request);
      request.set([(request.at(-1) ?? 0) ^ 1], request.length - 1);
      await expectRefused({ ...order, request }, "no-possession");
    });
  });

  describe("refused is, because of its challenge,", () => {
    test("a request without one, or with one that the office does not know", async () => {
      const { token, order } = await sound();
      const { token: simulated } = token;
      const point = await simulated.makeKey(SLOT_AUTHENTICATION);
      const client = simulated.client();
      await client.verifyPin(new TextEncoder().encode("73910462"));
      const bare = await createCertificationRequest(point, (digest) => client.sign(SLOT_AUTHENTICATION, digest));
      client.close();
      await expectRefused({ ...order, request: bare }, "no-challenge");
      await expectRefused(await bench.order(token, "x".repeat(43), SLOT_SIGNATURE), "unknown-challenge");
    });

    test("one that is too old, to the second", async () => {
      const { order } = await sound();
      const at = bench.now;
      bench.later(HOUR_MS + 1);
      await expectRefused(order, "expired-challenge").finally(() => {
        bench.now = at;
      });
      expect((await ask(order)).isNew).toBe(true);
    });

    test("one that was given to somebody else, or for another token", async () => {
      const { order } = await sound();
      const other = await bench.token();
      await expectRefused({ ...order, personId: other.personId }, "other-person");
      await expectRefused({ ...order, tokenSerial: other.serial }, "other-token");
    });

    test("one for a token that is not this person's any more", async () => {
      const { token, order } = await sound();
      await bench.store.db
        .update(tokens)
        .set({ personId: await bench.person() })
        .where(eq(tokens.serial, token.serial));
      await expectRefused(order, "unassigned");
      await expect(bench.challenge(token)).rejects.toMatchObject({ refusal: "unassigned" });
    });
  });

  describe("refused is, because of the key,", () => {
    test("a software key, without an attestation or with that of the token's own key", async () => {
      const { challenge, order } = await sound();
      const request = softwareRequest(challenge);
      await expectRefused({ ...order, request, evidence: null }, "software-key");
      await expectRefused({ ...order, request }, "software-key");
    });

    test("another token's key, of this factory or another", async () => {
      const { token, challenge } = await sound();
      for (const other of [await bench.token(), await bench.token(undefined, token.root)]) {
        await expectRefused(await bench.order(other, challenge, SLOT_SIGNATURE), "other-token");
      }
    });

    test("a token of the same number from another factory", async () => {
      const { token, challenge } = await sound();
      const twin = await sealedToken(Number(token.serial), bench.now);
      const [root] = twin.trust.roots as [Uint8Array];
      const order = await bench.order({ ...token, ...twin }, challenge, SLOT_SIGNATURE);
      await expectRefused(order, "untrusted-root");
      const trust = { roots: [...bench.desk.trust.roots, root], isDemo: true };
      await expect(issue({ ...bench.desk, trust }, order)).rejects.toMatchObject({ refusal: "other-token" });
    });

    test("an attestation that another key has signed, or of another token's attestation key", async () => {
      const { order } = await sound();
      const other = await bench.token();
      await expectRefused({ ...order, evidence: { ...order.evidence, issuer: other.certificate } }, "bad-attestation");
      const changed = new Uint8Array(order.evidence.attestation);
      changed.set([(changed.at(-1) ?? 0) ^ 1], changed.length - 1);
      await expectRefused({ ...order, evidence: { ...order.evidence, attestation: changed } }, "bad-attestation");
      const cut = order.evidence.attestation.slice(0, -4);
      await expectRefused({ ...order, evidence: { ...order.evidence, attestation: cut } }, "bad-attestation");
    });

    test("one whose root the office does not trust", async () => {
      const { order } = await sound();
      await expect(issue({ ...bench.desk, trust: { roots: [], isDemo: true } }, order)).rejects.toMatchObject({
        refusal: "untrusted-root",
      });
    });

    test("a simulated token, where the office is no demonstration", async () => {
      const { order } = await sound();
      const { roots } = bench.desk.trust;
      await expect(issue({ ...bench.desk, trust: { roots, isDemo: false } }, order)).rejects.toMatchObject({ refusal: "simulated" });
    });

    test("a model that is not accepted, or another than the office has on record", async () => {
      const { token, order } = await sound();
      await withPolicy({ models: ["Sceau Jolt"] }, () => expectRefused(order, "model"));
      await bench.store.db.update(tokens).set({ model: "Sceau Jolt" }).where(eq(tokens.serial, token.serial));
      await expectRefused(order, "model");
    });

    test("a firmware that was withdrawn, or is too old", async () => {
      const { token, order } = await sound();
      const { firmware } = await token.token.client().deviceInfo();
      const version = [...firmware].join(".");
      await withPolicy({ withdrawnFirmware: [version] }, () => expectRefused(order, "firmware"));
      await withPolicy({ oldestFirmware: `${(firmware[0] ?? 0) + 1}.0.0` }, () => expectRefused(order, "firmware"));
      await withPolicy({ oldestFirmware: version, withdrawnFirmware: ["250.0.0"] }, async () => {
        expect((await ask(order)).isNew).toBe(true);
      });
    });

    test("a key in another slot than the profile's: what signs documents never logs in", async () => {
      const token = await bench.token();
      await expectRefused(await bench.order(token, await bench.challenge(token, "SIGN-LCP"), SLOT_AUTHENTICATION), "slot");
      await expectRefused(await bench.order(token, await bench.challenge(token, "AUTH"), SLOT_SIGNATURE), "slot");
    });

    test("a key that the token would use without a PIN", async () => {
      const { token, challenge } = await sound();
      const policies = { pin: PIN_POLICY_NEVER, button: BUTTON_POLICY_NEVER };
      await expectRefused(await bench.order(token, challenge, SLOT_SIGNATURE, policies), "key-policy");
    });

    test.each<TokenState>(["suspended", "blocked", "lost", "damaged", "retired"])("a token that is %s", async (state) => {
      const { token, order } = await sound();
      await bench.store.db.update(tokens).set({ state }).where(eq(tokens.serial, token.serial));
      await expectRefused(order, "withdrawn-device");
      await expect(bench.challenge(token)).rejects.toMatchObject({ refusal: "withdrawn-device" });
    });

    test("a key that was certified for somebody else, or was destroyed", async () => {
      const { token, order } = await sound();
      await ask(order);
      const heir = await bench.person();
      await bench.store.db.update(tokens).set({ personId: heir }).where(eq(tokens.serial, token.serial));
      const client = token.token.client();
      await client.verifyPin(new TextEncoder().encode("73910462"));
      const [key] = await bench.store.db.select().from(keys).where(eq(keys.tokenSerial, token.serial));
      const point = (key?.publicKey ?? new Uint8Array(65)).slice(-65);
      const again = async (personId: string): Promise<IssueOrder> => {
        const { challenge } = await issueChallenge(bench.desk, { personId, tokenSerial: token.serial, profile: "SIGN-LCP", actor: ACTOR });
        return { ...order, request: await createCertificationRequest(point, (digest) => client.sign(SLOT_SIGNATURE, digest), challenge) };
      };
      await expectRefused(await again(heir), "key-of-another");
      await bench.store.db.update(tokens).set({ personId: token.personId }).where(eq(tokens.serial, token.serial));
      await bench.store.db
        .update(keys)
        .set({ state: "destroyed" })
        .where(eq(keys.id, key?.id ?? ""));
      await expectRefused(await again(token.personId), "destroyed-key");
      client.close();
    });

    test("a key of which a certificate was revoked as compromised; after another reason it may have a further one", async () => {
      const { token, order } = await sound();
      const point = spkiOf(new X509Certificate((await ask(order)).certificate).publicKey).slice(-65);
      const again = async (): Promise<IssueOrder> => {
        const challenge = await bench.challenge(token);
        const client = token.token.client();
        await client.verifyPin(new TextEncoder().encode("73910462"));
        const request = await createCertificationRequest(point, (digest) => client.sign(SLOT_SIGNATURE, digest), challenge);
        client.close();
        return { ...order, request };
      };
      const revokeLast = async (reason: RevocationReason): Promise<void> => {
        const which = eq(certificates.personId, token.personId);
        const rows = await bench.store.db.select().from(certificates).where(which);
        const { id = NOBODY } = rows.find(({ state }) => state === "issued") ?? {};
        await revoke(bench.desk, id, { reason, channel: "officer", officerId: null, actor: ACTOR });
      };
      await revokeLast("wrong-name");
      expect((await ask(await again())).isNew).toBe(true);
      await revokeLast("key-compromise");
      await expectRefused(await again(), "compromised-key");
    });
  });

  test("of an organisation that was closed meanwhile, nobody gets a certificate", async () => {
    const { order } = await sound();
    const { db } = bench.store;
    await db.update(organisations).set({ state: "closed" });
    try {
      await expectRefused(order, "organisation");
    } finally {
      await db.update(organisations).set({ state: "open" });
    }
    expect((await ask(order)).isNew).toBe(true);
  });

  test("S12: title and membership of the person are in the certificate; a closed association authorises nobody", async () => {
    const { db } = bench.store;
    const [office] = await db.select().from(offices).limit(1);
    const values = { officeId: office?.id ?? "", name: "Ordre", country: "FR", kind: "association" as const, createdAt: bench.now };
    const [association] = await db
      .insert(organisations)
      .values({ ...values, state: "closed" })
      .returning();
    const associationId = association?.id ?? "";
    const personId = await bench.person();
    await db.update(people).set({ title: "Notaire", memberNumber: "75/0042", associationId }).where(eq(people.id, personId));
    const token = await bench.token(personId);
    const order = await bench.order(token, await bench.challenge(token), SLOT_SIGNATURE);
    await expectRefused(order, "organisation");
    await db.update(organisations).set({ state: "open" }).where(eq(organisations.id, associationId));
    const { subject } = new X509Certificate((await ask(order)).certificate);
    expect(subject.split("\n")).toEqual(expect.arrayContaining(["title=Notaire", "OU=Ordre: 75/0042"]));
  });

  test("what no certificate can say of a person is refused, and the challenge is still good", async () => {
    const personId = await bench.person({ surname: "x".repeat(70) });
    const token = await bench.token(personId);
    await expectRefused(await bench.order(token, await bench.challenge(token), SLOT_SIGNATURE), "person");
  });

  test("refusals of the office's own challenges are on record, guesses are not", async () => {
    const { token, challenge, order } = await sound();
    await expectRefused({ ...order, evidence: null }, "software-key");
    await expectRefused(await bench.order(token, "y".repeat(43), SLOT_SIGNATURE), "unknown-challenge");
    const events = await bench.store.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subject, `token:${token.serial}`));
    const refused = events.filter(({ action }) => action === "certificate.refuse");
    expect(refused.map(({ details }) => details["refusal"])).toEqual(["software-key"]);
    expect(JSON.stringify(events)).not.toContain(challenge);
  });

  describe("the proof of possession", () => {
    const stateOf = async (id: string): Promise<string> =>
      (await bench.store.db.select().from(certificates).where(eq(certificates.id, id)))[0]?.state ?? "none";
    const tokenState = async (serial: string): Promise<string> =>
      (await bench.store.db.select().from(tokens).where(eq(tokens.serial, serial)))[0]?.state ?? "none";

    test("makes the certificate active, and its token; a second one changes nothing", async () => {
      const issued = await bench.issued();
      const order = { certificateId: issued.id, signature: await bench.proof(issued), actor: ACTOR };
      expect(await prove(bench.desk, order)).toBe("active");
      expect([await stateOf(issued.id), await tokenState(issued.token.serial)]).toEqual(["active", "active"]);
      const events = async (): Promise<number> => (await bench.store.db.select().from(auditEvents)).length;
      const before = await events();
      expect(await prove(bench.desk, order)).toBe("active");
      expect(await events()).toBe(before);
    });

    test("by another key, or over another certificate, is none", async () => {
      const [issued, other] = [await bench.issued(), await bench.issued()];
      const attempt = (signature: Uint8Array): Promise<unknown> => prove(bench.desk, { certificateId: issued.id, signature, actor: ACTOR });
      await expect(attempt(await bench.proof(other))).rejects.toBeInstanceOf(ProofError);
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      await expect(attempt(sign("sha256", createHash("sha256").digest(), privateKey))).rejects.toBeInstanceOf(ProofError);
      await expect(attempt(new Uint8Array(0))).rejects.toBeInstanceOf(ProofError);
      expect(await stateOf(issued.id)).toBe("issued");
    });

    test("comes too late when the certificate is over, and there is none of what was not issued", async () => {
      const issued = await bench.issued();
      const signature = await bench.proof(issued);
      const at = bench.now;
      bench.later(3 * 366 * DAY_MS);
      const late = prove(bench.desk, { certificateId: issued.id, signature, actor: ACTOR });
      await expect(late).rejects.toBeInstanceOf(StateError);
      bench.now = at;
      await expect(prove(bench.desk, { certificateId: NOBODY, signature, actor: ACTOR })).rejects.toBeInstanceOf(UnknownCertificateError);
    });
  });

  test("the audit trail tells of every certificate, and verifies", async () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect((await verifyAuditTrail(bench.store.db, publicKey)).fault).toBeNull();
    const events = await bench.store.db.select().from(auditEvents).orderBy(asc(auditEvents.number));
    const told = events.filter(({ action }) => action === "certificate.issue").map(({ subject }) => subject);
    const rows = await bench.store.db.select({ id: certificates.id }).from(certificates);
    expect(told.sort()).toEqual(rows.map(({ id }) => `certificate:${id}`).sort());
  });
});
