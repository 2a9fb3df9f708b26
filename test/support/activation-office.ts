// An office's server over HTTP, with a real certification authority, for activations: pages and API as `sceau office` has them.

import { generateKeyPairSync } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { addActivationRoutes } from "../../office/activation/activation-routes.ts";
import { createOfficeServer } from "../../office/server/office-server.ts";
import { ocspKey } from "../../office/status/ocsp-key.ts";
import { ActivationBench } from "./activation-bench.ts";
import { freePort } from "./office-process.ts";
import type { STORE_KINDS } from "./office-stores.ts";
import { testSealing } from "./test-sealing.ts";

export interface ActivationOffice {
  readonly bench: ActivationBench;
  readonly app: FastifyInstance;
  /** http://127.0.0.1:… */
  readonly url: string;
  /** Lines, as JSON. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export async function openActivationOffice(
  kind: (typeof STORE_KINDS)[number],
  now = new Date(Date.now() - 60_000),
): Promise<ActivationOffice> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const bench = await ActivationBench.open(kind, now, url);
  const { store, clock, trust } = bench.desk;
  const none = () => Promise.reject(new Error("nobody revokes here"));
  const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
  const log: string[] = [];
  const app = await createOfficeServer({
    store,
    clock,
    publicUrl: url,
    sealing: testSealing,
    revoking: { revoke: none, revokeIn: none, revokeToken: none, revokeKey: none, trust },
    auditKey: newKey().publicKey,
    ocspKey: ocspKey(newKey().privateKey),
    logTo: { write: (line) => void log.push(line) },
  });
  addActivationRoutes(app, bench.desk);
  await app.listen({ host: "127.0.0.1", port: Number(new URL(url).port) });
  return {
    bench,
    app,
    url,
    log,
    close: async () => {
      await app.close();
      await bench.close();
    },
  };
}
