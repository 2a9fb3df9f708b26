/** Bytes that do not have the form they should. The firmware turns it into a status word, the host into its own error. */
export declare class MalformedError {
    readonly message: string;
    constructor(message: string);
}
