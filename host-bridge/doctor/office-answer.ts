// Whether an office answers there, and not a captive portal, a filter's page or another server; and whether its clock and ours agree.

import { z } from "zod";
import { OfficeClientError, OfficeRefusedError } from "../office-client/office-client-error.ts";
import { OfficeHttp } from "../office-client/office-http.ts";
import { asRoot } from "./as-root.ts";
import { askOffice, type Heard, isOffices } from "./ask-office.ts";
import type { OfficeCheck } from "./check.ts";
import { ok, trouble, warning } from "./found.ts";
import { codeOf } from "./way.ts";

const SECOND_MS = 1000;
const MAX_TITLE_CHARACTERS = 80;
const REDIRECTIONS = 300;
const REFUSALS = 400;
const SERVER_ERRORS = 500;
const NO_ANSWER_AT_ALL = z.never();
const OPEN = "/api/activation/open";

/** What the page calls itself, on one line. */
const titleOf = ({ body }: Heard): string =>
  (/<title[^>]*>([^<]*)/i.exec(body)?.[1] ?? "").replace(/\s+/g, " ").trim().slice(0, MAX_TITLE_CHARACTERS);

/** Without parameters, which may hold anything. */
const placeOf = (location: string): string => location.split(/[?#]/)[0]?.slice(0, MAX_TITLE_CHARACTERS * 2) ?? "";

/** Asked once more by the very code that activates. @throws OfficeClientError */
async function askAsTheAgent(address: string): Promise<void> {
  try {
    await new OfficeHttp(address).post(OPEN, {}, NO_ANSWER_AT_ALL);
  } catch (error) {
    if (!(error instanceof OfficeRefusedError)) throw error;
  }
}

export const ANSWER: OfficeCheck<"answer"> = {
  name: "answer",
  area: "office",
  needs: ["certificate"],
  look: async (place, address) => {
    const none = { address, status: 0, location: "", title: "", seconds: Math.round(place.timeLimitMs / SECOND_MS) };
    try {
      const heard = await askOffice(place, address);
      const facts = { ...none, status: heard.status, location: placeOf(heard.location), title: titleOf(heard) };
      const mend = { mender: "network" } as const;
      if (heard.status >= REDIRECTIONS && heard.status < REFUSALS) return trouble("answer", "redirected", facts, mend);
      if (!isOffices(heard)) {
        if (heard.status >= SERVER_ERRORS) return trouble("answer", "down", facts, { mender: "office" });
        return trouble("answer", "not-an-office", facts, mend);
      }
      await askAsTheAgent(address);
      return ok("answer", "fine", facts);
    } catch (error) {
      if (codeOf(error) === "" && !(error instanceof OfficeClientError)) throw error;
      return trouble("answer", codeOf(error) === "ETIMEDOUT" ? "silent" : "broken", none, { mender: "network" });
    }
  },
};

const OFF_ABOVE_S = 300;
const SLIGHTLY_OFF_ABOVE_S = 60;

export const CLOCK: OfficeCheck<"clock"> = {
  name: "clock",
  area: "office",
  needs: ["answer"],
  look: async (place, address) => {
    const there = new Date((await askOffice(place, address)).date);
    const here = place.now();
    const untold = { here: here.toISOString(), there: "", seconds: 0, isAhead: false };
    if (Number.isNaN(there.getTime())) return ok("clock", "untold", untold);
    const difference = Math.round((here.getTime() - there.getTime()) / SECOND_MS);
    const facts = { here: here.toISOString(), there: there.toISOString(), seconds: Math.abs(difference), isAhead: difference > 0 };
    const mend = { mender: "administrator", commands: [asRoot(place, "timedatectl set-ntp true")] } as const;
    if (facts.seconds > OFF_ABOVE_S) return trouble("clock", "off", facts, mend);
    return facts.seconds > SLIGHTLY_OFF_ABOVE_S ? warning("clock", "slightly-off", facts, mend) : ok("clock", "fine", facts);
  },
};
