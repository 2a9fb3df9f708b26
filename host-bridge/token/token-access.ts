// What is behind a transport, a token of ours or a plain PIV card, and clients for it.

import type { Transport } from "../transport/transport.ts";
import { CommandChannel } from "./command-channel.ts";
import { MalformedAnswerError } from "./malformed-answer.ts";
import { PlainCard } from "./plain-card.ts";
import { PlainCardClient } from "./plain-card-client.ts";
import { TokenClient } from "./token-client.ts";
import { TokenError } from "./token-error.ts";

export interface TokenAccess {
  /** A channel of one's own. */
  openClient(): Promise<TokenClient>;
}

/** Whether a card knows our own commands: it is asked who it is, as any token of ours tells. */
async function isOwn(transport: Transport): Promise<boolean> {
  const client = new TokenClient(await transport.openChannel());
  try {
    await client.vendor.deviceInfo();
    return true;
  } catch (error) {
    if (error instanceof TokenError || error instanceof MalformedAnswerError) return false; // some cards have an answer to everything
    throw error;
  } finally {
    client.close();
  }
}

/** Asks nothing of what is on a cable of our own. @throws TransportError, MalformedAnswerError, TokenError */
export async function accessToken(transport: Transport): Promise<TokenAccess> {
  const { card } = transport;
  if (card === undefined || (await isOwn(transport))) return { openClient: async () => new TokenClient(await transport.openChannel()) };
  const channel = new CommandChannel(await transport.openChannel());
  try {
    const plain = await PlainCard.read(card, channel);
    return { openClient: async () => new PlainCardClient(await transport.openChannel(), plain) };
  } finally {
    channel.close();
  }
}
