// The vendor command (protocol/vendor.ts): CBOR maps for what PIV has no words for.

import type { CommandApdu } from "../../protocol/apdu.ts";
import { EMPTY_BYTES } from "../../protocol/bytes.ts";
import { CborMap, decodeCbor, encodeCbor } from "../../protocol/cbor.ts";
import { SW_CONDITIONS_NOT_SATISFIED, SW_INCORRECT_P1_P2, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { CLA_VENDOR, INS_VENDOR } from "../../protocol/vendor.ts";
import { AfterButton, type CommandContext, type CommandHandler } from "../command.ts";
import { SwError } from "../sw-error.ts";
import { BATCH_BEGIN, BATCH_END } from "../vendor-commands/batch-consent.ts";
import { DEVICE_INFO } from "../vendor-commands/device-info.ts";
import { ERASE_KEY, ERASURE_RECEIPT } from "../vendor-commands/erase-key.ts";
import { FACTORY_KEY, FACTORY_SEAL } from "../vendor-commands/factory.ts";
import { SELF_TEST } from "../vendor-commands/self-test.ts";
import { JOURNAL_HEAD, JOURNAL_READ } from "../vendor-commands/signature-journal.ts";
import { STIR } from "../vendor-commands/stir-entropy.ts";
import type { VendorCommand } from "../vendor-commands/vendor-command.ts";

/** Every vendor command; firmware/README.md shows the same table. */
export const VENDOR_COMMANDS: readonly VendorCommand[] = [
  DEVICE_INFO,
  JOURNAL_HEAD,
  JOURNAL_READ,
  BATCH_BEGIN,
  BATCH_END,
  ERASE_KEY,
  ERASURE_RECEIPT,
  STIR,
  SELF_TEST,
  FACTORY_KEY,
  FACTORY_SEAL,
];

/** @throws SwError 6A80, MalformedError */
function requestOf(found: VendorCommand, data: Uint8Array): CborMap {
  if (found.requestKeys.length === 0 && data.length === 0) return new CborMap();
  const request = decodeCbor(data);
  if (!(request instanceof CborMap) || found.requestKeys.length === 0) throw new SwError(SW_WRONG_DATA);
  if (request.keys.length !== found.requestKeys.length) throw new SwError(SW_WRONG_DATA);
  for (const key of found.requestKeys) if (request.get(key) === undefined) throw new SwError(SW_WRONG_DATA);
  return request;
}

function vendor(context: CommandContext, command: CommandApdu): Uint8Array | AfterButton {
  const found = VENDOR_COMMANDS.find((candidate) => candidate.p1 === command.p1);
  if (found === undefined || command.p2 !== 0) throw new SwError(SW_INCORRECT_P1_P2);
  if (!found.onBlank && !context.card.isInitialised()) throw new SwError(SW_CONDITIONS_NOT_SATISFIED);
  const result = found.handle(context, requestOf(found, command.data));
  if (result === null) return EMPTY_BYTES;
  return result instanceof AfterButton ? result : encodeCbor(result);
}

export const VENDOR: CommandHandler = { cla: CLA_VENDOR, ins: INS_VENDOR, onBlank: true, handle: vendor };
