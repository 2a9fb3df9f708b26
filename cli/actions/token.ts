// What `sceau token` does with a token's secrets: init, change-pin, unblock, set-tries, reset.

import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../../protocol/piv.ts";
import { confirm } from "../confirmation.ts";
import type { CliContext } from "../context.ts";
import { forgetTokenSecrets, keepTokenSecrets, loadManagementKey, loadTokenSecrets, readPin } from "../secrets.ts";
import { visible } from "../terminal.ts";
import { withOwnToken, withToken } from "../tokens.ts";
import { UsageError } from "../usage-error.ts";

export interface TokenOption {
  readonly token?: string;
}

export interface PinOption {
  readonly pinFile?: string;
}

export interface ChangePinOptions extends TokenOption, PinOption {
  readonly newPinFile?: string;
}

export interface UnblockOptions extends TokenOption {
  readonly newPinFile?: string;
  readonly pukFile?: string;
}

export interface ResetOptions extends TokenOption {
  readonly yes?: true;
}

/** A status word has four bits for the tries left. */
const MAX_TRIES = 15;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export async function init(context: CliContext, options: TokenOption & PinOption): Promise<void> {
  await withOwnToken(context.state, options.token, async ({ client, info: { serial, isInitialised } }) => {
    if (isInitialised) throw new UsageError("already-initialised", serial);
    const pin = await readPin(options.pinFile, context.say.pinPrompt.initNew(visible(serial)));
    const path = await initialiseToken(client, bytes(pin), (needsPuk) => keepTokenSecrets(context.state, serial, needsPuk));
    context.report({ serial, secrets: path }, [context.say.token.initialisedNow(serial, path)]);
  });
}

export async function changePin(context: CliContext, options: ChangePinOptions): Promise<void> {
  await withToken(context.state, options.token, async ({ client, info: { serial } }) => {
    const old = await readPin(options.pinFile, context.say.pinPrompt.current(visible(serial)));
    const next = await readPin(options.newPinFile, context.say.pinPrompt.next(visible(serial)));
    await client.changePin(bytes(old), bytes(next));
    context.report({ serial }, [context.say.token.pinChanged]);
  });
}

export async function unblock(context: CliContext, options: UnblockOptions): Promise<void> {
  await withToken(context.state, options.token, async ({ client, info: { serial } }) => {
    const kept = options.pukFile === undefined ? loadTokenSecrets(context.state, serial).puk : null;
    const puk = kept ?? (await readPin(options.pukFile, context.say.pinPrompt.puk(visible(serial))));
    const next = await readPin(options.newPinFile, context.say.pinPrompt.next(visible(serial)));
    await client.unblockPin(bytes(puk), bytes(next));
    context.report({ serial }, [context.say.token.unblocked]);
  });
}

/** @throws UsageError bad-number */
function parseTries(text: string): number {
  const tries = Number(text);
  if (!/^\d+$/.test(text) || tries < 1 || tries > MAX_TRIES) throw new UsageError("bad-number", text);
  return tries;
}

export async function setTries(context: CliContext, pinText: string, pukText: string, options: TokenOption & PinOption): Promise<void> {
  const [pinTries, pukTries] = [parseTries(pinText), parseTries(pukText)];
  await withToken(context.state, options.token, async ({ client, info: { serial } }) => {
    const managementKey = loadManagementKey(context.state, serial);
    const pin = await readPin(options.pinFile, context.say.token.prompt.setTries(visible(serial)));
    await client.authenticateManagement(managementKey);
    await client.verifyPin(bytes(pin));
    await client.setTries(pinTries, pukTries);
    context.report({ serial, pinTries, pukTries }, [context.say.token.triesSet(pinTries, pukTries)]);
  });
}

/** What Sceau keeps of the token's secrets is worth nothing afterwards, and goes: the next `init` makes new ones. */
export async function reset(context: CliContext, options: ResetOptions): Promise<void> {
  await withOwnToken(context.state, options.token, async ({ client, info: { serial } }) => {
    const [pin, puk] = [await client.tries(KEY_REF_PIV_PIN), await client.tries(KEY_REF_PUK)];
    if (pin.left > 0 || puk.left > 0) throw new UsageError("not-blocked", serial);
    await confirm(options.yes === true, serial, context.say.token.prompt.reset(visible(serial)));
    await client.reset();
    forgetTokenSecrets(context.state, serial);
    context.report({ serial }, [context.say.token.resetDone(serial)]);
  });
}
