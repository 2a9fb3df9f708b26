// Every command has help, in English and in French, with an example; the messages of both languages are complete.

import { afterEach, describe, expect, it, vi } from "vitest";
import { runCli } from "../../cli/main.ts";
import { en } from "../../cli/messages/en.ts";
import { fr } from "../../cli/messages/fr.ts";
import { sceau } from "../support/run.ts";

const COMMANDS = [
  ["tour"],
  ["sim"],
  ["bridge"],
  ["doctor"],
  ["install"],
  ["token", "info"],
  ["token", "init"],
  ["token", "generate"],
  ["token", "import"],
  ["token", "export"],
  ["token", "change-pin"],
  ["token", "unblock"],
  ["sign"],
  ["verify"],
  ["token", "attest"],
  ["factory", "root"],
  ["factory", "provision"],
  ["flash"],
  ["office", "ca", "init"],
  ["office", "ca", "show"],
  ["office", "ca", "roll-over"],
  ["office", "ca", "root-crl"],
  ["office", "certify"],
  ["office"],
  ["office", "status"],
  ["office", "officer", "list"],
  ["office", "officer", "invite"],
  ["office", "officer", "withdraw"],
  ["office", "audit"],
  ["office", "sign-in"],
  ["office", "enrol"],
  ["office", "backup"],
  ["office", "restore"],
];

/** What `sceau` prints, in this process: to start ninety of them takes a minute of a processor. */
async function printed(...words: string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    expect(await runCli(["node", "sceau", ...words])).toBe(0);
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

/** Every text of a catalogue, by its path. */
function texts(catalogue: object, path = ""): Map<string, unknown> {
  return new Map(
    Object.entries(catalogue).flatMap(([key, value]): [string, unknown][] =>
      typeof value === "object" && value !== null ? [...texts(value, `${path}.${key}`)] : [[`${path}.${key}`, value]],
    ),
  );
}

describe("help", () => {
  it("lists the commands", () => {
    const { status, stdout } = sceau(["--help"]);
    expect(status).toBe(0);
    for (const command of ["tour", "sim", "bridge", "token", "sign", "verify", "factory", "office"])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
    expect(sceau(["sign", "--help"], { env: { LC_ALL: "fr_FR.UTF-8" } }).stdout).toMatch(/Exemples? :/);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each(COMMANDS)("shows an example of sceau %s %s %s, in both languages", async (...command) => {
    vi.stubEnv("LC_ALL", "C.UTF-8");
    const words = command.filter((word) => typeof word === "string");
    const english = await printed(...words, "--help");
    expect(english).toMatch(/Examples?:\n {2}\$ sceau /);
    expect(english).toContain("--json");
    expect(english).toContain("--state <dir>");
    const french = await printed(...words, "--help", "--lang", "fr");
    expect(french).toMatch(/Exemples? :\n {2}\$ sceau /);
    vi.stubEnv("LC_ALL", "fr_FR.UTF-8");
    expect(await printed(...words, "--help")).toBe(french);
  });

  it("answers a command or an option that does not exist with exit code 2", () => {
    expect(sceau(["seal"]).status).toBe(2);
    expect(sceau(["sign", "--frobnicate"]).status).toBe(2);
    expect(sceau(["sign"]).status).toBe(2);
  });
});

describe("the messages", () => {
  it("say the same things in both languages, and not in the same words", () => {
    const [english, french] = [texts(en), texts(fr)];
    expect([...french.keys()]).toEqual([...english.keys()]);
    const same = [...english].filter(([key, text]) => typeof text === "string" && text.length > 12 && french.get(key) === text);
    expect(same).toEqual([]);
  });
});
