// Whose desktop is set up, and the operating system behind an interface.

export interface Outcome {
  /** null: it could not be run, or did not end in time. */
  readonly status: number | null;
  /** What it wrote, both ways. */
  readonly output: string;
}

export interface Desktop {
  readonly home: string;
  readonly isRoot: boolean;
  readonly environment: NodeJS.ProcessEnv;
  /** Prefix of the machine's files; "/" but in tests. */
  readonly root: string;
  /** Absolute paths of Node.js and of cli/sceau.mjs. */
  readonly node: string;
  readonly program: string;
  /** Where the everyday bridge listens. */
  readonly pkcs11Socket: string;
  /** `--state DIR`, as words, when the state folder is not the default one. */
  readonly stateWords: readonly string[];
  /** p11-kit's client; null: it is not installed. */
  readonly module: string | null;
  readonly openssl: OpensslParts;
  /** How a command is run by somebody who needs administrator rights: "sudo " or nothing. */
  readonly asRoot: string;
  /** The path of a program that a shell would find; null: there is none. */
  find(program: string): string | null;
  /** Runs a program to its end, with nothing on its standard input. */
  run(words: readonly string[]): Outcome;
}

/** Paths of what OpenSSL loads; null: it is not installed. */
export interface OpensslParts {
  readonly engine: string | null;
  readonly provider: string | null;
}
