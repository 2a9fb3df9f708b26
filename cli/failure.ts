// The one place where an error becomes a message in the user's language and an exit code. cli/README.md has the table.

import { ActivationError } from "../host-bridge/activation/activation-error.ts";
import { AgentStartError } from "../host-bridge/agent/agent-error.ts";
import { FactoryError, NotProvisionableError } from "../host-bridge/factory/factory-error.ts";
import { FlashingError } from "../host-bridge/flashing/flashing-error.ts";
import { BridgeRunningError } from "../host-bridge/pkcs11/bridge-running.ts";
import { DocumentRefused } from "../host-bridge/signing/document-refused.ts";
import { SigningError } from "../host-bridge/signing/signing-error.ts";
import { AttestationError } from "../host-bridge/token/attestation-key.ts";
import { RsaKeyError } from "../host-bridge/token/key-metadata.ts";
import { StatementFileError } from "../host-bridge/token/statement-file.ts";
import { TokenError } from "../host-bridge/token/token-error.ts";
import { PcscError } from "../host-bridge/transport/pcsc-library.ts";
import { LibraryMissingError, NoPortError, PortBusyError, PortForbiddenError } from "../host-bridge/transport/port-error.ts";
import { TransportError } from "../host-bridge/transport/transport.ts";
import { CaKeyError } from "../office/issuance/ca-key.ts";
import { CeremonyError } from "../office/issuance/ceremony-error.ts";
import { AuthorityExistsError, AuthoritySettingsError, NoAuthorityError } from "../office/issuance/certificate-authority.ts";
import { IssuanceError } from "../office/issuance/issuance-error.ts";
import {
  SW_CLA_NOT_SUPPORTED,
  SW_CONDITIONS_NOT_SATISFIED,
  SW_INS_NOT_SUPPORTED,
  SW_NOT_ENOUGH_MEMORY,
  SW_SECURITY_STATUS_NOT_SATISFIED,
  SW_WRONG_DATA,
} from "../protocol/status-words.ts";
import { AlreadyPluggedInError } from "../simulator/already-plugged-in.ts";
import { EngineError } from "../simulator/engine/engine-error.ts";
import { FlashFileError } from "../simulator/flash-file.ts";
import { OtherProfileError } from "../simulator/other-profile-error.ts";
import { ActivationInputError } from "./activation-input-error.ts";
import { BatchInterruptedError } from "./batch-interrupted-error.ts";
import { algorithmName } from "./key-algorithms.ts";
import { KeyNotProvenError } from "./key-not-proven-error.ts";
import type { Messages } from "./messages/en.ts";
import { officeFailure } from "./office-failure.ts";
import { slotName } from "./slots.ts";
import { unexpectedMessage } from "./unexpected-error.ts";
import { UsageError } from "./usage-error.ts";

export const EXIT_OK = 0;
/** The question was answered with «no»: a signature is not valid, or there is none. */
export const EXIT_NEGATIVE = 1;
export const EXIT_USAGE = 2;
export const EXIT_DOCUMENT = 3;
export const EXIT_TOKEN = 4;
export const EXIT_OFFICE = 5;
export const EXIT_INTERNAL = 70;

export interface Failure {
  readonly message: string;
  readonly exitCode: number;
  /** A word for machines. */
  readonly code: string;
}

function tokenFailure(error: TokenError, say: Messages): Failure {
  const { sw, triesLeft } = error;
  const text = say.failure;
  const failure = (code: string, message: string): Failure => ({ code, message, exitCode: EXIT_TOKEN });
  if (triesLeft === 0) return failure("blocked", text.blocked);
  if (triesLeft !== null) return failure("wrong-pin", text.wrongPin(triesLeft));
  if (sw === SW_WRONG_DATA) return failure("pin-rule", text.pinRule);
  if (sw === SW_CONDITIONS_NOT_SATISFIED) return failure("not-allowed", text.notAllowed);
  if (sw === SW_SECURITY_STATUS_NOT_SATISFIED) return failure("wrong-management-key", text.wrongManagementKey);
  if (sw === SW_INS_NOT_SUPPORTED || sw === SW_CLA_NOT_SUPPORTED) return failure("not-on-this-card", text.notOnThisCard);
  if (sw === SW_NOT_ENOUGH_MEMORY) return failure("full", text.full);
  return failure("token", text.otherStatus(error.message));
}

/** What the factory, and a simulated token's profile or interpreter, have against it; null: it is nothing of theirs. */
function factoryFailure(error: unknown, { factory, sim, token }: Messages): Failure | null {
  if (error instanceof FactoryError)
    return { code: error.problem, message: factory.failure[error.problem](error.detail), exitCode: EXIT_USAGE };
  if (error instanceof NotProvisionableError) {
    const [code, text] = error.isSealed ? (["sealed", factory.sealed] as const) : (["not-blank", factory.notBlank] as const);
    return { code, message: text(error.serial), exitCode: EXIT_TOKEN };
  }
  if (error instanceof AttestationError) {
    return { code: error.problem, message: factory.doubt(token.problem[error.problem]), exitCode: EXIT_TOKEN };
  }
  if (error instanceof EngineError) {
    const exitCode = error.problem === "ended" ? EXIT_TOKEN : EXIT_USAGE;
    return { code: error.problem, message: sim.engine.problem[error.problem](error.detail), exitCode };
  }
  if (error instanceof OtherProfileError)
    return { code: "other-profile", message: factory.otherProfile(error.profile), exitCode: EXIT_TOKEN };
  return null;
}

