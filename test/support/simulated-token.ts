// A simulated token inside the test's own process: without a cable, or behind the unix socket that the simulator has.

import { Channel } from "../../firmware/channel.ts";
import { PacketPort } from "../../firmware/packet-port.ts";
import { STRICT_PROFILE } from "../../firmware/profile.ts";
import { Token } from "../../firmware/token.ts";
import { initialiseToken, type NewSecrets } from "../../host-bridge/token/initialise.ts";
import type { KeyPolicies } from "../../host-bridge/token/key-metadata.ts";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import type { TokenChannel } from "../../host-bridge/transport/transport.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { blankImage, ModelledFlash, NRF52_GEOMETRY } from "../../simulator/modelled-flash.ts";
import { createNodeHal } from "../../simulator/node-hal.ts";
import { listenForPackets } from "../../simulator/packet-socket.ts";
import { PRESSED_AT_ONCE, ScriptedButton } from "../../simulator/scripted-button.ts";

export const PIN = "73910462";
export const WRONG_PIN = "00000000";
export const PUK = "28460917";
export const MANAGEMENT_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778";
export const SECRETS: NewSecrets = { puk: PUK, managementKey: MANAGEMENT_KEY, keptIn: "the test" };
export const SERIAL = 40_718_225;

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A channel straight into the firmware. */
function directChannel(token: Token): TokenChannel {
  const channel = new Channel();
  return {
    transmit: (apdu, options) =>
      new Promise((resolve) => {
        let isAnswered = false;
        token.transmit(channel, apdu, (response) => {
          isAnswered = true;
          resolve(new Uint8Array(response));
        });
        if (!isAnswered) options?.onButton?.();
      }),
    cancel: () => token.cancel(channel),
    close: () => token.powerOff(channel),
  };
}

export class SimulatedToken {
  readonly button = new ScriptedButton(PRESSED_AT_ONCE);
  readonly token: Token;

  constructor(serial = SERIAL, profile = STRICT_PROFILE) {
    const flash = new ModelledFlash(NRF52_GEOMETRY, blankImage(NRF52_GEOMETRY), () => {});
    const device = { model: "Sceau unit test", serial, simulated: true };
    this.token = new Token(createNodeHal({ device, flash, button: this.button }), profile);
  }

  static async initialised(): Promise<SimulatedToken> {
    const simulated = new SimulatedToken();
    const client = simulated.client();
    await initialiseToken(client, ascii(PIN), () => SECRETS);
    client.close();
    return simulated;
  }

  channel(): TokenChannel {
    return directChannel(this.token);
  }

  /** A client with a channel of its own. */
  client(): TokenClient {
    return new TokenClient(this.channel());
  }

  /** A client that has proved the management key. */
  async officer(): Promise<TokenClient> {
    const client = this.client();
    await client.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    return client;
  }

  /** A new key in `slot`; the answer is its point. */
  async makeKey(slot: number, policies?: KeyPolicies): Promise<Uint8Array> {
    const officer = await this.officer();
    const point = await officer.generateKey(slot, policies);
    officer.close();
    return point;
  }

  async writeCertificate(object: number, der: Uint8Array): Promise<void> {
    const officer = await this.officer();
    await officer.writeCertificate(object, der);
    officer.close();
  }

  /** Puts it on a unix socket; `close` pulls the plug. */
  plugIn(path: string): Promise<{ close(): Promise<void> }> {
    return listenForPackets(path, new PacketPort(this.token));
  }
}
