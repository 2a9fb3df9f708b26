// A key ends with its token's receipt, and with nothing less. With a real certification authority and simulated tokens; on both kinds of store.

import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { formatReceipt } from "../../host-bridge/token/destruction-receipt.ts";
import { SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { ACTOR, type BenchToken, IssuanceBench } from "../../test/support/issuance-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { ascii, PIN } from "../../test/support/simulated-token.ts";
import { issue } from "../issuance/certificate-issuance.ts";
import { revokeKeyIn, revokeTokenIn } from "../issuance/revocation.ts";
import { auditEvents, certificates, crls, keys, revocations } from "../store/schema.ts";
import { type DestructionDesk, destroyKey, ReceiptError, type ReceiptRefusal } from "./key-destruction.ts";
import { decideToken } from "./token-decision.ts";

const text = (receipt: string): Uint8Array => new TextEncoder().encode(receipt);

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IssuanceBench;
  let desk: DestructionDesk;

  beforeAll(async () => {
    bench = await IssuanceBench.open(kind, new Date(Date.now() - 60_000));
    const { authority, clock, store, trust } = bench.desk;
    const revokeKey: DestructionDesk["revoking"]["revokeKey"] = (tx, id, order, now) => revokeKeyIn(tx, authority, id, order, now);
    desk = { store, clock, revoking: { trust, revokeKey } };
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  async function erase({ token, certificate }: BenchToken, slot: number): Promise<Uint8Array> {
    const officer = await token.officer();
    const signed = await officer.vendor.eraseKey(slot);
    officer.close();
    return text(formatReceipt({ signed, certificates: [certificate] }));
  }

  const destroy = (tokenSerial: string, receipt: Uint8Array, own = desk) =>
    destroyKey(own, { tokenSerial, receipt, officerId: null, actor: ACTOR });
  const keysOf = (serial: string) => bench.store.db.select().from(keys).where(eq(keys.tokenSerial, serial)).orderBy(keys.slot);
  const stateOf = async (id: string) => (await bench.store.db.select().from(certificates).where(eq(certificates.id, id)))[0]?.state;

  async function refusalOf(outcome: Promise<unknown>): Promise<ReceiptRefusal | "none"> {
    return outcome.then(
      () => "none" as const,
      (error) => {
        if (error instanceof ReceiptError) return error.refusal;
        throw error;
      },
    );
  }

  test("the key is destroyed, its certificates are revoked in a new list, the token's other key stays; once", async () => {
    const token = await bench.token();
    const [signing, login] = [await bench.active("SIGN-LCP", token), await bench.active("AUTH", token)];
    const lists = (await bench.store.db.select().from(crls)).length;
    const receipt = await erase(token, SLOT_SIGNATURE);
    const outcomes = await Promise.all([destroy(token.serial, receipt), destroy(token.serial, receipt)]);
    expect(outcomes.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
    expect((await keysOf(token.serial)).map(({ slot, state }) => [slot, state])).toEqual([
      ["9a", "certified"],
      ["9c", "destroyed"],
    ]);
    expect([await stateOf(signing.id), await stateOf(login.id)]).toEqual(["revoked", "active"]);
    expect(await bench.store.db.select().from(crls)).toHaveLength(lists + 1);
    const [entry] = await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, signing.id));
    expect(entry).toMatchObject({ reason: "keys-overwritten", reasonCode: 4 });
    const subject = `key:${outcomes[0]?.keyId}`;
    const events = await bench.store.db.select().from(auditEvents).where(eq(auditEvents.subject, subject));
    expect(events).toMatchObject([{ action: "key.destroy", actor: ACTOR, details: { token: token.serial, slot: "9c" } }]);
  });

  test("of a token that is lost, too: its keys are certified until a receipt says more", async () => {
    const token = await bench.token();
    await bench.active("SIGN-LCP", token);
    const { authority, clock, store } = bench.desk;
    const revoking: Parameters<typeof decideToken>[0]["revoking"] = {
      revokeToken: (tx, serial, order, now) => revokeTokenIn(tx, authority, serial, order, now),
    };
    await decideToken({ store, clock, revoking }, token.serial, { decision: "lose", reason: null, officerId: null, actor: ACTOR });
    expect((await keysOf(token.serial)).map(({ state }) => state)).toEqual(["certified"]);
    expect(await destroy(token.serial, await erase(token, SLOT_SIGNATURE))).toMatchObject({ isNew: true, revoked: [] });
    expect((await keysOf(token.serial)).map(({ state }) => state)).toEqual(["destroyed"]);
  });

  test("a destroyed key gets no certificate any more", async () => {
    const token = await bench.token();
    const first = await bench.order(token, await bench.challenge(token), SLOT_SIGNATURE);
    await issue(bench.desk, first);
    // A request that was signed before the key was erased, and comes afterwards.
    const client = token.token.client();
    await client.verifyPin(ascii(PIN));
    const [{ publicKey } = { publicKey: new Uint8Array() }] = await keysOf(token.serial);
    const point = publicKey.slice(-65);
    const request = await createCertificationRequest(point, (digest) => client.sign(SLOT_SIGNATURE, digest), await bench.challenge(token));
    client.close();
    await destroy(token.serial, await erase(token, SLOT_SIGNATURE));
    await expect(issue(bench.desk, { ...first, request })).rejects.toMatchObject({ refusal: "destroyed-key" });
  });

  test("what is no receipt of a key of this token, by somebody who may say so, changes nothing", async () => {
    const [token, other] = [await bench.token(), await bench.token()];
    const { id } = await bench.active("SIGN-LCP", token);
    await bench.active("SIGN-LCP", other);
    const foreign = await erase(other, SLOT_SIGNATURE);
    expect(await refusalOf(destroy(token.serial, foreign))).toBe("other-token");
    for (const bad of ["", "{}", "not json", '{"format":"sceau-destruction-receipt/9"}']) {
      expect(await refusalOf(destroy(token.serial, text(bad))), bad).toBe("unreadable");
    }
    // A key that the office never certified.
    const officer = await token.token.officer();
    await officer.generateKey(SLOT_AUTHENTICATION);
    officer.close();
    expect(await refusalOf(destroy(token.serial, await erase(token, SLOT_AUTHENTICATION)))).toBe("unknown-key");
    const own = await erase(token, SLOT_SIGNATURE);
    const { trust, revokeKey } = desk.revoking;
    const withTrust = (roots: readonly Uint8Array[], isDemo: boolean): DestructionDesk => ({
      ...desk,
      revoking: { revokeKey, trust: { roots, isDemo } },
    });
    expect(await refusalOf(destroy(token.serial, own, withTrust([], true)))).toBe("unproved");
    expect(await refusalOf(destroy(token.serial, own, withTrust(trust.roots, false)))).toBe("unproved");
    const changed = new TextDecoder()
      .decode(own)
      .replace(/"statement":\s*"(.)/, (all, first) => all.slice(0, -1) + (first === "A" ? "B" : "A"));
    expect(["unproved", "unreadable"]).toContain(await refusalOf(destroy(token.serial, text(changed))));
    expect((await keysOf(token.serial)).map(({ state }) => state)).toEqual(["certified"]);
    expect(await stateOf(id)).toBe("active");
    const events = and(eq(auditEvents.action, "key.destroy"), eq(auditEvents.subject, `key:${(await keysOf(token.serial))[0]?.id}`));
    expect(await bench.store.db.select().from(auditEvents).where(events)).toEqual([]);
    expect(await destroy(token.serial, own)).toMatchObject({ isNew: true });
  });
});
