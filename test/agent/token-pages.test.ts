// The token's own pages: what it is and holds, its journal verified, its PIN changed and unblocked; each refusal with what to do. Asked as a browser asks.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { AgentBench, type AgentVisitor } from "../support/agent-bench.ts";
import { certifiedToken } from "../support/certified-token.ts";
import { sealedToken } from "../support/sealed-token.ts";
import { ascii, PIN, PUK, SimulatedToken, WRONG_PIN } from "../support/simulated-token.ts";

const SERIAL = 40_718_225;
/** A token whose management key is not kept on this computer. */
const STRANGER = 51_829_336;
const NEW_PIN = "58203941";

let bench: AgentBench;
let visitor: AgentVisitor;
let roots: readonly Uint8Array[];

beforeEach(async () => {
  roots = [];
  bench = await AgentBench.start({ attestationRoots: () => roots });
  visitor = bench.visitor();
  await visitor.get("/phrase"); // a page with a form
});
afterEach(async () => bench.close());

async function triesLeft(token: SimulatedToken): Promise<number | null> {
  const client = token.client();
  const left = await client.pinTriesLeft();
  client.close();
  return left;
}

async function spendPin(token: SimulatedToken, count: number): Promise<void> {
  const client = token.client();
  for (let spent = 0; spent < count; spent++) await client.verifyPin(ascii(WRONG_PIN)).catch(() => {});
  client.close();
}

const escaped = (text: string): string => text.replaceAll("'", "&#39;");

describe("the page of a token", () => {
  test("says what it is, how many tries are left, and which certificates it has", async () => {
    const { token } = await certifiedToken();
    await bench.plugIn(token);
    await spendPin(token, 1);
    const { status, title, body } = await visitor.get(`/tokens/${SERIAL}`);
    expect([status, title]).toEqual([200, "Jeton 40718225"]);
    for (const words of [
      "Sceau unit test",
      "2 sur 3",
      "Irène Faron",
      "Test issuing CA",
      "1 janvier 2035",
      "P-256",
      "Signer",
      "Jeton simulé",
    ])
      expect(body).toContain(words);
    expect((await visitor.get("/tokens")).body).toContain(`/tokens/${SERIAL}`);
  });

  test("says of a certificate that has expired that it has", async () => {
    const { token } = await certifiedToken({ notAfter: new Date("2025-06-01T00:00:00Z") });
    await bench.plugIn(token);
    expect((await visitor.get(`/tokens/${SERIAL}`)).body).toContain(">expiré<");
  });

  test("of a new token says that an office activates it, and offers nothing else", async () => {
    await bench.plugIn(new SimulatedToken(SERIAL));
    const { body } = await visitor.get(`/tokens/${SERIAL}`);
    expect(body).toContain("Votre bureau l&#39;active avec vous");
    for (const page of ["pin", "unblock", "journal"]) {
      expect(body).not.toContain(`/tokens/${SERIAL}/${page}`);
      expect((await visitor.get(`/tokens/${SERIAL}/${page}`)).location).toBe(`/tokens/${SERIAL}`);
    }
  });

  test("of one that is not there says to plug it in", async () => {
    for (const path of [`/tokens/${SERIAL}`, "/tokens/x", `/tokens/${SERIAL}/pin`, `/tokens/${SERIAL}/journal`]) {
      const { status, title } = await visitor.get(path);
      expect([status, title]).toEqual([409, "Le jeton n'est pas branché"]);
    }
  });
});

