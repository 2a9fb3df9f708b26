// Decisions about tokens with a real certification authority: what ends takes its certificates with it, in the list and in OCSP's tables at once; two
// officers at once, and issuance at the same time. On both kinds of store.

import { writeFileSync } from "node:fs";
import { and, asc, desc, eq, inArray } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACTOR, type BenchToken, IssuanceBench } from "../../test/support/issuance-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { mustRun } from "../../test/support/run.ts";
import { issue } from "../issuance/certificate-issuance.ts";
import { IssuanceError } from "../issuance/issuance-error.ts";
import { PERSON_PROFILES } from "../issuance/profiles.ts";
import { revoke, revokeTokenIn } from "../issuance/revocation.ts";
import type { RevocationReason } from "../issuance/revocation-reasons.ts";
import { UnknownTokenError } from "../registration/tokens.ts";
import { StateError } from "../states/state-table.ts";
import { TOKEN, type TokenState } from "../states/token-states.ts";
import { statusReader } from "../status/certificate-status.ts";
import { auditEvents, certificates, crls, issuers, keys, revocations, tokens } from "../store/schema.ts";
import {
  type DecisionDesk,
  decideToken,
  decisionsFrom,
  isFinal,
  ReasonNeededError,
  reasonsFor,
  type TokenDecision,
} from "./token-decision.ts";

const STATES = Object.keys(TOKEN.table) as TokenState[];
const PREPARING = ["format", "assign", "activate"];
const RACE_LIMIT_MS = 120_000;

test("what may be decided is what the table of states allows, but for the changes that need the token", () => {
  for (const state of STATES) {
    const allowed = Object.keys(TOKEN.table[state]).filter((event) => !PREPARING.includes(event));
    expect(decisionsFrom(state).sort(), state).toEqual(allowed.sort());
  }
});

