// Simulated tokens for the office's demonstration: in the state folder's tokens/, so that `sceau sim demo-issuer` plugs one in afterwards.

import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { createRoot } from "../host-bridge/factory/attestation-root.ts";
import { provisionToken } from "../host-bridge/factory/provision.ts";
import { SIMULATOR_ROOT } from "../host-bridge/token/attestation-key.ts";
import { createCertificationRequest } from "../host-bridge/token/certification-request.ts";
import { initialiseToken } from "../host-bridge/token/initialise.ts";
import { TokenClient } from "../host-bridge/token/token-client.ts";
import { openSocketTransport } from "../host-bridge/transport/socket.ts";
import type { DemoToken, DemoTokens } from "../office/demo/demo-tokens.ts";
import { BUTTON_POLICY_NEVER, KEY_SLOTS, PIN_POLICY_ONCE } from "../protocol/piv.ts";
import { startSimulator } from "../simulator/simulator.ts";
import { keepTokenSecrets, loadManagementKey, loadTokenSecrets } from "./secrets.ts";
import type { StateFolder } from "./state-folder.ts";

export const DEMO_PIN = "246810";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

function certificateObject(slot: number): number {
  const found = KEY_SLOTS.find((each) => each.slot === slot);
  if (found === undefined) throw new Error("no such slot");
  return found.certificate;
}

/** @param rootFolder where their root is kept @param since when they left the factory */
export async function demoTokens(state: StateFolder, rootFolder: string, since: Date): Promise<DemoTokens> {
  rmSync(rootFolder, { recursive: true, force: true }); // of a demonstration that was never finished
  const root = await createRoot(rootFolder, SIMULATOR_ROOT, since);
  const make = async (name: string): Promise<DemoToken> => {
    rmSync(state.token(name), { recursive: true, force: true }); // of a demonstration before
    mkdirSync(state.tokenSockets, { recursive: true, mode: 0o700 });
    const socketPath = state.tokenSocket(name);
    const simulator = await startSimulator({ folder: state.token(name), socketPath, button: { kind: "automatic", afterMs: 0 } });
    const transport = await openSocketTransport(socketPath, name);
    const client = new TokenClient(await transport.openChannel());
    const issuer = await provisionToken(client, root, since);
    const { serial, model, firmware } = await client.deviceInfo();
    await initialiseToken(client, ascii(DEMO_PIN), (needsPuk) => keepTokenSecrets(state, serial, needsPuk));
    await client.authenticateManagement(loadManagementKey(state, serial));
    const points = new Map<number, Uint8Array>();
    const sign = async (slot: number, digest: Uint8Array): Promise<Uint8Array> => {
      await client.verifyPin(ascii(DEMO_PIN));
      return client.sign(slot, digest);
    };
    return {
      serial,
      model,
      firmware: firmware.join("."),
      secrets: { puk: ascii(loadTokenSecrets(state, serial).puk ?? ""), managementKey: loadManagementKey(state, serial) },
      makeKey: async (slot) => {
        points.set(slot, await client.generateKey(slot, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER }));
        return { attestation: await client.attest(slot), issuer };
      },
      request: (slot, challenge) =>
        createCertificationRequest(points.get(slot) ?? new Uint8Array(), (digest) => sign(slot, digest), challenge),
      sign: (slot, text) => sign(slot, new Uint8Array(createHash("sha256").update(text).digest())),
      writeCertificate: (slot, certificate) => client.writeCertificate(certificateObject(slot), certificate),
      unplug: async () => {
        transport.close();
        await simulator.close();
      },
    };
  };
  return { root: new Uint8Array(root.certificate.rawData), make };
}