describe("the PIN", () => {
  const change = (fields: Readonly<Record<string, string>>) => visitor.submit(`/tokens/${SERIAL}/pin`, fields);
  let token: SimulatedToken;
  beforeEach(async () => {
    token = await SimulatedToken.initialised();
    await bench.plugIn(token);
  });

  test("is changed: the old one counts no more", async () => {
    const form = await visitor.get(`/tokens/${SERIAL}/pin`);
    for (const words of ["6 à 8 chiffres", "la loutre lit sous la pluie", "3 essais"]) expect(form.body).toContain(words);
    const { body, title } = await change({ old: PIN, fresh: NEW_PIN, again: NEW_PIN });
    expect([title, body.includes("Le PIN est changé")]).toEqual(["Jeton 40718225", true]);
    const client = token.client();
    await client.verifyPin(ascii(NEW_PIN));
    await expect(client.verifyPin(ascii(PIN))).rejects.toMatchObject({ triesLeft: 2 });
    client.close();
  });

  test.each([
    ["of five digits", { old: PIN, fresh: "12345", again: "12345" }, "6 à 8 chiffres"],
    ["with a letter", { old: PIN, fresh: "5820394a", again: "5820394a" }, "6 à 8 chiffres"],
    ["typed otherwise the second time", { old: PIN, fresh: NEW_PIN, again: "58203942" }, "ne sont pas les mêmes"],
    ["that is the present one", { old: PIN, fresh: PIN, again: PIN }, "celui d'avant"],
    ["that is a sequence", { old: PIN, fresh: "123456", again: "123456" }, "des suites et des répétitions"],
    ["with the present one of another form", { old: "1234", fresh: NEW_PIN, again: NEW_PIN }, "6 à 8 chiffres"],
    ["without anything", {}, "6 à 8 chiffres"],
  ])("%s is refused without a try", async (_name, fields, words) => {
    const { status, body } = await change(fields);
    expect(status).toBe(422);
    expect(body).toContain(escaped(words));
    expect(body).toContain(escaped("Aucun essai n'a été compté"));
    expect(await triesLeft(token)).toBe(3);
  });

  test("that is wrong says how many tries are left, and then that it is blocked", async () => {
    const wrong = { old: WRONG_PIN, fresh: NEW_PIN, again: NEW_PIN };
    expect((await change(wrong)).body).toContain("Il reste 2 essais");
    expect((await change(wrong)).body).toContain("Il reste un seul essai");
    for (const answer of [await change(wrong), await visitor.get(`/tokens/${SERIAL}/pin`)]) {
      expect(answer.status).toBe(409);
      expect(answer.body).toContain(`/tokens/${SERIAL}/unblock`);
    }
    const { body } = await visitor.get(`/tokens/${SERIAL}`);
    expect(body).toContain("Débloquez-le avec le PUK");
    expect(body).not.toContain(`/tokens/${SERIAL}/pin"`);
  });
});

describe("the PUK", () => {
  const unblock = (fields: Readonly<Record<string, string>>) => visitor.submit(`/tokens/${SERIAL}/unblock`, fields);
  let token: SimulatedToken;
  beforeEach(async () => {
    token = await SimulatedToken.initialised();
    await bench.plugIn(token);
    await spendPin(token, 3);
  });

  test("gives a new PIN with all its tries", async () => {
    const { body } = await unblock({ old: PUK, fresh: NEW_PIN, again: NEW_PIN });
    expect(body).toContain("avec tous ses essais");
    expect(await triesLeft(token)).toBe(3);
    const client = token.client();
    await client.verifyPin(ascii(NEW_PIN));
    client.close();
  });

  test.each([
    ["of seven characters", { old: "1234567", fresh: NEW_PIN, again: NEW_PIN }, "Un PUK a 8 caractères"],
    ["with a PIN that is a sequence", { old: PUK, fresh: "111111", again: "111111" }, "des suites et des répétitions"],
    ["with two PINs", { old: PUK, fresh: NEW_PIN, again: "58203942" }, "ne sont pas les mêmes"],
  ])("%s is refused without a try", async (_name, fields, words) => {
    const { status, body } = await unblock(fields);
    expect([status, body.includes(escaped(words))]).toEqual([422, true]);
    expect((await visitor.get(`/tokens/${SERIAL}/unblock`)).body).toContain("3 essais");
  });

  test("that is wrong says how many tries are left; without any the token is lost, and the page says who helps", async () => {
    const wrong = { old: "00000000", fresh: NEW_PIN, again: NEW_PIN };
    expect((await unblock(wrong)).body).toContain("PUK erroné. Il reste 2 essais");
    expect((await unblock(wrong)).body).toContain("Il reste un seul essai");
    for (const answer of [await unblock(wrong), await visitor.get(`/tokens/${SERIAL}`)])
      expect(answer.body).toContain("Adressez-vous à votre bureau");
    expect((await visitor.get(`/tokens/${SERIAL}`)).body).not.toContain(`/tokens/${SERIAL}/unblock`);
  });
});

