// The simulated token's USB plug, as the command line has it: where it listens, what is told of it, and the commands to a running one.

import { commandPlug, listenForPlugCommands, type PlugCommand } from "../simulator/usbip/plug-control.ts";
import { BUS_ID } from "../simulator/usbip/usbip-messages.ts";
import { isLoopback, USBIP_PORT, type UsbAddress, type UsbPlug } from "../simulator/usbip/usbip-server.ts";
import type { CliContext } from "./context.ts";
import { readPort } from "./port.ts";
import { jsonLine } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

const DEFAULT_HOST = "127.0.0.1";

/**
 * @param text of an option whose value may be left out; an IPv6 address is in brackets
 * @throws UsageError bad-usb-address, bad-number
 */
export function usbAddress(text: string | true): UsbAddress {
  if (text === true) return { host: DEFAULT_HOST, port: USBIP_PORT };
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? "";
  if (!isLoopback(host)) throw new UsageError("bad-usb-address", text);
  return { host, port: readPort(match?.[3] ?? "") };
}

/** What a user types to have the device; attaching is root's. */
function attachCommand(host: string, port: number): string {
  const option = port === USBIP_PORT ? "" : ` --tcp-port ${port}`;
  return `sudo modprobe vhci-hcd && sudo usbip${option} attach -r ${host} -b ${BUS_ID}`;
}

export interface OfferedPlug {
  /** Says where it is. */
  tell(): void;
  close(): Promise<void>;
}

/** @throws UsageError usb-port-taken, state-path-too-long */
export async function offerOnUsb(
  { state, say, report, isJson, print }: CliContext,
  name: string,
  address: UsbAddress,
  plugIn: (address: UsbAddress) => Promise<UsbPlug>,
): Promise<OfferedPlug> {
  const { host } = address;
  const controlSocket = state.tokenUsbSocket(name);
  const plug = await plugIn({
    ...address,
    tell: (change) => void (isJson ? process.stdout.write(jsonLine({ event: `usb-${change}`, name })) : print(say.sim.usb.change[change])),
  }).catch((cause: NodeJS.ErrnoException): never => {
    if (cause.code === "EADDRINUSE") throw new UsageError("usb-port-taken", `${host}:${address.port}`, { cause });
    throw cause;
  });
  const control = await listenForPlugCommands(controlSocket, plug).catch(async (error: unknown): Promise<never> => {
    await plug.close();
    throw error;
  });
  const attach = attachCommand(host, plug.port);
  return {
    tell: () =>
      report({ event: "on-usb", name, host, port: plug.port, busId: BUS_ID, attach }, [
        say.sim.usb.offered(`${host}:${plug.port}`),
        `  ${attach}`,
        say.sim.usb.howToUnplug(name),
      ]),
    close: async () => {
      await control.close();
      await plug.close();
    },
  };
}

/** `--unplug` and `--replug`. @throws UsageError not-on-usb */
export async function commandUsbPlug({ state, say, report }: CliContext, name: string, command: PlugCommand): Promise<void> {
  if (!(await commandPlug(state.tokenUsbSocket(name), command))) throw new UsageError("not-on-usb", name);
  const change = command === "unplug" ? "unplugged" : "replugged";
  report({ event: `usb-${change}`, name }, [say.sim.usb.change[change]]);
}
