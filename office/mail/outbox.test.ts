// The outbox: nothing is mailed of what did not happen; a mail leaves once though two servers look at once, again when the server was down, and not for ever.

import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestStore, STORE_KINDS, STORE_START_LIMIT_MS, type TestStore } from "../../test/support/office-stores.ts";
import { testSealing } from "../../test/support/test-sealing.ts";
import { DAY_MS, HOUR_MS } from "../issuance/clock.ts";
import { runDueJobs } from "../jobs/jobs.ts";
import { SealError } from "../sealing/sealing.ts";
import { mails } from "../store/application-schema.ts";
import { auditEvents } from "../store/schema.ts";
import type { Mail } from "./mail.ts";
import { MAIL_JOB, mailJob, queueMail } from "./outbox.ts";

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: TestStore;
  let now = new Date("2026-11-20T09:00:00Z");
  let isDown = false;
  const sent: Mail[] = [];

  beforeAll(async () => {
    bench = await openTestStore(kind);
  }, STORE_START_LIMIT_MS);
  afterAll(() => bench.close());

  const handlers = new Map([
    [
      MAIL_JOB,
      mailJob(testSealing, {
        send: async (mail) => {
          if (isDown) throw new Error("the mail server is down");
          sent.push(mail);
        },
      }),
    ],
  ]);
  const post = () => runDueJobs(bench.store, handlers, () => now);
  const mail = (to: string): Mail => ({ to, subject: "Objet", text: "Le code est 1234.\n", html: "<p>1234</p>" });
  const rowOf = async (id: string) => (await bench.store.db.select().from(mails).where(eq(mails.id, id)))[0];
  const queue = (to: string): Promise<string> => bench.store.transaction((tx) => queueMail(tx, testSealing, "code", mail(to), now));

  test("a mail of a transaction that came to nothing is never sent", async () => {
    const broken = bench.store.transaction(async (tx) => {
      await queueMail(tx, testSealing, "code", mail("nobody@example.org"), now);
      throw new Error("something else went wrong");
    });
    await expect(broken).rejects.toThrow("something else");
    expect(await post()).toBe(0);
    expect(sent).toEqual([]);
  });

  test("two servers send a mail once, as it was written; then its text is gone", async () => {
    const id = await queue("lea@example.org");
    await Promise.all([post(), post(), post()]);
    expect(sent).toEqual([mail("lea@example.org")]);
    expect(await rowOf(id)).toMatchObject({ template: "code", recipient: "lea@example.org", sealed: null, sentAt: now });
  });

  test("one mail's text opens in no other's place", async () => {
    const [a, b] = [await queue("a@example.org"), await queue("b@example.org")];
    const sealed = (await rowOf(a))?.sealed ?? new Uint8Array();
    expect(() => testSealing.open(`mail:${b}`, sealed)).toThrow(SealError);
    await post();
  });

  test("a mail server that is down gets it later; one that no server takes for two days is destroyed, and the trail says so", async () => {
    isDown = true;
    const id = await queue("late@example.org");
    const count = sent.length;
    await post();
    expect([(await rowOf(id))?.sealed === null, sent.length]).toEqual([false, count]);
    now = new Date(now.getTime() + HOUR_MS);
    isDown = false;
    await post();
    expect(sent.at(-1)?.to).toBe("late@example.org");
    isDown = true;
    const never = await queue("never@example.org");
    for (let hours = 0; hours < 47; hours++) {
      now = new Date(now.getTime() + HOUR_MS);
      await post();
    }
    expect((await rowOf(never))?.sealed).not.toBeNull();
    now = new Date(now.getTime() + 2 * DAY_MS);
    await post();
    expect(await rowOf(never)).toMatchObject({ sealed: null, sentAt: null });
    const [event] = await bench.store.db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subject, `mail:${never}`));
    expect(event).toMatchObject({ action: "mail.given-up", actor: "clock", details: { template: "code" } });
    expect(await post()).toBe(0);
  });
});
