// What `sceau agent` does: the holder's own pages, in their browser, until it is stopped.

import { join } from "node:path";
import type { TokenSecretsStore } from "../../host-bridge/activation/activate-token.ts";
import { startAgent } from "../../host-bridge/agent/agent.ts";
import { DEFAULT_AGENT_PORT } from "../../host-bridge/agent/agent-address.ts";
import type { AgentEvent } from "../../host-bridge/agent/agent-event.ts";
import { freshHost, hasManyAddresses } from "../../host-bridge/agent/door.ts";
import { rootCertificates } from "../../host-bridge/factory/attestation-root.ts";
import { HidSource } from "../../host-bridge/sources/hid-source.ts";
import { SerialSource } from "../../host-bridge/sources/serial-source.ts";
import { SimulatorSource } from "../../host-bridge/sources/simulator-source.ts";
import type { TokenSource } from "../../host-bridge/sources/token-source.ts";
import { loadNodeHid } from "../../host-bridge/transport/hid-library.ts";
import type { CliContext } from "../context.ts";
import type { Messages } from "../messages/en.ts";
import { openInBrowser } from "../open-in-browser.ts";
import { readPort } from "../port.ts";
import { entrustTokenSecrets, keepTokenSecrets, loadTokenSecrets } from "../secrets.ts";
import type { StateFolder } from "../state-folder.ts";
import { jsonLine, visible, visibleLines } from "../terminal.ts";
import { tokenEventLine } from "../token-event-line.ts";
import { untilStopped } from "../until-stopped.ts";
import { UsageError } from "../usage-error.ts";

export interface AgentCommandOptions {
  readonly port: string;
  readonly open: boolean;
  readonly anyUser?: true;
  readonly hid: boolean;
  readonly serial: boolean;
}

/** What a person wants to see of an event; null: nothing. */
function line(event: AgentEvent, { bridge, agent }: Messages): string | null {
  switch (event.event) {
    case "token-in":
    case "token-out":
    case "token-refused":
    case "token-forbidden":
      return tokenEventLine(event, { bridge });
    case "trouble":
      return visibleLines(bridge.trouble[event.about](visible(event.reason)));
    case "unexpected":
      return visibleLines(
        [agent.unexpected(event.id, visible(event.type)), ...event.stack.map((frame) => `    ${visible(frame)}`)].join("\n"),
      );
    case "request":
      return null;
  }
}

/** The files that `sceau token` keeps, too. */
function secretsOf(state: StateFolder): TokenSecretsStore {
  return {
    find: (serial) => {
      try {
        return loadTokenSecrets(state, serial);
      } catch (error) {
        if (error instanceof UsageError) return null; // no file, or one that can't be read: the commands of `sceau token` say which
        throw error;
      }
    },
    keep: (serial, needsPuk) => keepTokenSecrets(state, serial, needsPuk),
    entrust: (serial, office) => entrustTokenSecrets(state, serial, office),
  };
}

export async function runAgent(context: CliContext, options: AgentCommandOptions): Promise<void> {
  const { state, say, isJson, report, print } = context;
  const port = readPort(options.port);
  const log = (event: AgentEvent): void => {
    const text = line(event, say);
    if (isJson) process.stdout.write(jsonLine(event));
    else if (text !== null) print(text);
  };
  const stopped = untilStopped(); // from here on a signal stops it in order
  const tokens: TokenSource[] = [new SimulatorSource(state.tokenSockets)];
  if (options.hid) tokens.push(new HidSource(loadNodeHid()));
  if (options.serial) tokens.push(new SerialSource({ paths: [], isDiscovering: true }));
  const agent = await startAgent({
    folder: join(state.root, "agent"),
    port,
    tokens,
    secrets: secretsOf(state),
    attestationRoots: () => rootCertificates(state.factory),
    clock: { now: () => context.now() },
    language: say.office.recordLanguage,
    ...(hasManyAddresses && { host: freshHost() }),
    isAnyUser: options.anyUser === true,
    log,
  });
  report({ event: "ready", address: agent.address }, [
    say.agent.ready(agent.address),
    ...(options.anyUser ? [say.agent.anyUser] : []),
    ...(agent.port === DEFAULT_AGENT_PORT ? [] : [say.agent.otherPort(DEFAULT_AGENT_PORT)]),
    say.agent.howToStop,
  ]);
  if (options.open) openInBrowser(agent.address);
  await stopped;
  await agent.close();
  print(say.agent.stopped);
}
