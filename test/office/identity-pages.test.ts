// S13, S23: the pages of the identity check, for the applicant and the verifier. Without a browser; on both databases.

import { generateKeyPairSync } from "node:crypto";
import { eq } from "drizzle-orm";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dossier } from "../../office/dossiers/dossiers.ts";
import { CHECKLIST } from "../../office/identity/checks.ts";
import { evidenceOfDossier } from "../../office/identity/identity-records.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { appointmentSlots, identityChecks } from "../../office/store/application-schema.ts";
import { officerRoles, offices } from "../../office/store/schema.ts";
import { accountCookie } from "../support/account-cookie.ts";
import { EXE, HTML, joined, jpeg, pdf, png, ZIP } from "../support/evidence-files.ts";
import { IdentityBench } from "../support/identity-bench.ts";
import { revokingWithoutCa } from "../support/office-rows.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../support/office-stores.ts";
import { type OfficerCookie, officerCookie } from "../support/officer-cookie.ts";
import { testSealing } from "../support/test-sealing.ts";

const URL = "http://127.0.0.1:8080";
const BOUNDARY = "----sceau-test";
const OFFER = { kind: "desk", place: "1 rue de la Paix, 2e étage", day: "2027-02-01", from: "09:00", to: "10:00", minutes: "20" };

interface Who {
  readonly cookie: string;
  /** Field and value. */
  readonly token: Readonly<Record<string, string>>;
}

interface SentFile {
  readonly bytes: Uint8Array;
  readonly name: string;
  /** What the browser says that it is. */
  readonly type: string;
}

