// GENERAL AUTHENTICATE of the management key (9B): mutual (SP 800-73-5 Part 2 appendix A.1: witness, then witness and challenge) or single
// (challenge, then response). What this side handed out is good for one answer.

import { encodeTlv, findTlv, type Tlv } from "../../protocol/ber-tlv.ts";
import { EMPTY_BYTES, equalSecrets } from "../../protocol/bytes.ts";
import { TAG_CHALLENGE, TAG_DYNAMIC_AUTH, TAG_RESPONSE, TAG_WITNESS } from "../../protocol/piv.ts";
import { SW_INCORRECT_P1_P2, SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import type { CommandContext } from "../command.ts";
import { randomBytes } from "../hal.ts";
import { SwError } from "../sw-error.ts";

function template(tag: number, value: Uint8Array): Uint8Array {
  return encodeTlv(TAG_DYNAMIC_AUTH, [encodeTlv(tag, [value])]);
}

/** @throws SwError 6A86 another algorithm than the key's, 6982 a wrong proof, 6A80 */
export function authenticateManagement(context: CommandContext, algorithm: number, fields: readonly Tlv[]): Uint8Array {
  const card = context.card;
  const channel = context.channel;
  const managementKey = card.managementKey;
  if (algorithm !== managementKey.algorithm()) throw new SwError(SW_INCORRECT_P1_P2);
  const expected = channel.takeExpectedAnswer(card);
  const prove = (answer: Uint8Array): void => {
    channel.forgetManagement();
    if (expected === null || !equalSecrets(expected, answer)) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
    channel.managementWasVerified(card);
  };
  const witness = findTlv(fields, TAG_WITNESS);
  const challenge = findTlv(fields, TAG_CHALLENGE);
  const response = findTlv(fields, TAG_RESPONSE);
  const blockBytes = managementKey.blockBytes();

  if (witness !== null && witness.length === 0) {
    const plain = randomBytes(card.hal.rng, blockBytes);
    channel.expectAnswer(card, plain);
    return template(TAG_WITNESS, managementKey.encryptBlock(plain));
  }
  if (witness !== null && challenge !== null) {
    if (challenge.length !== blockBytes) throw new SwError(SW_WRONG_DATA);
    prove(witness);
    return template(TAG_RESPONSE, managementKey.encryptBlock(challenge));
  }
  if (challenge !== null && challenge.length === 0) {
    const plain = randomBytes(card.hal.rng, blockBytes);
    channel.expectAnswer(card, managementKey.encryptBlock(plain));
    return template(TAG_CHALLENGE, plain);
  }
  if (response !== null) {
    prove(response);
    return EMPTY_BYTES;
  }
  throw new SwError(SW_WRONG_DATA);
}
