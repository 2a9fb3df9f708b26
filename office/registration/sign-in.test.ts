// Officers: invitation, enrolment, sign-in with the token's key, sessions, withdrawal.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import type { CertificateState } from "../states/certificate-states.ts";
import type { TokenState } from "../states/token-states.ts";
import { certificates, issuanceChallenges, issuers, keys, officerRoles, officers, tokens } from "../store/schema.ts";
import { type Acting, enrolOfficer, inviteOfficer, officer, useLink, withdrawOfficer } from "./officers.ts";
import { addOffice, addPerson, changeOrganisation, requestOrganisation } from "./organisations.ts";
import type { Role } from "./roles.ts";
import { answerChallenge, newChallenge, redeemLink, sessionOfficer, signInByTls, signInMessage, signOut } from "./sign-in.ts";

const URL = "https://office.example";
const START = new Date("2026-03-02T08:00:00Z");
const later = (ms: number): Date => new Date(START.getTime() + ms);
const ACTING: Acting = { actor: "system", now: START };
const MINUTE = 60_000;

const keyPair = (): { publicKey: Uint8Array; privateKey: KeyObject } => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { publicKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" })), privateKey };
};

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let officeId: string;
  let organisationId: string;
  let people = 0;
  let key: ReturnType<typeof keyPair>;
  let officerId: string;

  beforeAll(async () => {
    bench = await openTestStore(kind);
    await bench.store.transaction(async (tx) => {
      officeId = await addOffice(tx, { name: "Paris", timeZone: "Europe/Paris" }, ACTING);
      organisationId = await requestOrganisation(tx, { officeId, name: "Ordre", country: "FR" }, ACTING);
      await changeOrganisation(tx, organisationId, "open", ACTING);
    });
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  async function invite(role: Role) {
    return bench.store.transaction(async (tx) => {
      const number = String(++people);
      const person = {
        organisationId,
        givenName: "Anne",
        surname: `N ${number}`,
        email: `a${number}@example.org`,
        language: "fr" as const,
        number,
      };
      return inviteOfficer(tx, await addPerson(tx, person, ACTING), [{ officeId, role }], ACTING);
    });
  }

  async function enrolled(role: Role = "issuer") {
    const own = keyPair();
    const { officerId: id } = await invite(role);
    await bench.store.transaction((tx) => enrolOfficer(tx, id, own.publicKey, ACTING));
    return { id, key: own };
  }

  beforeEach(async () => {
    ({ id: officerId, key } = await enrolled());
  });

  const answer = (challenge: string, { publicKey, privateKey } = key, url = URL) => ({
    challenge,
    publicKey,
    signature: new Uint8Array(sign("sha256", signInMessage(url, challenge), privateKey)),
  });

  async function signedIn(): Promise<string> {
    const link = await answerChallenge(bench.store, URL, answer(await newChallenge(bench.store, START)), START);
    return (await redeemLink(bench.store, link, START)).secret;
  }

  test("an invitation's link works once, for a week, and for enrolment only", async () => {
    const { officerId: id, link } = await invite("verifier");
    const use = (text: string, at: Date, purpose: "enrol" | "sign-in" = "enrol") =>
      bench.store.transaction((tx) => useLink(tx, text, purpose, at));
    await expect(use(link, START, "sign-in")).rejects.toMatchObject({ refusal: "link-unknown" });
    await expect(use(link, later(7 * 24 * 60 * MINUTE))).rejects.toMatchObject({ refusal: "link-expired" });
    expect(await use(link, START)).toBe(id);
    await expect(use(link, START)).rejects.toMatchObject({ refusal: "link-used" });
    await expect(use("no such", START)).rejects.toMatchObject({ refusal: "link-unknown" });
  });

  test("the token's key opens a session by a link that works once", async () => {
    const link = await answerChallenge(bench.store, URL, answer(await newChallenge(bench.store, START)), START);
    const session = await redeemLink(bench.store, link, later(MINUTE - 1));
    expect(session.officer).toMatchObject({ id: officerId, assignments: [{ officeId, role: "issuer" }] });
    expect((await sessionOfficer(bench.store, session.secret, later(MINUTE)))?.id).toBe(officerId);
    await expect(redeemLink(bench.store, link, START)).rejects.toMatchObject({ refusal: "link-used" });
    const late = await answerChallenge(bench.store, URL, answer(await newChallenge(bench.store, START)), START);
    await expect(redeemLink(bench.store, late, later(MINUTE))).rejects.toMatchObject({ refusal: "link-expired" });
  });

  test("a challenge is good for one answer, right or wrong, for two minutes", async () => {
    const challenge = await newChallenge(bench.store, START);
    const wrong = { ...answer(challenge), signature: answer("another").signature };
    await expect(answerChallenge(bench.store, URL, wrong, START)).rejects.toMatchObject({ refusal: "signature" });
    await expect(answerChallenge(bench.store, URL, answer(challenge), START)).rejects.toMatchObject({ refusal: "challenge-used" });
    const old = await newChallenge(bench.store, START);
    await expect(answerChallenge(bench.store, URL, answer(old), later(2 * MINUTE))).rejects.toMatchObject({ refusal: "challenge-expired" });
    await expect(answerChallenge(bench.store, URL, answer("made up"), START)).rejects.toMatchObject({ refusal: "challenge-unknown" });
  });

  test("a signature that another site asked for is none", async () => {
    const passedOn = answer(await newChallenge(bench.store, START), key, "https://office.example.evil");
    await expect(answerChallenge(bench.store, URL, passedOn, START)).rejects.toMatchObject({ refusal: "signature" });
  });

  test("a key that no officer has signs nobody in, nor does one that is no key", async () => {
    const stranger = answer(await newChallenge(bench.store, START), keyPair());
    await expect(answerChallenge(bench.store, URL, stranger, START)).rejects.toMatchObject({ refusal: "key-unknown" });
    const garbage = { ...answer(await newChallenge(bench.store, START)), publicKey: new Uint8Array(5) };
    await expect(answerChallenge(bench.store, URL, garbage, START)).rejects.toMatchObject({ refusal: "key-unknown" });
    await expect(signInByTls(bench.store, keyPair().publicKey, START)).rejects.toMatchObject({ refusal: "key-unknown" });
  });

  test("a certificate that TLS has proved opens a session at once", async () => {
    const { secret } = await signInByTls(bench.store, key.publicKey, START);
    expect((await sessionOfficer(bench.store, secret, START))?.id).toBe(officerId);
  });

  test("a session ends after half an hour without use, after a working day, and by signing out", async () => {
    const secret = await signedIn();
    for (let minutes = 29; minutes < 600; minutes += 29) {
      expect(await sessionOfficer(bench.store, secret, later(minutes * MINUTE)), String(minutes)).not.toBeNull();
    }
    expect(await sessionOfficer(bench.store, secret, later(600 * MINUTE))).toBeNull();
    const idle = await signedIn();
    expect(await sessionOfficer(bench.store, idle, later(30 * MINUTE))).toBeNull();
    const out = await signedIn();
    await signOut(bench.store, out, START);
    expect(await sessionOfficer(bench.store, out, START)).toBeNull();
    expect(await sessionOfficer(bench.store, "made up", START)).toBeNull();
  });

  test("whoever is withdrawn is out at once, and signs in no more", async () => {
    const secret = await signedIn();
    const link = await answerChallenge(bench.store, URL, answer(await newChallenge(bench.store, START)), START);
    await bench.store.transaction((tx) => withdrawOfficer(tx, officerId, ACTING));
    expect(await sessionOfficer(bench.store, secret, START)).toBeNull();
    await expect(redeemLink(bench.store, link, START)).rejects.toMatchObject({ refusal: "not-active" });
    const challenge = await newChallenge(bench.store, START);
    await expect(answerChallenge(bench.store, URL, answer(challenge), START)).rejects.toMatchObject({ refusal: "not-active" });
    await expect(signInByTls(bench.store, key.publicKey, START)).rejects.toMatchObject({ refusal: "not-active" });
  });

  /** The key is on a token, with an AUTH certificate: what may happen to both of them. */
  async function certified(publicKey: Uint8Array, tokenState: TokenState, certificateState: CertificateState, notAfter = later(MINUTE)) {
    const serial = String(++people);
    await bench.store.transaction(async (tx) => {
      const { personId } = await officer(tx, officerId);
      await tx
        .insert(tokens)
        .values({ serial, officeId, model: "m", firmware: "1.0.0", rootFingerprint: "f", state: tokenState, personId, createdAt: START });
      const issuer = { name: `issuing-${serial}`, certificate: new Uint8Array(1), isOnline: true, isCurrent: false, crlNumber: 0 };
      const [issuerRow] = await tx.insert(issuers).values(issuer).returning({ id: issuers.id });
      const key = { tokenSerial: serial, slot: "9a", publicKey, attestation: new Uint8Array(1), attestationIssuer: new Uint8Array(1) };
      const [keyRow] = await tx
        .insert(keys)
        .values({ ...key, state: "certified", createdAt: START })
        .returning({ id: keys.id });
      const challengeDigest = randomBytes(32);
      const challenge = { digest: challengeDigest, personId, tokenSerial: serial, profile: "AUTH", expiresAt: START };
      await tx.insert(issuanceChallenges).values(challenge);
      const times = { notBefore: START, notAfter, issuedAt: START };
      const certificate = {
        serialNumber: serial,
        personId,
        profile: "AUTH",
        state: certificateState,
        der: new Uint8Array(1),
        challengeDigest,
      };
      await tx.insert(certificates).values({ ...certificate, ...times, issuerId: issuerRow?.id ?? "", keyId: keyRow?.id ?? "" });
    });
  }

  test.each<[string, TokenState, CertificateState, Date]>([
    ["a lost token", "lost", "active", later(MINUTE)],
    ["a suspended token", "suspended", "active", later(MINUTE)],
    ["a revoked certificate", "active", "revoked", later(MINUTE)],
    ["a certificate that is over", "active", "active", START],
  ])("%s signs nobody in, and ends what is open", async (_, tokenState, certificateState, notAfter) => {
    const secret = await signedIn();
    await certified(key.publicKey, tokenState, certificateState, notAfter);
    expect(await sessionOfficer(bench.store, secret, START)).toBeNull();
    const challenge = await newChallenge(bench.store, START);
    await expect(answerChallenge(bench.store, URL, answer(challenge), START)).rejects.toMatchObject({ refusal: "key-out-of-service" });
    await expect(signInByTls(bench.store, key.publicKey, START)).rejects.toMatchObject({ refusal: "key-out-of-service" });
  });

  test("a certificate in force on a token in service signs in", async () => {
    await certified(key.publicKey, "active", "active");
    expect(await sessionOfficer(bench.store, await signedIn(), START)).not.toBeNull();
  });

  test("nobody is invited twice", async () => {
    const { personId } = await officer(bench.store.db, officerId);
    await expect(bench.store.transaction((tx) => inviteOfficer(tx, personId, [], ACTING))).rejects.toMatchObject({
      refusal: "already-officer",
    });
  });

  test("two officers never share a key", async () => {
    const { officerId: id } = await invite("helpdesk");
    await expect(bench.store.transaction((tx) => enrolOfficer(tx, id, key.publicKey, ACTING))).rejects.toMatchObject({
      refusal: "key-known",
    });
    expect((await officer(bench.store.db, id)).state).toBe("invited");
  });

  test("of two administrators who withdraw each other at once, one stays", async () => {
    await bench.store.db.delete(officerRoles).where(eq(officerRoles.role, "administrator"));
    const [one, two] = [await enrolled("administrator"), await enrolled("administrator")];
    const results = await Promise.allSettled(
      [one.id, two.id].map((id) => bench.store.transaction((tx) => withdrawOfficer(tx, id, ACTING))),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const states = await bench.store.db
      .select({ state: officers.state })
      .from(officers)
      .innerJoin(officerRoles, eq(officerRoles.officerId, officers.id))
      .where(eq(officerRoles.role, "administrator"));
    expect(states.map(({ state }) => state).sort()).toEqual(["active", "withdrawn"]);
  });
});