test("final is what nothing leads out of, and everything final has a reason for the certificates", () => {
  for (const state of STATES) {
    for (const decision of decisionsFrom(state)) {
      const isEnd = ["lose", "damage", "retire"].includes(decision);
      expect(isFinal(state, decision), `${decision} from ${state}`).toBe(isEnd);
      if (isEnd) expect(reasonsFor(decision).length).toBeGreaterThan(0);
    }
  }
});

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IssuanceBench;
  let desk: DecisionDesk;

  beforeAll(async () => {
    bench = await IssuanceBench.open(kind, new Date(Date.now() - 60_000));
    const { authority, clock, store } = bench.desk;
    desk = { store, clock, revoking: { revokeToken: (tx, serial, order, now) => revokeTokenIn(tx, authority, serial, order, now) } };
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  const decide = (serial: string, decision: TokenDecision, reason: RevocationReason | null = null) =>
    decideToken(desk, serial, { decision, reason, officerId: null, actor: ACTOR });
  const tokenOf = async (serial: string) => (await bench.store.db.select().from(tokens).where(eq(tokens.serial, serial)))[0];
  const certificatesOf = (serial: string) =>
    bench.store.db
      .select({ id: certificates.id, state: certificates.state, serialNumber: certificates.serialNumber })
      .from(certificates)
      .innerJoin(keys, eq(keys.id, certificates.keyId))
      .where(eq(keys.tokenSerial, serial))
      .orderBy(asc(certificates.id));

  /** The newest list of the issuing CA, as openssl reads it. */
  async function listText(): Promise<string> {
    const [row] = await bench.store.db
      .select({ der: crls.der })
      .from(crls)
      .innerJoin(issuers, eq(issuers.id, crls.issuerId))
      .where(eq(issuers.isCurrent, true))
      .orderBy(desc(crls.number))
      .limit(1);
    writeFileSync(bench.path("newest.crl"), row?.der ?? "");
    return mustRun("openssl", ["crl", "-inform", "DER", "-in", bench.path("newest.crl"), "-noout", "-text"]);
  }

  async function ocspSays(serialNumber: string): Promise<string> {
    const [issuer] = await bench.store.db.select().from(issuers).where(eq(issuers.isCurrent, true));
    return (await statusReader(bench.store.db)(issuer?.id ?? "", [serialNumber])).get(serialNumber)?.status.kind ?? "unknown";
  }

  async function tokenWithCertificates(): Promise<BenchToken> {
    const token = await bench.token();
    await bench.active("SIGN-QCP", token);
    await bench.active("AUTH", token);
    return token;
  }

  test.each([
    ["lose", null, "lost", 1],
    ["damage", "certificate-replaced", "damaged", 4],
    ["retire", "holder-left", "retired", 3],
  ] as const)("%s: the certificates of all its keys are in the list and in OCSP at once", async (decision, reason, state, code) => {
    const token = await tokenWithCertificates();
    await bench.issued("SIGN-LCP", token); // not proved yet
    const outcome = await decide(token.serial, decision, reason);
    expect(outcome).toMatchObject({ state, isNew: true });
    expect(outcome.revoked).toHaveLength(3);
    expect((await tokenOf(token.serial))?.state).toBe(state);
    const text = await listText();
    for (const { id, state: now, serialNumber } of await certificatesOf(token.serial)) {
      expect(now).toBe("revoked");
      expect(text).toContain(serialNumber.toUpperCase());
      expect(await ocspSays(serialNumber)).toBe("revoked");
      const [entry] = await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, id));
      expect(entry).toMatchObject({ reasonCode: code, channel: "officer" });
    }
    const subjects = [`token:${token.serial}`, ...outcome.revoked.map(({ certificateId }) => `certificate:${certificateId}`)];
    const events = await bench.store.db
      .select()
      .from(auditEvents)
      .where(inArray(auditEvents.subject, subjects))
      .orderBy(auditEvents.number);
    expect(events.slice(-4).map(({ action, actor }) => [action, actor])).toEqual([
      ...[1, 2, 3].map(() => ["certificate.revoke", ACTOR]),
      [`token.${decision}`, ACTOR],
    ]);
  });

  test("without a reason that fits nothing happens, where there is something to choose", async () => {
    const token = await tokenWithCertificates();
    for (const reason of [null, "key-compromise"] as const) {
      await expect(decide(token.serial, "retire", reason)).rejects.toThrow(ReasonNeededError);
    }
    expect((await tokenOf(token.serial))?.state).toBe("active");
    for (const { state } of await certificatesOf(token.serial)) expect(state).toBe("active");
  });

  test("where nothing is valid no reason is needed, and no list is published", async () => {
    const token = await bench.token();
    const { id } = await bench.active("SIGN-LCP", token);
    await revoke(bench.desk, id, { reason: "wrong-name", channel: "officer", officerId: null, actor: ACTOR });
    const before = await listText();
    expect(await decide(token.serial, "retire")).toMatchObject({ state: "retired", revoked: [], isNew: true });
    expect(await listText()).toBe(before);
    const [entry] = await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, id));
    expect(entry?.reason).toBe("wrong-name");
  });

  test("suspended and back, blocked and back: no list and no OCSP answer changes", async () => {
    const token = await tokenWithCertificates();
    const before = await listText();
    for (const [decision, state] of [
      ["suspend", "suspended"],
      ["resume", "active"],
      ["block", "blocked"],
      ["unblock", "active"],
    ] as const) {
      expect(await decide(token.serial, decision)).toEqual({ state, revoked: [], isNew: true });
    }
    expect(await listText()).toBe(before);
    for (const { serialNumber } of await certificatesOf(token.serial)) expect(await ocspSays(serialNumber)).toBe("good");
  });

  test("a token that is taken back is nobody's, and what waited for its proof is revoked", async () => {
    const { token, serialNumber } = await bench.issued();
    expect(await decide(token.serial, "release", "holder-request")).toMatchObject({ state: "formatted", isNew: true });
    expect(await tokenOf(token.serial)).toMatchObject({ state: "formatted", personId: null });
    expect(await ocspSays(serialNumber)).toBe("revoked");
  });

  test("what the state does not allow revokes nothing", async () => {
    const token = await tokenWithCertificates();
    await expect(decide(token.serial, "release", "holder-request")).rejects.toThrow(StateError);
    for (const { state } of await certificatesOf(token.serial)) expect(state).toBe("active");
    await expect(decide("no-such-token", "lose")).rejects.toThrow(UnknownTokenError);
  });

  test("when the list can't be signed, the token is as before", async () => {
    const token = await tokenWithCertificates();
    const failing: DecisionDesk = {
      ...desk,
      revoking: {
        revokeToken: async (...order) => {
          await desk.revoking.revokeToken(...order);
          throw new Error("the key is away");
        },
      },
    };
    const order = { decision: "lose", reason: null, officerId: null, actor: ACTOR } as const;
    await expect(decideToken(failing, token.serial, order)).rejects.toThrow("the key is away");
    expect((await tokenOf(token.serial))?.state).toBe("active");
    for (const { state } of await certificatesOf(token.serial)) expect(state).toBe("active");
  });

  test("two officers at once: the same decision is made once, of two different ones the second is refused", async () => {
    const [one, other] = [await tokenWithCertificates(), await tokenWithCertificates()];
    const same = await Promise.all([1, 2, 3].map(() => decide(one.serial, "lose")));
    expect(same.map(({ isNew }) => isNew).sort()).toEqual([false, false, true]);
    expect(same.flatMap(({ revoked }) => revoked)).toHaveLength(2);
    const different = await Promise.allSettled([decide(other.serial, "lose"), decide(other.serial, "retire", "holder-left")]);
    expect(different.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(different.find(({ status }) => status === "rejected")).toMatchObject({ reason: expect.any(StateError) });
    const revoked = (await certificatesOf(other.serial)).map(({ id }) => id);
    expect(await bench.store.db.select().from(revocations).where(inArray(revocations.certificateId, revoked))).toHaveLength(2);
    const lost = and(eq(auditEvents.subject, `token:${one.serial}`), eq(auditEvents.action, "token.lose"));
    expect(await bench.store.db.select().from(auditEvents).where(lost)).toHaveLength(1);
  });

  test(
    "issued, revoked and lost at the same time: no deadlock, and nothing of a lost token is valid",
    async () => {
      for (let round = 0; round < 6; round++) {
        const token = await bench.token();
        const { id } = await bench.active("AUTH", token);
        const order = await bench.order(token, await bench.challenge(token), PERSON_PROFILES["SIGN-LCP"].slot);
        const outcomes = await Promise.allSettled([
          issue(bench.desk, order),
          revoke(bench.desk, id, { reason: "key-compromise", channel: "officer", officerId: null, actor: ACTOR }),
          decide(token.serial, "lose"),
          decide(token.serial, "suspend"),
        ]);
        for (const outcome of outcomes) {
          if (outcome.status === "rejected") {
            const isRefused = outcome.reason instanceof IssuanceError || outcome.reason instanceof StateError;
            expect(isRefused, String(outcome.reason)).toBe(true);
          }
        }
        expect((await tokenOf(token.serial))?.state).toBe("lost");
        for (const { state } of await certificatesOf(token.serial)) expect(state).toBe("revoked");
      }
    },
    RACE_LIMIT_MS,
  );
});
