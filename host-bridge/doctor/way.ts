// The way to an office, opened as the agent opens it: straight, or through the proxy that the environment names.

import type { Socket } from "node:net";
import { bareHost, type HttpProxy, portOf, proxyFor } from "../office-client/proxy.ts";
import { connectTlsThrough, openTunnel, tunnelTarget } from "../office-client/tunnel.ts";
import type { Place } from "./place.ts";

/** What a way is opened with. */
export type Traveller = Pick<Place, "machine" | "environment" | "timeLimitMs">;

export interface Hop {
  readonly host: string;
  readonly port: number;
}

export const endpointOf = (address: string): Hop => {
  const url = new URL(address);
  return { host: bareHost(url.hostname), port: portOf(url) };
};

/** null: straight. */
export function proxyOnTheWay({ environment }: Traveller, address: string): HttpProxy | null {
  const choice = proxyFor(address, environment);
  return choice.kind === "used" ? choice.proxy : null;
}

/** What this computer itself connects to. */
export const firstHop = (place: Traveller, address: string): Hop => proxyOnTheWay(place, address) ?? endpointOf(address);

export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "";
  if (error.name === "TimeoutError" || error.name === "AbortError") return "ETIMEDOUT";
  return "code" in error ? String(error.code) : error.cause === undefined ? "" : codeOf(error.cause);
};

/** Bytes from end to end. @throws the system's error; TunnelError */
export async function openWay(place: Traveller, address: string): Promise<Socket> {
  const proxy = proxyOnTheWay(place, address);
  const { host, port } = endpointOf(address);
  if (proxy === null) return place.machine.connect(host, port, place.timeLimitMs);
  return openTunnel(proxy, tunnelTarget(new URL(address)), AbortSignal.timeout(place.timeLimitMs));
}

/** The same, ready for a request. TLS is checked as the agent checks it. */
export async function openSecureWay(place: Traveller, address: string): Promise<Socket> {
  const url = new URL(address);
  const socket = await openWay(place, address);
  return url.protocol === "https:" ? connectTlsThrough(socket, url) : socket;
}
