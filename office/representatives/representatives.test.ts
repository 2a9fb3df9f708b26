// The legal representative's rules (S6, S43): how the key is had, who gets in and how often somebody may try, what they revoke. With a real
// certification authority, judged by openssl ocsp, on both kinds of store.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ActivationBench, ANSWERS } from "../../test/support/activation-bench.ts";
import { keyedActivation } from "../../test/support/keyed-activation.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { opensslOcsp } from "../../test/support/status-judges.ts";
import { type StatusServer, startStatusServer } from "../../test/support/status-server.ts";
import { pem } from "../../test/support/test-certificates.ts";
import { answerActivation } from "../activation/opening.ts";
import { OCSP_KEY_FILE } from "../issuance/authority-folder.ts";
import type { IssuedCertificate } from "../issuance/certificate-issuance.ts";
import { revokeIn } from "../issuance/revocation.ts";
import type { RevocationReason } from "../issuance/revocation-reasons.ts";
import { runDueJobs } from "../jobs/jobs.ts";
import { MAIL_JOB } from "../mail/outbox.ts";
import { nameRepresentative } from "../registration/legal-representatives.ts";
import { addPerson, changeOrganisation, requestOrganisation } from "../registration/organisations.ts";
import { openOcspKey } from "../status/ocsp-key.ts";
import { accounts, legalRepresentatives, mails } from "../store/application-schema.ts";
import { auditEvents, certificates, officerCodeSights, organisations, people, revocations } from "../store/schema.ts";
import { appointRepresentative, collectKey, giveHandoverCode, HANDOVER_MS, renewKey } from "./handing-over.ts";
import { OFFER_JOB, offerJob } from "./offering.ts";
import { organisationCertificates } from "./organisation-certificates.ts";
import { lockedRepresentatives, unlockRepresentative } from "./representative.ts";
import { OPEN_MS, type Purpose, seenSession } from "./representative-sessions.ts";
import { revokeForOrganisation } from "./revoking.ts";
import { answerSecretCode, askSecretCode, identify, SECRET_CODE_MS } from "./signing-in.ts";

const MINUTE_MS = 60_000;
const YEAR_SECONDS = 31_536_000;
const LIMIT_MS = 60_000;

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error) => error.refusal ?? error.name,
  );
