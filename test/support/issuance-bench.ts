// An office's issuance on a store of either kind, with people, attested simulated tokens, and a clock that a test moves.

import { createHash, verify, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { proofText } from "../../host-bridge/activation/proof-text.ts";
import type { AttestationRoot } from "../../host-bridge/factory/attestation-root.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import type { KeyPolicies } from "../../host-bridge/token/key-metadata.ts";
import { fingerprintOfRoot } from "../../office/issuance/attested-key.ts";
import { adoptAuthority } from "../../office/issuance/authority-adoption.ts";
import type { AuthorityFolder } from "../../office/issuance/authority-folder.ts";
import { CaCeremony, type CeremonyOptions } from "../../office/issuance/ca-ceremony.ts";
import { type IssuedCertificate, type IssueOrder, issue } from "../../office/issuance/certificate-issuance.ts";
import { issueChallenge } from "../../office/issuance/issuance-challenge.ts";
import type { IssuanceDesk } from "../../office/issuance/issuance-desk.ts";
import { issuanceJobs } from "../../office/issuance/issuance-jobs.ts";
import { PERSON_PROFILES, type PersonProfile } from "../../office/issuance/profiles.ts";
import { prove } from "../../office/issuance/proof.ts";
import { runDueJobs } from "../../office/jobs/jobs.ts";
import { offices, organisations, people, tokens } from "../../office/store/schema.ts";
import { BUTTON_POLICY_NEVER, PIN_POLICY_ONCE } from "../../protocol/piv.ts";
import { openTestStore, type STORE_KINDS, type TestStore } from "./office-stores.ts";
import { type SealedToken, sealedToken } from "./sealed-token.ts";
import { ascii, PIN } from "./simulated-token.ts";

const NAMES = { publicUrl: "https://office.example.org", organisation: "Cabinet Faron", country: "FR" };
export const ACTOR = "officer:test";
const MODEL = "Sceau unit test";
const POLICIES: KeyPolicies = { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER };

export interface BenchToken extends SealedToken {
  readonly serial: string;
  readonly personId: string;
}

/** A request as a holder's computer would send it. */
export type BenchOrder = IssueOrder & { readonly evidence: NonNullable<IssueOrder["evidence"]>; readonly slot: number };

export class IssuanceBench {
  readonly desk: IssuanceDesk;
  readonly ceremonyOptions: CeremonyOptions;
  /** What the office's clock says. */
  now: Date;
  private readonly folder: string;
  private readonly bench: TestStore;
  private readonly roots: Uint8Array[] = [];
  private organisationId = "";
  private officeId = "";
  private made = 0;

  private constructor(folder: string, bench: TestStore, authority: AuthorityFolder, options: CeremonyOptions, now: Date) {
    this.folder = folder;
    this.bench = bench;
    this.now = now;
    this.ceremonyOptions = options;
    this.desk = { store: bench.store, authority, clock: { now: () => this.now }, trust: { roots: this.roots, isDemo: true } };
  }

  /** @param issuingKeyUri where the issuing CA's key is to be; without, in a file */
  static async open(kind: (typeof STORE_KINDS)[number], now: Date, issuingKeyUri?: string): Promise<IssuanceBench> {
    const folder = mkdtempSync(join(tmpdir(), "sceau-office-"));
    const rootKey = { file: join(folder, "root-key.pem"), passphrase: "a passphrase of the test", isRandom: true };
    const options: CeremonyOptions = { rootKey, witnesses: [], ...(issuingKeyUri !== undefined && { issuingKeyUri }) };
    const { authority } = await new CaCeremony(join(folder, "ca"), { now: () => now }).establish(NAMES, options);
    const bench = new IssuanceBench(folder, await openTestStore(kind), authority, options, now);
    await bench.begin();
    return bench;
  }

  get store(): TestStore["store"] {
    return this.bench.store;
  }

  get ceremony(): CaCeremony {
    return new CaCeremony(this.desk.authority.folder, this.desk.clock);
  }

  async close(): Promise<void> {
    await this.bench.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** @returns its id */
  async person(part: { readonly givenName?: string; readonly surname?: string } = {}): Promise<string> {
    const number = String(1000 + ++this.made);
    const row = { givenName: "Irène", surname: "Faron", email: `irene.${number}@example.org`, language: "fr", number, ...part };
    const values = { ...row, organisationId: this.organisationId, createdAt: this.now };
    const [added] = await this.store.db.insert(people).values(values).returning({ id: people.id });
    return added?.id ?? "";
  }

  /** An attested token that the office trusts and has assigned to somebody; a new person when nobody is named, a new factory without one. */
  async token(personId?: string, factory?: AttestationRoot): Promise<BenchToken> {
    const holder = personId ?? (await this.person());
    const sealed = await sealedToken(50_000_000 + ++this.made, this.now, factory);
    const [root] = sealed.trust.roots as [Uint8Array];
    this.roots.push(root);
    const serial = String(50_000_000 + this.made);
    await this.store.db.insert(tokens).values({
      serial,
      officeId: this.officeId,
      model: MODEL,
      firmware: "0.0.0",
      rootFingerprint: fingerprintOfRoot(root),
      state: "assigned",
      personId: holder,
      createdAt: this.now,
    });
    return { ...sealed, serial, personId: holder };
  }

  async challenge(token: BenchToken, profile: PersonProfile = "SIGN-LCP"): Promise<string> {
    const { challenge } = await issueChallenge(this.desk, { personId: token.personId, tokenSerial: token.serial, profile, actor: ACTOR });
    return challenge;
  }

  /** A new key in a slot of a token (that of the profile when none is named), and a request for it. */
  async order(token: BenchToken, challenge: string, slot: number, policies = POLICIES): Promise<BenchOrder> {
    const point = await token.token.makeKey(slot, policies);
    const client = token.token.client();
    await client.verifyPin(ascii(PIN));
    const request = await createCertificationRequest(point, (digest) => client.sign(slot, digest), challenge);
    const attestation = await client.attest(slot);
    client.close();
    return { request, evidence: { attestation, issuer: token.certificate }, actor: ACTOR, slot };
  }

  /** Everything up to a certificate in state `issued`. */
  async issued(profile: PersonProfile = "SIGN-LCP", token?: BenchToken): Promise<IssuedCertificate & { readonly token: BenchToken }> {
    const holder = token ?? (await this.token());
    const order = await this.order(holder, await this.challenge(holder, profile), PERSON_PROFILES[profile].slot);
    return { ...(await issue(this.desk, order)), token: holder };
  }

  /** The holder's signature for `prove`. */
  async proof({
    certificate,
    profile,
    token,
  }: {
    certificate: Uint8Array;
    profile: PersonProfile;
    token: BenchToken;
  }): Promise<Uint8Array> {
    const text = proofText(certificate);
    const client = token.token.client();
    await client.verifyPin(ascii(PIN));
    const signature = await client.sign(PERSON_PROFILES[profile].slot, createHash("sha256").update(text).digest());
    client.close();
    if (!verify("sha256", text, new X509Certificate(certificate).publicKey, signature)) throw new Error("the token signed something else");
    return signature;
  }

  async active(profile: PersonProfile = "SIGN-LCP", token?: BenchToken): Promise<IssuedCertificate & { readonly token: BenchToken }> {
    const issued = await this.issued(profile, token);
    await prove(this.desk, { certificateId: issued.id, signature: await this.proof(issued), actor: ACTOR });
    return issued;
  }

  runJobs(): Promise<number> {
    return runDueJobs(this.store, issuanceJobs(this.desk), () => this.now);
  }

  later(ms: number): void {
    this.now = new Date(this.now.getTime() + ms);
  }

  private async begin(): Promise<void> {
    await Promise.all([adoptAuthority(this.desk), adoptAuthority(this.desk)]); // as two servers that start at once
    const { db } = this.store;
    const [office] = await db
      .insert(offices)
      .values({ name: "Desk", timeZone: "Europe/Paris", createdAt: this.now })
      .returning({ id: offices.id });
    this.officeId = office?.id ?? "";
    const organisation = { officeId: this.officeId, name: "Cabinet Faron", country: "FR", state: "open" as const, createdAt: this.now };
    const [added] = await db.insert(organisations).values(organisation).returning({ id: organisations.id });
    this.organisationId = added?.id ?? "";
  }
}
