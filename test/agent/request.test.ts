// What an office's page hands over to the holder's agent: agreed to with the PIN, done, taken up where it broke off, and back to the office. S15 through
// the agent.

import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { signInMessage as agentMessage } from "../../host-bridge/agent/request/sign-in.ts";
import { signInMessage as officeMessage } from "../../office/registration/sign-in.ts";
import { OBJECT_SIGNATURE_CERTIFICATE, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { PRESSED_AT_ONCE } from "../../simulator/scripted-button.ts";
import { AgentBench, PHRASE } from "../support/agent-bench.ts";
import { digestOf, OFFICE_NAME, PERSON } from "../support/agent-office.ts";
import { BLANK_SERIAL, blankToken, leavesTo, NEW_PIN, requestWorld, taken } from "../support/agent-requests.ts";
import { sealedToken } from "../support/sealed-token.ts";
import { ascii, PIN, SERIAL, SimulatedToken, WRONG_PIN } from "../support/simulated-token.ts";

const world = requestWorld();

test("S15: a blank token is activated: the PIN chosen twice, key, certificate, proof; and back to the office", async () => {
  const token = await blankToken(world);
  await world.bench.plugIn(token);
  const path = await taken(world, world.office.offer({ kind: "activate", returnPath: "/my/activation?done=1" }));
  const asked = await world.visitor.get(path);
  expect([asked.status, asked.title]).toEqual([200, "Activer votre certificat"]);
  for (const told of [
    OFFICE_NAME,
    world.office.url,
    PERSON,
    PHRASE,
    "Ce jeton est vierge",
    "6 à 8 chiffres",
    "recevra le code de déblocage (PUK)",
  ])
    expect(asked.body).toContain(told);
  expect(asked.body.match(/type="password" autocomplete="off" data-1p-ignore data-lpignore="true"[^>]* inputmode="numeric"/g)).toHaveLength(
    2,
  );
  const done = await world.visitor.submit(path, { token: String(BLANK_SERIAL), new: "1", pin: NEW_PIN, again: NEW_PIN });
  expect(done.title).toBe("Votre certificat est activé");
  expect(leavesTo(done)).toBe(`${world.office.url}/my/activation?done=1`);
  const { activation } = world.office;
  expect([activation.isActive, activation.token, activation.secrets?.serial]).toEqual([true, String(BLANK_SERIAL), String(BLANK_SERIAL)]);
  const client = token.client();
  await client.verifyPin(ascii(NEW_PIN));
  const written = await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE);
  client.close();
  expect(digestOf(written ?? new Uint8Array())).toBe(digestOf(activation.issued?.certificate ?? new Uint8Array()));
  expect(new X509Certificate(Buffer.from(written ?? [])).subject).toContain("CN=");
  // The PIN has gone to the token and nowhere else.
  for (const text of [...world.office.received, ...world.office.asked, JSON.stringify(world.bench.events)])
    expect(text).not.toContain(NEW_PIN);
});

test("at an officer's desk (provision) it goes the same way, in English too", async () => {
  world.visitor.language = "en-GB";
  await world.bench.plugIn(await blankToken(world));
  const path = await taken(world, world.office.offer({ kind: "provision" }));
  expect((await world.visitor.get(path)).title).toBe("Activate a certificate at the desk");
  const done = await world.visitor.submit(path, { token: String(BLANK_SERIAL), new: "1", pin: NEW_PIN, again: NEW_PIN });
  expect(done.title).toBe("The certificate is active");
  expect(world.office.activation.isActive).toBe(true);
});

test("a token that was formatted here: its PIN with the tries left; a wrong one is told and costs one", async () => {
  const { token } = await sealedToken(SERIAL, new Date(), world.root);
  await world.bench.plugIn(token);
  const path = await taken(world, world.office.offer({ kind: "activate" }));
  const asked = await world.visitor.get(path);
  expect(asked.body).toContain("3 essais restants.");
  expect(asked.body).not.toContain('name="again"');
  const wrong = await world.visitor.submit(path, { token: String(SERIAL), new: "0", pin: WRONG_PIN });
  expect([wrong.status, wrong.title]).toEqual([422, "Activer votre certificat"]);
  expect(wrong.body).toContain("PIN erroné. Il reste 2 essais.");
  expect(wrong.body).not.toContain(WRONG_PIN);
  const done = await world.visitor.submit(path, { token: String(SERIAL), new: "0", pin: PIN });
  expect(done.title).toBe("Votre certificat est activé");
});

