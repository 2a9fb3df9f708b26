// How a command refuses.

/** Ends a command with a status word (protocol/status-words.ts). A plain class: Espruino cannot extend Error. */
export class SwError {
  readonly sw: number;
  constructor(sw: number) {
    this.sw = sw;
  }
}