/** A form with a file, as browsers send it. */
function multipart(fields: Readonly<Record<string, string>>, { bytes, name, type }: SentFile, isFileFirst = false): Buffer {
  const parts = Object.entries(fields).map(([field, value]) =>
    Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`),
  );
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: ${type}\r\n\r\n`;
  const file = Buffer.concat([Buffer.from(head), bytes, Buffer.from("\r\n")]);
  return Buffer.concat([...(isFileFirst ? [file, ...parts] : [...parts, file]), Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

const picture = (bytes: Uint8Array = jpeg()): SentFile => ({ bytes, name: "passeport.jpg", type: "image/jpeg" });

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: IdentityBench;
  let app: FastifyInstance;
  let verifier: Who;
  let approver: Who;
  let helpdesk: Who;

  const asWho = ({ cookie, csrf }: OfficerCookie): Who => ({ cookie, token: { csrf } });
  const officer = async (id: string): Promise<Who> => asWho(await officerCookie(bench.desk.store, id, bench.dossiers.now));

  beforeAll(async () => {
    bench = await IdentityBench.open(kind);
    const clock = { now: () => bench.dossiers.now };
    app = await createOfficeServer({
      store: bench.desk.store,
      clock,
      publicUrl: URL,
      revoking: revokingWithoutCa(bench.desk.store, clock.now),
      auditKey: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
      sealing: testSealing,
      ocspKey: ocspKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
      logLevel: "silent",
    });
    verifier = await officer(bench.dossiers.verifierId);
    approver = await officer(bench.dossiers.approverId);
    helpdesk = await officer(await bench.dossiers.officer(["helpdesk"]));
  }, STORE_START_LIMIT_MS);

  afterAll(async () => {
    await app.close();
    await bench.close();
  });

  async function applicant(): Promise<{ dossier: Dossier; who: Who }> {
    const dossier = await bench.applicant();
    const { cookie, csrf } = await accountCookie(bench.desk.store, dossier.email, bench.dossiers.now);
    return { dossier, who: { cookie, token: { "account-csrf": csrf } } };
  }

  const get = (url: string, { cookie }: Who, language = "fr"): Promise<LightMyRequestResponse> =>
    app.inject({ method: "GET", url, headers: { cookie, "accept-language": language } });
  function post(url: string, { cookie, token }: Who, fields: Record<string, string | string[]> = {}): Promise<LightMyRequestResponse> {
    const form = new URLSearchParams(token);
    for (const [name, value] of Object.entries(fields)) for (const each of [value].flat()) form.append(name, each);
    const headers = { cookie, origin: URL, "content-type": "application/x-www-form-urlencoded" };
    return app.inject({ method: "POST", url, headers, payload: form.toString() });
  }
  function upload(
    url: string,
    { cookie, token }: Who,
    file: SentFile,
    fields: Record<string, string> = {},
    isFileFirst = false,
  ): Promise<LightMyRequestResponse> {
    const headers = { cookie, origin: URL, "content-type": `multipart/form-data; boundary=${BOUNDARY}` };
    const payload = multipart({ ...token, kind: "document-front", ...fields }, file, isFileFirst);
    return app.inject({ method: "POST", url, headers, payload });
  }
  const stateOf = async ({ id }: Dossier) => (await bench.dossiers.read(id)).state;
  const keptOf = async ({ id }: Dossier) => (await evidenceOfDossier(bench.db, id)).filter(({ destroyedAt }) => destroyedAt === null);
  const appointmentOf = ({ id }: Dossier): string => `/my/dossiers/${id}/appointment`;
  const evidenceAt = ({ id }: Dossier): string => `/my/dossiers/${id}/evidence`;

  /** Booked over the pages. @returns the check's address for the verifier */
  async function booked() {
    const own = await applicant();
    const slot = await bench.slot();
    expect((await post(appointmentOf(own.dossier), own.who, { slot })).statusCode).toBe(303);
    const [check] = await bench.db.select().from(identityChecks).where(eq(identityChecks.dossierId, own.dossier.id));
    return { ...own, slot, check: `/identity/checks/${check?.id ?? ""}` };
  }

  describe("S13 the applicant's appointment", () => {
    test("shows the step, what to bring and the free hours; books one; shows it; gives it up", async () => {
      const { dossier, who } = await applicant();
      const slot = await bench.slot();
      const before = (await get(appointmentOf(dossier), who)).body;
      expect(before).toContain('aria-current="step"');
      expect(before).toContain("une pièce d&#39;identité en cours de validité");
      expect(before).toContain(`value="${slot}"`);
      const answer = await post(appointmentOf(dossier), who, { slot });
      expect(answer.headers.location).toBe(`${appointmentOf(dossier)}?done=booked`);
      const after = (await get(answer.headers.location ?? "", who)).body;
      expect(after).toContain("Votre rendez-vous est réservé.");
      expect(after).toContain('href="https://video.example/room"');
      expect(await stateOf(dossier)).toBe("identity_pending");
      expect((await post(`${appointmentOf(dossier)}/cancel`, who)).headers.location).toContain("done=cancelled");
      expect(await stateOf(dossier)).toBe("submitted");
    });

    test("says so when somebody was quicker, and when none was chosen", async () => {
      const { slot } = await booked();
      const { dossier, who } = await applicant();
      const taken = await post(appointmentOf(dossier), who, { slot });
      expect([taken.statusCode, taken.body.includes("vient d&#39;être pris")]).toEqual([409, true]);
      expect((await post(appointmentOf(dossier), who)).body).toContain("Choisissez une réponse.");
      expect((await post(appointmentOf(dossier), who, { slot: "nonsense" })).statusCode).toBe(409);
    });

    test("is nobody else's: another account gets 404, nobody without a session, nothing without the form's token", async () => {
      const { dossier, who } = await applicant();
      const { who: stranger } = await applicant();
      const slot = await bench.slot();
      for (const page of [appointmentOf(dossier), evidenceAt(dossier)]) {
        expect((await get(page, stranger)).statusCode).toBe(404);
        expect((await get(page, verifier)).statusCode).toBe(401);
      }
      expect((await post(appointmentOf(dossier), stranger, { slot })).statusCode).toBe(404);
      expect((await post(appointmentOf(dossier), { ...who, token: stranger.token }, { slot })).statusCode).toBe(403);
      expect((await upload(evidenceAt(dossier), stranger, picture())).statusCode).toBe(404);
      expect((await upload(evidenceAt(dossier), { ...who, token: {} }, picture())).statusCode).toBe(403);
      expect((await upload(evidenceAt(dossier), who, picture(), {}, true)).statusCode).toBe(403); // the file before the token
      expect(await stateOf(dossier)).toBe("submitted");
      expect(await keptOf(dossier)).toEqual([]);
    });
  });

  describe("S23 evidence from the applicant", () => {
    test("is taken by its content, listed, and taken back", async () => {
      const { dossier, who } = await applicant();
      for (const bytes of [jpeg(), png(), pdf()]) {
        const file = { bytes, name: "../../x.exe", type: "text/html" };
        expect((await upload(evidenceAt(dossier), who, file)).headers.location).toContain("done=added");
      }
      const kept = await keptOf(dossier);
      expect(kept.map(({ mediaType }) => mediaType).sort()).toEqual(["application/pdf", "image/jpeg", "image/png"]);
      const { body } = await get(evidenceAt(dossier), who);
      expect(body).toContain("Photo (JPEG)");
      expect(body).not.toContain("x.exe");
      expect((await post(`${evidenceAt(dossier)}/${kept[0]?.id}/remove`, who)).headers.location).toContain("done=removed");
      expect(await keptOf(dossier)).toHaveLength(2);
    });

    test.each<[string, Uint8Array]>([
      ["HTML", HTML],
      ["a program", EXE],
      ["an archive", ZIP],
      ["a PDF with an archive behind it", joined(pdf(), ZIP)],
      ["more than 10 MB", joined(jpeg(), new Uint8Array(11 * 1024 * 1024))],
    ])("%s shows the red message: Recommencer, Continuer, Abandonner", async (_name, bytes) => {
      const { dossier, who } = await applicant();
      const { statusCode, body } = await upload(evidenceAt(dossier), who, picture(bytes));
      expect(statusCode).toBe(422);
      expect(body).toContain('class="problems" role="alert"');
      for (const way of ["Recommencer", "Continuer", "Abandonner"]) expect(body).toContain(way);
      expect(await keptOf(dossier)).toEqual([]);
    });

    test("Continuer sends nothing: the verifier reads that they have to look themselves", async () => {
      const { dossier, who, check } = await booked();
      expect((await post(`${evidenceAt(dossier)}/by-hand`, who)).headers.location).toContain("done=by-hand");
      expect((await get(check, verifier)).body).toContain("examinez la pièce elle-même");
    });

    test("no file, or one too many, is said on the page; a form of another kind is refused", async () => {
      const { dossier, who } = await applicant();
      expect((await upload(evidenceAt(dossier), who, picture(new Uint8Array(0)))).body).toContain("Choisissez un fichier.");
      for (let i = 0; i < 6; i++) await upload(evidenceAt(dossier), who, picture());
      expect((await upload(evidenceAt(dossier), who, picture())).body).toContain("autant de documents");
      expect((await post(evidenceAt(dossier), who, { kind: "other" })).statusCode).toBeGreaterThanOrEqual(400);
      expect(await keptOf(dossier)).toHaveLength(6);
    });
  });

  describe("S13 the verifier", () => {
    test("offers hours, sees them, takes one back", async () => {
      const offered = await post("/identity/slots", verifier, { ...OFFER, office: bench.dossiers.officeId });
      expect(offered.headers.location).toBe("/identity/slots?offered=3");
      expect((await get("/identity/slots?offered=3", verifier)).body).toContain("3 rendez-vous sont proposés.");
      const [slot] = await bench.db.select().from(appointmentSlots).where(eq(appointmentSlots.place, OFFER.place));
      expect((await post(`/identity/slots/${slot?.id}/withdraw`, verifier)).headers.location).toBe("/identity/slots?done=withdrawn");
      const again = await post("/identity/slots", verifier, { ...OFFER, office: bench.dossiers.officeId });
      expect([again.statusCode, again.body.includes("déjà des rendez-vous")]).toEqual([409, true]);
    });

    test("reads what is wrong with an offer, field by field, and keeps what was typed", async () => {
      const wrong = { ...OFFER, office: bench.dossiers.officeId, kind: "video", place: "javascript:alert(1)", from: "9h", minutes: "600" };
      const { statusCode, body } = await post("/identity/slots", verifier, wrong);
      expect(statusCode).toBe(422);
      for (const text of ["commence par https://", "pas une heure", "de 5 à 120", 'value="9h"']) expect(body).toContain(text);
      expect(body).not.toContain('href="javascript:');
    });

    test("sees the day, begins, goes through the points, accepts", async () => {
      const { dossier, check, slot } = await booked();
      const [{ startsAt } = { startsAt: new Date(0) }] = await bench.db
        .select()
        .from(appointmentSlots)
        .where(eq(appointmentSlots.id, slot));
      const day = (await get(`/identity?day=${startsAt.toISOString().slice(0, 10)}`, verifier)).body;
      expect(day).toContain(`href="${check}"`);
      expect(day).toContain(dossier.number);
      expect((await get(check, verifier)).body).toContain("Commencer la vérification");
      expect((await post(`${check}/begin`, verifier)).headers.location).toBe(`${check}?done=begun`);
      const missing = await post(check, verifier, { decision: "accept", seen: CHECKLIST.slice(1), note: "Vu." });
      expect([missing.statusCode, missing.body.includes("chaque point doit être coché")]).toEqual([422, true]);
      expect(missing.body).toMatch(/value="document" checked/);
      expect((await post(check, verifier, { seen: [...CHECKLIST] })).body).toContain("Choisissez une réponse.");
      const answer = await post(check, verifier, { decision: "accept", seen: [...CHECKLIST], note: "Passeport vu." });
      expect(answer.headers.location).toBe(`${check}?done=decided`);
      expect(await stateOf(dossier)).toBe("identity_verified");
      expect((await get(check, verifier)).body).toContain("Identité confirmée");
    });

    test("sees the pictures beside the points, as what they are and nothing more; each look is on record", async () => {
      const { dossier, who, check } = await booked();
      await upload(evidenceAt(dossier), who, picture());
      await upload(`${check}/evidence`, verifier, { bytes: pdf(), name: "a.pdf", type: "application/pdf" }, { kind: "other" });
      const kept = await keptOf(dossier);
      const [front, other] = (["document-front", "other"] as const).map((known) => kept.find((one) => one.kind === known));
      expect((await get(check, verifier)).body).toContain(`<img src="/identity/evidence/${front?.id}"`);
      const shown = await get(`/identity/evidence/${front?.id}`, verifier);
      expect(shown.rawPayload).toEqual(Buffer.from(jpeg()));
      expect(shown.headers).toMatchObject({
        "content-type": "image/jpeg",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(await bench.audited()).toMatchObject([
        { action: "evidence.show", actor: `officer:${bench.dossiers.verifierId}`, details: { evidence: front?.id } },
      ]);
      const document = await get(`/identity/evidence/${other?.id}`, approver);
      expect(document.headers["content-disposition"]).toMatch(/^attachment; filename="[0-9a-f-]+\.pdf"$/);
    });

    test("evidence is for those who check and those who approve in that office, and for nobody else", async () => {
      const { dossier, who } = await booked();
      await upload(evidenceAt(dossier), who, picture());
      const [{ id } = { id: "" }] = await keptOf(dossier);
      const [lyon] = await bench.db
        .insert(offices)
        .values({ name: "Lyon", timeZone: "Europe/Paris", createdAt: bench.dossiers.now })
        .returning();
      const elsewhere = await bench.dossiers.officer([]);
      await bench.db.insert(officerRoles).values({ officerId: elsewhere, officeId: lyon?.id ?? "", role: "verifier" });
      const lyonnais = await officer(elsewhere);
      for (const [whoever, status] of [
        [verifier, 200],
        [approver, 200],
        [helpdesk, 404],
        [lyonnais, 404],
        [who, 303],
      ] as const) {
        expect((await get(`/identity/evidence/${id}`, whoever)).statusCode).toBe(status);
      }
      expect((await get("/identity/evidence/nonsense", verifier)).statusCode).toBe(404);
    });

    test("the pages of checks are for verifiers of that office", async () => {
      const { check } = await booked();
      for (const page of ["/identity", "/identity/slots", check]) expect((await get(page, helpdesk)).statusCode, page).toBe(403);
      for (const page of ["/identity/slots", `${check}/begin`, `${check}/call-off`]) {
        expect((await post(page, approver, { reason: "non" })).statusCode, page).toBe(403);
      }
      expect((await upload(`${check}/evidence`, { ...verifier, token: {} }, picture())).statusCode).toBe(403);
    });

    test("doubts: another one takes it up; calls off with a reason", async () => {
      const { check } = await booked();
      await post(`${check}/begin`, verifier);
      await post(check, verifier, { decision: "doubt", seen: "present", note: "Pas assez de lumière." });
      expect((await get(check, verifier)).body).not.toContain("take-up");
      const second = await officer(await bench.dossiers.officer(["verifier"]));
      expect((await get(check, second)).body).toContain("Reprendre la vérification");
      expect((await post(`${check}/take-up`, second)).headers.location).toBe(`${check}?done=taken`);
      expect((await post(`${check}/call-off`, second, { reason: " " })).statusCode).toBe(422);
      expect((await post(`${check}/call-off`, second, { reason: "La vidéo est coupée." })).headers.location).toBe("/identity?done=off");
    });
  });

  test("S11, S13: every page has its English", async () => {
    const { dossier, who, check } = await booked();
    for (const [page, whose, text] of [
      [appointmentOf(dossier), who, "Change the appointment"],
      [evidenceAt(dossier), who, "In colour, legible"],
      ["/identity", verifier, "Appointments of the day"],
      ["/identity/slots", verifier, "Appointments that I offer"],
      [check, verifier, "Begin the check"],
    ] as const) {
      expect((await get(page, whose, "en")).body, page).toContain(text);
    }
  });
});
