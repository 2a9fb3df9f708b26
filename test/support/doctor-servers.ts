// What may be in an office's place: servers on loopback that answer as a test wants, and a proxy. All on ports of the system's choice.

import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { afterEach } from "vitest";
import { type Issued, keyPem, pem } from "./test-certificates.ts";

/** What every office says to a question without fields (office/activation/activation-routes.ts). */
export const OFFICE_PROBLEM = JSON.stringify({ type: "urn:sceau:office:unreadable", title: "unreadable", status: 400 });

/** As an office answers. @param date of its clock */
export const anOffice =
  (date = new Date()): RequestListener =>
  (_request, answer) => {
    answer.sendDate = false;
    answer.writeHead(400, { "content-type": "application/problem+json", date: date.toUTCString() }).end(OFFICE_PROBLEM);
  };

export interface Servers {
  http(answer: RequestListener): Promise<number>;
  https(issued: Issued, answer: RequestListener, chain?: readonly Issued[]): Promise<number>;
  /** Takes connections, and does what it is told with them. */
  tcp(take: (socket: Socket) => void): Promise<number>;
  /** An http proxy: CONNECT to whatever leads to `port` of this computer. @param refuse with this status line instead */
  proxy(
    port: number,
    refuse?: string,
  ): Promise<{ readonly port: number; readonly asked: string[]; readonly headers: (string | undefined)[] }>;
}

/** To be called at the head of a test file: what is opened ends with each test. */
export function servers(): Servers {
  const open: TcpServer[] = [];
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of open.splice(0)) {
      server.close();
      await once(server, "close");
    }
  });
  async function listen(server: TcpServer): Promise<number> {
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("error", () => {}); // the doctor hangs up
      socket.once("close", () => sockets.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    open.push(server);
    return (server.address() as AddressInfo).port;
  }
  return {
    http: (answer) => listen(createHttpServer(answer)),
    https: (issued, answer, chain = []) => {
      const cert = [issued, ...chain].map(({ der }) => pem(der)).join("\n");
      return listen(createHttpsServer({ key: keyPem(issued), cert }, answer) as unknown as TcpServer);
    },
    tcp: (take) => listen(createTcpServer(take)),
    proxy: async (target, refuse) => {
      const [asked, headers]: [string[], (string | undefined)[]] = [[], []];
      const server: Server = createHttpServer((_request, answer) => answer.writeHead(405).end());
      server.on("connect", (request, near: Socket) => {
        asked.push(request.url ?? "");
        headers.push(request.headers["proxy-authorization"]);
        if (refuse !== undefined) {
          near.end(`HTTP/1.1 ${refuse}\r\nContent-Length: 0\r\n\r\n`);
          return;
        }
        const far = connect(target, "127.0.0.1", () => near.write("HTTP/1.1 200 Connection established\r\n\r\n"));
        far.on("error", () => near.destroy());
        near.pipe(far).pipe(near);
      });
      return { port: await listen(server), asked, headers };
    },
  };
}
