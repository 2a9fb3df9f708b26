// What the agent does not let an office's page, or somebody who looks like one, have: each with what to do about it.

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BUTTON_POLICY_ALWAYS, PIN_POLICY_ONCE, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import { AgentBench } from "../support/agent-bench.ts";
import { StandInOffice } from "../support/agent-office.ts";
import { BLANK_SERIAL, blankToken, HANDLE_PATH, leavesTo, NEW_PIN, open, requestWorld, taken } from "../support/agent-requests.ts";
import { mustRun } from "../support/run.ts";
import { sealedToken } from "../support/sealed-token.ts";
import { PIN, SERIAL, SimulatedToken, WRONG_PIN } from "../support/simulated-token.ts";

const world = requestWorld();

test("a new PIN that can't be: of another form, not the same twice, too easy; the token is as it was", async () => {
  const token = await blankToken(world);
  await world.bench.plugIn(token);
  const path = await taken(world, world.office.offer({ kind: "activate" }));
  const order = { token: String(BLANK_SERIAL), new: "1" };
  for (const [pin, again, told] of [
    ["12ab56", "12ab56", "Un PIN a 6 à 8 chiffres."],
    ["826409", "826408", "Les deux PIN ne sont pas les mêmes."],
    ["111111", "111111", "Le jeton refuse ce PIN : trop facile à deviner."],
    ["826409171", "826409171", "Un PIN a 6 à 8 chiffres."],
  ] as const) {
    const answer = await world.visitor.submit(path, { ...order, pin, again });
    expect([answer.status, answer.body.replaceAll("\u00a0", " ").includes(told)], told).toEqual([422, true]);
    expect(answer.body).not.toContain(`value="${pin}`);
  }
  const client = token.client();
  expect((await client.deviceInfo()).isInitialised).toBe(false);
  client.close();
  expect(world.office.activation.token).toBeNull();
});

test("a token without an AUTH key can't sign in, and no try is spent", async () => {
  const token = await SimulatedToken.initialised();
  await world.bench.plugIn(token);
  const path = await taken(world, world.office.offer({ kind: "sign-in" }));
  const answer = await world.visitor.submit(path, { token: String(SERIAL), new: "0", pin: WRONG_PIN });
  expect([answer.status, answer.title]).toEqual([409, "Ce jeton n'a pas de clé de connexion"]);
  const client = token.client();
  expect(await client.pinTriesLeft()).toBe(3);
  client.close();
});

test("an office that the holder did not trust is asked nothing before its name was typed; then it is known, in a file of mode 0600", async () => {
  const id = world.office.offer({ kind: "activate" });
  const introduced = await world.visitor.get(world.office.path(id), { "sec-fetch-site": "cross-site" });
  expect(introduced.title.replaceAll("\u00a0", " ")).toBe("Faites-vous confiance à ce bureau ?");
  expect(introduced.body).toContain(world.office.url);
  const refused = await world.visitor.post("/request/take", { office: world.office.url, id });
  expect([refused.status, refused.title]).toEqual([403, "Ce bureau n'est pas de confiance"]);
  const mistyped = await world.visitor.post("/request/trust", { office: world.office.url, id, host: "elsewhere.example" });
  expect([mistyped.status, mistyped.body.includes("Ce n&#39;est pas le nom de ce bureau.")]).toEqual([422, true]);
  expect(world.office.asked).toEqual([]);
  const { location } = await world.visitor.post("/request/trust", {
    office: world.office.url,
    id,
    host: ` ${new URL(world.office.url).hostname} `,
  });
  expect(location).toMatch(HANDLE_PATH);
  expect(world.office.asked).toEqual(["/api/agent/requests/take"]);
  expect(statSync(join(world.bench.folder, "agent", "trusted-offices.json")).mode & 0o777).toBe(0o600);
  expect((await world.visitor.get("/offices")).body).toContain(world.office.url);
  await world.visitor.post("/offices/remove", { address: world.office.url });
  const again = await world.visitor.get(world.office.path(world.office.offer({ kind: "activate" })));
  expect(again.title.replaceAll("\u00a0", " ")).toBe("Faites-vous confiance à ce bureau ?");
});

