// A way to the office on which an answer can get lost: the office has done what it was asked, and nobody hears of it. On a thread of its own, since tests
// wait for commands without listening meanwhile.

import { once } from "node:events";
import { Worker } from "node:worker_threads";

const THREAD = `
const { createServer, request } = require("node:http");
const { parentPort, workerData } = require("node:worker_threads");
const lost = new Int32Array(workerData.lost);
const server = createServer((asked, answered) => {
  const passed = request({ port: workerData.port, host: "127.0.0.1", method: asked.method, path: asked.url, headers: asked.headers }, (answer) => {
    if (asked.url === workerData.path && Atomics.exchange(lost, 0, 0) === 1) {
      answer.resume().on("end", () => answered.destroy());
      return;
    }
    answered.writeHead(answer.statusCode, answer.rawHeaders);
    answer.pipe(answered);
  });
  passed.on("error", () => answered.destroy());
  asked.pipe(passed);
});
server.keepAliveTimeout = 120_000; // tests wait for commands meanwhile, and would find their connection closed
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

export class LosingRelay {
  readonly address: string;
  readonly #worker: Worker;
  readonly #lost: Int32Array;

  private constructor(worker: Worker, lost: Int32Array, port: number) {
    this.#worker = worker;
    this.#lost = lost;
    this.address = `http://127.0.0.1:${port}`;
  }

  /** @param port of the office @param path whose answers can get lost */
  static async open(port: number, path: string): Promise<LosingRelay> {
    const lost = new SharedArrayBuffer(4);
    const worker = new Worker(THREAD, { eval: true, workerData: { port, path, lost } });
    const [own] = (await once(worker, "message")) as [number];
    return new LosingRelay(worker, new Int32Array(lost), own);
  }

  loseNext(): void {
    Atomics.store(this.#lost, 0, 1);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
