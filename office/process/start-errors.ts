// Why an office does not start. Apart from what throws them, so that whoever puts them into words needs no database for it.

/** The port is another program's. */
export class PortTakenError extends Error {
  override readonly name = "PortTakenError";
}

/** The authority's certificates name another address than the one that the office was to be reached under. */
export class OtherAddressError extends Error {
  override readonly name = "OtherAddressError";
  readonly fixed: string;
  constructor(fixed: string) {
    super(`certificates say ${fixed}`);
    this.fixed = fixed;
  }
}

/** A demonstration's store was opened as a real office's, or the other way round. */
export class OfficeKindError extends Error {
  override readonly name = "OfficeKindError";
  readonly isDemo: boolean;
  constructor(isDemo: boolean) {
    super(isDemo ? "the store is a demonstration's" : "the store is a real office's");
    this.isDemo = isDemo;
  }
}

/** PostgreSQL does not answer, or not to us. Its message has neither address nor password. */
export class DatabaseUnreachableError extends Error {
  override readonly name = "DatabaseUnreachableError";
  /** ECONNREFUSED, 28P01, … */
  readonly code: string;
  constructor(code: string) {
    super(`the database does not answer: ${code}`);
    this.code = code;
  }
}

/** A file in trust/ is not what it should be; its name. */
export class TrustFileError extends Error {
  override readonly name = "TrustFileError";
}

/** The folder's path is too long for a socket in it. */
export class FolderPathError extends Error {
  override readonly name = "FolderPathError";
}

/** The clock is behind what the office itself has written down. */
export class ClockBehindError extends Error {
  override readonly name = "ClockBehindError";
  readonly now: Date;
  /** The time of the newest record. */
  readonly newest: Date;
  constructor(now: Date, newest: Date) {
    super(`the clock says ${now.toISOString()}, and the newest record is of ${newest.toISOString()}`);
    this.now = now;
    this.newest = newest;
  }
}
