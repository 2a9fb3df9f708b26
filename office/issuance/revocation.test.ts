// Revocation, revocation lists, what the clock does, and roll-over, on both kinds of store; judged by openssl and strongSwan's pki.

import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { and, asc, desc, eq, isNull } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { ACTOR, type BenchOrder, IssuanceBench } from "../../test/support/issuance-bench.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { mustRun, run } from "../../test/support/run.ts";
import { type SoftHsm, softHsm } from "../../test/support/softhsm.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { StateError } from "../states/state-table.ts";
import { auditEvents, certificates, crls, issuers, jobs, responderCertificates, revocations } from "../store/schema.ts";
import { adoptAuthority, OtherAuthorityError } from "./authority-adoption.ts";
import { CaCeremony } from "./ca-ceremony.ts";
import { CaKeyError, spkiOf } from "./ca-key.ts";
import { issue } from "./certificate-issuance.ts";
import { DAY_MS, HOUR_MS } from "./clock.ts";
import { CRLS_KEPT, publishCrl } from "./crl.ts";
import { issuanceJobs } from "./issuance-jobs.ts";
import { expire, type RevocationOrder, revoke, revokeTokenIn, UnknownCertificateError } from "./revocation.ts";
import { REVOCATION_REASONS, type RevocationReason } from "./revocation-reasons.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
const ORDER: RevocationOrder = { reason: "key-compromise", channel: "officer", officerId: null, actor: ACTOR };
const REASONS = Object.keys(REVOCATION_REASONS) as RevocationReason[];
const TEXT_OF_CODE: Readonly<Record<number, string>> = {
  1: "Key Compromise",
  3: "Affiliation Changed",
  4: "Superseded",
  5: "Cessation Of Operation",
  9: "Privilege Withdrawn",
};
const folder = temporaryFolder();

