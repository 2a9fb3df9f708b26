// A request as the office gave it: once, to the agent that asked for it.

import { z } from "zod";
import { OfficeClientError, OfficeRefusedError } from "../../office-client/office-client-error.ts";
import { OfficeHttp, SECRET } from "../../office-client/office-http.ts";
import { shownText } from "../../web/shown-text.ts";
import { addressAt } from "../trust/office-address.ts";
import { RequestError, type RequestRefusal } from "./request-error.ts";

const COMMON = {
  publicUrl: z.string().max(300),
  office: z.string().max(300).transform(shownText),
  returnPath: z.string().max(1000),
  expiresAt: z.iso.datetime().transform((text) => new Date(text)),
  person: z.string().max(300).transform(shownText).nullish(),
};
const TAKEN = z.discriminatedUnion("kind", [
  z.object({ ...COMMON, kind: z.enum(["activate", "provision"]), session: SECRET }),
  z.object({ ...COMMON, kind: z.literal("sign-in"), challenge: SECRET.optional() }),
]);
/** What any later version's answer has, too. */
const ANY_KIND = z.object({ publicUrl: z.string(), kind: z.string() });

interface Common {
  /** Of officeAddress: the one that the holder trusts. */
  readonly office: string;
  /** As the office writes its own address: what is signed names it so. */
  readonly publicUrl: string;
  readonly officeName: string;
  /** The way back, checked: at the office. */
  readonly returnTo: string;
  readonly expiresAt: Date;
  /** Who it is for; null: the office does not say. */
  readonly person: string | null;
}

export interface ActivationRequest extends Common {
  /** `provision`: at an officer's desk. */
  readonly kind: "activate" | "provision";
  readonly session: string;
}

export interface SignInRequest extends Common {
  readonly kind: "sign-in";
  /** null: the office gives one when it is asked. */
  readonly challenge: string | null;
}

export type TakenRequest = ActivationRequest | SignInRequest;

const REFUSALS: Readonly<Record<string, RequestRefusal>> = {
  "urn:sceau:agent:taken": "taken",
  "urn:sceau:agent:unknown": "unknown",
  "urn:sceau:agent:expired": "expired",
};

async function ask(http: OfficeHttp, id: string): Promise<z.infer<typeof TAKEN>> {
  let value: unknown;
  try {
    value = await http.post("/api/agent/requests/take", { id }, z.unknown());
  } catch (error) {
    const refusal = error instanceof OfficeRefusedError ? REFUSALS[error.type] : undefined;
    if (refusal !== undefined) throw new RequestError(refusal, http.address, { cause: error });
    throw error;
  }
  const any = ANY_KIND.safeParse(value);
  if (!any.success) throw new OfficeClientError("unreadable", http.address);
  http.requireSame(any.data.publicUrl);
  if (!["activate", "provision", "sign-in"].includes(any.data.kind)) throw new RequestError("kind", http.address);
  const taken = TAKEN.safeParse(value);
  if (!taken.success) throw new OfficeClientError("unreadable", http.address);
  return taken.data;
}

/**
 * Asks the office for a request: it gives it once.
 * @param office of officeAddress; the holder trusts it
 * @throws RequestError taken, unknown, expired, kind, return; OfficeRefusedError, OfficeClientError
 */
export async function takeRequest(office: string, id: string): Promise<TakenRequest> {
  const answer = await ask(new OfficeHttp(office), id);
  const returnTo = addressAt(office, answer.returnPath);
  if (returnTo === null) throw new RequestError("return", office);
  const { publicUrl, expiresAt, office: officeName, person = null } = answer;
  const common: Common = { office, publicUrl, officeName, returnTo, expiresAt, person };
  if (answer.kind === "sign-in") return { ...common, kind: "sign-in", challenge: answer.challenge ?? null };
  return { ...common, kind: answer.kind, session: answer.session };
}