test("a request is taken once: a second page, the same one again, and another agent of the holder's are told what to do", async () => {
  world.bench.trust(world.office.url);
  await world.bench.plugIn(await blankToken(world));
  const id = world.office.offer({ kind: "activate" });
  const path = await taken(world, id);
  const second = await world.visitor.post("/request/take", { office: world.office.url, id });
  expect([second.status, second.title]).toEqual([410, "Cette demande est déjà ouverte"]);
  expect(second.body).toContain("Continuez dans la page où vous l&#39;avez ouverte.");
  expect((await world.visitor.get(world.office.path(id))).title).toBe("Cette demande est déjà ouverte");
  expect(world.office.asked).toHaveLength(1);
  const other = await AgentBench.start();
  try {
    other.trust(world.office.url);
    const elsewhere = other.visitor();
    await elsewhere.get(world.office.path(id));
    const answer = await elsewhere.post("/request/take", { office: world.office.url, id });
    expect([answer.status, answer.title]).toEqual([410, "Cette demande est déjà ouverte"]);
  } finally {
    await other.close();
  }
  expect((await world.visitor.get(path)).title).toBe("Activer votre certificat"); // and the first page goes on
});

test("two pages that take the same request at once: one gets it", async () => {
  world.bench.trust(world.office.url);
  const id = world.office.offer({ kind: "activate" });
  await world.visitor.get(world.office.path(id));
  const answers = await Promise.all([0, 1, 2].map(() => world.visitor.post("/request/take", { office: world.office.url, id })));
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 410, 410]);
  expect(world.office.asked.filter((path) => path === "/api/agent/requests/take")).toHaveLength(1);
});

test("a request that was done is over, and its page can't be sent again", async () => {
  await world.bench.plugIn(await blankToken(world));
  const path = await taken(world, world.office.offer({ kind: "activate" }));
  const order = { token: String(BLANK_SERIAL), new: "1", pin: NEW_PIN, again: NEW_PIN };
  expect((await world.visitor.submit(path, order)).title).toBe("Votre certificat est activé");
  const count = world.office.asked.length;
  const again = await world.visitor.post(path, { ...order, new: "0" });
  expect([again.status, again.title]).toEqual([410, "Cette demande est close"]);
  expect(world.office.asked).toHaveLength(count);
});

test("a request ends after 15 minutes, or when the office says", async () => {
  await world.bench.plugIn(await blankToken(world));
  const long = await taken(world, world.office.offer({ kind: "activate", expiresAt: new Date(world.now.getTime() + 86_400_000) }));
  const short = await taken(world, world.office.offer({ kind: "activate", expiresAt: new Date(world.now.getTime() + 60_000) }));
  world.now = new Date(world.now.getTime() + 61_000);
  expect((await world.visitor.get(short)).title).toBe("Cette demande est close");
  expect((await world.visitor.get(long)).status).toBe(200);
  world.now = new Date(world.now.getTime() + 15 * 60_000);
  const over = await world.visitor.post(long, { token: String(BLANK_SERIAL), new: "1", pin: NEW_PIN, again: NEW_PIN });
  expect([over.status, over.title]).toEqual([410, "Cette demande est close"]);
});

test("a declined request is forgotten", async () => {
  const path = await taken(world, world.office.offer({ kind: "activate" }));
  expect((await world.visitor.post(`${path}/decline`, {})).title).toBe("Demande refusée");
  expect((await world.visitor.get(path)).title).toBe("Cette demande est close");
});