test("the eleven reasons are those of S42, with their codes", () => {
  expect(REASONS.map((reason) => [REVOCATION_REASONS[reason].fr, REVOCATION_REASONS[reason].code])).toEqual([
    ["Oubli ou perte du mot de passe", 5],
    ["Clé privée compromise", 1],
    ["Demande du titulaire", 0],
    ["Mise à jour des informations du titulaire", 3],
    ["Écrasement des anciennes clés", 4],
    ["Nom incorrect", 3],
    ["Mauvaise taille des clés", 4],
    ["Certificat défectueux", 4],
    ["Remplacement du certificat", 4],
    ["Non paiement", 9],
    ["Départ ou mutation du titulaire", 3],
  ]);
});

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IssuanceBench;
  let hsm: SoftHsm | null = null;

  beforeAll(async () => {
    // strongSwan's pki knows only the machine's own time. PostgreSQL's turn has the CA's key in SoftHSM2.
    if (kind === "postgresql") hsm = softHsm(folder);
    const uri = hsm?.uri("issuing");
    bench = await IssuanceBench.open(kind, new Date(Date.now() - 60_000), uri);
  }, STORE_START_LIMIT_MS);

  afterAll(() => bench.close());

  interface IssuerStatus {
    readonly id: string;
    readonly certificate: Uint8Array;
    readonly number: number;
    readonly thisUpdate: Date;
    readonly nextUpdate: Date;
    readonly der: Uint8Array;
  }

  /** The newest list of an issuing CA, as the status service would find it. */
  async function status(name = "issuing"): Promise<IssuerStatus> {
    const { db } = bench.store;
    const [issuer] = await db.select().from(issuers).where(eq(issuers.name, name));
    const [crl] = await db
      .select()
      .from(crls)
      .where(eq(crls.issuerId, issuer?.id ?? NOBODY))
      .orderBy(desc(crls.number))
      .limit(1);
    if (issuer === undefined || crl === undefined) throw new Error(`no list of ${name}`);
    expect(crl.number).toBe(issuer.crlNumber);
    return { ...crl, id: issuer.id, certificate: issuer.certificate };
  }

  const file = (name: string, content: Uint8Array | string): string => {
    writeFileSync(bench.path(name), content);
    return bench.path(name);
  };
  const pem = (name: string, der: Uint8Array): string => file(name, new X509Certificate(der).toString());
  const crlText = ({ der }: IssuerStatus): string =>
    mustRun("openssl", ["crl", "-inform", "DER", "-in", file("text.crl", der), "-noout", "-text"]);
  const stateOf = async (id: string): Promise<string> =>
    (await bench.store.db.select().from(certificates).where(eq(certificates.id, id)))[0]?.state ?? "none";

  /** What openssl says of a certificate with the newest list of its issuer, now. */
  async function opensslSays(certificate: Uint8Array, name = "issuing"): Promise<string> {
    const { certificate: issuer, der } = await status(name);
    const crl = file("pem.crl", mustRun("openssl", ["crl", "-inform", "DER", "-in", file("der.crl", der)]));
    const trusted = ["-CAfile", pem("root.pem", bench.desk.authority.root), "-untrusted", pem("issuer.pem", issuer), "-CRLfile", crl];
    const when = ["-attime", String(Math.floor(bench.now.getTime() / 1000) + 1)];
    const { status: exit, stderr } = run("openssl", [
      "verify",
      "-x509_strict",
      "-crl_check",
      ...when,
      ...trusted,
      pem("leaf.pem", certificate),
    ]);
    if (exit === 0) return "good";
    return /certificate revoked/.test(stderr) ? "revoked" : stderr;
  }

  describe("a revocation", () => {
    test("is in a new list at once, which openssl and strongSwan believe", async () => {
      const { id, certificate } = await bench.active();
      expect(await opensslSays(certificate)).toBe("good");
      const before = await status();
      bench.later(1000);
      const revocation = await revoke(bench.desk, id, ORDER);
      expect(revocation).toMatchObject({ certificateId: id, reasonCode: 1, isNew: true });
      expect([(await status()).number, await stateOf(id)]).toEqual([before.number + 1, "revoked"]);
      expect(await opensslSays(certificate)).toBe("revoked");
      const { der, certificate: issuer } = await status();
      const root = file("root.der", bench.desk.authority.root);
      const list = [
        "--crl",
        file("now.crl", der),
        "--crl",
        file("root.crl", bench.desk.authority.rootCrls.at(-1)?.der ?? new Uint8Array(0)),
      ];
      const pki = (leaf: Uint8Array): string => {
        const { stdout, stderr } = run("pki", [
          "--verify",
          "--in",
          file("leaf.der", leaf),
          "--cacert",
          root,
          "--cacert",
          file("issuer.der", issuer),
          ...list,
        ]);
        return stdout + stderr;
      };
      expect(pki(certificate)).toMatch(/certificate revoked|revoked/);
      expect(pki((await bench.active()).certificate)).toMatch(/trusted.*lifetimes valid, certificate not revoked/);
    });

    test("has the code of its reason in the list, and none for 0", async () => {
      for (const reason of REASONS) {
        const { id, serialNumber } = await bench.issued();
        await revoke(bench.desk, id, { ...ORDER, reason });
        const entry = new RegExp(
          `Serial Number: ${serialNumber}\\s+Revocation Date: .*\\n([\\s\\S]*?)(?=    Serial Number|    Signature)`,
          "i",
        );
        const [, extensions = "missing"] = entry.exec(crlText(await status())) ?? [];
        const { code } = REVOCATION_REASONS[reason];
        if (code === 0) expect(extensions).toBe("");
        else expect(extensions.trim()).toMatch(new RegExp(`^CRL entry extensions:\\s+X509v3 CRL Reason Code: \\s+${TEXT_OF_CODE[code]}$`));
      }
    });

    test("is final: a second one changes nothing, and the first reason counts", async () => {
      const { id } = await bench.active();
      const first = await revoke(bench.desk, id, ORDER);
      const { number } = await status();
      bench.later(5000);
      const second = await revoke(bench.desk, id, { ...ORDER, reason: "non-payment" });
      expect(second).toEqual({ ...first, isNew: false });
      expect((await status()).number).toBe(number);
    });

    test("of what is not there, or is over, is none", async () => {
      await expect(revoke(bench.desk, NOBODY, ORDER)).rejects.toBeInstanceOf(UnknownCertificateError);
      const { id } = await bench.active();
      const at = bench.now;
      bench.later(4 * 365 * DAY_MS);
      await expect(revoke(bench.desk, id, ORDER)).rejects.toBeInstanceOf(StateError);
      bench.now = at;
    });

    test("that cannot be signed did not happen", async () => {
      const { id } = await bench.active();
      const { number } = await status();
      const failing = {
        ...bench.desk,
        authority: Object.create(bench.desk.authority, { key: { value: () => Promise.reject(new CaKeyError("device", "gone")) } }),
      };
      await expect(revoke(failing, id, ORDER)).rejects.toMatchObject({ problem: "device" });
      expect([await stateOf(id), (await status()).number]).toEqual(["active", number]);
      expect(await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, id))).toEqual([]);
      expect((await revoke(bench.desk, id, ORDER)).isNew).toBe(true);
    });

    test("loses none of many at once, twice each: one list after the other", async () => {
      const all = [];
      for (let count = 0; count < 6; count++) all.push(await bench.issued());
      const { number } = await status();
      const outcomes = await Promise.all([...all, ...all].map(({ id }) => revoke(bench.desk, id, ORDER)));
      expect(outcomes.filter(({ isNew }) => isNew)).toHaveLength(6);
      const last = await status();
      expect(last.number).toBe(number + 6);
      for (const { serialNumber } of all) expect(crlText(last)).toContain(serialNumber.toUpperCase());
    });

    test("of a token takes all that its keys have, in one list", async () => {
      const token = await bench.token();
      const [signing, login] = [await bench.active("SIGN-QCP", token), await bench.active("AUTH", token)];
      const { number } = await status();
      const revokeAll = (): ReturnType<typeof revokeTokenIn> =>
        bench.store.transaction((tx) => revokeTokenIn(tx, bench.desk.authority, token.serial, ORDER, bench.now));
      expect((await revokeAll()).map(({ certificateId }) => certificateId).sort()).toEqual([signing.id, login.id].sort());
      expect((await status()).number).toBe(number + 1);
      for (const { certificate } of [signing, login]) expect(await opensslSays(certificate)).toBe("revoked");
      expect(await revokeAll()).toEqual([]);
      expect((await status()).number).toBe(number + 1);
    });

    test("of a compromised key takes all that the key has, and of any other reason only the one", async () => {
      const token = await bench.token();
      const order = await bench.order(token, await bench.challenge(token), SLOT_SIGNATURE);
      const first = await issue(bench.desk, order);
      const point = spkiOf(new X509Certificate(first.certificate).publicKey).slice(-65);
      const again = async () => {
        const client = token.token.client();
        await client.verifyPin(new TextEncoder().encode("73910462"));
        const challenge = await bench.challenge(token);
        const request = await createCertificationRequest(point, (digest) => client.sign(SLOT_SIGNATURE, digest), challenge);
        client.close();
        return issue(bench.desk, { ...order, request });
      };
      const [second, third] = [await again(), await again()];
      await revoke(bench.desk, first.id, { ...ORDER, reason: "wrong-name" });
      expect([await stateOf(first.id), await stateOf(second.id), await stateOf(third.id)]).toEqual(["revoked", "issued", "issued"]);
      const [a, b] = await Promise.all([revoke(bench.desk, second.id, ORDER), revoke(bench.desk, third.id, ORDER)]);
      expect([a.isNew, b.isNew].sort()).toEqual([false, true]);
      expect([await stateOf(second.id), await stateOf(third.id)]).toEqual(["revoked", "revoked"]);
      const text = crlText(await status());
      for (const { serialNumber } of [first, second, third]) expect(text).toContain(serialNumber.toUpperCase());
    });

    test("is on record with reason, code, channel and who", async () => {
      const { id, serialNumber } = await bench.active();
      await revoke(bench.desk, id, { ...ORDER, reason: "holder-left", channel: "legal" });
      const [event] = await bench.store.db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.subject, `certificate:${id}`), eq(auditEvents.action, "certificate.revoke")));
      expect(event).toMatchObject({ actor: ACTOR, details: { reason: "holder-left", reasonCode: 3, channel: "legal", serialNumber } });
    });
  });

  describe("the list", () => {
    test("is good for a day, names its key and number, and says since when it keeps what has expired", async () => {
      const current = await status();
      expect(current.nextUpdate.getTime() - current.thisUpdate.getTime()).toBe(DAY_MS);
      const text = crlText(current);
      expect(text).toMatch(new RegExp(`CRL Number: \\s+${current.number}\\n`));
      const [, identifier = "none"] =
        /Subject Key Identifier: \s+(\S+)/.exec(
          mustRun("openssl", ["x509", "-in", pem("ca.pem", current.certificate), "-noout", "-text"]),
        ) ?? [];
      expect(text).toMatch(new RegExp(`Authority Key Identifier: \\s+(keyid:)?${identifier}`));
      const since = new Date(new X509Certificate(current.certificate).validFrom).toISOString().slice(0, 19).replace(/[-:T]/g, "");
      const asn1 = mustRun("openssl", ["asn1parse", "-inform", "DER", "-in", file("asn1.crl", current.der)]);
      const value = Buffer.from(`180f${Buffer.from(`${since}Z`).toString("hex")}`, "hex")
        .toString("hex")
        .toUpperCase();
      expect(asn1).toMatch(
        new RegExp(`(2\\.5\\.29\\.60|Expired Certs On CRL|expiredCertsOnCRL)\\s+.*OCTET STRING\\s+\\[HEX DUMP\\]:${value}`, "i"),
      );
      mustRun("openssl", [
        "crl",
        "-inform",
        "DER",
        "-in",
        file("v.crl", current.der),
        "-noout",
        "-CAfile",
        pem("ca.pem", current.certificate),
      ]);
      expect(mustRun("pki", ["--print", "--type", "crl", "--in", file("p.crl", current.der)])).toContain("revoked certificate");
    });

    test("is there anew after six hours though nothing changed, and only once", async () => {
      const { number } = await status();
      bench.later(6 * HOUR_MS - 2000);
      await bench.runJobs();
      expect((await status()).number).toBe(number);
      bench.later(2000);
      await bench.runJobs();
      const next = await status();
      expect(next.number).toBe(number + 1);
      expect(Math.abs(next.thisUpdate.getTime() - bench.now.getTime())).toBeLessThan(1000);
      await bench.runJobs();
      expect((await status()).number).toBe(number + 1);
    });

    test("after a revocation comes six hours after that, not before", async () => {
      bench.later(3 * HOUR_MS);
      await revoke(bench.desk, (await bench.issued()).id, ORDER);
      const { number } = await status();
      bench.later(4 * HOUR_MS);
      await bench.runJobs();
      expect((await status()).number).toBe(number);
      bench.later(2 * HOUR_MS);
      await bench.runJobs();
      expect((await status()).number).toBe(number + 1);
    });

    test("never goes back in time for whoever had to wait, but does when the clock was wrong", async () => {
      const last = await status();
      const publish = (at: Date): Promise<number | null> =>
        bench.store.transaction((tx) => publishCrl(tx, bench.desk.authority, last.id, at));
      await publish(new Date(last.thisUpdate.getTime() - 2000));
      expect((await status()).thisUpdate).toEqual(last.thisUpdate);
      await publish(new Date(last.thisUpdate.getTime() + HOUR_MS));
      await publish(last.thisUpdate);
      expect((await status()).thisUpdate).toEqual(last.thisUpdate);
    });

    test("of a server that was off for two days is there as soon as it runs, and has one successor in wait", async () => {
      const { number, id } = await status();
      bench.later(2 * DAY_MS);
      await bench.runJobs();
      expect((await status()).number).toBe(number + 1);
      const waiting = await bench.store.db
        .select()
        .from(jobs)
        .where(and(eq(jobs.kind, "crl"), isNull(jobs.doneAt)));
      expect(waiting.filter(({ key }) => key.startsWith(`crl:${id}:`))).toHaveLength(1);
    });

    test("forgets old lists, never what they said", async () => {
      bench.later(10 * DAY_MS);
      await bench.runJobs();
      const current = await status();
      const kept = await bench.store.db.select().from(crls).where(eq(crls.issuerId, current.id)).orderBy(asc(crls.number));
      expect(kept.length).toBeLessThanOrEqual(CRLS_KEPT);
      expect(kept.at(-1)?.number).toBe(current.number);
      const entries = await bench.store.db.select().from(revocations);
      expect(crlText(current).match(/Serial Number:/g)).toHaveLength(entries.length);
    });

    test("from the future, of a clock that was wrong, is replaced when a server starts", async () => {
      const { id, number } = await status();
      const future = new Date(bench.now.getTime() + 365 * DAY_MS);
      await bench.store.transaction((tx) => publishCrl(tx, bench.desk.authority, id, future));
      await bench.runJobs();
      expect((await status()).thisUpdate > bench.now).toBe(true);
      for (const _ of ["a start", "another"]) await adoptAuthority(bench.desk);
      const current = await status();
      expect([current.number, current.thisUpdate <= bench.now]).toEqual([number + 2, true]);
      bench.later(6 * HOUR_MS);
      await bench.runJobs();
      expect((await status()).number).toBe(number + 3);
    });
  });

  describe("the clock", () => {
    test("revokes what nobody proved for 14 days, and not a day before", async () => {
      const [idle, proved] = [await bench.issued(), await bench.active()];
      bench.later(14 * DAY_MS - 1000);
      await bench.runJobs();
      expect(await stateOf(idle.id)).toBe("issued");
      bench.later(1000);
      await bench.runJobs();
      expect([await stateOf(idle.id), await stateOf(proved.id)]).toEqual(["revoked", "active"]);
      const [entry] = await bench.store.db.select().from(revocations).where(eq(revocations.certificateId, idle.id));
      expect(entry).toMatchObject({ reason: "not-proved", reasonCode: 0, channel: "clock", officerId: null });
      expect(await opensslSays(idle.certificate)).toBe("revoked");
      expect(await opensslSays(proved.certificate)).toBe("good");
    });

    test("renews the responder's certificate after a week, for every issuing CA once", async () => {
      const { id } = await status();
      const all = (): Promise<(typeof responderCertificates.$inferSelect)[]> =>
        bench.store.db
          .select()
          .from(responderCertificates)
          .where(eq(responderCertificates.issuerId, id))
          .orderBy(desc(responderCertificates.notBefore));
      const before = await all();
      bench.later(8 * DAY_MS);
      await bench.runJobs();
      await bench.runJobs();
      const after = await all();
      expect(after.length).toBe(before.length + 1);
      // The job of one that is not the newest any more: it was done twice, or by two servers.
      const stale = { id: NOBODY, kind: "responder", key: `responder:${id}:${before[0]?.serialNumber}`, attempts: 1 };
      await bench.store.transaction(async (tx) => issuanceJobs(bench.desk).get("responder")?.(tx, stale, bench.now));
      expect((await all()).length).toBe(after.length);
      const [newest] = after as [typeof responderCertificates.$inferSelect];
      expect(newest.notAfter.getTime() - newest.notBefore.getTime()).toBe(14 * DAY_MS);
      expect(new X509Certificate(newest.der).publicKey.equals(bench.desk.authority.ocspPublicKey)).toBe(true);
      expect(new X509Certificate(newest.der).verify(new X509Certificate((await status()).certificate).publicKey)).toBe(true);
    });
  });

  describe("adopting the authority", () => {
    test("again, and twice at once, changes nothing", async () => {
      const before = [(await status()).number, (await bench.store.db.select().from(auditEvents)).length];
      await Promise.all([adoptAuthority(bench.desk), adoptAuthority(bench.desk)]);
      expect([(await status()).number, (await bench.store.db.select().from(auditEvents)).length]).toEqual(before);
    });

    test("of another folder is refused", async () => {
      const options = { rootKey: { file: bench.path("other.pem"), passphrase: "a passphrase of the test", isRandom: true }, witnesses: [] };
      const { authority } = await new CaCeremony(bench.path("other"), bench.desk.clock).establish(bench.desk.authority.names, options);
      await expect(adoptAuthority({ ...bench.desk, authority })).rejects.toBeInstanceOf(OtherAuthorityError);
    });

    test("has the root's list, number 1", async () => {
      const root = await status("root");
      expect(root.number).toBe(1);
      expect(root.der).toEqual(bench.desk.authority.rootCrls[0]?.der);
    });
  });

  // Last: from here on the second issuing CA issues.
  describe("after a roll-over", () => {
    test("the new issuing CA issues; the old one's list goes on, and its certificates can be revoked", async () => {
      const old = await bench.active();
      await bench.ceremony.rollOver({
        ...bench.ceremonyOptions,
        ...(hsm !== null && { issuingKeyUri: hsm.uri("issuing-2") }),
      });
      const before = await bench.issued();
      expect(new X509Certificate(before.certificate).issuer).not.toContain("Issuing CA 2");
      const orders: BenchOrder[] = [];
      for (let count = 0; count < 4; count++) {
        const token = await bench.token();
        orders.push(await bench.order(token, await bench.challenge(token), SLOT_SIGNATURE));
      }
      // Whoever asks in the middle of it gets a certificate, too.
      const [, ...meanwhile] = await Promise.all([adoptAuthority(bench.desk), ...orders.map((order) => issue(bench.desk, order))]);
      expect(meanwhile.map(({ isNew }) => isNew)).toEqual([true, true, true, true]);
      const fresh = await bench.active();
      expect(new X509Certificate(fresh.certificate).issuer).toContain("Issuing CA 2");
      expect(mustRun("openssl", ["x509", "-in", pem("fresh.pem", fresh.certificate), "-noout", "-text"])).toContain("/crl/issuing-2.crl");
      expect([await opensslSays(old.certificate), await opensslSays(fresh.certificate, "issuing-2")]).toEqual(["good", "good"]);
      const { number } = await status("issuing");
      await revoke(bench.desk, old.id, ORDER);
      expect([(await status("issuing")).number, (await status("issuing-2")).number]).toEqual([number + 1, 1]);
      expect([await opensslSays(old.certificate), await opensslSays(fresh.certificate, "issuing-2")]).toEqual(["revoked", "good"]);
      expect((await status("root")).number).toBe(2);
    });

    test("both lists come anew on schedule", async () => {
      const [first, second] = [await status("issuing"), await status("issuing-2")];
      bench.later(7 * HOUR_MS);
      await bench.runJobs();
      expect([(await status("issuing")).number, (await status("issuing-2")).number]).toEqual([first.number + 1, second.number + 1]);
    });

    test("a server whose folder does not know it yet is refused", async () => {
      const stale = Object.create(bench.desk.authority, { issuers: { get: () => [bench.desk.authority.issuers[0]] } });
      await expect(adoptAuthority({ ...bench.desk, authority: stale })).rejects.toBeInstanceOf(OtherAuthorityError);
    });

    test("entries stay when their certificates have expired; expired ones are not valid any more", async () => {
      const [kept, over] = [await bench.active("SIGN-LCP"), await bench.active("SIGN-LCP")];
      await revoke(bench.desk, kept.id, ORDER);
      bench.now = new Date(over.notAfter.getTime());
      await bench.runJobs();
      await bench.store.transaction((tx) => expire(tx, over.id, bench.now)); // a job that came too early
      expect(await stateOf(over.id)).toBe("active"); // valid through its last second
      bench.later(1000);
      await bench.runJobs();
      expect([await stateOf(over.id), await stateOf(kept.id)]).toEqual(["expired", "revoked"]);
      expect(crlText(await status("issuing-2"))).toContain(kept.serialNumber.toUpperCase());
    });

    test("nothing outlives its issuer, which in the end issues nothing and signs no list", async () => {
      const end = new Date(new X509Certificate(bench.desk.authority.current.certificate).validTo);
      bench.now = new Date(end.getTime() - 30 * DAY_MS);
      await bench.runJobs();
      expect((await bench.issued("SIGN-QCP")).notAfter).toEqual(end);
      const token = await bench.token();
      const order = await bench.order(token, await bench.challenge(token), 0x9c);
      bench.now = end;
      await expect(issue(bench.desk, order)).rejects.toMatchObject({ refusal: "expired-challenge" });
      const inTime = await bench.order(token, await bench.challenge(token), 0x9c);
      await expect(issue(bench.desk, inTime)).rejects.toMatchObject({ refusal: "expired-issuer" });
      const { number } = await status("issuing-2");
      await bench.runJobs();
      expect((await status("issuing-2")).number).toBe(number);
    });
  });
});
