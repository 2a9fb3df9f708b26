// Who may ask the holder's agent, and for what: other sites, other names, old forms, other users of the same computer.

import { execFile, spawnSync } from "node:child_process";
import { connect } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAgent } from "../../host-bridge/agent/agent.ts";
import { AgentBench, type AgentVisitor, ask, PHRASE } from "../support/agent-bench.ts";
import { isRoot, nodeAs, ORDINARY_USER } from "../support/ordinary-user.ts";
import { SERIAL, SimulatedToken } from "../support/simulated-token.ts";

const NAVIGATION = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
const CHANGE = "another phrase, by somebody else";

let bench: AgentBench;
let visitor: AgentVisitor;
let port: number;
let others: AgentVisitor;
beforeAll(async () => {
  bench = await AgentBench.start();
  await bench.plugIn(await SimulatedToken.initialised());
  ({ port } = bench.agent);
  visitor = bench.visitor();
  others = bench.visitor();
});
afterAll(() => bench.close());

/** The holder's phrase is still theirs. */
const expectUntouched = async (): Promise<void> => expect((await others.get("/phrase")).body).toContain(PHRASE);

test("the page of tokens lists what is plugged in; the phrase is shown, and can be changed", async () => {
  const { status, title, body } = await visitor.get("/tokens");
  expect([status, title]).toEqual([200, "Vos jetons"]);
  expect(body).toContain("<span>4071</span><span>8225</span>");
  expect((await visitor.get("/phrase")).body).toContain(PHRASE);
  expect((await visitor.post("/phrase", { phrase: "abc" })).status).toBe(422);
  expect((await visitor.post("/phrase", { phrase: "right\u202eto left" })).status).toBe(422);
  expect((await visitor.submit("/phrase", { phrase: `  ${PHRASE} ` })).status).toBe(200);
  await expectUntouched();
});

describe("by another name (DNS rebinding)", () => {
  test.each([
    "evil.example",
    "127.0.0.1",
    "localhost",
    "localhost:1",
    "127.0.0.1.evil.example:PORT",
    "[::1]:PORT",
    "127.0.0.2:PORT",
    "localhost.:PORT",
    "localhost:PORT", // [::1], too, where somebody else may listen on this port first: that page's origin would lead here
    "",
  ])("Host: %s", async (host) => {
    for (const method of ["GET", "POST"]) {
      const answer = await ask(bench.address, method, "/tokens", {
        host: host.replace("PORT", String(port)),
        ...NAVIGATION,
        "sec-fetch-site": "same-origin",
      });
      expect([answer.status, answer.body.includes(String(SERIAL).slice(0, 4))]).toEqual([403, false]);
    }
  });

  test("by its own name it answers", async () => {
    expect((await ask(bench.address, "GET", "/tokens", { host: `127.0.0.1:${port}` })).status).toBe(200);
  });
});

