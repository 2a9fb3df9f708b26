// One question to an office, and what came back as it is: also what is no office's. The question has no fields, which an office refuses before it looks at
// anything: nothing is written there, and no try is spent.

import { request } from "node:http";
import { openSecureWay, type Traveller } from "./way.ts";

/** Where an activation begins (office-client/activation-over-http.ts). */
const PATH = "/api/activation/open";
const MAX_CHARACTERS = 64 * 1024;
const OFFICE_PROBLEM = "urn:sceau:";

export interface Heard {
  readonly status: number;
  readonly location: string;
  readonly date: string;
  readonly body: string;
}

/** @throws the system's error, TunnelError; ETIMEDOUT */
export async function askOffice(place: Traveller, address: string): Promise<Heard> {
  const socket = await openSecureWay(place, address);
  const url = new URL(`${address}${PATH}`);
  const body = "{}";
  const headers = {
    host: url.host,
    "content-type": "application/json",
    accept: "application/json",
    "content-length": String(body.length),
  };
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    // No «agent: false»: with an agent of whatever kind Node.js opens a connection of its own.
    const asked = request({ method: "POST", path: url.pathname, headers, createConnection: () => socket }, (answer) => {
      isAnswered = true;
      let text = "";
      const done = (): void => {
        clearTimeout(timer);
        socket.destroy();
        const { location = "", date = "" } = answer.headers;
        resolve({ status: answer.statusCode ?? 0, location, date, body: text });
      };
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        if (text.length > MAX_CHARACTERS) done(); // enough to know what it is
      });
      answer.once("end", done);
      answer.once("error", reject);
    });
    const timer = setTimeout(() => asked.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })), place.timeLimitMs);
    asked.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    // Another protocol was offered: neither an answer nor an error.
    asked.once("close", () => {
      if (!isAnswered) reject(Object.assign(new Error("no answer"), { code: "ECONNRESET" }));
    });
    asked.end(body);
  });
}

/** Every office answers that question with a problem document of its own. */
export function isOffices({ body }: Heard): boolean {
  try {
    const { type } = JSON.parse(body) as { type?: unknown };
    return typeof type === "string" && type.startsWith(OFFICE_PROBLEM);
  } catch {
    return false;
  }
}