test("no secret that was typed is in an event or on a page", async () => {
  const token = await SimulatedToken.initialised();
  await bench.plugIn(token);
  const answers = [
    await visitor.submit(`/tokens/${SERIAL}/pin`, { old: WRONG_PIN, fresh: NEW_PIN, again: "58203942" }),
    await visitor.submit(`/tokens/${SERIAL}/pin`, { old: WRONG_PIN, fresh: NEW_PIN, again: NEW_PIN }),
    await visitor.submit(`/tokens/${SERIAL}/pin`, { old: PIN, fresh: NEW_PIN, again: NEW_PIN }),
    await visitor.submit(`/tokens/${SERIAL}/unblock`, { old: PUK, fresh: PIN, again: PIN }),
  ];
  const all = JSON.stringify([bench.events, answers]);
  for (const secret of [PIN, WRONG_PIN, NEW_PIN, "58203942", PUK]) expect(all).not.toContain(secret);
});

describe("the signature journal", () => {
  const read = (fields: Readonly<Record<string, string>> = {}, serial = SERIAL) => visitor.submit(`/tokens/${serial}/journal`, fields);

  async function plugInSealed(serial: number): Promise<SimulatedToken> {
    const { token, trust } = await sealedToken(serial);
    roots = trust.roots;
    await certifiedToken({ token });
    await bench.plugIn(token);
    const client = token.client();
    for (const byte of [0xa1, 0xb2]) {
      await client.verifyPin(ascii(PIN));
      await client.sign(SLOT_SIGNATURE, new Uint8Array(32).fill(byte));
    }
    client.close();
    return token;
  }

  test("is read and verified with the PIN; newest first", async () => {
    await plugInSealed(STRANGER);
    expect((await visitor.get(`/tokens/${STRANGER}/journal`)).body).toContain('type="password"');
    const { body, status } = await read({ pin: PIN }, STRANGER);
    expect([status, body.includes("Le journal est complet de la ligne 1 à la ligne")]).toEqual([200, true]);
    const [newer, older] = ["b2b2b2b2b2b2b2b2", "a1a1a1a1a1a1a1a1"].map((digest) => body.indexOf(digest));
    expect(newer).toBeGreaterThan(0);
    expect(older).toBeGreaterThan(newer ?? 0);
    expect(body).toContain("Attestation");
    // The same reading again, without asking the token; and the form, when asked for.
    expect((await visitor.get(`/tokens/${STRANGER}/journal`)).body).toContain("a1a1a1a1");
    expect((await visitor.get(`/tokens/${STRANGER}/journal?again=1`)).body).toContain('type="password"');
  });

  test("is read without the PIN where the management key is kept", async () => {
    await plugInSealed(SERIAL);
    const form = await visitor.get(`/tokens/${SERIAL}/journal`);
    expect(form.body).not.toContain('type="password"');
    expect((await read()).body).toContain("Le journal est complet");
  });

  test("whose token's maker is not known here says so", async () => {
    await plugInSealed(SERIAL);
    roots = [];
    const { body } = await read();
    expect(body).toContain("ne connaît pas le fabricant");
    expect(body).not.toContain("Le journal est complet");
  });

  test("that an interloper has cut is refuted", async () => {
    const token = await plugInSealed(SERIAL);
    const transmit = token.token.transmit.bind(token.token);
    // The digest of one entry, changed on its way.
    token.token.transmit = (channel, apdu, done) =>
      transmit(channel, apdu, (response) => {
        const at = Buffer.from(response).indexOf("a1a1a1a1", "hex");
        if (at >= 0) response[at] = 0xa2;
        done(response);
      });
    const { body } = await read();
    expect(body).toContain("n&#39;a pas pu être vérifié");
    expect(body).toContain("a2a1a1a1");
  });

  test("of a token without attestation key is shown as what it is", async () => {
    const token = await SimulatedToken.initialised();
    await token.makeKey(SLOT_SIGNATURE);
    await bench.plugIn(token);
    expect((await read()).body).toContain("rien ne prouve que son journal est complet");
  });

  test("with a wrong PIN says how many tries are left; of the wrong form, that none was counted", async () => {
    const token = await plugInSealed(STRANGER);
    const form = await read({ pin: "12" }, STRANGER);
    expect([form.status, form.body.includes("Aucun essai")]).toEqual([422, true]);
    expect(await triesLeft(token)).toBe(3);
    const wrong = await read({ pin: WRONG_PIN }, STRANGER);
    expect([wrong.status, wrong.body.includes("Il reste 2 essais")]).toEqual([422, true]);
  });
});