describe("a change that another page starts", () => {
  const OWN = (): Record<string, string> => ({ origin: bench.address, "sec-fetch-site": "same-origin", ...NAVIGATION });
  test.each([
    ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["another site, in a browser that tells only Origin", { origin: "https://evil.example", "sec-fetch-site": undefined }],
    ["a page without an origin", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["nobody says who", { origin: undefined, "sec-fetch-site": undefined }],
    ["only Sec-Fetch-Site", { origin: undefined, "sec-fetch-site": "same-origin" }],
    ["another port of this computer", { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }],
    ["the same name on TLS", { origin: "https://127.0.0.1:PORT", "sec-fetch-site": "same-site" }],
    ["the agent's other name", { origin: "http://localhost:PORT", "sec-fetch-site": "cross-site" }],
    ["the agent's other name, by Origin alone", { origin: "http://localhost:PORT", "sec-fetch-site": undefined }],
    ["a name that begins like it", { origin: "http://127.0.0.1:PORT.evil.example", "sec-fetch-site": undefined }],
  ] as const)("%s", async (_what, headers) => {
    await visitor.get("/phrase");
    const written = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.replace("PORT", String(port))]));
    const answer = await visitor.post("/phrase", { phrase: CHANGE }, { ...OWN(), ...written });
    expect([answer.status, answer.title]).toEqual([403, "Demande refusée : elle vient d'un autre site".replace(" :", "\u00a0:")]);
    await expectUntouched();
  });

  test.each([
    ["without the form's token", {}, true],
    ["with an empty one", { csrf: "" }, true],
    ["with another agent's", { csrf: "A".repeat(43) }, true],
    ["with the cookie as the token", { csrf: "COOKIE" }, true],
    ["without the cookie", { csrf: "TOKEN" }, false],
  ] as const)("%s", async (_what, fields, hasCookie) => {
    await visitor.get("/phrase");
    const cookie = visitor.cookies.get("sceau-agent") ?? "";
    const csrf = "csrf" in fields ? { csrf: fields.csrf.replace("COOKIE", cookie).replace("TOKEN", visitor.formToken) } : {};
    const form = new URLSearchParams({ ...csrf, phrase: CHANGE }).toString();
    const sent = { ...OWN(), "content-type": "application/x-www-form-urlencoded", ...(hasCookie && { cookie: `sceau-agent=${cookie}` }) };
    expect((await ask(bench.address, "POST", "/phrase", sent, form)).status).toBe(403);
    await expectUntouched();
  });

  test("a cookie that another server on this computer has set is worth nothing", async () => {
    await visitor.get("/phrase");
    const answer = await visitor.post("/phrase", { phrase: CHANGE }, { cookie: `sceau-agent=${"B".repeat(43)}` });
    expect([answer.status, answer.title]).toEqual([403, "Ce formulaire a expiré"]);
    await expectUntouched();
  });

  test("a form of an agent that has ended since is out of date", async () => {
    const first = await AgentBench.start();
    const before = first.visitor();
    await before.get("/phrase");
    await first.close();
    const answer = await visitor.post("/phrase", { phrase: CHANGE, csrf: before.formToken });
    expect([answer.status, answer.title]).toEqual([403, "Ce formulaire a expiré"]);
  });

  test.each(["text/plain", "application/json", "multipart/form-data; boundary=x"])("a body of type %s is no form of ours", async (type) => {
    await visitor.get("/phrase");
    const body =
      type === "application/json"
        ? JSON.stringify({ csrf: visitor.formToken, phrase: CHANGE })
        : `csrf=${visitor.formToken}&phrase=${CHANGE}`;
    const sent = { ...OWN(), "content-type": type, cookie: `sceau-agent=${visitor.cookies.get("sceau-agent")}` };
    expect((await ask(bench.address, "POST", "/phrase", sent, body)).status).toBe(415);
    await expectUntouched();
  });

  test("a body that is too large is not read to its end", async () => {
    await visitor.get("/phrase");
    expect((await visitor.post("/phrase", { phrase: "x".repeat(70_000) })).status).toBe(413);
  });

  test("other methods change nothing", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
      const answer = await ask(bench.address, method, "/phrase", { ...OWN(), cookie: `sceau-agent=${visitor.cookies.get("sceau-agent")}` });
      expect([403, 404]).toContain(answer.status);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });
});

