// A blank token becomes one that signs, through HTTP against the office's own server, as the holder's program does it; broken off at every command to
// the token and at every question to the office, before or after it took effect, and started again. On both kinds of store.

import { X509Certificate } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ActivationStep, activateToken } from "../../host-bridge/activation/activate-token.ts";
import type { ActivationOffice, IssuedCertificate } from "../../host-bridge/activation/activation-office.ts";
import { askOffice, isOffices } from "../../host-bridge/doctor/ask-office.ts";
import { NODE_MACHINE } from "../../host-bridge/doctor/node-machine.ts";
import { ActivationOverHttp, answerActivation, openActivation } from "../../host-bridge/office-client/activation-over-http.ts";
import { OfficeHttp } from "../../host-bridge/office-client/office-http.ts";
import type { NewSecrets } from "../../host-bridge/token/initialise.ts";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import type { TokenChannel } from "../../host-bridge/transport/transport.ts";
import { OBJECT_SIGNATURE_CERTIFICATE } from "../../protocol/piv.ts";
import { type ActivationBench, ANSWERS_TYPED, type Applicant } from "../../test/support/activation-bench.ts";
import { openActivationOffice, type ActivationOffice as RunningActivationOffice } from "../../test/support/activation-office.ts";
import { STORE_KINDS, STORE_START_LIMIT_MS } from "../../test/support/office-stores.ts";
import { postJson } from "../../test/support/officer-client.ts";
import { ascii, MANAGEMENT_KEY, PIN, PUK, type SimulatedToken } from "../../test/support/simulated-token.ts";
import { testSealing } from "../../test/support/test-sealing.ts";
import { activations, tokenSecrets } from "../store/application-schema.ts";
import { auditEvents, certificates, keys, limits, tokens } from "../store/schema.ts";
import { openSecrets } from "./token-escrow.ts";

const MAX_CUTS = 200;
const CUTS_LIMIT_MS = 240_000;

class Cut extends Error {
  override readonly name = "Cut";
}