test("what the token is at is not declined beside it", async () => {
  const token = await SimulatedToken.initialised();
  await token.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_ALWAYS });
  token.button.script = { kind: "never" };
  await world.bench.plugIn(token);
  const path = await taken(world, world.office.offer({ kind: "sign-in" }));
  const work = await world.visitor.post(path, { token: String(SERIAL), new: "0", pin: PIN });
  expect((await world.visitor.post(`${path}/decline`, {})).status).toBe(409);
  expect((await world.visitor.submit(`${work.location}/cancel`, {})).status).toBe(409);
  expect((await world.visitor.post(`${path}/decline`, {})).status).toBe(200);
});

test.each([
  ["the office does not know it", "", "Le bureau ne connaît pas cette demande", 409],
  ["it expired", { kind: "activate", expiresAt: new Date(0) }, "Cette demande a expiré", 410],
  ["of a kind of a later version", { kind: "something-later" }, "Cette demande n'est pas connue", 409],
  [
    "the office says that it is another one",
    { kind: "activate", publicUrl: "https://other.example" },
    "Ce bureau se présente sous une autre adresse",
    502,
  ],
] as const)("not taken: %s", async (_what, offer, title, status) => {
  world.bench.trust(world.office.url);
  const id = offer === "" ? "A".repeat(43) : world.office.offer(offer);
  const answer = await open(world, id);
  expect([answer.status, answer.title]).toEqual([status, title]);
});

test.each([
  "//evil.example/",
  "/\\evil.example/",
  "\\\\evil.example",
  "https://evil.example/",
  ".evil.example/",
  "@evil.example/",
  "/\t/evil.example",
  "",
  "my/page",
])("no way back that leads elsewhere: %j", async (returnPath) => {
  world.bench.trust(world.office.url);
  const answer = await open(world, world.office.offer({ kind: "activate", returnPath }));
  // What a browser would make of it is at the world.office, or it is refused.
  if (answer.location === null)
    expect([answer.status, answer.title]).toEqual([403, "Demande refusée : elle mène ailleurs".replace(" :", "\u00a0:")]);
  else {
    const declined = await world.visitor.post(`${answer.location}/decline`, {});
    const back = /class="button" href="([^"]+)"/.exec(declined.body)?.[1] ?? "";
    expect(new URL(back).origin).toBe(new URL(world.office.url).origin);
  }
});

test("a sign-in link to another site is not followed", async () => {
  const token = await SimulatedToken.initialised();
  await token.makeKey(SLOT_AUTHENTICATION);
  await world.bench.plugIn(token);
  for (const to of ["https://evil.example", `${world.office.url}.evil.example`, `${world.office.url}@evil.example`]) {
    world.office.linkTo = to;
    const path = await taken(world, world.office.offer({ kind: "sign-in" }));
    const answer = await world.visitor.submit(path, { token: String(SERIAL), new: "0", pin: PIN });
    expect([answer.status, answer.title], to).toEqual([502, "Ce bureau se présente sous une autre adresse"]);
    expect(leavesTo(answer)).toBeUndefined();
  }
});

test.each([
  ["http elsewhere", "http://office.example", "Ce bureau n'est pas protégé"],
  ["a name that begins like loopback", "http://127.0.0.1.evil.example", "Ce bureau n'est pas protégé"],
  ["another scheme", "javascript:alert(1)", "Ce n'est pas l'adresse d'un bureau"],
  ["a file", "file:///etc/passwd", "Ce n'est pas l'adresse d'un bureau"],
  ["a password in it", "https://a:b@world.office.example", "Ce n'est pas l'adresse d'un bureau"],
  ["none", "", "Ce n'est pas l'adresse d'un bureau"],
])("no office: %s", async (_what, address, title) => {
  await world.visitor.get("/phrase"); // a form, for its token
  for (const answer of [
    await world.visitor.get(world.office.path("A".repeat(43), address)),
    await world.visitor.post("/request/trust", { office: address, id: "A".repeat(43), host: "office.example" }),
    await world.visitor.post("/request/take", { office: address, id: "A".repeat(43) }),
  ]) {
    expect([answer.status, answer.title]).toEqual([422, title]);
  }
});