describe("what another site may look at", () => {
  test.each([
    ["an image", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
    ["a script", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" }],
    ["fetch", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", origin: "https://evil.example" }],
    ["a frame", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }],
    ["an object", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "object" }],
  ])("not as %s", async (_what, headers) => {
    for (const site of ["cross-site", "same-site"]) {
      for (const path of ["/request", "/", "/tokens", "/seal.svg"]) {
        expect((await ask(bench.address, "GET", path, { ...headers, "sec-fetch-site": site })).status, path).toBe(403);
      }
    }
  });

  test("a link leads to the start page, to a request and to where the phrase is chosen first, and no further", async () => {
    const link = { ...NAVIGATION, "sec-fetch-site": "cross-site" };
    expect((await ask(bench.address, "GET", "/", link)).status).not.toBe(403);
    expect((await ask(bench.address, "GET", "/request?office=https://office.example", link)).status).toBe(422);
    expect((await ask(bench.address, "GET", "/phrase?next=/request", link)).status).toBe(200);
    for (const path of ["/tokens", "/offices", "/request/take", `/work/${"A".repeat(22)}`]) {
      expect((await ask(bench.address, "GET", path, link)).status, path).toBe(403);
    }
  });

  test("a link of another site sets no other cookie than the one that is there", async () => {
    await visitor.get("/phrase");
    const { headers } = await ask(bench.address, "GET", "/request?office=https://office.example", {
      ...NAVIGATION,
      "sec-fetch-site": "cross-site",
    });
    expect(headers["set-cookie"]).toEqual([`sceau-agent=${visitor.cookies.get("sceau-agent")}; Path=/; HttpOnly; SameSite=Strict`]);
  });

  test("no page is framed, kept, or read by another", async () => {
    const { headers } = await visitor.get("/tokens");
    expect(headers).toMatchObject({
      "content-security-policy":
        "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; style-src 'self'; img-src 'self'",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
  });
});

describe("another user of this computer", () => {
  const program = `
    const { request } = require("node:http");
    const [, port, path] = process.argv;
    request({ host: "127.0.0.1", port, path, headers: { host: "127.0.0.1:" + port } }, (answer) => {
      let body = "";
      answer.on("data", (part) => { body += part; });
      answer.on("end", () => console.log(JSON.stringify({ status: answer.statusCode, body })));
    }).end();`;
  const as = async (user: { uid: number; gid: number } | undefined, path: string): Promise<{ status: number; body: string }> => {
    const { stdout } = await promisify(execFile)(...nodeAs(user, ["-e", program, String(port), path]), { timeout: 20_000 });
    return JSON.parse(stdout) as { status: number; body: string };
  };

  // The agent runs as the test does. Only root may be somebody else.
  test.runIf(isRoot)("gets nothing but the advice to start their own", async () => {
    for (const path of ["/tokens", "/phrase", "/", "/request", "/seal.svg", "/nothing"]) {
      const { status, body } = await as(ORDINARY_USER, path);
      expect([status, body.includes("Cet agent est à un autre utilisateur")], path).toEqual([403, true]);
      for (const secret of [PHRASE, "4071", "csrf"]) expect(body).not.toContain(secret);
    }
  });

  test("the holder's own programs are answered", async () => {
    const { status, body } = await as(undefined, "/tokens");
    expect([status, body.includes("4071")]).toEqual([200, true]);
  });

  test.runIf(isRoot)("doesn't get in by closing the connection before it is looked up", async () => {
    // A connection whose other end has been closed is written down as root's.
    const hasty = `
      const { connect } = require("node:net");
      const port = Number(process.argv[1]);
      let left = 30;
      const again = () => {
        if (left-- === 0) return;
        const socket = connect(port, "127.0.0.1", () => {
          socket.write("GET /hasty HTTP/1.1\\r\\nhost: 127.0.0.1:" + port + "\\r\\n\\r\\n", () => { socket.destroy(); again(); });
        });
        socket.on("error", again);
      };
      again();`;
    const before = bench.events.length;
    // While it runs, the agent accepts nobody: it looks each of them up when they have gone.
    spawnSync(...nodeAs(ORDINARY_USER, ["-e", hasty, String(port)]), { timeout: 20_000 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const asked = bench.events.slice(before).filter((event) => event.event === "request");
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ status }) => status !== 403)).toEqual([]);
  });
});

test("where users can't be told apart the agent does not start, unless it is told to", async () => {
  const uid = process.getuid;
  try {
    Object.defineProperty(process, "getuid", { value: undefined, configurable: true });
    await expect(AgentBench.start()).rejects.toMatchObject({ name: "AgentStartError", problem: "no-peers" });
    const any = await AgentBench.start({ isAnyUser: true });
    expect((await any.visitor().get("/tokens")).status).toBe(200);
    await any.close();
  } finally {
    Object.defineProperty(process, "getuid", { value: uid, configurable: true });
  }
});

test("it listens on this computer alone, and says when its port is taken", async () => {
  const elsewhere = connect(port, "127.0.0.2");
  const outcome = await new Promise((resolve) => {
    elsewhere.once("connect", () => resolve("connected"));
    elsewhere.once("error", () => resolve("refused"));
  });
  elsewhere.destroy();
  expect(outcome).toBe("refused");
  const second = startAgent({
    folder: bench.folder,
    port,
    tokens: [],
    secrets: bench.secrets,
    clock: { now: () => new Date() },
    log: () => {},
  });
  await expect(second).rejects.toMatchObject({ problem: "port-taken", port });
});

test("the phrase is chosen before anything else, and leads on to where one was going, at the agent only", async () => {
  const fresh = await AgentBench.start({ phrase: null });
  try {
    const first = fresh.visitor();
    const led = await first.get("/request?office=https%3A%2F%2Foffice.example&id=x");
    expect(led.location).toBe("/phrase?next=%2Frequest%3Foffice%3Dhttps%253A%252F%252Foffice.example%26id%3Dx");
    const page = await first.follow(led);
    expect(page.title).toBe("Votre phrase");
    const saved = await first.post("/phrase", { phrase: PHRASE, next: "/request?office=https%3A%2F%2Foffice.example&id=x" });
    expect(saved.location).toBe("/request?office=https%3A%2F%2Foffice.example&id=x");
    for (const next of ["//evil.example", "/\\evil.example", "https://evil.example"]) {
      const { location } = await first.post("/phrase", { phrase: PHRASE, next });
      expect(new URL(location ?? "", fresh.address).host).toBe(new URL(fresh.address).host);
    }
  } finally {
    await fresh.close();
  }
});

test("an error that nobody foresaw has a number, which the log has, too; what was typed it has not", async () => {
  const broken = await AgentBench.start({
    clock: {
      now: () => {
        throw new Error("the secret is 82640917");
      },
    },
  });
  try {
    const answer = await broken.visitor().get("/tokens");
    expect(answer.status).toBe(500);
    expect(JSON.stringify(broken.events)).not.toContain("82640917");
  } finally {
    await broken.close();
  }
});
