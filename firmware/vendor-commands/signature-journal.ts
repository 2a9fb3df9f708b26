// The signature journal: its head, signed by the attestation key, and its newest entries.

import { CborMap } from "../../protocol/cbor.ts";
import {
  JOURNAL_ENTRIES,
  JOURNAL_ENTRIES_AN_ANSWER,
  JOURNAL_FIRST,
  JOURNAL_HASH_BEFORE,
  JOURNAL_NEWEST,
  MAX_NONCE_BYTES,
  REQUEST_COUNTER,
  REQUEST_NONCE,
  STATEMENT_COUNTER,
  STATEMENT_HASH,
  STATEMENT_IS_JOURNAL_HEAD,
  STATEMENT_NONCE,
  VENDOR_JOURNAL_HEAD,
  VENDOR_JOURNAL_READ,
} from "../../protocol/vendor.ts";
import type { CommandContext } from "../command.ts";
import { signStatement, statement } from "../statement.ts";
import { bytesOf, requirePinOrManagement, unsignedOf, type VendorCommand } from "./vendor-command.ts";

/** The statement is of the journal before this signature, which is an entry of its own. */
function head(context: CommandContext, request: CborMap): CborMap {
  const card = context.card;
  requirePinOrManagement(context);
  const nonce = bytesOf(request.get(REQUEST_NONCE), MAX_NONCE_BYTES);
  const told = statement(card, STATEMENT_IS_JOURNAL_HEAD)
    .put(STATEMENT_NONCE, nonce)
    .put(STATEMENT_COUNTER, card.log.counter())
    .put(STATEMENT_HASH, card.log.hash());
  return signStatement(card, told);
}

function read(context: CommandContext, request: CborMap): CborMap {
  const log = context.card.log;
  requirePinOrManagement(context);
  const reading = log.read(unsignedOf(request.get(REQUEST_COUNTER)), JOURNAL_ENTRIES_AN_ANSWER);
  return new CborMap()
    .put(JOURNAL_NEWEST, log.counter())
    .put(JOURNAL_FIRST, reading.first)
    .put(JOURNAL_HASH_BEFORE, reading.hashBefore)
    .put(JOURNAL_ENTRIES, reading.entries);
}

export const JOURNAL_HEAD: VendorCommand = { p1: VENDOR_JOURNAL_HEAD, onBlank: false, requestKeys: [REQUEST_NONCE], handle: head };
export const JOURNAL_READ: VendorCommand = { p1: VENDOR_JOURNAL_READ, onBlank: false, requestKeys: [REQUEST_COUNTER], handle: read };
