// Trouble 2 of the guide (S14): firewall or proxy closed. The way to the office is broken in one place after the other, and the doctor says where, in both
// languages, with host and port.

import "reflect-metadata"; // before @peculiar/x509, which needs it
import { writeFileSync } from "node:fs";
import { SubjectAlternativeNameExtension } from "@peculiar/x509";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DoctorBench } from "../support/doctor-bench.ts";
import { anOffice, servers } from "../support/doctor-servers.ts";
import { freePort } from "../support/office-process.ts";
import { issue, pem, rootCa, YEAR_2025 } from "../support/test-certificates.ts";

/** What is asked of this computer, beside the way to the office: as little as there is. */
const OF_COMPUTER = ["user"] as const;
const AN_HOUR_MS = 3_600_000;
const PROXY_SECRET = "ada:not-for-a-screen";

const at = servers();
let bench: DoctorBench;
beforeEach(() => {
  bench = new DoctorBench();
});
afterEach(() => bench.close());

const local = (port: number): string => `http://127.0.0.1:${port}`;
const diagnose = (office: string) => bench.with({ office }).diagnose(...OF_COMPUTER);
const error = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));

const named = (name: string) => [new SubjectAlternativeNameExtension([{ type: "dns", value: name }])];

describe("S14, trouble 2: the address", () => {
  test("no office is named: said, and no trouble", async () => {
    const told = await bench.diagnose(...OF_COMPUTER);
    expect(told.of("office-address")).toMatchObject({ code: "none", verdict: "warning" });
    expect(told.en).toContain("No office was named, so the way to it was not tried");
    expect(told.fr).toContain("sceau doctor --office https://…");
  });

  test.each([
    ["bureau.example", "bad", "is not the address of an office", "n'est pas l'adresse d'un bureau"],
    ["http://bureau.example", "insecure", "is not encrypted", "n'est pas chiffrée"],
  ])("%s: %s", async (office, code, english, french) => {
    const told = await diagnose(office);
    expect(told.of("office-address")).toMatchObject({ code, verdict: "trouble" });
    expect(told.isWell).toBe(false);
    expect(told.was("connection")).toBe(false);
    expect([told.en, told.fr]).toEqual([expect.stringContaining(english), expect.stringContaining(french)]);
  });
});

describe("S14, trouble 2: the network", () => {
  test.each([
    ["ENOTFOUND", "unknown", "Nobody knows the name bureau.example", "Personne ne connaît le nom bureau.example"],
    ["EAI_AGAIN", "no-answer", "The name server does not answer (EAI_AGAIN)", "Le serveur de noms ne répond pas (EAI_AGAIN)"],
  ])("a name that is not found (%s)", async (system, code, english, french) => {
    const told = await bench
      .machine({ lookup: () => error(system) })
      .with({ office: "https://bureau.example" })
      .diagnose(...OF_COMPUTER);
    expect(told.of("name")).toMatchObject({ code, mender: "network", commands: ["getent hosts bureau.example"] });
    expect(told.was("connection")).toBe(false);
    expect([told.en, told.fr]).toEqual([expect.stringContaining(english), expect.stringContaining(french)]);
  });

  test("a closed port: host and port are named, and whom to ask", async () => {
    const port = await freePort();
    const told = await diagnose(local(port));
    expect(told.of("connection")).toMatchObject({ code: "refused", verdict: "trouble", facts: { host: "127.0.0.1", port } });
    expect(told.en).toContain(`127.0.0.1 refuses the connection, port ${port}`);
    expect(told.en).toContain(`[for your IT support: firewall and proxy] Have TCP port ${port} to 127.0.0.1 opened`);
    expect(told.fr).toContain(`127.0.0.1 refuse la connexion, port ${port}`);
    expect(told.fr).toContain(`Faites ouvrir le port TCP ${port} vers 127.0.0.1`);
  });

  test("a firewall that drops what it does not like: the time is told, and the port", async () => {
    const told = await bench
      .machine({ lookup: async () => ["192.0.2.7"], connect: () => error("ETIMEDOUT") })
      .with({ office: "https://bureau.example:8443", timeLimitMs: 8000 })
      .diagnose(...OF_COMPUTER);
    expect(told.of("connection")).toMatchObject({ code: "silent", facts: { port: 8443, seconds: 8 } });
    expect(told.en).toContain("bureau.example did not answer within 8 s, port 8443: a firewall drops it");
    expect(told.fr).toContain("bureau.example n'a pas répondu en 8 s, port 8443 : un pare-feu bloque la connexion");
  });

  test("no route at all", async () => {
    const told = await bench
      .machine({ lookup: async () => ["192.0.2.7"], connect: () => error("ENETUNREACH") })
      .with({ office: "https://bureau.example" })
      .diagnose(...OF_COMPUTER);
    expect(told.of("connection").code).toBe("no-route");
    expect([told.en, told.fr]).toEqual([
      expect.stringContaining("No way leads to bureau.example, port 443 (ENETUNREACH)"),
      expect.stringContaining("Aucun chemin ne mène à bureau.example, port 443 (ENETUNREACH)"),
    ]);
  });
});

