// Batch consent: one PIN and one press for a list of digests, which the caller has shown to the holder.

import { copyBytes } from "../../protocol/bytes.ts";
import type { CborMap, CborValue } from "../../protocol/cbor.ts";
import { PIN_POLICY_ALWAYS, PIN_POLICY_ONCE } from "../../protocol/piv.ts";
import { SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { MAX_BATCH_DIGESTS, REQUEST_DIGESTS, REQUEST_SLOT, VENDOR_BATCH_BEGIN, VENDOR_BATCH_END } from "../../protocol/vendor.ts";
import { Batch } from "../batch.ts";
import { AfterButton, type CommandContext } from "../command.ts";
import { requireKey, requirePin } from "../private-key-use.ts";
import { SwError } from "../sw-error.ts";
import { bytesOf, slotOf, type VendorCommand } from "./vendor-command.ts";

function digestsOf(request: CborMap, lengthBytes: number): Uint8Array[] {
  const list = request.get(REQUEST_DIGESTS);
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_BATCH_DIGESTS) throw new SwError(SW_WRONG_DATA);
  return (list as readonly CborValue[]).map((value) => {
    const digest = bytesOf(value, lengthBytes);
    if (digest.length !== lengthBytes) throw new SwError(SW_WRONG_DATA);
    return copyBytes(digest, 0, digest.length);
  });
}

/** The PIN, be the key's policy what it may, and the button: no consent without the holder. */
function begin(context: CommandContext, request: CborMap): AfterButton {
  const card = context.card;
  const channel = context.channel;
  channel.forgetBatch();
  const slot = slotOf(request);
  const info = requireKey(context, slot, null);
  const digests = digestsOf(request, info.keyAlgorithm.fieldBytes);
  requirePin(context, info.policies.pin === PIN_POLICY_ALWAYS ? PIN_POLICY_ALWAYS : PIN_POLICY_ONCE);
  return new AfterButton(() => {
    channel.consentTo(new Batch(slot, info.publicKey, digests, card.hal.clock.nowMs()));
    return new Uint8Array(0);
  });
}

function end(context: CommandContext): null {
  context.channel.forgetBatch();
  return null;
}

export const BATCH_BEGIN: VendorCommand = {
  p1: VENDOR_BATCH_BEGIN,
  onBlank: false,
  requestKeys: [REQUEST_SLOT, REQUEST_DIGESTS],
  handle: begin,
};
export const BATCH_END: VendorCommand = { p1: VENDOR_BATCH_END, onBlank: false, requestKeys: [], handle: end };