/** What the certification authority has against it; null: it is nothing of its. */
function authorityFailure(error: unknown, { failure: text }: Messages): Failure | null {
  if (error instanceof IssuanceError) return { code: error.refusal, message: text.issuance[error.refusal], exitCode: EXIT_OFFICE };
  if (error instanceof AuthoritySettingsError) {
    return { code: `bad-${error.setting}`, message: text.authoritySetting[error.setting], exitCode: EXIT_USAGE };
  }
  if (error instanceof NoAuthorityError) return { code: "no-authority", message: text.noAuthority(error.message), exitCode: EXIT_OFFICE };
  if (error instanceof AuthorityExistsError) {
    return { code: "authority-exists", message: text.authorityExists(error.message), exitCode: EXIT_OFFICE };
  }
  if (error instanceof CeremonyError)
    return { code: error.problem, message: text.ceremony[error.problem](error.detail), exitCode: EXIT_OFFICE };
  if (error instanceof CaKeyError) return { code: `ca-key-${error.problem}`, message: text.caKey[error.problem], exitCode: EXIT_OFFICE };
  return null;
}

/** What a serial port, or the board on it, has against it; null: it is nothing of theirs. */
function boardFailure(error: unknown, { flash, failure: text }: Messages): Failure | null {
  const failure = (code: string, message: string, exitCode = EXIT_TOKEN): Failure => ({ code, message, exitCode });
  if (error instanceof FlashingError) {
    const isUsage = error.problem === "not-built" || error.problem === "damaged-files" || error.problem === "no-such-port";
    return failure(error.problem, flash.failure[error.problem](error.detail), isUsage ? EXIT_USAGE : EXIT_TOKEN);
  }
  if (error instanceof PortBusyError) return failure("port-busy", flash.port.busy);
  if (error instanceof NoPortError) return failure("no-port", flash.port.none(error.path));
  if (error instanceof PortForbiddenError) {
    const { hidForbidden, forbidden } = flash.port;
    return failure("port-forbidden", error.kind === "hid" ? hidForbidden(error.path) : forbidden(error.path, error.group));
  }
  if (error instanceof LibraryMissingError) return failure("no-library", flash.port.noLibrary[error.kind](error.message));
  if (error instanceof PcscError) return failure("no-pcscd", text.noPcscd(error.message));
  return null;
}

export function failureOf(error: unknown, say: Messages): Failure {
  const text = say.failure;
  const known = factoryFailure(error, say) ?? authorityFailure(error, say) ?? officeFailure(error, say) ?? boardFailure(error, say);
  if (known !== null) return known;
  if (error instanceof UsageError) return { code: error.problem, message: text.usage[error.problem](error.detail), exitCode: EXIT_USAGE };
  if (error instanceof DocumentRefused) return { code: error.reason, message: text.refused[error.reason], exitCode: EXIT_DOCUMENT };
  if (error instanceof SigningError)
    return { code: error.failure, message: text.signing[error.failure](error.detail), exitCode: EXIT_TOKEN };
  if (error instanceof KeyNotProvenError) return { code: "key-not-proven", message: text.keyNotProven(error.slot), exitCode: EXIT_TOKEN };
  if (error instanceof BatchInterruptedError) {
    const why = failureOf(error.cause, say).message;
    return { code: "batch-interrupted", message: text.batchInterrupted(error.signed, error.total, why), exitCode: EXIT_TOKEN };
  }
  if (error instanceof StatementFileError)
    return { code: "bad-file", message: text.badStatementFile(error.message), exitCode: EXIT_DOCUMENT };
  if (error instanceof TokenError) return tokenFailure(error, say);
  if (error instanceof RsaKeyError)
    return { code: "rsa-key", message: text.rsaKey(slotName(error.slot), algorithmName(error.algorithm)), exitCode: EXIT_TOKEN };
  if (error instanceof TransportError) return { code: error.failure, message: text.transport[error.failure], exitCode: EXIT_TOKEN };
  if (error instanceof BridgeRunningError) return { code: "bridge-running", message: text.bridgeRunning, exitCode: EXIT_TOKEN };
  if (error instanceof ActivationError)
    return { code: error.problem, message: say.activate.problem[error.problem](error.serial), exitCode: EXIT_TOKEN };
  if (error instanceof ActivationInputError) {
    const { answersUnreadable, answersMissing, pinsDiffer } = say.activate;
    const words = { unreadable: answersUnreadable, missing: answersMissing, "pins-differ": () => pinsDiffer };
    return { code: error.problem, message: words[error.problem](error.detail), exitCode: EXIT_USAGE };
  }
  if (error instanceof AgentStartError)
    return { code: error.problem, message: say.agent.failure[error.problem](error.port), exitCode: EXIT_TOKEN };
  if (error instanceof AlreadyPluggedInError) return { code: "plugged-in-already", message: text.pluggedInAlready, exitCode: EXIT_TOKEN };
  if (error instanceof FlashFileError) return { code: "bad-flash", message: text.badFlash(error.message), exitCode: EXIT_TOKEN };
  return { code: "internal", message: text.internal(unexpectedMessage(error)), exitCode: EXIT_INTERNAL };
}
