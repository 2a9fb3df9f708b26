// What is done when the holder agrees to a request.

import { OBJECT_SIGNATURE_CERTIFICATE } from "../../../protocol/piv.ts";
import { type ActivationStep, activateToken } from "../../activation/activate-token.ts";
import { ActivationOverHttp } from "../../office-client/activation-over-http.ts";
import { OfficeHttp } from "../../office-client/office-http.ts";
import type { AgentParts } from "../agent-parts.ts";
import { learnAuthorities } from "../documents/learn-authorities.ts";
import type { WorkOrder } from "../tokens/work.ts";
import type { HeldRequest } from "./held-requests.ts";
import { RequestError } from "./request-error.ts";
import { signInAt } from "./sign-in.ts";
import type { ActivationRequest, SignInRequest } from "./taken-request.ts";

export interface Consent {
  readonly serial: string;
  /** Overwritten when the work is done, however it ends. */
  readonly pin: Uint8Array;
  /** The PIN is a new one, for a blank token. */
  readonly isNew: boolean;
  /** Offices that have the token's secrets, as the page named them: this one may have them, too. */
  readonly entrustedBeside: readonly string[];
}

export const activationAt = ({ office, session }: ActivationRequest): ActivationOverHttp =>
  new ActivationOverHttp(new OfficeHttp(office), session);

function activation(request: ActivationRequest, { isNew, pin, entrustedBeside }: Consent, parts: AgentParts): WorkOrder["run"] {
  const { secrets, authorities, clock } = parts;
  return async (client, progress) => {
    const { certificate } = await activateToken({
      client,
      office: activationAt(request),
      secrets,
      certificateObject: OBJECT_SIGNATURE_CERTIFICATE,
      pin: async (isBlank) => {
        if (isBlank !== isNew) throw new RequestError("changed", request.office);
        return pin;
      },
      mayEntrust: async (_serial, others) => others.every((office) => entrustedBeside.includes(office)),
      onStep: (step: ActivationStep) => {
        progress.signal.throwIfAborted(); // a step that has begun is finished; the next one is not begun
        progress.step(step);
      },
      onButton: progress.onButton,
    });
    // The certificate is active. What can't be kept of its authority is tried again, and told, before the next PIN for a document.
    await learnAuthorities(certificate, [request.office], authorities, clock.now()).catch(() => {});
    return request.returnTo;
  };
}

function signIn(request: SignInRequest, { pin }: Consent): WorkOrder["run"] {
  return (client, progress) => signInAt(request, client, pin, progress);
}

export function requestWork(held: HeldRequest, consent: Consent, parts: AgentParts): WorkOrder {
  const { taken, handle } = held;
  const here = `/request/${handle}`;
  const run = taken.kind === "sign-in" ? signIn(taken, consent) : activation(taken, consent, parts);
  return {
    serial: consent.serial,
    again: `${here}?token=${consent.serial}`,
    title: ({ request }) => request.working[taken.kind],
    steps: ({ request }) => (taken.kind === "sign-in" ? request.signInSteps : request.steps),
    end: () => consent.pin.fill(0),
    run: (client, progress, info) =>
      held.during(async () => {
        held.finish(await run(client, progress, info), parts.clock.now());
        return `${here}/done`;
      }),
  };
}
