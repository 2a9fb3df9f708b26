// `sceau office officer`: another code for an officer, a token that is lost, reinstating, the last administrator; and what `sceau office enrol` does to a
// token that somebody signs in with; what it does when an answer of the office's is lost.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { StateFolder } from "../../cli/state-folder.ts";
import { startChild } from "../../cli/tour/children.ts";
import { LosingRelay } from "../support/losing-relay.ts";
import { freePort, OFFICE_START_LIMIT_MS, OfficeProcess } from "../support/office-process.ts";
import { openLink } from "../support/officer-client.ts";
import { mustRun, type Outcome, SCEAU, sceau } from "../support/run.ts";

const PIN = "246810";
/** Some twenty commands, each a process. */
const LIMIT_MS = 180_000;
const EMAIL = "zoe@example.org";
let folder: string;
let state: StateFolder;
let office: OfficeProcess;
let relay: LosingRelay;

const file = (name: string): string => join(folder, name);
const inState = (...words: string[]): Outcome => sceau([...words, "--state", state.root]);
const officer = (...words: string[]): Outcome => inState("office", "--demo", "officer", ...words, "--json");
const error = ({ stdout }: Outcome): string => (JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { error: string }).error;

/** What a command printed as JSON; it must have succeeded. */
function json<T>({ status, stdout, stderr }: Outcome): T {
  if (status !== 0) throw new Error(`${status}: ${stdout}${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}

interface Told {
  readonly code: string;
}

function enrol(token: string, code: string, ...words: string[]): Outcome {
  writeFileSync(file("code.txt"), `${code}\n`);
  const where = ["office", "enrol", office.ready.url, "--token", token];
  return inState(...where, "--code-file", file("code.txt"), "--pin-file", file("pin.txt"), ...words, "--json");
}

const signIn = (token: string): Outcome =>
  inState("office", "sign-in", office.ready.url, "--token", token, "--pin-file", file("pin.txt"), "--json");
const session = async (token: string): Promise<() => Promise<number>> => {
  const { cookie } = await openLink(office.ready.url, json<{ link: string }>(signIn(token)).link);
  return async () => (await fetch(`${office.ready.url}/search`, { headers: { cookie } })).status;
};

function invite(email: string): string {
  const words = ["--email", email, "--given-name", "Zoé", "--surname", "Brontë", "--role", "helpdesk"];
  return json<Told>(officer("invite", ...words)).code;
}

async function revokedSerials(): Promise<string> {
  writeFileSync(file("issuing.crl"), Buffer.from(await (await fetch(`${office.ready.url}/crl/issuing.crl`)).arrayBuffer()));
  return mustRun("openssl", ["crl", "-inform", "DER", "-in", file("issuing.crl"), "-noout", "-text"]);
}

async function withSimulated(names: readonly string[], work: () => Promise<void>): Promise<void> {
  const sims = [];
  try {
    for (const name of names) sims.push(await startChild(state, ["sim", name], ["plugged-in"], { program: SCEAU }));
    for (const name of names) json(inState("token", "init", "--token", name, "--pin-file", file("pin.txt"), "--json"));
    await work();
  } finally {
    for (const sim of sims) await sim.stop();
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sceau-officers-"));
  state = new StateFolder(join(folder, "s"), {});
  writeFileSync(file("pin.txt"), `${PIN}\n`);
  const port = await freePort();
  relay = await LosingRelay.open(port, "/api/enrol/finish");
  office = await OfficeProcess.start({ state: state.root, port, isDemo: true, args: ["--public-url", relay.address] });
}, OFFICE_START_LIMIT_MS);

afterAll(async () => {
  await office.stop();
  await relay.close();
  rmSync(folder, { recursive: true, force: true });
});

it(
  "a new key on the same token, then another token: sessions end, the former certificates are revoked; a refused code destroys nothing",
  async () => {
    await withSimulated(["one", "two"], async () => {
      const first = json<{ certificate: string }>(enrol("one", invite(EMAIL)));
      const seen = await session("one");
      // Somebody else's code at this token: the office refuses it before the key is replaced.
      expect(error(enrol("one", invite("eva@example.org"), "--replace"))).toBe("unassigned");
      expect(await seen()).toBe(200);
      const renewed = json<Told>(officer("renew", EMAIL));
      expect(error(enrol("one", renewed.code))).toBe("slot-in-use");
      expect(await seen()).toBe(200);
      const second = json<{ certificate: string }>(enrol("one", renewed.code, "--replace"));
      expect(await seen()).toBe(401);
      const seenAgain = await session("one");
      const crl = await revokedSerials();
      expect([crl.includes(first.certificate.toUpperCase()), crl.includes(second.certificate.toUpperCase())]).toEqual([true, false]);

      const lost = json<Told>(officer("renew", EMAIL, "--lost", "--yes"));
      expect([await seenAgain(), error(signIn("one"))]).toEqual([401, "key-unknown"]);
      json(enrol("two", lost.code));
      expect(await (await session("two"))()).toBe(200);
      expect((await revokedSerials()).includes(second.certificate.toUpperCase())).toBe(true);

      expect(error(officer("reinstate", EMAIL))).toBe("state");
      json(officer("withdraw", EMAIL, "--yes"));
      expect(error(officer("renew", EMAIL))).toBe("withdrawn");
      const back = json<Told>(officer("reinstate", EMAIL));
      json(enrol("two", back.code, "--replace"));
      expect(await (await session("two"))()).toBe(200);
      expect(error(officer("invite", "--email", EMAIL))).toBe("active");
    });
  },
  LIMIT_MS,
);

it(
  "an answer that is lost after the office has issued: the same command again gets the same certificate, and no other code is needed",
  async () => {
    await withSimulated(["three"], async () => {
      const code = invite("nina@example.org");
      relay.loseNext();
      const lost = enrol("three", code);
      expect([lost.status, error(lost)]).toEqual([5, "unreachable"]);
      const kept = join(state.root, "enrolments");
      const [name = ""] = readdirSync(kept);
      expect([statSync(join(kept, name)).mode & 0o777, readFileSync(join(kept, name), "utf8").includes(code)]).toEqual([0o600, false]);
      // Another's code at the same token is not answered with it.
      expect(error(enrol("three", invite("olga@example.org")))).toBe("unassigned");
      const { certificate } = json<{ certificate: string }>(enrol("three", code));
      const issued = officer("list");
      expect(json<{ email: string; state: string }[]>(issued)).toContainEqual(
        expect.objectContaining({ email: "nina@example.org", state: "active" }),
      );
      expect(certificate).toMatch(/^[0-9A-F]+$/i);
      expect(await (await session("three"))()).toBe(200);
      expect(readdirSync(kept)).toEqual([]);
      expect(error(enrol("three", code))).toBe("link-used");
      expect((await revokedSerials()).includes(certificate.toUpperCase())).toBe(false);
    });
  },
  LIMIT_MS,
);

it("the last administrator goes only when that is asked for; a command without a token says which ones it reaches", () => {
  const rows = json<{ email: string; roles: string[] }[]>(officer("list"));
  const email = rows.find(({ roles }) => roles.some((role) => role.startsWith("administrator")))?.email ?? "";
  const refused = inState("office", "--demo", "officer", "withdraw", email, "--yes");
  expect([refused.status, refused.stderr]).toEqual([5, expect.stringContaining("--last")]);
  json(officer("withdraw", email, "--last", "--yes"));
  expect(json<{ email: string; state: string }[]>(officer("list"))).toContainEqual(expect.objectContaining({ email, state: "withdrawn" }));
  const nobody = inState("office", "sign-in", office.ready.url, "--pin-file", file("pin.txt"));
  expect([nobody.status, nobody.stderr]).toEqual([2, expect.stringContaining("simulated tokens only")]);
});
