// Two people for the tests of journals and receipts: one has a token, keys on it and the root; the other has files alone.

import { mkdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { mustRun, type Outcome, sceau } from "./run.ts";
import { PIN, Workbench } from "./workbench.ts";

export interface SignedJson {
  readonly statement: string;
  readonly signature: string;
}

/** What the commands tell in JSON: each of them some of these. */
export interface Told {
  readonly serial: string;
  readonly journalCounter: number;
  readonly valid: boolean;
  readonly problems: readonly string[];
  readonly entries: readonly { readonly slot: string; readonly digest: string }[];
  readonly slots: readonly { readonly slot: string; readonly hasKey: boolean }[];
}

export const json = (outcome: Outcome): Told => JSON.parse(outcome.stdout) as Told;

export const succeed = (outcome: Outcome): Outcome => {
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
  return outcome;
};

export class EvidenceBench {
  readonly bench: Workbench;
  private readonly elsewhere: string;

  private constructor(bench: Workbench) {
    this.bench = bench;
    this.elsewhere = bench.path("elsewhere");
    mkdirSync(this.elsewhere);
  }

  /** A token with a P-256 key in 9C and a P-384 key in 82; their requests are request.pem and retired.pem, the PIN is in pin.txt. */
  static async open(): Promise<EvidenceBench> {
    const made = new EvidenceBench(await Workbench.open({ withBridge: false }));
    made.bench.write("pin.txt", `${PIN}\n`);
    succeed(made.own("init", "--pin-file", "pin.txt"));
    made.generate("9c", "request.pem");
    made.generate("82", "retired.pem", "p384");
    return made;
  }

  close(): Promise<void> {
    return this.bench.close();
  }

  /** `sceau token …` of the one who has the token, without a terminal. */
  own(...args: readonly string[]): Outcome {
    return sceau(["token", ...args, "--state", this.bench.folder], { cwd: this.bench.folder, input: "" });
  }

  /** `sceau token …` of somebody else, whose state folder is empty. */
  away(...args: readonly string[]): Outcome {
    return sceau(["token", ...args, "--state", this.elsewhere], { cwd: this.elsewhere, input: "" });
  }

  generate(slot: string, out: string, algorithm = "p256"): void {
    succeed(this.own("generate", slot, "--algorithm", algorithm, "--out", out, "--pin-file", "pin.txt"));
  }

  /** A receipt in `file`, of a key that was made for it. */
  makeReceipt(file: string): void {
    this.generate("95", `${file}.pem`);
    succeed(this.own("retire", "95", "--yes", "--out", file));
  }

  signedIn(file: string): SignedJson {
    const { statement, signature } = JSON.parse(readFileSync(this.bench.path(file), "utf8"));
    return { statement, signature };
  }

  /** A certification authority that has nothing to do with tokens: ca.pem, ca.key. */
  makeOtherAuthority(): void {
    const files = ["-keyout", this.bench.path("ca.key"), "-out", this.bench.path("ca.pem")];
    mustRun("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      ...files,
      "-subj",
      "/CN=Some CA",
    ]);
  }

  /** The attestation root of the state folder, PEM. */
  get root(): string {
    return mustRun("find", [this.bench.path("factory"), "-name", "root.pem"]).trim();
  }

  get serial(): string {
    return json(this.own("info", "--json")).serial;
  }

  get counter(): number {
    return json(this.own("info", "--json")).journalCounter;
  }
}