test("a link without an office or a number of a request says so", async () => {
  for (const path of [
    "/request",
    "/request?office=https://office.example",
    "/request?office=https://office.example&id=short",
    "/request?id=a&id=b",
  ]) {
    const answer = await world.visitor.get(path);
    expect([answer.status, answer.title]).toEqual([422, "Ce lien n'est pas complet"]);
  }
});

test("an office that does not answer: told, and the request can be tried again", async () => {
  world.bench.trust(world.office.url);
  const id = world.office.offer({ kind: "activate" });
  let isDown = true;
  world.office.trouble = () => {
    if (isDown) throw new Error("down");
  };
  expect((await open(world, id)).status).toBe(409);
  isDown = false;
  expect((await open(world, id)).location).toMatch(HANDLE_PATH);
  const gone = await StandInOffice.start();
  await gone.close();
  world.bench.trust(gone.url);
  const answer = await world.visitor.post("/request/take", { office: gone.url, id });
  expect([answer.status, answer.title]).toEqual([502, "Le bureau ne répond pas"]);
});

test("an office whose TLS certificate nobody vouches for is asked nothing", async () => {
  const key = join(world.rootFolder, "tls-key.pem");
  const cert = join(world.rootFolder, "tls.pem");
  const order = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
  mustRun("openssl", [...order, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert]);
  const asked: string[] = [];
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, ({ url }, answer) => {
    asked.push(String(url));
    answer.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = `https://localhost:${(server.address() as AddressInfo).port}`;
    world.bench.trust(address);
    await world.visitor.get("/phrase");
    const answer = await world.visitor.post("/request/take", { office: address, id: "A".repeat(43) });
    expect([answer.status, answer.title]).toEqual([502, "Le bureau ne prouve pas qui il est"]);
    expect(asked).toEqual([]);
  } finally {
    server.close();
  }
});

test("a damaged list of trusted offices trusts nobody, and says which file it is", async () => {
  const path = join(world.bench.folder, "agent", "trusted-offices.json");
  writeFileSync(path, `{"format":1,"offices":[{"address":"${world.office.url}"}]}`);
  await world.visitor.get("/phrase");
  for (const answer of [
    await world.visitor.get("/offices"),
    await world.visitor.post("/request/take", { office: world.office.url, id: "A".repeat(43) }),
  ]) {
    expect([answer.status, answer.title, answer.body.includes(path)]).toEqual([500, "Un fichier de l'agent est abîmé", true]);
  }
  expect(world.office.asked).toEqual([]);
});

test("tokens that can't be activated are told before a PIN is asked for", async () => {
  const unsealed = await SimulatedToken.initialised();
  const plug = await world.bench.plugIn(unsealed);
  const path = await taken(world, world.office.offer({ kind: "activate" }));
  expect((await world.visitor.get(path)).title).toBe("Ce jeton ne peut pas prouver son origine");
  await plug.close();
  await world.bench.gone();
  world.bench.secrets.kept.clear();
  const { token } = await sealedToken(SERIAL, new Date(), world.root);
  const second = await world.bench.plugIn(token);
  const elsewhere = await world.visitor.get(path);
  expect([elsewhere.title, elsewhere.body.includes('name="pin"')]).toEqual(["Ce jeton a été préparé ailleurs", false]);
  await second.close();
  await world.bench.gone();
  world.office.activation.token = "99";
  await world.bench.plugIn(await blankToken(world));
  const other = await world.visitor.get(path);
  expect([other.title, other.body.includes("<span>99</span>")]).toEqual(["Branchez le jeton", true]);
  const forced = await world.visitor.post(path, { token: String(BLANK_SERIAL), new: "1", pin: NEW_PIN, again: NEW_PIN });
  expect(forced.title).toBe("Ce n'est pas le bon jeton");
});
