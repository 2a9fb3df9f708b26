// For tests of requests that an office's page hands over: a stand-in office, an agent, a visitor's window and blank tokens; new for each test.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type AttestationRoot, createRoot } from "../../host-bridge/factory/attestation-root.ts";
import { provisionToken } from "../../host-bridge/factory/provision.ts";
import { type AgentAnswer, AgentBench, type AgentVisitor } from "./agent-bench.ts";
import { StandInOffice } from "./agent-office.ts";
import { SimulatedToken } from "./simulated-token.ts";

export const NEW_PIN = "82640917";
export const BLANK_SERIAL = 51_000_002;
export const HANDLE_PATH = /^\/request\/[A-Za-z0-9_-]{22}$/;

/** Where the browser goes at once; undefined: it stays. */
export const leavesTo = ({ body }: AgentAnswer): string | undefined =>
  /http-equiv="refresh" content="0; url=([^"]+)"/.exec(body)?.[1]?.replaceAll("&amp;", "&");

export interface RequestWorld {
  bench: AgentBench;
  office: StandInOffice;
  visitor: AgentVisitor;
  /** The agent's clock. */
  now: Date;
  readonly root: AttestationRoot;
  readonly rootFolder: string;
}

/** To be called at the head of a test file. What it gives is filled in before each test. */
export function requestWorld(): RequestWorld {
  const world = {} as { -readonly [K in keyof RequestWorld]: RequestWorld[K] };
  beforeAll(async () => {
    world.rootFolder = mkdtempSync(join(tmpdir(), "sceau-root-"));
    world.root = await createRoot(world.rootFolder, "test", new Date());
  });
  afterAll(() => rmSync(world.rootFolder, { recursive: true, force: true }));
  beforeEach(async () => {
    world.now = new Date();
    world.office = await StandInOffice.start();
    world.bench = await AgentBench.start({ clock: { now: () => world.now } });
    world.visitor = world.bench.visitor();
  });
  afterEach(async () => {
    await world.bench.close();
    await world.office.close();
  });
  return world;
}

/** Attested, without PIN. */
export async function blankToken({ root }: Pick<RequestWorld, "root">, serial = BLANK_SERIAL): Promise<SimulatedToken> {
  const token = new SimulatedToken(serial);
  const client = token.client();
  await provisionToken(client, root, new Date());
  client.close();
  return token;
}

/** Opens the office's link and the request. */
export async function open({ office, visitor }: RequestWorld, id: string): Promise<AgentAnswer> {
  await visitor.get(office.path(id), { "sec-fetch-site": "cross-site" });
  return visitor.post("/request/take", { office: office.url, id });
}

/** The same, of an office that the holder trusts. @returns the request's own page */
export async function taken(world: RequestWorld, id: string): Promise<string> {
  world.bench.trust(world.office.url);
  const { location } = await open(world, id);
  expect(location).toMatch(HANDLE_PATH);
  return location ?? "";
}
