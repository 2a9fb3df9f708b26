// Dossiers of a whole house, brought as far as a test wants by the office's own functions: for walks that begin where another one ends.

import { activateToken } from "../../host-bridge/activation/activate-token.ts";
import { ActivationOverHttp } from "../../host-bridge/office-client/activation-over-http.ts";
import { OfficeHttp } from "../../host-bridge/office-client/office-http.ts";
import { openDeskSession } from "../../office/activation/opening.ts";
import { consentTo, documentsNow } from "../../office/dossiers/consents.ts";
import { approveDossier } from "../../office/dossiers/decision.ts";
import { beginDossier, saveDraft, submitDossier } from "../../office/dossiers/dossier-rules.ts";
import { decidePayment } from "../../office/dossiers/payment.ts";
import { setQuestions } from "../../office/dossiers/question-sets.ts";
import { bookCheck } from "../../office/identity/booking.ts";
import { beginCheck, CHECKLIST, decideCheck } from "../../office/identity/checks.ts";
import { addEvidence } from "../../office/identity/evidence.ts";
import { freeSlots } from "../../office/identity/identity-records.ts";
import { offerSlots } from "../../office/identity/slots.ts";
import { officer } from "../../office/registration/officers.ts";
import type { Role } from "../../office/registration/roles.ts";
import { OBJECT_SIGNATURE_CERTIFICATE } from "../../protocol/piv.ts";
import { accountCookie } from "./account-cookie.ts";
import { MemoryTokenSecrets } from "./agent-bench.ts";
import { ANSWERS, DETAILS } from "./application-bench.ts";
import { png } from "./evidence-files.ts";
import { mailed } from "./mail-folder.ts";
import { enrolledOfficer } from "./officer-cookie.ts";
import { ascii, PIN } from "./simulated-token.ts";
import type { Language, WholeHouse } from "./whole-house.ts";

const DAY_MS = 86_400_000;
const REFERENCE = /\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/;

export interface HouseDossier {
  readonly id: string;
  readonly accountId: string;
  readonly email: string;
}

export interface Named {
  readonly givenName: string;
  readonly surname: string;
  readonly language?: Language;
}

export interface ActivatedDossier extends HouseDossier {
  /** Of the token. */
  readonly serial: string;
  readonly puk: string;
  /** Hexadecimal. */
  readonly managementKey: string;
  /** As it was mailed. */
  readonly reference: string;
}

/** The token is pulled out before its proof. */
class PulledOutError extends Error {}
class WithoutProof extends ActivationOverHttp {
  override proof(): Promise<void> {
    return Promise.reject(new PulledOutError());
  }
}

export class HouseDossiers {
  readonly #house: WholeHouse;
  readonly #officers = new Map<Role, Promise<string>>();
  #made = 0;

  constructor(house: WholeHouse) {
    this.#house = house;
  }

  /** One of each role, who are nobody in a browser. @returns the officer's id */
  #officer(role: Role): Promise<string> {
    const { store, officeId, associationId: organisationId, now } = this.#house;
    const order = { officeId, organisationId, roles: [role], number: `dossiers-${role}`, givenName: "Odile", surname: `Dossiers ${role}` };
    const known = this.#officers.get(role) ?? enrolledOfficer(store, order, now);
    this.#officers.set(role, known);
    return known;
  }

  /** Somebody on their own, whose form is handed in. */
  async submitted({ language = "fr", ...names }: Named): Promise<HouseDossier> {
    const { store, associationId, now, office } = this.#house;
    const desk = office.applications;
    const plain = names.surname
      .normalize("NFD")
      .replace(/[^A-Za-z0-9-]/g, "")
      .toLowerCase();
    const email = `${plain}.${++this.#made}@exemple.example`;
    const { account } = await accountCookie(store, email, now, language);
    const accountId = account.id;
    const dossierId = await beginDossier(desk, { accountId, language, associationId });
    await saveDraft(desk, { accountId, dossierId, details: { ...DETAILS, ...names, language, associationId } });
    await setQuestions(desk, accountId, ANSWERS);
    await submitDossier(desk, { accountId, dossierId, consents: (await documentsNow(store.db, language)).map(consentTo) });
    return { id: dossierId, accountId, email };
  }

  /** With a picture, and somebody who saw them by video: nobody has decided yet. @param verifierId whoever that is; null: somebody of nobody's */
  async verified(who: Named, verifierId: string | null = null): Promise<HouseDossier> {
    const dossier = await this.submitted(who);
    const { officeId, now, office, store } = this.#house;
    const desk = office.applications;
    const { id: dossierId, accountId } = dossier;
    await addEvidence(desk, { dossierId, kind: "document-front", bytes: png(), by: { accountId } });
    const officerId = verifierId ?? (await this.#officer("verifier"));
    const day = new Date(now.getTime() + ++this.#made * DAY_MS).toISOString().slice(0, 10);
    const hours = { day, from: "09:00", to: "09:20", everyMinutes: 20 };
    await offerSlots(desk, { officeId, officerId, kind: "video", place: "https://video.example/room", ...hours });
    const slotId = (await freeSlots(store.db, officeId, now)).at(-1)?.id ?? "";
    const checkId = await bookCheck(desk, { dossierId, accountId, slotId });
    await beginCheck(desk, { checkId, officerId });
    await decideCheck(desk, { checkId, officerId, decision: "accept", seen: CHECKLIST, note: "Passeport vu par visio." });
    return dossier;
  }

  /** Its payment. */
  async waived(dossierId: string): Promise<void> {
    const officerId = await this.#officer("approver");
    await decidePayment(this.#house.office.applications, dossierId, { officerId, decision: "waive", note: "Essai de la maison entière" });
  }

  /** Waived and approved. @returns also the number that was mailed */
  async approved(who: Named): Promise<HouseDossier & { readonly reference: string }> {
    const dossier = await this.verified(who);
    const desk = this.#house.office.applications;
    const officerId = await this.#officer("approver");
    await this.waived(dossier.id);
    await approveDossier(desk, dossier.id, { officerId, statusNote: "Tableau de l'Ordre consulté ce jour" });
    return { ...dossier, reference: await mailed(this.#house.mails, dossier.email, REFERENCE) };
  }

  /** At a desk, by the agent's own steps. @param isProved else the certificate is issued, and the token gone before its proof */
  async activated(who: Named, isProved = true): Promise<ActivatedDossier> {
    const { office, store, url } = this.#house;
    const dossier = await this.approved(who);
    const issuer = await officer(store.db, await this.#officer("issuer"));
    const { session } = await openDeskSession(office.applications, dossier.id, issuer);
    const { token, serial } = await this.#house.blankToken();
    const secrets = new MemoryTokenSecrets();
    const client = token.client();
    const http = new OfficeHttp(url);
    const activation = {
      client,
      secrets,
      office: isProved ? new ActivationOverHttp(http, session) : new WithoutProof(http, session),
      certificateObject: OBJECT_SIGNATURE_CERTIFICATE,
      pin: async () => ascii(PIN),
      mayEntrust: async () => true,
      onStep: () => {},
      onButton: () => {},
    };
    await activateToken(activation).catch((error: unknown) => {
      if (!(error instanceof PulledOutError)) throw error;
    });
    client.close();
    const kept = secrets.find(serial);
    return { ...dossier, serial, puk: kept?.puk ?? "", managementKey: kept?.managementKey ?? "" };
  }
}
