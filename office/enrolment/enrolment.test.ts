// What binds a token to an officer: the office's challenge, signed by a key that the token vouches for, and nothing less. On both databases.

import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { and, eq } from "drizzle-orm";
import { fastify } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proofText } from "../../host-bridge/activation/proof-text.ts";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { BUTTON_POLICY_NEVER, PIN_POLICY_ONCE, SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { ACTOR, IssuanceBench } from "../../test/support/issuance-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { type SealedToken, sealedToken } from "../../test/support/sealed-token.ts";
import { ascii, PIN } from "../../test/support/simulated-token.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { inviteByAdmin } from "../admin/admin-records.ts";
import { fingerprintOfRoot, type KeyEvidence } from "../issuance/attested-key.ts";
import type { IssuedCertificate } from "../issuance/certificate-issuance.ts";
import { issueChallenge } from "../issuance/issuance-challenge.ts";
import type { IssuanceDesk } from "../issuance/issuance-desk.ts";
import { LimitError } from "../registration/limits.ts";
import { inviteOfficer, reinstateOfficer, renewInvitation, withdrawOfficer } from "../registration/officers.ts";
import { redeemLink, sessionOfficer, signInByTls } from "../registration/sign-in.ts";
import {
  auditEvents,
  certificates,
  officerCodeSights,
  officers,
  offices,
  oneTimeLinks,
  people,
  revocations,
  tokens,
} from "../store/schema.ts";
import { beginEnrolment, checkCode, finishEnrolment, proveEnrolment } from "./enrolment.ts";
import { addEnrolmentRoutes } from "./enrolment-routes.ts";

const START = new Date("2026-03-02T08:00:00Z");
const KEY_POLICIES = { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER };
const ROUNDS = 25;
const ROUNDS_LIMIT_MS = 120_000;

/** A token in somebody's hand, with a key of theirs in a slot. */
class HeldToken {
  readonly serial: string;
  readonly publicKey: Uint8Array;
  readonly evidence: KeyEvidence;
  readonly #sealed: SealedToken;
  readonly #point: Uint8Array;
  readonly #slot: number;

  private constructor(serial: string, sealed: SealedToken, point: Uint8Array, evidence: KeyEvidence, slot: number) {
    this.serial = serial;
    this.evidence = evidence;
    this.publicKey = spkiOf(point);
    this.#sealed = sealed;
    this.#point = point;
    this.#slot = slot;
  }

  static async make(serial: number, root: AttestationRoot, slot: number = SLOT_AUTHENTICATION): Promise<HeldToken> {
    const sealed = await sealedToken(serial, START, root);
    const point = await sealed.token.makeKey(slot, KEY_POLICIES);
    const client = sealed.token.client();
    await client.verifyPin(ascii(PIN));
    const attestation = await client.attest(slot);
    client.close();
    return new HeldToken(String(serial), sealed, point, { attestation, issuer: sealed.certificate }, slot);
  }

  async sign(digest: Uint8Array): Promise<Uint8Array> {
    const client = this.#sealed.token.client();
    await client.verifyPin(ascii(PIN));
    const signature = await client.sign(this.#slot, digest);
    client.close();
    return signature;
  }

  request(challenge: string): Promise<Uint8Array> {
    return createCertificationRequest(this.#point, (digest) => this.sign(digest), challenge);
  }

  proof(certificate: Uint8Array): Promise<Uint8Array> {
    return this.sign(new Uint8Array(createHash("sha256").update(proofText(certificate)).digest()));
  }
}

function spkiOf(point: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex"), point]));
}

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IssuanceBench;
  let desk: IssuanceDesk;
  let root: AttestationRoot;
  let made = 0;

  beforeAll(async () => {
    bench = await IssuanceBench.open(kind, START);
    root = await createRoot(temporaryFolder(), "enrolment", START);
    desk = { ...bench.desk, trust: { roots: [new Uint8Array(root.certificate.rawData)], isDemo: true } };
  }, STORE_START_LIMIT_MS + 60_000);

  afterAll(() => bench.close());

  const acting = () => ({ actor: "system", now: bench.now });
  const newToken = (slot?: number): Promise<HeldToken> => HeldToken.make(60_000_000 + ++made, root, slot);

  async function invited() {
    const personId = await bench.person();
    const { officerId: id, link: code } = await bench.store.transaction((tx) => inviteOfficer(tx, personId, [], acting()));
    return { id, personId, code };
  }

  async function order(code: string, token: HeldToken) {
    const { challenge } = await beginEnrolment(desk, code, token.evidence);
    return { code, request: await token.request(challenge), evidence: token.evidence };
  }

  const enrol = async (code: string, token: HeldToken): Promise<IssuedCertificate> => finishEnrolment(desk, await order(code, token));
  const prove = async ({ id, certificate }: IssuedCertificate, token: HeldToken) =>
    proveEnrolment(desk, id, await token.proof(certificate));

  async function enrolled() {
    const who = await invited();
    const token = await newToken();
    const issued = await enrol(who.code, token);
    await prove(issued, token);
    return { ...who, token, issued };
  }

  const officerRow = async (id: string) => (await bench.store.db.select().from(officers).where(eq(officers.id, id)))[0];
  const tokenRow = async (serial: string) => (await bench.store.db.select().from(tokens).where(eq(tokens.serial, serial)))[0] ?? null;
  const certificatesOf = (personId: string) => bench.store.db.select().from(certificates).where(eq(certificates.personId, personId));
  const renewed = (id: string, isLost = false) => bench.store.transaction((tx) => renewInvitation(tx, id, isLost, acting()));

  /** Everything that an enrolment changes, of everybody. */
  async function everything(): Promise<unknown> {
    const { db } = bench.store;
    const links = await db.select().from(oneTimeLinks).orderBy(oneTimeLinks.digest);
    return {
      officers: await db.select().from(officers).orderBy(officers.id),
      tokens: await db.select().from(tokens).orderBy(tokens.serial),
      certificates: await db.select().from(certificates).orderBy(certificates.id),
      links,
    };
  }

  async function refusedWithoutTrace(what: () => Promise<unknown>, refusal: string): Promise<void> {
    const before = await everything();
    await expect(what()).rejects.toMatchObject({ refusal });
    expect(await everything()).toEqual(before);
  }

  test("token, code, certificate and key are one; before, the office has a challenge and nothing else", async () => {
    const who = await invited();
    const token = await newToken();
    const before = await everything();
    const complete = await order(who.code, token);
    expect(await everything()).toEqual(before);
    const issued = await finishEnrolment(desk, complete);
    expect(await tokenRow(token.serial)).toMatchObject({ state: "assigned", personId: who.personId });
    expect(await officerRow(who.id)).toMatchObject({ state: "active", publicKey: token.publicKey });
    expect(await prove(issued, token)).toBe("active");
    expect(await tokenRow(token.serial)).toMatchObject({ state: "active" });
    const events = await bench.store.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.actor, `officer:${who.id}`));
    const actions = events.sort((a, b) => a.number - b.number).map(({ action }) => action);
    expect(actions).toEqual(["challenge.issue", "token.add", "token.format", "token.assign", "certificate.issue", "officer.enrol"]);
  });

  test("somebody else's attestation, sent again with a code of one's own, gets nothing and changes nothing", async () => {
    const owner = await enrolled();
    const thief = await invited();
    await refusedWithoutTrace(() => beginEnrolment(desk, thief.code, owner.token.evidence), "unassigned");
    await checkCode(desk, thief.code);
  });

  test("the attestation of a token that is nobody's yet binds nothing: only who holds its key can finish", async () => {
    const [thief, owner] = [await invited(), await invited()];
    const [token, own] = [await newToken(), await newToken()];
    const stock = { rootFingerprint: fingerprintOfRoot(new Uint8Array(root.certificate.rawData)), firmware: "0.0.0", createdAt: START };
    const [office] = await bench.store.db.select().from(offices);
    const row = { ...stock, serial: token.serial, officeId: office?.id ?? "", model: "Sceau unit test", state: "formatted" as const };
    await bench.store.db.insert(tokens).values(row);
    const { challenge } = await beginEnrolment(desk, thief.code, token.evidence);
    expect(await tokenRow(token.serial)).toMatchObject({ state: "formatted", personId: null });
    const withOwn = { code: thief.code, request: await own.request(challenge), evidence: token.evidence };
    await refusedWithoutTrace(() => finishEnrolment(desk, withOwn), "software-key");
    await refusedWithoutTrace(() => finishEnrolment(desk, { ...withOwn, evidence: own.evidence }), "other-token");
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const software = new Uint8Array(publicKey.export({ format: "der", type: "spki" })).slice(-65);
    const anySignature = async () => new Uint8Array(sign("sha256", Buffer.from("something else"), privateKey));
    const forged = await createCertificationRequest(software, anySignature, challenge);
    await refusedWithoutTrace(() => finishEnrolment(desk, { ...withOwn, request: forged }), "no-possession");
    await enrol(owner.code, token);
    expect(await tokenRow(token.serial)).toMatchObject({ personId: owner.personId });
    const late = { ...withOwn, request: await token.request(challenge) };
    await refusedWithoutTrace(() => finishEnrolment(desk, late), "unassigned");
  });

  test("a blank token of another office's stock is that office's to give out", async () => {
    const who = await invited();
    const token = await newToken();
    const values = { name: "Elsewhere", timeZone: "Europe/Paris", createdAt: START };
    const [elsewhere] = await bench.store.db.insert(offices).values(values).returning({ id: offices.id });
    const own = await enrolled();
    const [known] = await bench.store.db.select().from(tokens).where(eq(tokens.serial, own.token.serial));
    if (known === undefined || elsewhere === undefined) throw new Error("no token, or no office");
    const stock = { ...known, serial: token.serial, personId: null, state: "blank" as const };
    await bench.store.db.insert(tokens).values({ ...stock, officeId: elsewhere.id });
    await refusedWithoutTrace(() => beginEnrolment(desk, who.code, token.evidence), "other-stock");
    // It went there after the challenge was given.
    await bench.store.db.update(tokens).set({ officeId: known.officeId }).where(eq(tokens.serial, token.serial));
    const late = await order(who.code, token);
    await bench.store.db.update(tokens).set({ officeId: elsewhere.id }).where(eq(tokens.serial, token.serial));
    await refusedWithoutTrace(() => finishEnrolment(desk, late), "other-stock");
    await checkCode(desk, who.code);
    // Whoever has it already keeps it, wherever it came from.
    await bench.store.db.update(tokens).set({ officeId: elsewhere.id }).where(eq(tokens.serial, own.token.serial));
    const { link } = await renewed(own.id);
    await prove(await enrol(link, own.token), own.token);
  });

  test("proofs in another order than the codes: one that comes late revokes nothing newer, and the newest revokes all that was before it", async () => {
    const who = await enrolled();
    const [second, third] = [await newToken(), await newToken()];
    const earlier = await enrol((await renewed(who.id)).link, second);
    bench.later(1000);
    const newest = await enrol((await renewed(who.id)).link, third);
    await prove(earlier, second);
    const states = async () => Object.fromEntries((await certificatesOf(who.personId)).map(({ id, state }) => [id, state]));
    expect(await states()).toEqual({ [who.issued.id]: "active", [earlier.id]: "active", [newest.id]: "issued" });
    await prove(newest, third);
    expect(await states()).toEqual({ [who.issued.id]: "revoked", [earlier.id]: "revoked", [newest.id]: "active" });
    await expect(prove(earlier, second)).rejects.toMatchObject({ name: "StateError" });
    expect((await states())[newest.id]).toBe("active");
  });

  test("a key that is enrolled with a code that somebody else saw is on record as perhaps theirs, until one that nobody saw", async () => {
    const administrator = await enrolled();
    const personId = await bench.person();
    const shown = await bench.store.transaction((tx) => inviteOfficer(tx, personId, [], acting(), administrator.id));
    await enrol(shown.link, await newToken());
    const sights = () => bench.store.db.select().from(officerCodeSights).where(eq(officerCodeSights.officerId, shown.officerId));
    expect(await sights()).toMatchObject([{ seenBy: administrator.id, until: null }]);
    await enrol((await renewed(shown.officerId)).link, await newToken());
    expect(await sights()).toMatchObject([{ seenBy: administrator.id, until: expect.any(Date) }]);
  });

  test("a challenge is for one officer, one token and the AUTH certificate", async () => {
    const [one, two] = [await invited(), await invited()];
    const token = await newToken();
    const complete = await order(one.code, token);
    await refusedWithoutTrace(() => finishEnrolment(desk, { ...complete, code: two.code }), "other-person");
    const holder = await enrolled();
    const again = await renewed(holder.id);
    const about = { personId: holder.personId, tokenSerial: holder.token.serial, profile: "SIGN-LCP" as const, actor: ACTOR };
    const { challenge } = await issueChallenge(desk, about);
    const signing = { code: again.link, request: await holder.token.request(challenge), evidence: holder.token.evidence };
    await refusedWithoutTrace(() => finishEnrolment(desk, signing), "other-profile");
    const inSignatureSlot = await newToken(SLOT_SIGNATURE);
    const wrongSlot = await order(again.link, inSignatureSlot);
    await refusedWithoutTrace(() => finishEnrolment(desk, wrongSlot), "slot");
  });

  test("two codes at one token: one officer has it, the other's code stays good", async () => {
    for (let round = 0; round < 5; round++) {
      const pair = [await invited(), await invited()];
      const token = await newToken();
      const orders = [await order(pair[0]?.code ?? "", token), await order(pair[1]?.code ?? "", token)];
      const done = await Promise.allSettled(orders.map((each) => finishEnrolment(desk, each)));
      const winner = done.findIndex(({ status }) => status === "fulfilled");
      const loser = 1 - winner;
      expect(done[loser]).toMatchObject({ status: "rejected", reason: { refusal: "unassigned" } });
      expect(await tokenRow(token.serial)).toMatchObject({ personId: pair[winner]?.personId });
      expect(await officerRow(pair[loser]?.id ?? "")).toMatchObject({ state: "invited", publicKey: null });
      expect(await certificatesOf(pair[loser]?.personId ?? "")).toEqual([]);
      await checkCode(desk, pair[loser]?.code ?? "");
    }
  });

  test("one code at two tokens at once: one of them is enrolled, of the other nothing is known", async () => {
    for (let round = 0; round < 5; round++) {
      const who = await invited();
      const pair = [await newToken(), await newToken()];
      const orders = await Promise.all(pair.map((token) => order(who.code, token)));
      const done = await Promise.allSettled(orders.map((each) => finishEnrolment(desk, each)));
      const winner = done.findIndex(({ status }) => status === "fulfilled");
      expect(done[1 - winner]).toMatchObject({ status: "rejected", reason: { refusal: "link-used" } });
      expect(await tokenRow(pair[1 - winner]?.serial ?? "")).toBeNull();
      expect(await officerRow(who.id)).toMatchObject({ publicKey: pair[winner]?.publicKey });
      expect(await certificatesOf(who.personId)).toHaveLength(1);
    }
  });

  test("the same order again gets the same certificate; a spent code with another challenge gets none", async () => {
    const who = await invited();
    const token = await newToken();
    const orders = [await order(who.code, token), await order(who.code, token)] as const;
    const twice = await Promise.all([finishEnrolment(desk, orders[0]), finishEnrolment(desk, orders[0])]);
    expect(twice[0].serialNumber).toBe(twice[1].serialNumber);
    expect(twice.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
    await refusedWithoutTrace(() => finishEnrolment(desk, orders[1]), "link-used");
  });

  test("another token for an active officer: the old key goes with the new one, its certificate when the new one is proved", async () => {
    const who = await enrolled();
    const { secret } = await signInByTls(bench.store, who.token.publicKey, bench.now);
    const { link } = await renewed(who.id);
    expect((await sessionOfficer(bench.store, secret, bench.now))?.id).toBe(who.id);
    const fresh = await newToken();
    bench.later(1000);
    const issued = await enrol(link, fresh);
    expect(await sessionOfficer(bench.store, secret, bench.now)).toBeNull();
    await expect(signInByTls(bench.store, who.token.publicKey, bench.now)).rejects.toMatchObject({ refusal: "key-unknown" });
    const stateOf = async (id: string) => (await certificatesOf(who.personId)).find((row) => row.id === id)?.state;
    expect(await stateOf(who.issued.id)).toBe("active");
    await prove(issued, fresh);
    await prove(issued, fresh);
    expect([await stateOf(who.issued.id), await stateOf(issued.id)]).toEqual(["revoked", "active"]);
    const [entry] = await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, who.issued.id));
    expect(entry).toMatchObject({ reason: "certificate-replaced", reasonCode: 4 });
    await signInByTls(bench.store, fresh.publicKey, bench.now);
    // The old certificate's own proof, late, ends nothing of the new one.
    await expect(proveEnrolment(desk, who.issued.id, await who.token.proof(who.issued.certificate))).rejects.toThrow();
    expect(await stateOf(issued.id)).toBe("active");
  });

  test("the same key with a new certificate lets the old one run out, and sessions go on", async () => {
    const who = await enrolled();
    const { secret } = await signInByTls(bench.store, who.token.publicKey, bench.now);
    const { link } = await renewed(who.id);
    await prove(await enrol(link, who.token), who.token);
    expect((await certificatesOf(who.personId)).map(({ state }) => state)).toEqual(["active", "active"]);
    expect((await sessionOfficer(bench.store, secret, bench.now))?.id).toBe(who.id);
  });

  test("a lost token signs nobody in from the moment that the new code is made", async () => {
    const who = await enrolled();
    const { secret } = await signInByTls(bench.store, who.token.publicKey, bench.now);
    const first = await renewed(who.id);
    const { link } = await renewed(who.id, true);
    expect(await sessionOfficer(bench.store, secret, bench.now)).toBeNull();
    await expect(signInByTls(bench.store, who.token.publicKey, bench.now)).rejects.toMatchObject({ refusal: "key-unknown" });
    expect(await officerRow(who.id)).toMatchObject({ state: "invited", publicKey: null });
    await expect(checkCode(desk, first.link)).rejects.toMatchObject({ refusal: "link-used" });
    await checkCode(desk, link);
  });

  test("a withdrawn officer's code is over; reinstated, they enrol again", async () => {
    const who = await enrolled();
    const { link } = await renewed(who.id);
    await bench.store.transaction((tx) => withdrawOfficer(tx, who.id, acting()));
    await refusedWithoutTrace(() => beginEnrolment(desk, link, who.token.evidence), "link-used");
    await expect(renewed(who.id)).rejects.toMatchObject({ refusal: "withdrawn" });
    const again = await bench.store.transaction((tx) => reinstateOfficer(tx, who.id, acting()));
    await expect(signInByTls(bench.store, who.token.publicKey, bench.now)).rejects.toMatchObject({ refusal: "key-unknown" });
    await prove(await enrol(again.link, who.token), who.token);
    await signInByTls(bench.store, who.token.publicKey, bench.now);
    await expect(bench.store.transaction((tx) => reinstateOfficer(tx, who.id, acting()))).rejects.toThrow();
  });

  test("a token that is lost is not enrolled, not even by its officer", async () => {
    const who = await enrolled();
    const { link } = await renewed(who.id);
    await bench.store.db.update(tokens).set({ state: "lost" }).where(eq(tokens.serial, who.token.serial));
    await refusedWithoutTrace(() => beginEnrolment(desk, link, who.token.evidence), "withdrawn-device");
    const gone = await newToken();
    const later = await order(link, gone);
    const [office] = await bench.store.db.select().from(offices);
    const row = {
      serial: gone.serial,
      officeId: office?.id ?? "",
      model: "Sceau unit test",
      firmware: "0.0.0",
      rootFingerprint: "",
      createdAt: START,
    };
    await bench.store.db.insert(tokens).values({ ...row, state: "retired" });
    await refusedWithoutTrace(() => finishEnrolment(desk, later), "withdrawn-device");
  });

  test("a household with 64 bits of IPv6 addresses has the tries of one", async () => {
    const app = fastify();
    app.setErrorHandler((error, _request, reply) => reply.status(error instanceof LimitError ? 429 : 404).send());
    addEnrolmentRoutes(app, desk, "http://127.0.0.1");
    const check = async (remoteAddress: string): Promise<number> => {
      const payload = { code: "x".repeat(43) };
      return (await app.inject({ method: "POST", url: "/api/enrol/check", remoteAddress, payload })).statusCode;
    };
    for (let i = 0; i < 120; i++) expect(await check(`2001:db8:1:2::${i.toString(16)}`)).toBe(404);
    expect(await check("2001:db8:1:2:ffff::1")).toBe(429);
    expect(await check("2001:db8:1:3::1")).toBe(404);
    await app.close();
  });

  test(
    "new codes and enrolments at once wait for each other, never in a circle",
    async () => {
      const who = await enrolled();
      const [person] = await bench.store.db.select().from(people).where(eq(people.id, who.personId));
      const request = { email: person?.email ?? "", language: "fr" as const, roles: [] };
      for (let round = 0; round < ROUNDS; round++) {
        const { link } = await renewed(who.id);
        const complete = await order(link, who.token);
        const done = await Promise.allSettled([
          renewed(who.id),
          finishEnrolment(desk, complete),
          bench.store.transaction((tx) => inviteByAdmin(tx, request, acting())),
          renewed(who.id),
          signInByTls(bench.store, who.token.publicKey, bench.now),
          redeemLink(bench.store, "no such link", bench.now),
        ]);
        const [first, finished, invitation, second, session, redeemed] = done.map((each) =>
          each.status === "fulfilled" ? "done" : (each.reason.refusal ?? String(each.reason)),
        );
        expect([first, second, session, invitation, redeemed]).toEqual(["done", "done", "done", "active", "link-unknown"]);
        expect(["done", "link-used"]).toContain(finished);
        const open = await bench.store.db
          .select()
          .from(oneTimeLinks)
          .where(and(eq(oneTimeLinks.officerId, who.id), eq(oneTimeLinks.purpose, "enrol")));
        expect(open.filter(({ usedAt }) => usedAt === null)).toHaveLength(1);
      }
    },
    ROUNDS_LIMIT_MS,
  );
});
