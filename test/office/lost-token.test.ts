// A lost token as the world sees it, with the whole office: an officer says so on the page, and the next OCSP response and the next list know it. Of an
// officer's own token, the session that it opened is over.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { csrfToken } from "../../office/pages/edge/same-site.ts";
import { tokens } from "../../office/store/schema.ts";
import type { BrowserSession, OfficerClient } from "../support/officer-client.ts";
import { ask, curl, opensslOcsp } from "../support/status-judges.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { pem } from "../support/test-certificates.ts";
import { WHOLE_OFFICE_START_LIMIT_MS, WholeOffice } from "../support/whole-office.ts";

const LIMIT_MS = 60_000;
const folder = temporaryFolder();
let office: WholeOffice;
let officer: OfficerClient;
let session: BrowserSession;

beforeAll(async () => {
  office = await WholeOffice.open("pglite", folder);
  officer = await office.officer(["issuer"]);
  session = await officer.signIn();
}, WHOLE_OFFICE_START_LIMIT_MS);

afterAll(() => office.close());

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** The form on the decision's page. @returns where it leads */
async function decide(who: BrowserSession, serial: string, decision: string, form: Record<string, string>): Promise<string> {
  const answer = await fetch(`${office.url}/tokens/${serial}/${decision}`, {
    method: "POST",
    headers: { cookie: who.cookie, origin: office.url, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ ...form, csrf: csrfToken(who.secret) }).toString(),
    redirect: "manual",
  });
  await answer.arrayBuffer();
  return answer.headers.get("location") ?? String(answer.status);
}

test(
  "the next OCSP response and the next list say it, with the reason",
  async () => {
    const { authority } = office.desk;
    const [issuing, chain] = [
      write("issuing.pem", pem(authority.current.certificate)),
      write("chain.pem", pem(authority.root) + pem(authority.current.certificate)),
    ];
    const holder = await office.holder();
    const file = write("holder.pem", pem(holder.issued.certificate));
    const ocsp = () => opensslOcsp(["-issuer", issuing, "-cert", file, "-CAfile", chain, "-url", `${office.url}/ocsp/issuing`]);
    const list = async (): Promise<string> => {
      const der = write("issuing.crl", "");
      await curl(`${office.url}/crl/issuing.crl`, der);
      return (await ask("openssl", ["crl", "-inform", "DER", "-in", der, "-noout", "-text"])).stdout;
    };
    const { serialNumber } = holder.issued;
    expect(await ocsp()).toContain(": good");
    expect(await list()).not.toContain(serialNumber.toUpperCase());
    const confirmation = holder.serial.slice(-8);
    expect(await decide(session, holder.serial, "suspend", {})).toBe(`/tokens/${holder.serial}?done=suspend`);
    expect(await ocsp()).toContain(": good");
    expect(await decide(session, holder.serial, "lose", { confirmation })).toBe(`/tokens/${holder.serial}?done=lose`);
    expect(await ocsp()).toContain("Reason: keyCompromise");
    const [, entry = ""] = (await list()).split(`Serial Number: ${serialNumber.toUpperCase()}`);
    expect(entry.split("Serial Number: ")[0]).toContain("Key Compromise");
  },
  LIMIT_MS,
);

test(
  "an officer's own token: the session that it opened is over",
  async () => {
    const other = await office.officer(["issuer"]);
    const theirs = await other.signIn();
    const get = (path: string) => fetch(`${office.url}${path}`, { headers: { cookie: theirs.cookie } });
    expect((await get("/search")).status).toBe(200);
    const { serial } = await office.store.db
      .select()
      .from(tokens)
      .where(eq(tokens.model, "Sceau unit test"))
      .then((rows) => rows.sort((a, b) => Number(b.serial) - Number(a.serial))[0] ?? { serial: "" });
    expect(await decide(theirs, serial, "lose", { confirmation: serial.slice(-8) })).toBe(`/tokens/${serial}?done=lose`);
    expect((await get("/search")).status).toBe(401);
    expect((await fetch(`${office.url}/search`, { headers: { cookie: session.cookie } })).status).toBe(200);
  },
  LIMIT_MS,
);
