// The YubiKey tools as judges of a simulated token in a PC/SC reader, and what firmware/README.md says of their operations.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { rootCertificates } from "../../host-bridge/factory/attestation-root.ts";
import { awaitCard, startPcscd } from "./pcscd.ts";
import { type Outcome, ROOT, run } from "./run.ts";
import { Workbench } from "./workbench.ts";

/** piv-go's tests touch no reader with another name. */
const READER_NAME = "Yubico YubiKey CCID";

export type Profile = "strict" | "compat";

/** ykman before 5 tells APDUs at DEBUG. */
const ykmanLevel = (): string => (/version: [1-4]\./.test(run("ykman", ["--version"]).stdout) ? "DEBUG" : "TRAFFIC");

/** What they all come with. */
export const FACTORY = { pin: "123456", puk: "12345678", managementKey: "010203040506070801020304050607080102030405060708" };

export class YubikeyTools {
  readonly bench: Workbench;
  private readonly reader: string;
  private readonly stopReader: () => Promise<void>;
  private readonly ykmanLevel = ykmanLevel();

  private constructor(bench: Workbench, reader: string, stopReader: () => Promise<void>) {
    this.bench = bench;
    this.reader = reader;
    this.stopReader = stopReader;
  }

  /** A new token with this factory profile, in a reader; `root.pem` in the bench's folder: the root of its attestations. */
  static async open(profile: Profile): Promise<YubikeyTools> {
    const pcscd = await startPcscd({ name: READER_NAME });
    const { launcher } = pcscd;
    const bench = await Workbench.open({ withBridge: false, sim: ["--vpcd", pcscd.address, "--profile", profile], launcher });
    for (const root of rootCertificates(bench.state.factory)) bench.savePem("root.pem", root);
    await awaitCard();
    return new YubikeyTools(bench, pcscd.reader, pcscd.stop);
  }

  async close(): Promise<void> {
    await this.bench.close();
    await this.stopReader();
  }

  /** ykman piv …, which tells each APDU in `stderr`. What it tells in columns (5.x), or behind a tab, is one space from its name. */
  ykman(...args: string[]): Outcome {
    const options = ["--log-level", this.ykmanLevel, "--reader", this.reader];
    const outcome = run("ykman", [...options, "piv", ...args], { cwd: this.bench.folder });
    return { ...outcome, stdout: outcome.stdout.replaceAll(/:[ \t]+/g, ": ") };
  }

  /** yubico-piv-tool …, likewise. */
  pivTool(...args: string[]): Outcome {
    return run("yubico-piv-tool", ["--verbose=2", "--reader", this.reader, ...args], { cwd: this.bench.folder });
  }
}

/** What must have worked. The answer is what it printed. */
export function done(outcome: Outcome): string {
  if (outcome.status !== 0) throw new Error(`exit status ${outcome.status}\n${outcome.stdout}${outcome.stderr}`);
  return outcome.stdout;
}

/** The status word that the tool's last command got, when the tool has failed over it. */
export function refusal({ status, stderr }: Outcome): string {
  if (status === 0) return "not refused";
  const ofYkman = [...stderr.matchAll(/ RECV: .*SW=([0-9a-f]{4})$/gm)].map((match) => match[1]);
  // «< 6a 80 », from 2.3 on «… < 6a80 (2)».
  const ofPivTool = [...stderr.matchAll(/(?:^|: )< (?:[0-9a-f]{2} ?)*?([0-9a-f]{2}) ?([0-9a-f]{2}) (?:\(\d+\))?$/gm)];
  return (ofYkman.at(-1) ?? ofPivTool.at(-1)?.slice(1).join("") ?? "no command").toUpperCase();
}

/** An operation as firmware/README.md tells it. */
interface ToldOperation {
  readonly tool: string;
  readonly operation: string;
  /** `yes`, or how it is refused. */
  readonly answer: string;
}

/** The rows of firmware/README.md's table of one profile. @throws when a refusal has no reason there */
export function toldOperations(profile: Profile): ToldOperation[] {
  const text = readFileSync(join(ROOT, "firmware", "README.md"), "utf8");
  const [, section = ""] = text.split(`\n### The YubiKey tools and \`${profile}\`\n`);
  const [table = ""] = section.split(/\n#/);
  const rows = table.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) => {
    const [tool = "", operation = "", answer = "", reason = ""] = row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (answer !== "yes" && reason === "") throw new Error(`firmware/README.md: a refusal without a reason: ${row}`);
    return { tool, operation, answer };
  });
}

/** The operations of some tools on a token of one profile: each a test, and all of them rows of firmware/README.md. */
export class Judgement {
  private readonly profile: Profile;
  private readonly judged: ToldOperation[] = [];

  constructor(profile: Profile) {
    this.profile = profile;
  }

  /** `judge` throws when it does not work. */
  works(tool: string, operation: string, judge: () => void): void {
    this.judged.push({ tool, operation, answer: "yes" });
    it(`${this.profile}: ${tool} ${operation}`, judge);
  }

  /** Every run of the tool fails over this answer; those of a later tool than Debian 12 has may do so over others, run by run. */
  refused(tool: string, operation: string, answer: string, judge: () => readonly Outcome[], later: readonly string[] = []): void {
    this.judged.push({ tool, operation, answer });
    it(`${this.profile}: ${tool} ${operation}: ${answer}`, () => {
      const outcomes = judge();
      expect(outcomes.length).toBeGreaterThan(0);
      expect([outcomes.map(() => answer), later]).toContainEqual(outcomes.map(refusal));
    });
  }

  /** The tool that Debian 12 has fails by itself: it never sends the command (`> 00 87`) that the operation needs. A later one does it. */
  notAsked(tool: string, operation: string, command: string, judge: () => readonly Outcome[]): void {
    this.judged.push({ tool, operation, answer: "not asked" });
    it(`${this.profile}: ${tool} ${operation}: does not ask the token, or works`, () => {
      const outcomes = judge();
      expect(outcomes.length).toBeGreaterThan(0);
      for (const outcome of outcomes) {
        if (outcome.status === 0) continue;
        expect(refusal(outcome)).toBe("9000");
        expect(outcome.stderr).not.toContain(command);
      }
    });
  }

  /** Last: the README shows what was judged, no more and no less. */
  isWhatTheReadmeTells(tools: readonly string[]): void {
    const of = (rows: readonly ToldOperation[], name: string): ToldOperation[] => rows.filter(({ tool }) => tool === name);
    it.each(tools)(`${this.profile}: firmware/README.md shows each operation of %s`, (name) => {
      expect(of(toldOperations(this.profile), name)).toEqual(of(this.judged, name));
    });
  }
}
