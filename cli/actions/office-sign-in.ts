// What `sceau office sign-in` does: the token's AUTH key (9A) signs the office's challenge, and the office gives a link into the browser.

import { createHash } from "node:crypto";
import { z } from "zod";
import { base64url, OfficeHttp } from "../../host-bridge/office-client/office-http.ts";
import { subjectPublicKeyInfo } from "../../host-bridge/token/ec-public-key.ts";
import { signInMessage } from "../../office/registration/sign-in.ts";
import { ALG_P256, SLOT_AUTHENTICATION } from "../../protocol/piv.ts";
import type { CliContext } from "../context.ts";
import { withOfficerToken } from "../office-token.ts";
import { openInBrowser } from "../open-in-browser.ts";
import { readPin } from "../secrets.ts";
import { visible } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import type { PinOption, TokenOption } from "./token.ts";

export interface SignInOptions extends TokenOption, PinOption {
  readonly open?: true;
}

const CHALLENGE = z.object({ challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/), publicUrl: z.string() });
const LINK = z.object({ link: z.string() });
const SLOT = "9A";

/** The one-time link into the browser. */
export function signInLink(context: CliContext, url: string, options: SignInOptions): Promise<string> {
  const { say, state } = context;
  const office = new OfficeHttp(url);
  return withOfficerToken(state, options.token, async ({ client, info: { serial } }) => {
    const key = await client.keyMetadata(SLOT_AUTHENTICATION);
    // The office verifies ECDSA with SHA-256.
    if (key?.algorithm !== ALG_P256) throw new UsageError("no-key", SLOT);
    const pin = await readPin(options.pinFile, say.officeServer.signInPin(visible(serial), office.address));
    // Asked for only now: it is good for two minutes.
    const { challenge, publicUrl } = await office.post("/api/sign-in/challenge", {}, CHALLENGE);
    office.requireSame(publicUrl);
    await client.verifyPin(new TextEncoder().encode(pin));
    const digest = new Uint8Array(createHash("sha256").update(signInMessage(office.address, challenge)).digest());
    const signature = await client.sign(SLOT_AUTHENTICATION, digest, { onButton: () => context.print(say.token.pressButton) });
    const publicKey = subjectPublicKeyInfo(key.publicKey);
    const answer = { challenge, publicKey: base64url(publicKey), signature: base64url(signature) };
    const { link } = await office.post("/api/sign-in/answer", answer, LINK);
    if (!link.startsWith(`${office.address}/`)) office.requireSame(link);
    return link;
  });
}

export async function signIn(context: CliContext, url: string, options: SignInOptions): Promise<void> {
  const link = await signInLink(context, url, options);
  context.report({ link }, [context.say.officeServer.signInLink, `  ${visible(link)}`]);
  if (options.open) openInBrowser(link);
}