const wrong = (digits: string): string => digits.replace(/^./, (first) => String((Number(first) + 1) % 10));
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: ActivationBench;
  let desk: ActivationBench["desk"] & { revoking: Parameters<typeof revokeForOrganisation>[0]["revoking"] };
  let server: StatusServer;
  let organisationId: string;
  let officerId: string;
  /** Of the representative that is tested, and where they are reached. */
  let email = "";
  let key = "";
  let networks = 0;

  const rowOf = async () => {
    const [row] = await bench.store.db.select().from(legalRepresentatives).where(eq(legalRepresentatives.organisationId, organisationId));
    if (row === undefined) throw new Error("no representative");
    return row;
  };
  const runOffers = () =>
    runDueJobs(bench.store, new Map([[OFFER_JOB, offerJob(desk)] as const, [MAIL_JOB, async () => {}] as const]), () => bench.issuance.now);
  const now = () => bench.issuance.now;
  const from = (): string => `192.0.2.${++networks}`;
  const give = async (secret: string, purpose: Purpose = "revoke", identifier?: string): Promise<string> =>
    identify(desk, { identifier: identifier ?? (await rowOf()).identifier, secret, purpose, from: from() }, now());
  const ask = (secret: string, address = email) => askSecretCode(desk, { secret, email: address, from: from() }, now());
  const answer = (secret: string, code: string) => answerSecretCode(desk, { secret, code, from: from() }, now());
  const mailedCode = async (): Promise<string> => /^ {4}(\d{4} \d{4})$/m.exec((await bench.mail(email)).text)?.[1] ?? "none";
  /** All three steps. */
  async function open(secret: string, purpose: Purpose = "revoke"): Promise<string> {
    const begun = await give(secret, purpose);
    await ask(begun);
    return answer(begun, await mailedCode());
  }
  const handOver = (by = officerId) => giveHandoverCode(desk, { organisationId, officerId: by, reason: "rappelé au standard" });
  const collect = async (): Promise<string> => collectKey(desk, await open(await handOver(), "collect"));
  const revoke = (secret: string, certificateId: string, reason: RevocationReason = "holder-left") =>
    revokeForOrganisation(desk, { secret, certificateId, reason });
  const events = async (action: string) => bench.store.db.select().from(auditEvents).where(eq(auditEvents.action, action));

  beforeAll(async () => {
    bench = await ActivationBench.open(kind, new Date());
    const { authority } = bench.desk;
    desk = { ...bench.desk, revoking: { revokeIn: (tx, id, order, at) => revokeIn(tx, authority, id, order, at) } };
    server = await startStatusServer(bench.store.db, openOcspKey(join(authority.folder, OCSP_KEY_FILE)), desk.clock);
    const [organisation] = await bench.store.db.select().from(organisations);
    organisationId = organisation?.id ?? "";
    officerId = (await bench.officer(["approver"], { givenName: "Chloé", surname: "Moreau" })).id;
    const order = { organisationId, name: "Paul O'Brien", email: "Paul@Cabinet.example", language: "fr" as const };
    email = "paul@cabinet.example";
    const [manager] = await bench.store.db
      .insert(accounts)
      .values({ email: "gestion@cabinet.example", language: "fr", createdAt: now() })
      .returning();
    await bench.store.transaction((tx) => nameRepresentative(tx, order, { actor: `account:${manager?.id}`, now: now() }));
  }, STORE_START_LIMIT_MS);

  afterAll(async () => {
    await server.app.close();
    await bench.close();
  });

  beforeEach(() => bench.issuance.later(11 * MINUTE_MS)); // new limits, and mails in their order

  async function ocsp({ certificate, issuer }: IssuedCertificate): Promise<string> {
    const file = (name: string, ...ders: Uint8Array[]): string => {
      writeFileSync(bench.issuance.path(name), ders.map(pem).join(""));
      return bench.issuance.path(name);
    };
    const [cert, by, chain] = [file("c.pem", certificate), file("i.pem", issuer), file("chain.pem", desk.authority.root, issuer)];
    const time = ["-attime", String(Math.floor(now().getTime() / 1000)), "-validity_period", String(YEAR_SECONDS)];
    return opensslOcsp(["-issuer", by, "-cert", cert, "-CAfile", chain, ...time, "-url", `${server.address}/ocsp/issuing`]);
  }

  test("S43: the identifier leaves with the organisation's first certificate, once, and nothing secret with it", {
    timeout: LIMIT_MS,
  }, async () => {
    expect(await rowOf()).toMatchObject({ state: "named", email, keyHash: null });
    expect(await outcomeOf(handOver())).toBe("StateError");
    for (let n = 0; n < 2; n++) {
      const who = await bench.approved();
      const { session } = await answerActivation(desk, who.reference, ANSWERS);
      await keyedActivation(bench, session, 63_000_000 + n);
      await runOffers();
    }
    const { identifier, state } = await rowOf();
    expect([identifier, state]).toEqual([expect.stringMatching(/^ORG-[0-9A-HJKMNP-TV-Z]{8}$/), "offered"]);
    expect(await bench.templates(email)).toEqual(["representative-access"]);
    const { text } = await bench.mail(email);
    expect(text).toContain(identifier);
    expect(text.replaceAll(identifier, "")).not.toMatch(/\d{6}/);
    expect(await events("representative.offer")).toMatchObject([{ actor: "clock", subject: `organisation:${organisationId}` }]);
  });

  test("S43: neither the mailbox alone nor an officer alone has the key; with both it is shown once, and kept as argon2id", async () => {
    expect(await outcomeOf(give("00000000", "collect"))).toBe("wrong");
    // The officer alone: the code does not come to them.
    const code = await handOver();
    const begun = await give(`${code.slice(0, 4)} ${code.slice(4)}`, "collect");
    expect(await outcomeOf(collectKey(desk, begun))).toBe("session");
    await ask(begun, "agent.001@example.org");
    expect(await bench.templates("agent.001@example.org")).toEqual([]);
    expect(await outcomeOf(answer(begun, "00000000"))).toBe("code-wrong");
    // Another person than whoever named the representative, and than the representative.
    const self = await bench.officer(["approver"], { givenName: "Paul", surname: "O'Brien" });
    expect(await outcomeOf(handOver(self.id))).toBe("same-officer");
    // Nor by the key of somebody else's officer, whose code was shown to the representative; nor the manager who named them.
    const another = await bench.officer(["approver"], { givenName: "Luc", surname: "Petit" });
    await bench.store.db.insert(officerCodeSights).values({ officerId: another.id, seenBy: self.id });
    expect(await outcomeOf(handOver(another.id))).toBe("same-officer");
    await bench.store.db.delete(officerCodeSights);
    await bench.store.db.update(people).set({ email: "Gestion+agent@cabinet.example" }).where(eq(people.id, another.personId));
    expect(await outcomeOf(handOver(another.id))).toBe("same-officer");
    // Another code ends what was begun with the one before.
    await handOver();
    expect(await seenSession(bench.store.db, begun, now())).toBeNull();
    // Both.
    bench.issuance.later(HANDOVER_MS + MINUTE_MS);
    expect(await outcomeOf(give(code, "collect"))).toBe("wrong"); // over
    const session = await open(await handOver(), "collect");
    expect(await outcomeOf(revoke(session, organisationId))).toBe("session"); // not for that
    bench.issuance.later(1000);
    key = await collectKey(desk, session);
    expect(key).toMatch(/^\d{20}$/);
    expect(await outcomeOf(collectKey(desk, session))).toBe("session");
    const row = await rowOf();
    expect(row).toMatchObject({ state: "open", handoverHash: null, failedTries: 0 });
    expect(row.keyHash).toMatch(/^\$argon2id\$/);
    const kept = JSON.stringify([row, await bench.store.db.select().from(auditEvents), await bench.mail(email)]);
    expect(kept).not.toContain(key);
    expect((await bench.mail(email)).template).toBe("representative-key");
    expect(await outcomeOf(handOver())).toBe("StateError"); // there is one
  });

  test("S43: key, whole e-mail, secret code; a wrong address gets no mail and the same answer; a code is good for ten minutes", async () => {
    const begun = await give(
      `${key.slice(0, 10)} ${key.slice(10)}`,
      "revoke",
      (await rowOf()).identifier.toLowerCase().replace("org-", ""),
    );
    expect(await outcomeOf(answer(begun, "00000000"))).toBe("code-missing");
    const sent = async () => (await bench.templates(email)).filter((template) => template === "representative-code").length;
    const before = await sent();
    expect(await outcomeOf(ask(begun, "paul@cabinet.exampl"))).toBe("done");
    expect(await sent()).toBe(before);
    expect(await outcomeOf(answer(begun, "00000000"))).toBe("code-wrong");
    bench.issuance.later(1000);
    await ask(begun, "PAUL@cabinet.example");
    const late = await mailedCode();
    bench.issuance.later(SECRET_CODE_MS);
    expect(await outcomeOf(answer(begun, late))).toBe("code-expired");
    await ask(begun);
    const opened = await answer(begun, await mailedCode());
    expect(await seenSession(bench.store.db, begun, now())).toBeNull();
    expect(await seenSession(bench.store.db, opened, now())).toMatchObject({
      isOpen: true,
      purpose: "revoke",
      organisation: { id: organisationId },
    });
    bench.issuance.later(OPEN_MS);
    expect(await seenSession(bench.store.db, opened, now())).toBeNull();
    expect((await rowOf()).failedTries).toBe(0);
  });

  test("S6: one of the organisation's certificates, once: OCSP says it, holder and representative are told; no other organisation's", async () => {
    const token = await bench.issuance.token();
    const [theirs, another] = [await bench.issuance.issued("SIGN-LCP", token), await bench.issuance.issued("SIGN-LCP", token)];
    const elsewhere = await bench.store.transaction(async (tx) => {
      const acting = { actor: "system", now: now() };
      const id = await requestOrganisation(tx, { officeId: bench.officeId, name: "Cabinet voisin", country: "FR" }, acting);
      await changeOrganisation(tx, id, "open", acting);
      const person = { organisationId: id, givenName: "Guy", surname: "Voisin", email: "guy@voisin.example", language: "fr" as const };
      return addPerson(tx, { ...person, number: "V1" }, acting);
    });
    const foreign = await bench.issuance.issued("SIGN-LCP", await bench.issuance.token(elsewhere));
    const session = await open(key);
    expect(await outcomeOf(revoke(session, foreign.id))).toBe("unknown");
    const [row] = await bench.store.db.select().from(certificates).where(eq(certificates.id, foreign.id));
    expect(row?.state).toBe("issued");
    const search = { email: "", name: "", state: "any" as const, page: 1 };
    const { rows } = await organisationCertificates(bench.store.db, organisationId, search, now());
    expect(rows.map(({ certificate }) => certificate.id)).toEqual(expect.arrayContaining([theirs.id, another.id]));
    expect(rows.map(({ certificate }) => certificate.id)).not.toContain(foreign.id);
    expect(await ocsp(theirs)).toContain(": good");
    const twice = await Promise.all([revoke(session, theirs.id), revoke(session, theirs.id)]);
    expect(twice.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
    expect(await ocsp(theirs)).toMatch(/: revoked[\s\S]*Reason: affiliationChanged/);
    const [revocation] = await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, theirs.id));
    expect(revocation).toMatchObject({ channel: "legal", reason: "holder-left", officerId: null });
    const [event] = await bench.store.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subject, `certificate:${theirs.id}`))
      .orderBy(auditEvents.number)
      .offset(1);
    expect(event).toMatchObject({ action: "certificate.revoke", actor: `representative:${organisationId}` });
    const told = await bench.store.db.select().from(mails).where(eq(mails.template, "certificate-revoked"));
    expect(told.map(({ recipient }) => recipient).sort()).toEqual([`irene.${await numberOf(theirs.id)}@example.org`, email].sort());
    bench.issuance.later(OPEN_MS);
    expect(await outcomeOf(revoke(session, another.id))).toBe("session");
  });

  const numberOf = async (certificateId: string): Promise<string> => {
    const { rows } = await organisationCertificates(bench.store.db, organisationId, { email: "", name: "", state: "any", page: 1 }, now());
    return rows.find(({ certificate }) => certificate.id === certificateId)?.person.number ?? "";
  };

  test("S43: five wrong keys, also all at once, lock; the right one is then as wrong as they are, until an officer unlocks", async () => {
    const outcomes = await Promise.all(Array.from({ length: 9 }, () => outcomeOf(give(wrong(key)))));
    expect(new Set(outcomes)).toEqual(new Set(["wrong"]));
    expect(await rowOf()).toMatchObject({ failedTries: 5, lockedAt: now() });
    expect(await outcomeOf(give(key))).toBe("wrong");
    expect((await bench.mail(email)).template).toBe("locked");
    expect(await events("representative.lock")).toHaveLength(1);
    expect(await lockedRepresentatives(bench.store.db, [bench.officeId])).toEqual([{ organisationId, email }]);
    expect(await lockedRepresentatives(bench.store.db, [await bench.otherOffice()])).toEqual([]);
    const unlock = () => unlockRepresentative(desk, organisationId, "rappelé au standard", { actor: `officer:${officerId}`, now: now() });
    await unlock();
    expect(await outcomeOf(unlock())).toBe("not-locked");
    expect(await outcomeOf(give(key))).toBe("done");
    expect((await events("representative.unlock"))[0]?.details).toEqual({ reason: "rappelé au standard" });
  });

  test("S43: whoever has the key alone can't guess codes for ever by giving the key again", async () => {
    for (const left of [4, 3, 2, 1]) {
      const begun = await give(key);
      await ask(begun);
      await expect(answer(begun, wrong((await mailedCode()).replace(" ", "")))).rejects.toMatchObject({
        refusal: "code-wrong",
        triesLeft: left,
      });
      bench.issuance.later(11 * MINUTE_MS);
    }
    // The last one, spent on the key, is given back by the key: it is there for the code.
    const begun = await give(key);
    await ask(begun);
    const right = await mailedCode();
    expect(await outcomeOf(answer(begun, wrong(right.replace(" ", ""))))).toBe("locked");
    expect(await outcomeOf(answer(begun, right))).toBe("locked");
    expect(await outcomeOf(give(key))).toBe("wrong");
    await unlockRepresentative(desk, organisationId, "rappelé", { actor: `officer:${officerId}`, now: now() });
  });

  test("S43: an identifier that nobody has gets the same answer, in the same time", async () => {
    const time = async (identifier?: string): Promise<number> => {
      const start = performance.now();
      expect(await outcomeOf(give("1".repeat(20), "revoke", identifier))).toBe("wrong");
      return performance.now() - start;
    };
    await time("ORG-00000000"); // the hash to compare with is made once
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let n = 0; n < 4; n++) {
      known.push(await time());
      unknown.push(await time("ORG-00000000"));
    }
    expect(median(unknown)).toBeGreaterThan(median(known) / 3);
    expect(median(known)).toBeGreaterThan(median(unknown) / 3);
    await bench.store.db.update(legalRepresentatives).set({ failedTries: 0 });
  });

  test("S43: another key ends the old one with its sessions; another representative ends all, and the former one is told", async () => {
    const session = await open(key);
    await renewKey(desk, { organisationId, officerId, reason: "clé perdue" });
    expect([await outcomeOf(give(key)), await seenSession(bench.store.db, session, now())]).toEqual(["wrong", null]);
    bench.issuance.later(11 * MINUTE_MS);
    const second = await collect();
    expect(second).not.toBe(key);
    const { identifier } = await rowOf();
    const order = { organisationId, name: "Jeanne Martel", email: "jeanne@cabinet.example", language: "en" as const };
    bench.issuance.later(MINUTE_MS);
    await appointRepresentative(desk, order, { actor: `officer:${officerId}`, now: now() });
    expect((await bench.mail("paul@cabinet.example")).template).toBe("representative-replaced");
    expect(await outcomeOf(give(second, "revoke", identifier))).toBe("wrong");
    email = "jeanne@cabinet.example";
    const row = await rowOf();
    expect(row).toMatchObject({ state: "offered", name: "Jeanne Martel", keyHash: null });
    expect((await bench.mail(email)).text).toContain(row.identifier);
    expect(row.identifier).not.toBe(identifier);
    expect(await outcomeOf(handOver())).toBe("same-officer"); // who named her
    officerId = (await bench.officer(["approver"], { givenName: "Denis", surname: "Faure" })).id;
    bench.issuance.later(MINUTE_MS);
    expect(await outcomeOf(collect())).toBe("done");
  });
});
