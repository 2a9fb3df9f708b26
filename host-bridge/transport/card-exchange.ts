// One command to a card and its whole answer: in the form that protocol and card can take, with what was left over fetched (ISO 7816-4 §5.1, §5.3).

import {
  type CommandApdu,
  chainCommandApdu,
  encodeCommandApdu,
  encodeResponseApdu,
  INS_GET_RESPONSE,
  parseResponseApdu,
  type ResponseApdu,
} from "../../protocol/apdu.ts";
import { concatBytes, EMPTY_BYTES } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/malformed.ts";
import { INS_CHANGE_REFERENCE_DATA, INS_RESET_RETRY_COUNTER, INS_VERIFY } from "../../protocol/piv.ts";
import { SW_MORE_DATA, SW_OK, SW_WRONG_LENGTH } from "../../protocol/status-words.ts";
import { TransportError } from "./transport.ts";

const SHORT_DATA_MAX = 255;
const SHORT_LE_MAX = 256;
/** 6Cxx: send it again with this Le (§5.6). */
const SW_WRONG_LE = 0x6c00;
/** No object of a card is nearly as long. */
const MOST_ANSWER_BYTES = 1 << 16;
/** A piece of an answer counts as so many bytes at least: pieces of nothing end, too. */
const LEAST_PIECE_BYTES = 64;
/**
 * What carries a PIN or a PUK. Nothing is answered but a status word: so it goes as the standard writes it, short and without Le (SP 800-73-5 Part 2
 * §3.2), and whatever is answered, it is sent once. A card that says 6700 or 6Cxx may have spent a try on it.
 */
const SENT_ONCE = new Set([INS_VERIFY, INS_CHANGE_REFERENCE_DATA, INS_RESET_RETRY_COUNTER]);

/** From here on status words tell that a command failed (ISO 7816-4 §5.6); what is below comes at the end of answers, too. */
const FIRST_FAILURE = 0x6400;

/** The card has nothing of the rest that it promised: another program's command came between. What was answered is lost. */
export class TornAnswerError extends TransportError {
  constructor() {
    super("confused", "another program's command came between the pieces of an answer");
  }
}

/** How a card wants to be talked to. */
export interface CardForm {
  /** In T=0 a command with data has no Le: the card says 61xx (ISO 7816-3 §12.2). */
  isT0: boolean;
  /** Extended APDUs, in T=1. Becomes false when a card or its reader turns out not to take them. */
  hasExtended: boolean;
}

/** One APDU there and back. */
export type SendApdu = (apdu: Uint8Array) => Promise<Uint8Array>;

function inT0(apdu: Uint8Array): Uint8Array {
  if (apdu.length === 4) return concatBytes([apdu, new Uint8Array(1)]);
  const hasDataAndLe = apdu.length > 5 && apdu.length === 6 + (apdu[4] ?? 0);
  return hasDataAndLe ? apdu.slice(0, -1) : apdu;
}

/** @throws TransportError confused; what `send` throws */
async function answerTo(send: SendApdu, apdu: Uint8Array): Promise<ResponseApdu> {
  try {
    return parseResponseApdu(await send(apdu));
  } catch (cause) {
    if (cause instanceof MalformedError) throw new TransportError("confused", "an answer without a status word", { cause });
    throw cause;
  }
}

async function sendOne(send: SendApdu, form: CardForm, command: CommandApdu): Promise<ResponseApdu> {
  const encoded = encodeCommandApdu(command);
  const apdu = form.isT0 ? inT0(encoded) : encoded;
  try {
    return await answerTo(send, apdu);
  } finally {
    encoded.fill(0); // it may have carried a PIN
    apdu.fill(0);
  }
}

async function sendWithRightLe(send: SendApdu, form: CardForm, command: CommandApdu): Promise<ResponseApdu> {
  const answer = await sendOne(send, form, command);
  if ((answer.sw & 0xff00) !== SW_WRONG_LE) return answer;
  return sendOne(send, form, { ...command, le: answer.sw & 0xff || SHORT_LE_MAX });
}

/** Short APDUs: all but the last of a chain must end in 9000. */
async function sendShort(send: SendApdu, form: CardForm, command: CommandApdu): Promise<ResponseApdu> {
  const chain = chainCommandApdu(command, SHORT_DATA_MAX);
  try {
    for (const piece of chain.slice(0, -1)) {
      const answer = await answerTo(send, piece);
      if (answer.sw !== SW_OK) return answer;
    }
  } finally {
    for (const piece of chain) piece.fill(0);
  }
  const sent = (chain.length - 1) * SHORT_DATA_MAX;
  return sendWithRightLe(send, form, { ...command, data: command.data.subarray(sent), le: Math.min(command.le, SHORT_LE_MAX) });
}

async function begin(send: SendApdu, form: CardForm, command: CommandApdu): Promise<ResponseApdu> {
  if (SENT_ONCE.has(command.ins) && command.data.length <= SHORT_DATA_MAX) return sendOne(send, form, { ...command, le: 0 });
  const isLong = command.data.length > SHORT_DATA_MAX || command.le > SHORT_LE_MAX;
  if (!form.hasExtended || !isLong) return sendShort(send, form, command);
  const answer = await sendOne(send, form, command);
  if (answer.sw !== SW_WRONG_LENGTH) return answer;
  form.hasExtended = false; // it said that it could; nothing was carried out
  return sendShort(send, form, command);
}

/**
 * The whole answer as one response APDU, whatever its status word.
 * @throws TornAnswerError; TransportError confused; what `send` throws
 */
export async function exchange(send: SendApdu, form: CardForm, command: CommandApdu): Promise<Uint8Array> {
  let answer = await begin(send, form, command);
  const parts = [answer.data];
  let total = answer.data.length;
  while ((answer.sw & 0xff00) === SW_MORE_DATA) {
    const le = answer.sw & 0xff || SHORT_LE_MAX;
    answer = await sendWithRightLe(send, form, { cla: 0, ins: INS_GET_RESPONSE, p1: 0, p2: 0, data: EMPTY_BYTES, le });
    if (answer.sw >= FIRST_FAILURE && answer.sw < SW_OK) throw new TornAnswerError();
    total += Math.max(answer.data.length, LEAST_PIECE_BYTES);
    if (total > MOST_ANSWER_BYTES) throw new TransportError("confused", "an answer that does not end");
    parts.push(answer.data);
  }
  return encodeResponseApdu(concatBytes(parts), answer.sw);
}
