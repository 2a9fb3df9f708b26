// A token's secrets leave the office by two people's hands, once, within a day; what is handed to an agent is handed to one. On both kinds of store.

import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentRequestLink } from "../../host-bridge/agent/agent-address.ts";
import { ActivationBench } from "../../test/support/activation-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { testSealing } from "../../test/support/test-sealing.ts";
import { DAY_MS } from "../issuance/clock.ts";
import type { Officer } from "../registration/officers.ts";
import { agentRequests, secretReleases, tokenSecrets } from "../store/application-schema.ts";
import { auditEvents, tokens } from "../store/schema.ts";
import { AGENT_REQUEST_MS, newAgentRequest, takeAgentRequest } from "./agent-requests.ts";
import { askRelease, decideRelease, releaseState, secretsKept, showRelease } from "./secret-release.ts";

const START = new Date("2026-03-02T08:00:00Z");
const REASON = "The holder has blocked the PIN, and is here.";
const PUK = "28460917";
const KEY = new Uint8Array(24).fill(9);

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error) => error.refusal ?? error.permission ?? String(error),
  );

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: ActivationBench;
  let desk: ActivationBench["desk"];
  let asking: Officer;
  let agreeing: Officer;

  beforeAll(async () => {
    bench = await ActivationBench.open(kind, START);
    desk = bench.desk;
    asking = await bench.officer(["issuer"]);
    agreeing = await bench.officer(["issuer"]);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  /** @returns serial number of one whose secrets the office has */
  async function token(): Promise<string> {
    const { serial } = await bench.issuance.token();
    const sealed = testSealing.seal(`token-secrets:${serial}`, Buffer.concat([Buffer.from(PUK), KEY]));
    await bench.store.db.insert(tokenSecrets).values({ tokenSerial: serial, sealed, storedBy: "system", storedAt: START });
    return serial;
  }

  const eventsOf = async (serial: string) =>
    (
      await bench.store.db
        .select()
        .from(auditEvents)
        .where(eq(auditEvents.subject, `token:${serial}`))
        .orderBy(auditEvents.number)
    ).map(({ action, actor }) => [action, actor]);

  test("one asks, another agrees, and who asked sees them, once", async () => {
    const serial = await token();
    const id = await askRelease(desk, serial, REASON, asking);
    expect(await outcomeOf(showRelease(desk, id, asking))).toBe("not-agreed");
    await decideRelease(desk, id, "agree", agreeing);
    expect(await outcomeOf(showRelease(desk, id, agreeing))).toBe("not-yours");
    const outcomes = await Promise.allSettled([showRelease(desk, id, asking), showRelease(desk, id, asking)]);
    const shown = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(shown).toHaveLength(1);
    expect([Buffer.from(shown[0]?.puk ?? []).toString(), shown[0]?.managementKey]).toEqual([PUK, KEY]);
    expect(await outcomeOf(showRelease(desk, id, asking))).toBe("over");
    const [first, second] = [`officer:${asking.id}`, `officer:${agreeing.id}`];
    expect(await eventsOf(serial)).toEqual([
      ["secrets.ask", first],
      ["secrets.agree", second],
      ["secrets.show", first],
    ]);
    const details = await bench.store.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subject, `token:${serial}`));
    expect(JSON.stringify(details)).not.toContain(PUK);
  });

  test("what was shown is not released again, until the token has other secrets", async () => {
    const serial = await token();
    const id = await askRelease(desk, serial, REASON, asking);
    await decideRelease(desk, id, "agree", agreeing);
    expect(await secretsKept(bench.store.db, serial)).toBe("kept");
    await showRelease(desk, id, asking);
    expect(await secretsKept(bench.store.db, serial)).toBe("released");
    for (const officer of [asking, agreeing]) expect(await outcomeOf(askRelease(desk, serial, REASON, officer))).toBe("released");
    bench.issuance.later(1000);
    await bench.store.db.update(tokenSecrets).set({ storedAt: bench.issuance.now }).where(eq(tokenSecrets.tokenSerial, serial));
    expect(await outcomeOf(askRelease(desk, serial, REASON, asking))).toBe("done");
  });

  test("nobody agrees with themselves, not as another officer either; nor without the role", async () => {
    const serial = await token();
    const id = await askRelease(desk, serial, REASON, asking);
    expect(await outcomeOf(decideRelease(desk, id, "agree", asking))).toBe("same-officer");
    const [givenName = "", surname = ""] = asking.name.split(/ (.*)/s);
    const again = await bench.officer(["issuer"], { givenName: givenName.toUpperCase(), surname });
    expect(await outcomeOf(decideRelease(desk, id, "agree", again))).toBe("same-officer");
    const helpdesk = await bench.officer(["helpdesk", "verifier", "approver"]);
    expect(await outcomeOf(decideRelease(desk, id, "agree", helpdesk))).toBe("secrets");
    expect(await outcomeOf(askRelease(desk, serial, REASON, helpdesk))).toBe("secrets");
    await decideRelease(desk, id, "refuse", agreeing);
    expect(await outcomeOf(decideRelease(desk, id, "agree", agreeing))).toBe("over");
    expect(await outcomeOf(showRelease(desk, id, asking))).toBe("over");
  });

  test("one at a time of a token, with a reason; of a token whose secrets the office has", async () => {
    const serial = await token();
    expect(await outcomeOf(askRelease(desk, serial, "because", asking))).toBe("reason");
    expect(await outcomeOf(askRelease(desk, "no such token", REASON, asking))).toBe("unknown");
    expect(await outcomeOf(askRelease(desk, (await bench.issuance.token()).serial, REASON, asking))).toBe("no-secrets");
    const outcomes = await Promise.all([asking, agreeing].map((officer) => outcomeOf(askRelease(desk, serial, REASON, officer))));
    expect(outcomes.sort()).toEqual(["done", "open"]);
  });

  test("a day is enough: after it nothing is agreed or shown, before any job has run and after", async () => {
    const [asked, agreed] = [await token(), await token()];
    const [first, second] = [await askRelease(desk, asked, REASON, asking), await askRelease(desk, agreed, REASON, asking)];
    await decideRelease(desk, second, "agree", agreeing);
    bench.issuance.later(DAY_MS);
    expect(await outcomeOf(decideRelease(desk, first, "agree", agreeing))).toBe("over");
    expect(await outcomeOf(showRelease(desk, second, asking))).toBe("over");
    // Another may be asked for at once.
    const third = await askRelease(desk, asked, REASON, asking);
    const failures: string[] = [];
    await bench.runJobs((kind, error) => failures.push(`${kind}: ${error}`));
    expect(failures).toEqual([]);
    const rows = await bench.store.db.select().from(secretReleases);
    const stateOf = (id: string) => rows.find((row) => row.id === id)?.state;
    expect([stateOf(first), stateOf(second), stateOf(third)]).toEqual(["expired", "expired", "asked"]);
    const seen = rows.filter((row) => releaseState(row, bench.issuance.now) === "asked").map(({ id }) => id);
    expect([seen.includes(first), seen.includes(third)]).toEqual([false, true]);
  });

  test("secrets that were exchanged between rows open nothing", async () => {
    const [one, other] = [await token(), await token()];
    const [row] = await bench.store.db.select().from(tokenSecrets).where(eq(tokenSecrets.tokenSerial, other));
    await bench.store.db
      .update(tokenSecrets)
      .set({ sealed: row?.sealed ?? new Uint8Array() })
      .where(eq(tokenSecrets.tokenSerial, one));
    const id = await askRelease(desk, one, REASON, asking);
    await decideRelease(desk, id, "agree", agreeing);
    await expect(showRelease(desk, id, asking)).rejects.toThrow("not sealed for this purpose");
    await bench.store.db.delete(secretReleases).where(eq(secretReleases.id, id));
    expect(await bench.store.db.select().from(tokens).where(eq(tokens.serial, one))).toHaveLength(1);
  });

  describe("an agent's request", () => {
    const order = {
      kind: "activate" as const,
      returnPath: "/activate/after/1",
      office: "Desk",
      session: "s".repeat(43),
      person: "Léa Morel",
    };
    const offer = () => bench.store.transaction((tx) => newAgentRequest(tx, testSealing, order, bench.issuance.now));

    test("is told once, to one of two; what was told is destroyed", async () => {
      const id = await offer();
      expect(agentRequestLink("https://office.example", id)).toBe(
        `http://127.0.0.1:8757/request?office=https%3A%2F%2Foffice.example&id=${id}`,
      );
      const outcomes = await Promise.allSettled([takeAgentRequest(desk, id), takeAgentRequest(desk, id)]);
      const taken = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      expect(taken).toEqual([{ ...order, expiresAt: new Date(bench.issuance.now.getTime() + AGENT_REQUEST_MS) }]);
      expect(await outcomeOf(takeAgentRequest(desk, id))).toBe("taken");
      expect((await bench.store.db.select().from(agentRequests)).map(({ sealed }) => sealed.length)).toEqual([0]);
    });

    test("is not told later than ten minutes, nor to whoever makes up a number", async () => {
      const id = await offer();
      bench.issuance.later(AGENT_REQUEST_MS);
      expect(await outcomeOf(takeAgentRequest(desk, id))).toBe("expired");
      expect(await outcomeOf(takeAgentRequest(desk, "x".repeat(43)))).toBe("unknown");
    });
  });
});
