// OCSP requests over http as a test wants them, byte by byte.

import { request as httpRequest } from "node:http";

const TYPE = "application/ocsp-request";

export interface HttpAnswer {
  readonly status: number;
  /** Hexadecimal. */
  readonly body: string;
  readonly cacheControl: string | undefined;
}

/** Sends a request as it is given: fetch would correct its path. */
export function send(
  address: string,
  path: string,
  options: { readonly post?: Uint8Array; readonly type?: string } = {},
): Promise<HttpAnswer> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const method = options.post === undefined ? "GET" : "POST";
    const headers = options.post === undefined ? {} : { "content-type": options.type ?? TYPE };
    const asked = httpRequest({ hostname, port, path, method, headers, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          body: Buffer.concat(parts).toString("hex"),
          cacheControl: answer.headers["cache-control"],
        }),
      );
    });
    asked.on("error", reject);
    asked.end(options.post);
  });
}
