// pdf.js as it was installed, and the scripts of these pages: what a browser needs to show documents, and nothing else of those folders.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance, FastifyReply } from "fastify";
import { NothingThereError } from "../web/visit.ts";
import { DOCUMENTS_STYLE, DOCUMENTS_STYLE_PATH, DROP_PICTURE } from "./documents-style.ts";

const PDFJS = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
const { version } = JSON.parse(readFileSync(join(PDFJS, "package.json"), "utf8")) as { version: string };
export const PDFJS_PATH = `/pdfjs/${version}/`;
/** Of its WebAssembly nothing: the decoders in JavaScript do (that of JPEG 2000 lies in the same folder). */
const PDFJS_FILE =
  /^(?:build\/pdf(?:\.worker)?\.min\.mjs|wasm\/openjpeg_nowasm_fallback\.js|(?:cmaps|standard_fonts)\/[A-Za-z0-9][A-Za-z0-9_.-]*)$/;

const A_YEAR = "public, max-age=31536000, immutable";
/** Of pdf.js's worker, which has a policy of its own: scripts of this agent, and nobody else asked. */
const ASSET_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";
const TYPES: Readonly<Record<string, string>> = { mjs: "text/javascript", js: "text/javascript" };

interface OwnScript {
  readonly path: string;
  readonly text: string;
}

/** They are JavaScript as they stand, checked by the compiler. */
function ownScript(name: string): OwnScript {
  const text = readFileSync(fileURLToPath(new URL(`./browser/${name}.mjs`, import.meta.url)), "utf8");
  return { path: `/${name}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}.mjs`, text };
}

const VIEWER = ownScript("viewer");
const DROP = ownScript("drop");
export const VIEWER_PATH = VIEWER.path;
export const DROP_PATH = DROP.path;

const sendAsset = (reply: FastifyReply, type: string, content: string | Buffer): FastifyReply =>
  reply.header("cache-control", A_YEAR).header("content-security-policy", ASSET_POLICY).type(type).send(content);

export function addViewerFiles(app: FastifyInstance): void {
  app.get(DOCUMENTS_STYLE_PATH, (_request, reply) => sendAsset(reply, "text/css; charset=utf-8", DOCUMENTS_STYLE));
  app.get("/drop.svg", (_request, reply) => sendAsset(reply, "image/svg+xml", DROP_PICTURE));
  for (const { path, text } of [VIEWER, DROP]) app.get(path, (_request, reply) => sendAsset(reply, "text/javascript; charset=utf-8", text));
  app.get(`${PDFJS_PATH}*`, async (request, reply) => {
    const file = (request.params as Record<string, string>)["*"] ?? "";
    if (!PDFJS_FILE.test(file)) throw new NothingThereError();
    let content: Buffer;
    try {
      content = await readFile(join(PDFJS, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new NothingThereError();
      throw error;
    }
    return sendAsset(reply, TYPES[file.split(".").pop() ?? ""] ?? "application/octet-stream", content);
  });
}
