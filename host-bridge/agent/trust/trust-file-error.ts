// The agent's own files can't be read.

export class TrustFileError extends Error {
  override readonly name = "TrustFileError";
  readonly path: string;
  constructor(path: string) {
    super("a file of the agent's is damaged");
    this.path = path;
  }
}
