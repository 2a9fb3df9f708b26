// Who may activate, and how often somebody may try; what happens when nobody goes on. With a real certification authority, on both kinds of store.

import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { BUTTON_POLICY_NEVER, PIN_POLICY_ALWAYS, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { ActivationBench, ANSWERS, ANSWERS_TYPED, type Applicant, WRONG_ANSWERS } from "../../test/support/activation-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { type SealedToken, sealedToken } from "../../test/support/sealed-token.ts";
import { ascii, PIN } from "../../test/support/simulated-token.ts";
import { holdDossier } from "../dossiers/dossiers.ts";
import { prepareActivation } from "../dossiers/prepare-activation.ts";
import { tokenOf } from "../enrolment/officer-token.ts";
import { DAY_MS } from "../issuance/clock.ts";
import { revoke } from "../issuance/revocation.ts";
import { activations, questionSets, tokenSecrets } from "../store/application-schema.ts";
import { auditEvents, certificates, organisations, revocations, tokens as tokenRows } from "../store/schema.ts";
import {
  activationCertificate,
  activationChallenge,
  activationSecrets,
  activationState,
  type CertificateOrder,
  proveActivation,
} from "./activating.ts";
import { answerActivation, lockedActivations, openActivation, openDeskSession, unlockActivation } from "./opening.ts";

const START = new Date("2026-03-02T08:00:00Z");
const PUK = ascii("28460917");
const KEY = new Uint8Array(24).fill(9);
const SECRETS = { puk: PUK, managementKey: KEY };

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error) => error.refusal ?? error.permission ?? String(error),
  );

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: ActivationBench;
  let desk: ActivationBench["desk"];
  let made = 0;

  beforeAll(async () => {
    bench = await ActivationBench.open(kind, START);
    desk = bench.desk;
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  const open = ({ reference }: Applicant) => openActivation(desk, reference);
  const answer = ({ reference }: Applicant, answers: Readonly<Record<string, string>> = ANSWERS_TYPED) =>
    answerActivation(desk, reference, answers);
  const activationOf = async ({ dossierId }: Applicant) =>
    (await bench.store.db.select().from(activations).where(eq(activations.dossierId, dossierId))).sort(
      (a, b) => b.createdAt.getTime() - a.createdAt.getTime(),
    );
  const eventsOf = async (subject: string) =>
    (await bench.store.db.select().from(auditEvents).where(eq(auditEvents.subject, subject)).orderBy(auditEvents.number)).map(
      ({ action }) => action,
    );

  /** A token with a key in 9C, formatted elsewhere. */
  const keyed = async (): Promise<SealedToken & { readonly point: Uint8Array; readonly serial: string }> => {
    const serial = 62_000_000 + ++made;
    const sealed = await sealedToken(serial, bench.issuance.now, bench.root);
    const point = await sealed.token.makeKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_NEVER });
    return { ...sealed, point, serial: String(serial) };
  };

  async function evidenceOf({ token, certificate }: SealedToken): Promise<CertificateOrder["evidence"]> {
    const client = token.client();
    await client.verifyPin(ascii(PIN));
    const attestation = await client.attest(SLOT_SIGNATURE);
    client.close();
    return { attestation, issuer: certificate };
  }

  async function order(token: Awaited<ReturnType<typeof keyed>>, challenge: string): Promise<CertificateOrder> {
    const client = token.token.client();
    const request = await createCertificationRequest(
      token.point,
      async (digest) => {
        await client.verifyPin(ascii(PIN));
        return client.sign(SLOT_SIGNATURE, digest);
      },
      challenge,
    );
    client.close();
    return { request, evidence: await evidenceOf(token) };
  }

  /** Up to a certificate that waits for its proof. */
  async function issued(applicant: Applicant) {
    const token = await keyed();
    const { session } = await answer(applicant);
    await activationSecrets(desk, session, token.serial, SECRETS);
    const complete = await order(token, await activationChallenge(desk, session, await evidenceOf(token)));
    return { token, session, complete, certificate: await activationCertificate(desk, session, complete) };
  }

  test("S15: the number alone opens nothing, nor do two right answers of three; five wrong tries lock it until an officer unlocks it", async () => {
    const who = await bench.approved();
    expect(await open(who)).toMatchObject({ office: "Desk", questions: Object.keys(ANSWERS), triesLeft: 5 });
    expect(await outcomeOf(answer(who, {}))).toBe("answers");
    for (const left of [3, 2, 1]) await expect(answer(who, WRONG_ANSWERS)).rejects.toMatchObject({ refusal: "answers", triesLeft: left });
    expect(await open(who)).toMatchObject({ triesLeft: 1 });
    expect(await outcomeOf(answer(who, WRONG_ANSWERS))).toBe("locked");
    expect([await outcomeOf(answer(who)), await outcomeOf(open(who))]).toEqual(["locked", "locked"]);
    expect(await activationOf(who)).toMatchObject([{ state: "locked", failedTries: 5 }]);
    expect(await bench.templates(who.email)).toContain("locked");
    const helpdesk = await bench.officer(["helpdesk"]);
    const [locked] = await lockedActivations(bench.store.db, [bench.officeId]);
    expect(locked).toMatchObject({ dossierId: who.dossierId, email: who.email });
    const id = locked?.id ?? "";
    await unlockActivation(desk, id, { officerId: helpdesk.id, reason: "She has called, and knows what she had mistyped." });
    expect(await lockedActivations(bench.store.db, [bench.officeId])).toEqual([]);
    expect(await bench.templates(who.email)).toContain("unlocked");
    expect(await bench.store.db.select().from(questionSets).where(eq(questionSets.accountId, who.accountId))).toMatchObject([
      { state: "open", failedTries: 0 },
    ]);
    expect((await answer(who)).session).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await eventsOf(`activation:${id}`)).toEqual(["activation.lock", "activation.unlock", "activation.open"]);
  });

  test("a right answer gives all tries back; many at once have five in all", async () => {
    const who = await bench.approved();
    for (let i = 0; i < 4; i++) await expect(answer(who, WRONG_ANSWERS)).rejects.toMatchObject({ refusal: "answers" });
    await answer(who);
    expect(await open(who)).toMatchObject({ triesLeft: 5 });
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => outcomeOf(answer(who, WRONG_ANSWERS))));
    expect(outcomes.filter((outcome) => outcome === "answers").length).toBeLessThanOrEqual(4);
    expect(new Set(outcomes)).toEqual(new Set(["answers", "locked"]));
    expect(await outcomeOf(answer(who))).toBe("locked");
  });

  test("a number whose time is over, and one that another took the place of", async () => {
    const who = await bench.approved();
    const { session } = await answer(who);
    const again = bench.store.transaction(async (tx) =>
      prepareActivation(tx, desk, await holdDossier(tx, who.dossierId), {
        actor: "system",
        now: new Date(bench.issuance.now.getTime() + 1),
      }),
    );
    await again;
    expect([await outcomeOf(answer(who)), await outcomeOf(activationState(desk, session))]).toEqual(["expired", "expired"]);
    const newer = { ...who, reference: await bench.mailedReference(who.email) };
    expect(newer.reference).not.toBe(who.reference);
    const { session: second } = await answer(newer);
    bench.issuance.later(3_600_000);
    expect(await outcomeOf(activationState(desk, second))).toBe("session");
    bench.issuance.later(14 * DAY_MS);
    // By the clock alone, before any job has run.
    expect(await outcomeOf(answer(newer))).toBe("expired");
  });

  test("at the desk: an officer who may, for a dossier of their office, never their own", async () => {
    const who = await bench.approved();
    const [issuer, verifier] = [await bench.officer(["issuer"]), await bench.officer(["verifier"])];
    expect(await outcomeOf(openDeskSession(desk, who.dossierId, verifier))).toBe("issue");
    const { givenName, surname } = await bench.dossier(who.dossierId);
    const themselves = await bench.officer(["issuer"], { givenName, surname });
    expect(await outcomeOf(openDeskSession(desk, who.dossierId, themselves))).toBe("own-dossier");
    const { session } = await openDeskSession(desk, who.dossierId, issuer);
    const token = await keyed();
    await activationSecrets(desk, session, token.serial, SECRETS);
    const challenge = await activationChallenge(desk, session, await evidenceOf(token));
    const { id } = await activationCertificate(desk, session, await order(token, challenge));
    const [event] = await bench.store.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subject, `certificate:${id}`));
    expect(event?.actor).toBe(`officer:${issuer.id}`);
  });

  test("one certificate an activation: the same request gets it again, another key gets none", async () => {
    const who = await bench.approved();
    const { token, session, complete, certificate } = await issued(who);
    expect(await activationCertificate(desk, session, complete)).toMatchObject({ id: certificate.id, isNew: false });
    const other = await keyed();
    expect(await outcomeOf(activationChallenge(desk, session, await evidenceOf(other)))).toBe("issued");
    expect(await activationState(desk, session)).toMatchObject({
      stage: "issued",
      token: token.serial,
      certificate: { id: certificate.id },
    });
    await expect(proveActivation(desk, session, new Uint8Array([0x30, 0]))).rejects.toThrow();
    expect((await bench.dossier(who.dossierId)).state).toBe("activation_ready");
  });

  test("two challenges, two tokens, at once: one of them is the holder's", async () => {
    const who = await bench.approved();
    const tokens = [await keyed(), await keyed()];
    const { session } = await answer(who);
    // On record from an earlier activation: each has them, and only the certificate is raced for.
    const kept = { sealed: Uint8Array.of(1), storedBy: "system", storedAt: START };
    for (const token of tokens) {
      const told = tokenOf(await evidenceOf(token), desk, bench.issuance.now);
      await bench.store.db.insert(tokenRows).values({ ...told, officeId: bench.officeId, state: "blank", createdAt: START });
    }
    await bench.store.db.insert(tokenSecrets).values(tokens.map(({ serial }) => ({ ...kept, tokenSerial: serial })));
    const orders = await Promise.all(
      tokens.map(async (token) => order(token, await activationChallenge(desk, session, await evidenceOf(token)))),
    );
    const outcomes = await Promise.all(orders.map((each) => outcomeOf(activationCertificate(desk, session, each))));
    expect(outcomes.sort()).toEqual(["done", "issued"]);
    expect(await bench.store.db.select().from(certificates).where(eq(certificates.personId, who.personId))).toHaveLength(1);
  });

  test("somebody else's token is not taken, nor are secrets said of it", async () => {
    const [first, second] = [await bench.approved(), await bench.approved()];
    const { token } = await issued(first);
    const { session } = await answer(second);
    expect(await outcomeOf(activationChallenge(desk, session, await evidenceOf(token)))).toBe("unassigned");
    expect(await outcomeOf(activationSecrets(desk, session, token.serial, SECRETS))).toBe("unassigned");
  });

  test("secrets count when their token has vouched for a key; then others are refused while it has a certificate", async () => {
    const who = await bench.approved();
    const token = await keyed();
    const { session } = await answer(who);
    const stored = () => bench.store.db.select().from(tokenSecrets).where(eq(tokenSecrets.tokenSerial, token.serial));
    await activationSecrets(desk, session, token.serial, SECRETS);
    expect(await stored()).toEqual([]);
    const complete = await order(token, await activationChallenge(desk, session, await evidenceOf(token)));
    const { id } = await activationCertificate(desk, session, complete);
    const [before] = await stored();
    expect(before?.sealed).toBeInstanceOf(Uint8Array);
    await activationSecrets(desk, session, token.serial, SECRETS);
    expect((await stored())[0]?.sealed).toEqual(before?.sealed);
    const others = { puk: PUK, managementKey: new Uint8Array(24).fill(8) };
    expect(await outcomeOf(activationSecrets(desk, session, token.serial, others))).toBe("secrets-known");
    await revoke(desk, id, { reason: "certificate-replaced", channel: "officer", officerId: null, actor: "system" });
    expect(await outcomeOf(activationSecrets(desk, session, token.serial, others))).toBe("done");
    expect(await eventsOf(`token:${token.serial}`)).toContain("secrets.store");
  });

  test("no certificate before PUK and management key of this very token are there; at the desk neither", async () => {
    const who = await bench.approved();
    const [token, other] = [await keyed(), await keyed()];
    const opened = await answer(who);
    const atDesk = await openDeskSession(desk, who.dossierId, await bench.officer(["issuer"]));
    const certify = async (session: string) =>
      outcomeOf(
        activationCertificate(desk, session, await order(token, await activationChallenge(desk, session, await evidenceOf(token)))),
      );
    expect([await certify(opened.session), await certify(atDesk.session)]).toEqual(["secrets-missing", "secrets-missing"]);
    expect(await bench.dossier(who.dossierId)).toMatchObject({ state: "activation_ready", certificateId: null });
    expect(await eventsOf(`token:${token.serial}`)).toEqual(["challenge.issue", "challenge.issue"]);
    // Those of another token are none of this one's, and are not stored with it.
    await activationSecrets(desk, opened.session, other.serial, SECRETS);
    expect(await certify(opened.session)).toBe("secrets-missing");
    await activationSecrets(desk, atDesk.session, token.serial, SECRETS);
    expect(await certify(atDesk.session)).toBe("done");
    expect(await bench.store.db.select().from(tokenSecrets).where(eq(tokenSecrets.tokenSerial, other.serial))).toEqual([]);
    expect(await activationOf(who)).toMatchObject([{ secretsSealed: null, secretsSerial: null }]);
  });

  test("issued and not proven for 14 days: revoked by the clock, and the holder is mailed another number, which goes on", async () => {
    const who = await bench.approved();
    bench.issuance.later(10 * DAY_MS);
    const { certificate, token } = await issued(who);
    // The number's own time is over, the certificate's not: who began goes on.
    bench.issuance.later(10 * DAY_MS);
    await bench.runJobs();
    expect(await outcomeOf(open(who))).toBe("done");
    bench.issuance.later(4 * DAY_MS + 1000);
    const failures: string[] = [];
    await bench.runJobs((kind, error) => failures.push(`${kind}: ${error}`));
    expect(failures).toEqual([]);
    const [entry] = await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, certificate.id));
    expect(entry).toMatchObject({ channel: "clock" });
    expect(await bench.dossier(who.dossierId)).toMatchObject({ state: "activation_ready", certificateId: null, tokenSerial: null });
    expect((await activationOf(who)).map(({ state }) => state)).toEqual(["mailed", "expired"]);
    expect((await bench.mail(who.email)).template).toBe("lapsed");
    expect(await outcomeOf(open(who))).toBe("expired");
    const newer = { ...who, reference: await bench.mailedReference(who.email) };
    const { session } = await answer(newer);
    expect(await activationState(desk, session)).toMatchObject({ stage: "ready", token: null, certificate: null });
    // The same key on the same token.
    const complete = await order(token, await activationChallenge(desk, session, await evidenceOf(token)));
    expect(await activationCertificate(desk, session, complete)).toMatchObject({ isNew: true });
    expect((await eventsOf(`dossier:${who.dossierId}`)).slice(-2)).toEqual(["dossier.lapse", "dossier.prepare"]);
  });

  test("a certificate that an officer has revoked lapses nothing by the clock", async () => {
    const who = await bench.approved();
    const { certificate } = await issued(who);
    await revoke(desk, certificate.id, { reason: "certificate-replaced", channel: "officer", officerId: null, actor: "system" });
    bench.issuance.later(5 * DAY_MS);
    await bench.store.transaction(async (tx) => {
      await prepareActivation(tx, desk, await holdDossier(tx, who.dossierId), { actor: "system", now: bench.issuance.now });
    });
    bench.issuance.later(9 * DAY_MS + 1000);
    const failures: string[] = [];
    await bench.runJobs((kind, error) => failures.push(`${kind}: ${error}`));
    expect(failures).toEqual([]);
    // The newer number stays as it is.
    expect((await activationOf(who)).map(({ state }) => state)).toEqual(["mailed", "expired"]);
    expect(await bench.templates(who.email)).not.toContain("lapsed");
  });

  test("nothing goes on for the people of an organisation whose account is closed (S9)", async () => {
    const [organisation] = await bench.store.db.select().from(organisations);
    const who = await bench.approved({ organisationId: organisation?.id ?? null });
    const { session } = await answer(who);
    await bench.closeOrganisation();
    expect(await outcomeOf(activationState(desk, session))).toBe("organisation-not-open");
    expect(await outcomeOf(answer(who))).toBe("organisation-not-open");
    await bench.store.db.update(organisations).set({ state: "open" });
  });
});
