// Whether pcscd takes this user as a client: the first message of pcsc-lite's own protocol, the question for its version (winscard_msg.h). A client that polkit
// refuses hears nothing: pcscd closes the connection (IsClientAuthorized in winscard_svc.c). The question starts a pcscd that systemd holds ready.

import { connect } from "node:net";

/** winscard_msg.h: CMD_VERSION. */
const CMD_VERSION = 0x11;
/** PROTOCOL_VERSION_MAJOR and _MINOR of pcsc-lite 1.9; a later one answers with its own. */
const VERSION = [4, 4] as const;
/** struct rxHeader (size, command), then struct version_struct (major, minor, rv); all of 32 bits, in the order of this computer's bytes. */
const VERSION_STRUCT_BYTES = 12;
const QUESTION = new Int32Array([VERSION_STRUCT_BYTES, CMD_VERSION, ...VERSION, 0]);

export type PcscdAnswer = "fine" | "no-socket" | "dead-socket" | "forbidden" | "refused" | "silent";

const CODES: Readonly<Record<string, PcscdAnswer>> = { ENOENT: "no-socket", ECONNREFUSED: "dead-socket", EACCES: "forbidden" };

export function askPcscd(path: string, timeLimitMs: number): Promise<PcscdAnswer> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answer: PcscdAnswer): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end("silent"), timeLimitMs);
    let hasConnected = false;
    socket.once("connect", () => {
      hasConnected = true;
      socket.write(new Uint8Array(QUESTION.buffer));
    });
    socket.once("data", () => end("fine"));
    socket.once("end", () => end("refused"));
    // Closed with our question unread: ECONNRESET or EPIPE.
    socket.once("error", (error: NodeJS.ErrnoException) => end(hasConnected ? "refused" : (CODES[error.code ?? ""] ?? "no-socket")));
  });
}
