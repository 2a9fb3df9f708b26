// OCSP by the office and by `openssl ocsp -port`, side by side: the same questions from as many at once, in turns, each on a connection of its own, as
// openssl's has no other. openssl (one process: with -multi it does not end when it is told to) answers from a text file that it has read at its start; the office reads its database for every answer.

import { type ChildProcess, spawn } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "../bench/statistics.ts";
import { freePort } from "../support/office-process.ts";
import { mustRun } from "../support/run.ts";
import { Caller, ownAddress } from "./caller.ts";
import type { Ledger } from "./ledger.ts";
import { ocspCall, ocspQuestion, ocspStatus } from "./ocsp-question.ts";
import type { CertifiedRequest } from "./requester.ts";

const START_LIMIT_MS = 10_000;
const PEER = "openssl ocsp -port";

export interface Racer {
  readonly name: string;
  readonly answersPerSecond: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly errors: number;
}

export interface RacePlan {
  /** At once. */
  readonly clients: number;
  /** Of each client, in each round. */
  readonly questions: number;
  readonly rounds: number;
}

interface Lane {
  readonly name: string;
  readonly url: string;
  /** Ours must be right; what a peer does wrong is told, and no more. */
  readonly isOurs: boolean;
  readonly rates: number[];
  readonly durations: number[];
  errors: number;
}

const utcTime = (date: Date): string => `${date.toISOString().slice(2, 19).replace(/[-:T]/g, "")}Z`;

/** Files of openssl's responder: what the office has issued, and a key of the same kind as the office's. */
function peerFiles(folder: string, certified: readonly CertifiedRequest[]): string[] {
  const [index, issuer, key, certificate] = ["index.txt", "peer-ca.pem", "peer-key.pem", "peer.pem"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  const lines = certified.map(({ certificate: der, serialNumber, isRevoked }, number) => {
    const told = new X509Certificate(der);
    const revoked = isRevoked ? `${utcTime(new Date())},keyCompromise` : "";
    return [isRevoked ? "R" : "V", utcTime(new Date(told.validTo)), revoked, serialNumber.toUpperCase(), "unknown", `/CN=${number}`].join(
      "\t",
    );
  });
  writeFileSync(index, `${lines.join("\n")}\n`);
  writeFileSync(issuer, new X509Certificate(certified[0]?.issuer ?? new Uint8Array()).toString());
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { format: "pem", type: "pkcs8" },
    publicKeyEncoding: { format: "pem", type: "spki" },
  });
  writeFileSync(key, createPrivateKey(privateKey).export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  mustRun("openssl", ["req", "-x509", "-new", "-key", key, "-subj", "/CN=Peer", "-days", "2", "-out", certificate]);
  return ["-index", index, "-CA", issuer, "-rsigner", certificate, "-rkey", key, "-nmin", "1"];
}

async function startPeer(folder: string, certified: readonly CertifiedRequest[]): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort();
  const child = spawn("openssl", ["ocsp", "-port", String(port), ...peerFiles(folder, certified)], { stdio: "ignore" });
  process.once("exit", () => child.kill("SIGKILL")); // also when a signal ends the race
  const url = `http://127.0.0.1:${port}/`;
  const [first] = certified;
  const caller = new Caller("127.0.0.1", { staysOpen: false });
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      const { body } = await caller.call(url, ocspCall(ocspQuestion(first?.serialNumber ?? "", first?.issuer ?? new Uint8Array())));
      ocspStatus(new Uint8Array(body), first?.serialNumber ?? "");
      return { child, url };
    } catch (error) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`${PEER} does not answer`, { cause: error });
      await sleep(50);
    }
  }
}

async function stopPeer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL"); // it keeps nothing
  await exited;
}

/** One question. @returns how long its answer took, in ms; a wrong one is an error */
async function askOnce(caller: Caller, url: string, { serialNumber, issuer, isRevoked }: CertifiedRequest): Promise<number> {
  const question = ocspQuestion(serialNumber, issuer);
  const startMs = performance.now();
  const { body } = await caller.call(url, ocspCall(question));
  const tookMs = performance.now() - startMs;
  const status = ocspStatus(new Uint8Array(body), serialNumber);
  if (status !== (isRevoked ? "revoked" : "good")) throw new Error(`OCSP: ${status}`);
  return tookMs;
}

async function runClient(lane: Lane, questions: readonly CertifiedRequest[], address: string, ledger: Ledger): Promise<void> {
  const caller = new Caller(address, { staysOpen: false });
  for (const about of questions) {
    try {
      lane.durations.push(await askOnce(caller, lane.url, about));
    } catch (error) {
      lane.errors++;
      if (lane.isOurs) ledger.fail(`${lane.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  caller.close();
}

async function runLane(lane: Lane, certified: readonly CertifiedRequest[], plan: RacePlan, ledger: Ledger): Promise<void> {
  const { clients, questions } = plan;
  const before = lane.durations.length;
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: clients }, (_, client) => {
      const places = Array.from({ length: questions }, (_, i) => (client + i * clients) % certified.length);
      const asked = places.flatMap((place) => certified[place] ?? []);
      return runClient(lane, asked, ownAddress(client), ledger);
    }),
  );
  lane.rates.push(((lane.durations.length - before) * 1000) / (performance.now() - startMs));
}

function result({ name, rates, durations, errors }: Lane): Racer {
  const sorted = [...durations].sort((a, b) => a - b);
  const rate = quantile(
    [...rates].sort((a, b) => a - b),
    0.5,
  );
  if (sorted.length === 0) return { name, answersPerSecond: 0, medianMs: Number.NaN, p95Ms: Number.NaN, errors };
  return { name, answersPerSecond: rate, medianMs: quantile(sorted, 0.5), p95Ms: quantile(sorted, 0.95), errors };
}

/** @param folder for the peer's files */
export async function race(folder: string, certified: readonly CertifiedRequest[], plan: RacePlan, ledger: Ledger): Promise<Racer[]> {
  const ours = certified[0]?.ocspUrl;
  if (ours === undefined) return [];
  const children: ChildProcess[] = [];
  try {
    const lane = (name: string, url: string, isOurs = false): Lane => ({ name, url, isOurs, rates: [], durations: [], errors: 0 });
    const lanes = [lane("sceau office", ours, true)];
    const { child, url } = await startPeer(folder, certified);
    children.push(child);
    lanes.push(lane(PEER, url));
    for (let round = 0; round < plan.rounds; round++) for (const each of lanes) await runLane(each, certified, plan, ledger);
    return lanes.map(result);
  } finally {
    await Promise.all(children.map(stopPeer));
  }
}
