// OpenSSH's server for one test file: a host key and a configuration of its own, a free port of this machine's loopback, one user: whoever runs
// the tests.

import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { type Background, startInBackground } from "./background.ts";
import { mustRun } from "./run.ts";

/** A folder without anything in it, which sshd wants to be there when root starts it. On Debian its service makes it. */
const PRIVILEGE_SEPARATION = "/run/sshd";
const PROGRAM = "/usr/sbin/sshd";

export interface Sshd {
  /** What `ssh` needs on its command line to come here, and to read nobody's files but the test's. */
  readonly destination: readonly string[];
  /** Lets in who has that key, and nobody else. One line, as ssh-keygen writes public keys. */
  authorise(publicKey: string): void;
  /** Waits until the server has told that it let that key in. */
  waitForLogin(fingerprint: string): Promise<void>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function configuration(folder: string, port: number): string {
  const lines = [`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${join(folder, "host-key")}`, "PidFile none"];
  lines.push(`AuthorizedKeysFile ${join(folder, "authorized-keys")}`, "AuthenticationMethods publickey", "PermitRootLogin yes");
  lines.push("StrictModes no", "UsePAM no", "PrintMotd no", "PermitUserRC no", "LogLevel VERBOSE", "");
  return lines.join("\n");
}

async function start(folder: string, port: number): Promise<Background> {
  const configured = join(folder, "sshd.conf");
  writeFileSync(configured, configuration(folder, port));
  const server = startInBackground(PROGRAM, ["-D", "-e", "-f", configured]);
  await server.waitFor(/Server listening on 127\.0\.0\.1/);
  return server;
}

/** @param folder an empty one */
export async function startSshd(folder: string): Promise<Sshd> {
  const hasFolder = process.getuid?.() !== 0 || existsSync(PRIVILEGE_SEPARATION);
  if (!hasFolder) mkdirSync(PRIVILEGE_SEPARATION, { mode: 0o755 });
  mustRun("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "host-key")]);
  const port = await freePort();
  const hostKey = readFileSync(join(folder, "host-key.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  writeFileSync(join(folder, "known-hosts"), `[127.0.0.1]:${port} ${hostKey}\n`);
  const server = await start(folder, port);
  const options = [`UserKnownHostsFile=${join(folder, "known-hosts")}`, "GlobalKnownHostsFile=none", "StrictHostKeyChecking=yes"];
  options.push("IdentityFile=none", "PreferredAuthentications=publickey");
  return {
    destination: ["-p", String(port), ...options.flatMap((option) => ["-o", option]), `${userInfo().username}@127.0.0.1`],
    authorise: (publicKey) => writeFileSync(join(folder, "authorized-keys"), `${publicKey}\n`),
    waitForLogin: async (fingerprint) => {
      await server.waitFor(new RegExp(`Accepted publickey .*${fingerprint.replaceAll("+", "\\+")}`));
    },
    stop: async () => {
      await server.stop();
      if (!hasFolder) rmdirSync(PRIVILEGE_SEPARATION);
    },
  };
}