test("a token whose codes another office has: both offices are named, and without the tick nothing is sent; with it the second gets them, too", async () => {
  const { token } = await sealedToken(SERIAL, new Date(), world.root);
  const first = "https://first.example";
  world.bench.secrets.entrust(String(SERIAL), first);
  await world.bench.plugIn(token);
  const path = await taken(world, world.office.offer({ kind: "activate" }));
  const asked = await world.visitor.get(path);
  for (const told of ["Un autre bureau a déjà les codes de ce jeton", first, world.office.url]) expect(asked.body).toContain(told);
  const order = { token: String(SERIAL), new: "0", pin: PIN };
  for (const entrust of ["", "https://elsewhere.example"]) {
    const refused = await world.visitor.submit(path, { ...order, entrust });
    expect([refused.status, refused.body.includes("Rien n&#39;a été envoyé. Cochez la case")]).toEqual([422, true]);
  }
  expect([world.office.activation.secrets, world.office.asked.some((url) => url.endsWith("/secrets"))]).toEqual([null, false]);
  const done = await world.visitor.submit(path, { ...order, entrust: first });
  expect(done.title).toBe("Votre certificat est activé");
  expect(world.office.activation.secrets?.serial).toBe(String(SERIAL));
  expect(world.bench.secrets.find(String(SERIAL))?.offices).toEqual([first, world.office.url]);
});

test("an office's name that steers what is shown is written out, and set apart", async () => {
  world.office.name = `Ordre \u202egro.redro\u202c\u200b${"x".repeat(400)}`.slice(0, 290);
  await world.bench.plugIn(await blankToken(world));
  const { body } = await world.visitor.get(await taken(world, world.office.offer({ kind: "activate" })));
  expect(body).toContain("<bdi>Ordre \\u202egro.redro\\u202cxxx");
  expect(body).not.toMatch(/[\u200b-\u200f\u202a-\u202e]/);
  expect(body).not.toContain("x".repeat(130));
});

test("an activation that broke off goes on where it was, with the same request", async () => {
  await world.bench.plugIn(await blankToken(world));
  const path = await taken(world, world.office.offer({ kind: "activate" }));
  let isBroken = true;
  world.office.trouble = (url) => {
    if (isBroken && url.endsWith("/proof")) throw new Error("the office is down");
  };
  const order = { token: String(BLANK_SERIAL), pin: NEW_PIN };
  const broken = await world.visitor.submit(path, { ...order, new: "1", again: NEW_PIN });
  expect([broken.status, broken.title]).toEqual([409, "Le bureau a refusé"]);
  isBroken = false;
  const asked = await world.visitor.get(path);
  expect(asked.body).toContain("3 essais restants."); // it is formatted: its own PIN is asked for
  const done = await world.visitor.submit(path, { ...order, new: "0" });
  expect(done.title).toBe("Votre certificat est activé");
  expect(world.office.activation.isActive).toBe(true);
});

test("the agent ends in the middle: the next one goes on with another request for the same activation", async () => {
  const token = await blankToken(world);
  const plug = await world.bench.plugIn(token);
  const path = await taken(world, world.office.offer({ kind: "activate" }));
  let isBroken = true;
  world.office.trouble = (url) => {
    if (isBroken && url.endsWith("/certificate")) throw new Error("the office is down");
  };
  await world.visitor.submit(path, { token: String(BLANK_SERIAL), new: "1", pin: NEW_PIN, again: NEW_PIN });
  isBroken = false;
  const { activation } = world.office;
  await plug.close();
  const next = await AgentBench.start({ secrets: world.bench.secrets });
  try {
    next.trust(world.office.url);
    await next.plugIn(token);
    world.visitor = next.visitor();
    const again = await taken(world, world.office.offer({ kind: "activate", activation }));
    const done = await world.visitor.submit(again, { token: String(BLANK_SERIAL), new: "0", pin: NEW_PIN });
    expect(done.title).toBe("Votre certificat est activé");
    expect([activation.isActive, world.office.activations.size]).toEqual([true, 1]);
  } finally {
    await next.close();
  }
});

