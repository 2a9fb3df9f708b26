// What a vendor command is: a row of the table in commands/vendor.ts.

import type { CborMap, CborValue } from "../../protocol/cbor.ts";
import { SW_SECURITY_STATUS_NOT_SATISFIED, SW_WRONG_DATA } from "../../protocol/status-words.ts";
import { REQUEST_SLOT } from "../../protocol/vendor.ts";
import type { AfterButton, CommandContext } from "../command.ts";
import { SwError } from "../sw-error.ts";

export interface VendorCommand {
  /** VENDOR_* of protocol/vendor.ts. */
  readonly p1: number;
  /** A blank token runs it too. */
  readonly onBlank: boolean;
  /** The keys of its request, each of which must be there, and no other. Empty: the command has no data. */
  readonly requestKeys: readonly number[];
  /**
   * The answer, or null for none.
   * @throws SwError, MalformedError
   */
  readonly handle: (context: CommandContext, request: CborMap) => CborMap | null | AfterButton;
}

/** @throws SwError 6A80 when it is no byte string of at most `maxBytes` */
export function bytesOf(value: CborValue | undefined, maxBytes: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length > maxBytes) throw new SwError(SW_WRONG_DATA);
  return value;
}

/** @throws SwError 6A80 when it is no unsigned number */
export function unsignedOf(value: CborValue | undefined): number {
  if (typeof value !== "number" || value < 0) throw new SwError(SW_WRONG_DATA);
  return value;
}

export function slotOf(request: CborMap): number {
  return unsignedOf(request.get(REQUEST_SLOT));
}

/** @throws SwError 6982 */
export function requireManagement(context: CommandContext): void {
  if (!context.channel.isManagementVerified(context.card)) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
}

/**
 * The holder or the office: what tells of the past, and what the attestation key signs, is not for everybody who reaches the token.
 * @throws SwError 6982
 */
export function requirePinOrManagement(context: CommandContext): void {
  const channel = context.channel;
  const proved = channel.isPinVerified(context.card) || channel.isManagementVerified(context.card);
  if (!proved) throw new SwError(SW_SECURITY_STATUS_NOT_SATISFIED);
}
