// The process in which documents are read and signed: it has no token, no PIN and no network connection, and ends with the agent. Its memory is watched by
// a thread of its own, since whoever inflates or parses looks at nothing else.

import { Worker } from "node:worker_threads";
import { DocumentRefused } from "../../signing/document-refused.ts";
import { SigningError } from "../../signing/signing-error.ts";
import { readDocument, signDocument } from "./document-work.ts";
import type { DocumentAnswer, DocumentOrder } from "./work-messages.ts";

const LOOK_MS = 20;

/** Bytes outside of V8's heap (what was inflated) are bounded by nothing else. An agent that was killed leaves no process behind, either. */
const WATCHMAN = `
const { ppid } = process;
setInterval(() => {
  if (process.memoryUsage.rss() > ${Number(process.argv[2])} || process.ppid !== ppid) process.kill(process.pid, "SIGKILL");
}, ${LOOK_MS});
`;

const waiting = new Map<number, (signature: Uint8Array | null) => void>();
const tell = (answer: DocumentAnswer): void => {
  process.send?.(answer);
};

class NoSignatureError extends Error {
  override readonly name = "NoSignatureError";
}

function askSignature(id: number, digest: Uint8Array): Promise<Uint8Array> {
  tell({ id, what: "digest", digest });
  return new Promise((resolve, reject) => {
    waiting.set(id, (signature) => {
      waiting.delete(id);
      if (signature === null) reject(new NoSignatureError("the signer has given up"));
      else resolve(signature);
    });
  });
}

async function outcome(order: DocumentOrder): Promise<DocumentAnswer> {
  const { id } = order;
  if (order.what === "read") return { id, what: "read", reading: await readDocument(order.bytes, order.judges) };
  if (order.what !== "sign") throw new RangeError(order.what);
  const { bytes, certificate, issuers, options, judges } = order;
  const signer = { certificate, issuers, signDigest: (digest: Uint8Array) => askSignature(id, digest) };
  return { id, what: "signed", signed: await signDocument(bytes, signer, options, judges) };
}

const framesOf = (error: unknown): string[] =>
  error instanceof Error ? (error.stack ?? "").split("\n").flatMap((line) => (/^\s+at /.test(line) ? [line.trim()] : [])) : [];

function trouble(id: number, error: unknown): DocumentAnswer {
  if (error instanceof DocumentRefused) return { id, what: "refused", reason: error.reason };
  if (error instanceof SigningError) return { id, what: "not-signed", failure: error.failure, detail: error.detail };
  return { id, what: "failed", type: error instanceof Error ? error.name : typeof error, frames: framesOf(error) };
}

process.on("message", (order: DocumentOrder) => {
  if (order.what === "signature") waiting.get(order.id)?.(order.signature);
  else outcome(order).then(tell, (error: unknown) => tell(trouble(order.id, error)));
});
process.on("disconnect", () => process.exit());
process.on("SIGINT", () => {}); // of the terminal, for all its processes: the agent ends this one
new Worker(WATCHMAN, { eval: true }).unref();