describe("S14, trouble 2: the proxy", () => {
  const through = (port: number) => bench.environment({ HTTPS_PROXY: `http://${PROXY_SECRET}@127.0.0.1:${port}` });

  test("one that refuses CONNECT: who refuses what; its password is on no screen", async () => {
    const proxy = await at.proxy(0, "403 Forbidden");
    through(proxy.port);
    const told = await diagnose("https://bureau.example");
    expect(proxy.asked).toEqual(["bureau.example:443"]);
    expect(told.of("tunnel")).toMatchObject({ code: "refused", mender: "network", facts: { status: 403 } });
    expect(told.en).toContain(`The proxy 127.0.0.1:${proxy.port} refuses to pass on to bureau.example, port 443 (status 403)`);
    expect(told.fr).toContain(`Le proxy 127.0.0.1:${proxy.port} refuse de transmettre vers bureau.example, port 443 (état 403)`);
    expect(told.fr).toContain("Faites autoriser CONNECT vers bureau.example:443 dans le proxy");
    expect(JSON.stringify(told.all) + told.en + told.fr).not.toMatch(/not-for-a-screen|YWRhO/);
  });

  test("one that wants a password", async () => {
    const proxy = await at.proxy(0, "407 Proxy Authentication Required");
    through(proxy.port);
    const told = await diagnose("https://bureau.example");
    expect(proxy.headers).toEqual([`Basic ${Buffer.from(PROXY_SECRET).toString("base64")}`]);
    expect(told.of("tunnel")).toMatchObject({
      code: "login",
      commands: [`export HTTPS_PROXY=http://NAME:PASSWORD@127.0.0.1:${proxy.port}`],
    });
    expect([told.en, told.fr]).toEqual([
      expect.stringContaining("wants a name and a password"),
      expect.stringContaining("veut un nom et un mot de passe"),
    ]);
    bench.environment({ https_proxy: `http://127.0.0.1:${proxy.port}` }); // it comes before the other one
    expect((await diagnose("https://bureau.example")).of("tunnel").commands).toEqual([
      `export https_proxy=http://NAME:PASSWORD@127.0.0.1:${proxy.port}`,
    ]);
  });

  test("one that is not there, one that is none, one that never answers", async () => {
    const closed = await freePort();
    through(closed);
    expect((await diagnose("https://bureau.example")).of("connection")).toMatchObject({ code: "refused", facts: { port: closed } });
    through(await at.http((_request, answer) => answer.end("hello")));
    const none = await at.tcp((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    through(none);
    const told = await diagnose("https://bureau.example");
    expect(told.of("tunnel").code).toBe("not-a-proxy");
    expect([told.en, told.fr]).toEqual([
      expect.stringContaining(`What answers at 127.0.0.1:${none} is no http proxy`),
      expect.stringContaining(`Ce qui répond à 127.0.0.1:${none} n'est pas un proxy http`),
    ]);
    through(await at.tcp(() => {}));
    expect((await diagnose("https://bureau.example")).of("tunnel").code).toBe("silent");
  });

  test("a variable that is no http proxy; one that leaves the office out", async () => {
    const socks = await bench
      .environment({ HTTPS_PROXY: "socks5://127.0.0.1:1080" })
      .with({ office: "https://bureau.example" })
      .diagnose(...OF_COMPUTER);
    expect(socks.of("proxy")).toMatchObject({ code: "unusable", commands: ["export HTTPS_PROXY=http://proxy.example:3128"] });
    expect([socks.en, socks.fr]).toEqual([
      expect.stringContaining("HTTPS_PROXY is not the address of an http proxy"),
      expect.stringContaining("HTTPS_PROXY n'est pas l'adresse d'un proxy http"),
    ]);
    bench.environment({ HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: ".example" }).machine({ lookup: () => error("ENOTFOUND") });
    const straight = await diagnose("https://bureau.example");
    expect(straight.of("proxy").code).toBe("bypassed");
    expect(straight.of("name").facts.host).toBe("bureau.example");
  });
});

describe("S14, trouble 2: the certificate", () => {
  const office = (port: number): string => `https://localhost:${port}`;

  test("a proxy that looks inside: the issuer that was seen is named; what the computer knows helps at once", async () => {
    const ca = await rootCa("CN=Filtre de la Compagnie, O=La Compagnie");
    const leaf = await issue({ name: "CN=localhost", issuer: ca, extensions: named("localhost") });
    const port = await at.https(leaf, anOffice());
    const told = await diagnose(office(port));
    expect(told.of("certificate")).toMatchObject({ code: "unknown-issuer", mender: "administrator" });
    expect(told.en).toContain("The certificate that localhost shows is by «Filtre de la Compagnie (La Compagnie)»");
    expect(told.fr).toContain("Le certificat que montre localhost est de « Filtre de la Compagnie (La Compagnie) »");
    expect(told.fr).toContain("Demandez au support en TI si cette autorité est la vôtre");
    expect(told.was("answer")).toBe(false);
    writeFileSync(bench.place.systemAuthorities, pem(ca.der));
    const known = await diagnose(office(port));
    expect(known.of("certificate")).toMatchObject({
      code: "system-knows",
      mender: "user",
      commands: [`export NODE_EXTRA_CA_CERTS=${bench.place.systemAuthorities}`],
    });
    expect([known.en, known.fr]).toEqual([
      expect.stringContaining("This computer knows that authority, Node.js does not"),
      expect.stringContaining("Cet ordinateur connaît cette autorité, Node.js non"),
    ]);
  });

  test("one that vouches for itself", async () => {
    const told = await diagnose(office(await at.https(await issue({ name: "CN=a box", extensions: named("localhost") }), anOffice())));
    expect(told.of("certificate").code).toBe("self-signed");
    expect([told.en, told.fr]).toEqual([
      expect.stringContaining("vouches for itself («a box»)"),
      expect.stringContaining("se porte garant de lui-même (« a box »)"),
    ]);
  });

  test("no TLS there; a server that says nothing; checks that are switched off", async () => {
    const plain = await diagnose(office(await at.http(anOffice())));
    expect(plain.of("certificate").code).toBe("not-tls");
    expect([plain.en, plain.fr]).toEqual([expect.stringContaining("is not encrypted: no TLS"), expect.stringContaining("pas de TLS")]);
    const silent = await diagnose(office(await at.tcp(() => {})));
    expect(silent.of("certificate").code).toBe("silent");
    expect([silent.en, silent.fr]).toEqual([
      expect.stringContaining("takes the connection, and then says nothing"),
      expect.stringContaining("accepte la connexion, puis ne dit rien"),
    ]);
    bench.environment({ NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    const off = await diagnose(office(await at.tcp(() => {})));
    expect(off.of("certificate")).toMatchObject({ code: "unchecked", commands: ["unset NODE_TLS_REJECT_UNAUTHORIZED"] });
  });

  test("one that has ended: both dates are told, the clock might be wrong", async () => {
    const notAfter = new Date("2025-03-01T00:00:00Z");
    const leaf = await issue({ name: "CN=localhost", notBefore: YEAR_2025, notAfter, extensions: named("localhost") });
    const told = await bench
      .with({ now: () => new Date("2026-11-22T12:00:00Z"), office: office(await at.https(leaf, anOffice())) })
      .diagnose(...OF_COMPUTER);
    expect(told.of("certificate")).toMatchObject({ code: "expired", mender: "office" });
    expect(told.en).toContain("ended on 2025-03-01; this computer's clock says 2026-11-22T12:00:00.000Z");
    expect(told.fr).toContain("a expiré le 2025-03-01 ; l'horloge de cet ordinateur dit 2026-11-22T12:00:00.000Z");
  });
});

describe("S14, trouble 2: what answers", () => {
  test("an office: all is well with it", async () => {
    const told = await diagnose(local(await at.http(anOffice())));
    expect(told.all.filter(({ office }) => office !== null).map(({ finding }) => finding.verdict)).not.toContain("trouble");
    expect(told.of("answer").code).toBe("fine");
    expect(told.of("clock").code).toBe("fine");
  });

  test("a captive portal, by a redirection or a page: parameters of its address stay out", async () => {
    const location = "http://hotel.example/login?session=not-for-a-screen";
    const redirected = await diagnose(local(await at.http((_request, answer) => answer.writeHead(302, { location }).end())));
    expect(redirected.of("answer").code).toBe("redirected");
    expect(redirected.en).toContain("a redirection to http://hotel.example/login: a network's own sign-in page");
    expect(redirected.fr).toContain("un renvoi vers http://hotel.example/login : la page d'accueil d'un réseau");
    expect(JSON.stringify(redirected.all)).not.toContain("not-for-a-screen");
    const page = "<html><head><title>Bienvenue\n à l'hôtel \u001b[2J</title>";
    const paged = await diagnose(local(await at.http((_request, answer) => answer.end(page))));
    expect(paged.of("answer").code).toBe("not-an-office");
    expect(paged.en).toContain("is no office: «Bienvenue à l'hôtel \\u001b[2J», status 200");
    expect(paged.fr).toContain("n'est pas un bureau : « Bienvenue à l'hôtel \\u001b[2J », état 200");
  });

  test("an office that is down; a filter that swallows the question; one that hangs up", async () => {
    const down = await diagnose(local(await at.http((_request, answer) => answer.writeHead(502).end("<title>Bad Gateway</title>"))));
    expect(down.of("answer")).toMatchObject({ code: "down", mender: "office" });
    expect([down.en, down.fr]).toEqual([
      expect.stringContaining("answers with status 502"),
      expect.stringContaining("répond par l'état 502"),
    ]);
    const silent = await diagnose(local(await at.http(() => {})));
    expect(silent.of("answer").code).toBe("silent");
    expect([silent.en, silent.fr]).toEqual([
      expect.stringContaining("takes the question, and did not answer"),
      expect.stringContaining("prend la question, et n'a pas répondu"),
    ]);
    const broken = await diagnose(local(await at.http((request) => request.socket.destroy())));
    expect(broken.of("answer").code).toBe("broken");
  });

  test.each([
    [AN_HOUR_MS, "off", "is 60 minutes behind", "retarde de 60 minutes", "trouble"],
    [-AN_HOUR_MS, "off", "is 60 minutes ahead", "avance de 60 minutes", "trouble"],
    [-120_000, "slightly-off", "s ahead", "avance de 1", "warning"],
  ])("a clock that differs by %i ms", async (differenceMs, code, english, french, verdict) => {
    const told = await diagnose(local(await at.http(anOffice(new Date(Date.now() + differenceMs)))));
    expect(told.of("clock")).toMatchObject({ code, verdict, mender: "administrator" });
    expect(told.of("clock").commands[0]).toContain("timedatectl set-ntp true");
    expect([told.en, told.fr]).toEqual([expect.stringContaining(english), expect.stringContaining(french)]);
  });
});