/** Breaks off before or after one of the things that happen takes effect. */
class Cutter {
  #left: number;
  readonly #isAfter: boolean;
  isReached = false;
  constructor(left: number, isAfter: boolean) {
    this.#left = left;
    this.#isAfter = isAfter;
  }
  async through<T>(work: () => Promise<T>): Promise<T> {
    const isNow = this.#left-- === 0;
    this.isReached ||= isNow;
    if (isNow && !this.#isAfter) throw new Cut();
    const result = await work();
    if (isNow) throw new Cut();
    return result;
  }
}

const NEVER = new Cutter(Number.POSITIVE_INFINITY, false);

const cutOffice = (office: ActivationOffice, cutter: Cutter): ActivationOffice => ({
  address: office.address,
  state: () => cutter.through(() => office.state()),
  secrets: (serial, secrets) => cutter.through(() => office.secrets(serial, secrets)),
  challenge: (evidence) => cutter.through(() => office.challenge(evidence)),
  certificate: (request, evidence) => cutter.through(() => office.certificate(request, evidence)),
  proof: (signature) => cutter.through(() => office.proof(signature)),
});

const cutChannel = (channel: TokenChannel, cutter: Cutter): TokenChannel => ({
  transmit: (apdu, options) => cutter.through(() => channel.transmit(apdu, options)),
  cancel: () => channel.cancel(),
  close: () => channel.close(),
});

describe.each(STORE_KINDS)("%s", (kind) => {
  let bench: ActivationBench;
  let office: RunningActivationOffice;
  let http: OfficeHttp;

  beforeAll(async () => {
    office = await openActivationOffice(kind);
    bench = office.bench;
    http = new OfficeHttp(office.url);
  }, STORE_START_LIMIT_MS);

  afterAll(() => office.close());

  /** The holder's computer. */
  class Computer {
    kept: NewSecrets | null = null;
    steps: ActivationStep[] = [];
    readonly #token: SimulatedToken;
    readonly #session: string;
    constructor(token: SimulatedToken, session: string) {
      this.#token = token;
      this.#session = session;
    }
    async activate(cutter = NEVER): Promise<IssuedCertificate> {
      // What the token does in between is the same with either database: PostgreSQL is asked about the questions alone.
      const client = new TokenClient(cutChannel(this.#token.channel(), kind === "postgresql" ? cutter : NEVER));
      this.steps = [];
      try {
        return await activateToken({
          client,
          office: cutOffice(new ActivationOverHttp(http, this.#session), cutter),
          secrets: {
            find: () => (this.kept === null ? null : { ...this.kept, offices: [] }),
            entrust: () => {},
            keep: () => {
              this.kept ??= { puk: PUK, managementKey: MANAGEMENT_KEY, keptIn: "the test" };
              return this.kept;
            },
          },
          certificateObject: OBJECT_SIGNATURE_CERTIFICATE,
          pin: async () => ascii(PIN),
          mayEntrust: async () => true,
          onStep: (step) => void this.steps.push(step),
          onButton: () => {},
        });
      } finally {
        client.close();
      }
    }
  }

  async function sessionOf({ reference }: Applicant): Promise<string> {
    bench.issuance.later(10 * 60_000); // new limits
    const { questions } = await openActivation(http, reference);
    expect([...questions].sort()).toEqual(Object.keys(ANSWERS_TYPED).sort());
    return (await answerActivation(http, reference, ANSWERS_TYPED)).session;
  }

  /** One key, one certificate, on the token and in the office, active; its secrets are in escrow. */
  async function judge({ dossierId, personId }: Applicant, token: SimulatedToken, serial: string): Promise<void> {
    const { db } = bench.store;
    const dossier = await bench.dossier(dossierId);
    expect(dossier).toMatchObject({ state: "active", tokenSerial: serial });
    const rows = await db.select().from(certificates).where(eq(certificates.personId, personId));
    expect(rows.map(({ id, state }) => [id, state])).toEqual([[dossier.certificateId, "active"]]);
    expect(await db.select().from(tokens).where(eq(tokens.serial, serial))).toMatchObject([{ state: "active", personId }]);
    expect(await db.select().from(keys).where(eq(keys.tokenSerial, serial))).toMatchObject([{ slot: "9c", state: "certified" }]);
    expect(await db.select().from(activations).where(eq(activations.dossierId, dossierId))).toMatchObject([
      { state: "used", tokenSerial: serial, secretsSealed: null },
    ]);
    const client = token.client();
    const written = await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE);
    client.close();
    expect(written).toEqual(rows[0]?.der);
    const [kept] = await db.select().from(tokenSecrets).where(eq(tokenSecrets.tokenSerial, serial));
    const { puk, managementKey } = openSecrets(testSealing, serial, kept?.sealed ?? new Uint8Array());
    expect([Buffer.from(puk).toString("latin1"), Buffer.from(managementKey).toString("hex")]).toEqual([PUK, MANAGEMENT_KEY]);
    expect(Buffer.from(kept?.sealed ?? []).includes(Buffer.from(PUK))).toBe(false);
    const told = await db
      .select()
      .from(auditEvents)
      .where(eq(auditEvents.subject, `dossier:${dossierId}`));
    expect(told.filter(({ action }) => action === "dossier.activate")).toHaveLength(1);
  }

  test("S15: number and answers open it; the token makes its key, says so, is certified, and proves that it has both", async () => {
    const applicant = await bench.approved();
    const { token, serial } = await bench.blankToken();
    const session = await sessionOf(applicant);
    const state = () => new ActivationOverHttp(http, session).state();
    expect(await state()).toMatchObject({
      stage: "ready",
      token: null,
      issued: null,
      office: "Desk",
      organisation: null,
      profile: "SIGN-LCP",
    });
    const computer = new Computer(token, session);
    const issued = await computer.activate();
    expect(computer.steps).toEqual(["format", "escrow", "key", "certificate", "write", "proof"]);
    expect(new X509Certificate(issued.certificate).subject).toContain("Léa Morel");
    await judge(applicant, token, serial);
    expect(await state()).toMatchObject({ stage: "active", token: serial, issued: { id: issued.id } });
    expect((await bench.mail(applicant.email)).template).toBe("active");
    // Again: everything is there, and nothing is made anew.
    expect((await computer.activate()).id).toBe(issued.id);
    await judge(applicant, token, serial);
    await expect(openActivation(http, applicant.reference)).rejects.toMatchObject({ type: "urn:sceau:activation:used" });
  });

  test.each([
    ["before it took effect", false],
    ["after it took effect, its answer lost", true],
  ])(
    "S15: broken off at each command and each question, %s, and started again",
    async (_, isAfter) => {
      let cuts = 0;
      for (; ; cuts++) {
        const applicant = await bench.approved();
        const { token, serial } = await bench.blankToken();
        const computer = new Computer(token, await sessionOf(applicant));
        const cutter = new Cutter(cuts, isAfter);
        const outcome = await computer.activate(cutter).then(
          () => "done",
          (error: unknown) => (error instanceof Cut ? "cut" : `cut ${cuts}: ${error}`),
        );
        if (!cutter.isReached) break;
        expect(outcome).toBe("cut");
        await computer.activate();
        await judge(applicant, token, serial);
        expect(cuts).toBeLessThan(MAX_CUTS);
      }
      expect(cuts).toBeGreaterThanOrEqual(kind === "postgresql" ? 20 : 5);
    },
    CUTS_LIMIT_MS,
  );

  test("what is refused has a type that a program can tell by", async () => {
    const url = bench.desk.publicUrl;
    bench.issuance.later(10 * 60_000);
    const open = (reference: string) => postJson(`${url}/api/activation/open`, { reference });
    expect(await open("0000-0000-0000-0000")).toMatchObject({ status: 422, body: { type: "urn:sceau:activation:reference" } });
    expect(await open("not a number")).toMatchObject({ status: 422, body: { type: "urn:sceau:activation:reference" } });
    const session = "x".repeat(43);
    expect(await postJson(`${url}/api/activation/state`, { session })).toMatchObject({
      status: 401,
      body: { type: "urn:sceau:activation:session" },
    });
    expect((await postJson(`${url}/api/activation/state`, { session, more: 1 })).status).toBe(400);
    expect(await postJson(`${url}/api/agent/requests/take`, { id: session })).toMatchObject({
      status: 422,
      body: { type: "urn:sceau:agent:unknown" },
    });
    const { reference } = await bench.approved();
    const answers = { ...ANSWERS_TYPED, "childhood-telephone": "no" };
    expect(await postJson(`${url}/api/activation/answers`, { reference, answers })).toMatchObject({
      status: 422,
      body: { type: "urn:sceau:activation:answers", triesLeft: 4 },
    });
  });

  test("S14: the doctor's question is answered as an office answers, by whatever way; nothing is written, no try is spent", async () => {
    const { store } = bench.desk;
    const rows = () => Promise.all([store.db.select().from(limits), store.db.select().from(auditEvents)]);
    const before = await rows();
    const heard = await askOffice({ machine: NODE_MACHINE, environment: {}, timeLimitMs: 10_000 }, office.url);
    expect([isOffices(heard), heard.status]).toEqual([true, 400]);
    expect(Math.abs(Date.parse(heard.date) - Date.now())).toBeLessThan(60_000);
    expect(await rows()).toEqual(before);
  });

  test("an address that guesses is stopped", async () => {
    bench.issuance.later(10 * 60_000);
    const open = () => postJson(`${bench.desk.publicUrl}/api/activation/open`, { reference: "0000-0000-0000-0001" });
    for (let i = 0; i < 30; i++) expect((await open()).status).toBe(422);
    expect((await open()).status).toBe(429);
  });
});
