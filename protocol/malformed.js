// The one error of the parsers in this folder. A plain class: Espruino cannot extend Error.
/** Bytes that do not have the form they should. The firmware turns it into a status word, the host into its own error. */
export class MalformedError {
    constructor(message) {
        this.message = message;
    }
}
//# sourceMappingURL=malformed.js.map