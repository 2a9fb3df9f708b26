// Documents that are made to stop whoever reads them, dropped on the agent: each is refused or read within limits, in a process of its own, and the agent
// lives on. (The process is the compiled one: build before.)

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UploadTurns } from "../../host-bridge/agent/documents/upload-turns.ts";
import { ConfinedWorkshop } from "../../host-bridge/agent/workshop/confined-workshop.ts";
import { DocumentBench } from "../support/document-bench.ts";
import { HOSTILE_PDFS } from "../support/hostile-pdfs.ts";
import { ROOT } from "../support/run.ts";
import { pages } from "../support/sample-pdfs.ts";
import { PIN, WRONG_PIN } from "../support/simulated-token.ts";

const ENTRY = pathToFileURL(join(ROOT, "dist", "host-bridge", "agent", "workshop", "work-process.js"));
/** Smaller than the agent's own, so that a test does not take their time. */
const LIMITS = { heapMegabytes: 120, memoryBytes: 260_000_000, stepMs: 30_000 };
/** An agent that reads by itself answers one page before it begins, and the next when it is through. */
const ANSWERS_MEANWHILE = 3;
const LIMIT_MS = 180_000;

interface Later<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function later<T>(): Later<T> {
  let settle: Pick<Later<T>, "resolve" | "reject"> = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

let bench: DocumentBench;
let onePage: Uint8Array;

beforeAll(async () => {
  onePage = await pages(1);
  bench = await DocumentBench.start({ workshop: new ConfinedWorkshop({ entry: ENTRY, reading: LIMITS, signing: LIMITS }) });
}, LIMIT_MS);
afterAll(() => bench.close());

describe.each(Object.keys(HOSTILE_PDFS))("%s", (name) => {
  const isBomb = /gigabytes|ten million/.test(name);
  test(isBomb ? "is refused for what it costs; the agent answers meanwhile, and keeps its memory" : "is read or refused", {
    timeout: LIMIT_MS,
  }, async () => {
    const bytes = HOSTILE_PDFS[name]?.() ?? new Uint8Array(0);
    const before = process.memoryUsage.rss();
    let isRead = false;
    const reading = bench.give({ name: "Contrat.pdf", bytes }).finally(() => {
      isRead = true;
    });
    let answered = 0;
    while (!isRead && isBomb) {
      expect((await bench.visitor.get("/phrase")).status).toBe(200);
      if (!isRead) answered += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { status, body } = await bench.visitor.get(await reading);
    if (!isBomb) return expect([200, 422]).toContain(status);
    expect(status).toBe(422);
    expect(body).toContain("plus de temps ou de mémoire");
    expect(answered).toBeGreaterThanOrEqual(ANSWERS_MEANWHILE);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000 + 4 * bytes.length);
  });
});

test("afterwards a document is read and signed as ever, one by itself and several together", { timeout: LIMIT_MS }, async () => {
  const { unplug } = await bench.plugIn();
  for (const count of [1, 3]) {
    const path = await bench.give(...Array.from({ length: count }, (_, index) => ({ name: `${index}.pdf`, bytes: onePage })));
    expect((await bench.consent(path, 40_718_225, WRONG_PIN)).body).toMatch(/Il reste 2 essais|2 essais restants/); // on a busy computer it has a page of its own
    expect((await bench.consent(path, 40_718_225, PIN)).title).toBe(count === 1 ? "Document signé" : "3 documents signés");
    expect((await bench.bytesOf(`${path}/0/signed`)).bytes.subarray(0, onePage.length).equals(onePage)).toBe(true);
  }
  await unplug();
});

test("a document that ends its process ends nobody's signature", { timeout: LIMIT_MS }, async () => {
  const workshop = new ConfinedWorkshop({ entry: ENTRY, reading: LIMITS, signing: LIMITS });
  const judges = { roots: [], intermediates: [], at: new Date() };
  const table = workshop.bench();
  const givenUp = new Error("given up");
  const waits = later<void>();
  const answer = later<Uint8Array>();
  const { certificate } = await bench.plugIn(40_718_227);
  const signer = {
    certificate,
    issuers: [],
    signDigest: () => {
      waits.resolve();
      return answer.promise;
    },
  };
  const signed = table.sign(onePage, signer, { date: new Date() }, judges).catch((error: unknown) => error);
  await waits.promise;
  const bomb = HOSTILE_PDFS["a stream that inflates to eight gigabytes"]?.() ?? onePage;
  const [refused, next] = await Promise.allSettled([workshop.read(bomb, judges), workshop.read(onePage, judges)]);
  expect(refused).toMatchObject({ status: "rejected", reason: { reason: "too-costly" } });
  expect(next).toMatchObject({ status: "fulfilled", value: { refusal: null } });
  answer.reject(givenUp);
  expect(await signed).toBe(givenUp);
  await table.close();
  await workshop.close();
});

test("uploads wait for one another, and the sixth is told to come again", async () => {
  const turns = new UploadTurns();
  const order: number[] = [];
  const gate = later<void>();
  let atOnce = 0;
  const work = (number: number) => async () => {
    atOnce += 1;
    expect(atOnce).toBe(1);
    await gate.promise;
    atOnce -= 1;
    order.push(number);
    if (number === 2) throw new Error("of its own");
  };
  const all = Array.from({ length: 6 }, (_, number) =>
    turns.during(work(number)).then(
      () => "done",
      (error: Error) => error.message,
    ),
  );
  gate.resolve();
  expect(await Promise.all(all)).toEqual(["done", "done", "of its own", "done", "done", "documents: busy"]);
  expect(order).toEqual([0, 1, 2, 3, 4]);
  await turns.during(work(6));
});