test("the token is pulled out in the middle: told, and plugged in again it goes on", async () => {
  const token = await blankToken(world);
  const plug = await world.bench.plugIn(token);
  const path = await taken(world, world.office.offer({ kind: "activate" }));
  let isPulled = false;
  world.office.trouble = async (url) => {
    if (isPulled || !url.endsWith("/certificate")) return;
    isPulled = true;
    await plug.close();
  };
  const order = { token: String(BLANK_SERIAL), pin: NEW_PIN };
  const broken = await world.visitor.submit(path, { ...order, new: "1", again: NEW_PIN });
  expect([broken.status, broken.title]).toEqual([409, "Le jeton ne répond plus"]);
  await world.bench.gone();
  await world.bench.plugIn(token);
  const done = await world.visitor.submit(path, { ...order, new: "0" });
  expect(done.title).toBe("Votre certificat est activé");
  expect(world.office.activation.isActive).toBe(true);
});

test("sign-in: the AUTH key signs the office's own challenge, and the browser gets the link", async () => {
  const token = await SimulatedToken.initialised();
  await token.makeKey(SLOT_AUTHENTICATION);
  await world.bench.plugIn(token);
  for (const hasChallenge of [true, false]) {
    const path = await taken(world, world.office.offer({ kind: "sign-in", hasChallenge }));
    const asked = await world.visitor.get(path);
    expect(asked.title).toBe("Se connecter au bureau");
    expect(asked.body).toContain(PHRASE);
    const done = await world.visitor.submit(path, { token: String(SERIAL), new: "0", pin: PIN });
    expect(done.title).toBe("Connexion acceptée");
    expect(leavesTo(done)).toBe(world.office.links.at(-1));
  }
});

test("what the AUTH key signs is the same for the agent and the office", () => {
  expect(agentMessage("https://a.example", "c")).toEqual(officeMessage("https://a.example", "c"));
});

test("without a token the page waits for one; with several the holder chooses", async () => {
  const path = await taken(world, world.office.offer({ kind: "activate" }));
  const none = await world.visitor.get(path);
  const next = /data-waiting="([^"]+)"/.exec(none.body)?.[1];
  expect([none.title, next]).toEqual(["Branchez le jeton", expect.stringMatching(/^\/request\/[^?]+\?seen=\d+$/)]);
  const waiting = world.visitor.get(next ?? "");
  await world.bench.plugIn(await blankToken(world));
  expect((await waiting).title).toBe("Activer votre certificat");
  await world.bench.plugIn(await blankToken(world, BLANK_SERIAL + 1));
  const choice = await world.visitor.get(path);
  expect(choice.title.replaceAll("\u00a0", " ")).toBe("Quel jeton ?");
  const chosen = await world.visitor.get(`${path}?token=${BLANK_SERIAL + 1}`);
  expect(chosen.body).toContain(`name="token" value="${BLANK_SERIAL + 1}"`);
});

test("a token whose button is not pressed: the page says so, the holder gives up, and can begin again", async () => {
  const token = await SimulatedToken.initialised();
  await token.makeKey(SLOT_AUTHENTICATION, { pin: 2, button: 2 });
  token.button.script = { kind: "never" };
  await world.bench.plugIn(token);
  const path = await taken(world, world.office.offer({ kind: "sign-in" }));
  const { location } = await world.visitor.post(path, { token: String(SERIAL), new: "0", pin: PIN });
  expect(location).toMatch(/^\/work\//);
  const working = await world.visitor.get(location ?? "");
  expect(working.title).toBe("Connexion en cours");
  expect(working.body).toContain("Appuyez sur le bouton du jeton.");
  const busy = await world.visitor.post(path, { token: String(SERIAL), new: "0", pin: PIN });
  expect([busy.status, busy.title]).toEqual([409, "Le jeton est occupé"]);
  const over = await world.visitor.submit(`${location}/cancel`, {});
  expect(over.title).toBe("Opération abandonnée");
  expect(over.body).toContain(`href="${path}?token=${SERIAL}"`);
  token.button.script = PRESSED_AT_ONCE;
  const done = await world.visitor.submit(path, { token: String(SERIAL), new: "0", pin: PIN });
  expect(done.title).toBe("Connexion acceptée");
});
