// Why a board was not given its firmware. cli/messages/flash-*.ts says what to do.

export type FlashingProblem =
  /** The board's files are not there. Detail: the board. */
  | "not-built"
  /** A file is not the one that the manifest tells. Detail: the file. */
  | "damaged-files"
  | "no-such-port"
  /** Neither a console nor a token. */
  | "no-answer"
  /** The port's console is closed: a token has it. */
  | "token-running"
  /** Detail: what the board calls itself. */
  | "other-board"
  /** Detail: the interpreter's version. */
  | "too-old"
  | "no-noise"
  /** The token's pages of flash are not free. */
  | "flash-taken"
  /** Detail: the number that the board has. */
  | "other-serial"
  /** Detail: what the interpreter said. */
  | "refused"
  /** Unplugged, or silent in the midst of it. */
  | "interrupted"
  /** What was read back is not what was written. Detail: the file. */
  | "verification"
  /** The firmware is on the board and does not answer. Detail: what the interpreter said. */
  | "not-started";

export class FlashingError extends Error {
  override readonly name = "FlashingError";
  readonly problem: FlashingProblem;
  readonly detail: string;
  constructor(problem: FlashingProblem, detail: string, options?: ErrorOptions) {
    super(detail === "" ? problem : `${problem}: ${detail}`, options);
    this.problem = problem;
    this.detail = detail;
  }
}
