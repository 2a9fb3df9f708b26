// A mail server of a few commands (RFC 5321), with STARTTLS or TLS, for tests: it keeps what it is given, and can refuse.

import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came, without the dots that SMTP adds. */
  readonly data: string;
  readonly isTls: boolean;
  /** «user:password» of AUTH PLAIN; null: nobody said. */
  readonly login: string | null;
}

export interface SmtpBehaviour {
  readonly tls: { readonly key: string; readonly cert: string } | null;
  /** TLS from the first byte on. */
  readonly isSmtps?: boolean;
  /** «user:password»; without it nothing is taken. */
  readonly login?: string;
  /** What RCPT is answered with. */
  recipient?: () => string;
}

export interface RunningSmtp {
  readonly port: number;
  readonly mails: TakenMail[];
  stop(): Promise<void>;
}

class Conversation {
  readonly #behaviour: SmtpBehaviour;
  readonly #mails: TakenMail[];
  #socket: Socket;
  #buffer = "";
  #from = "";
  #to: string[] = [];
  #login: string | null = null;
  #isData = false;

  constructor(socket: Socket, behaviour: SmtpBehaviour, mails: TakenMail[]) {
    this.#behaviour = behaviour;
    this.#mails = mails;
    this.#socket = socket;
    this.#listen();
    this.#say("220 test ESMTP");
  }

  #listen(): void {
    this.#socket.on("error", () => {});
    this.#socket.on("data", (bytes: Buffer) => this.#take(bytes.toString("latin1")));
  }

  #say(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  #take(text: string): void {
    this.#buffer += text;
    for (;;) {
      const end = this.#isData ? this.#buffer.indexOf("\r\n.\r\n") : this.#buffer.indexOf("\r\n");
      if (end < 0) return;
      const part = this.#buffer.slice(0, end);
      this.#buffer = this.#buffer.slice(end + (this.#isData ? 5 : 2));
      if (this.#isData) this.#keep(part);
      else this.#command(part);
    }
  }

  #keep(data: string): void {
    this.#isData = false;
    const isTls = this.#socket instanceof TLSSocket;
    this.#mails.push({ from: this.#from, to: this.#to, data: data.replace(/^\.\./gm, "."), isTls, login: this.#login });
    this.#to = [];
    this.#say("250 taken");
  }

  #command(line: string): void {
    const { login, recipient } = this.#behaviour;
    const verb = line.slice(0, 4).toUpperCase();
    const between = /<([^>]*)>/.exec(line)?.[1] ?? "";
    const answers: Readonly<Record<string, () => void>> = {
      EHLO: () => this.#greet(),
      STAR: () => this.#startTls(),
      AUTH: () => {
        this.#login = Buffer.from(line.split(" ")[2] ?? "", "base64")
          .toString()
          .split("\0")
          .slice(1)
          .join(":");
        this.#say(this.#login === login ? "235 welcome" : "535 5.7.8 wrong");
      },
      MAIL: () => {
        this.#from = between;
        this.#say(login !== undefined && this.#login !== login ? "530 5.7.0 sign in first" : "250 ok");
      },
      RCPT: () => {
        this.#to.push(between);
        this.#say(recipient?.() ?? "250 ok");
      },
      DATA: () => {
        this.#isData = true;
        this.#say("354 go on");
      },
      QUIT: () => {
        this.#say("221 bye");
        this.#socket.end();
      },
    };
    const answer = answers[verb];
    if (answer === undefined) this.#say("250 ok");
    else answer();
  }

  #greet(): void {
    const { tls, login } = this.#behaviour;
    const offers = [
      "test",
      ...(tls !== null && !(this.#socket instanceof TLSSocket) ? ["STARTTLS"] : []),
      ...(login ? ["AUTH PLAIN"] : []),
    ];
    for (const [index, offer] of offers.entries()) this.#say(`250${index === offers.length - 1 ? " " : "-"}${offer}`);
  }

  #startTls(): void {
    const { tls } = this.#behaviour;
    if (tls === null) {
      this.#say("502 no");
      return;
    }
    this.#say("220 go ahead");
    this.#socket.removeAllListeners("data");
    this.#socket = new TLSSocket(this.#socket, { isServer: true, ...tls });
    this.#listen();
  }
}

export async function startSmtp(behaviour: SmtpBehaviour): Promise<RunningSmtp> {
  const mails: TakenMail[] = [];
  const sockets = new Set<Socket>();
  const talk = (socket: Socket): void => {
    sockets.add(socket);
    new Conversation(socket, behaviour, mails);
  };
  const server: Server = behaviour.isSmtps === true && behaviour.tls !== null ? createTlsServer(behaviour.tls, talk) : createServer(talk);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    mails,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
