// A slot: one token that the bridge holds, with what it shows.

import { KEY_REF_PIV_PIN, KEY_REF_PUK } from "../../../protocol/piv.ts";
import type { DeviceInfo } from "../../token/device-info.ts";
import { accessToken, type TokenAccess } from "../../token/token-access.ts";
import type { TokenClient } from "../../token/token-client.ts";
import { type Transport, TransportError } from "../../transport/transport.ts";
import { CKR_SESSION_EXISTS } from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { readTokenObjects } from "../objects/objects.ts";
import { keepKnownObjects, type TokenObject } from "../objects/token-object.ts";
import { type SecretState, tokenFlags } from "./token-flags.ts";

interface Secrets {
  readonly isInitialised: boolean;
  readonly pin: SecretState;
  readonly puk: SecretState;
}

export class Slot {
  readonly id: number;
  readonly transport: Transport;
  info: DeviceInfo;
  objects: readonly TokenObject[] = [];
  isPresent = true;
  private readonly access: TokenAccess;
  /** For what needs no PIN; shared by all applications. null: to be opened. */
  private reader: Promise<TokenClient> | null;
  private pinTurn: Promise<unknown> = Promise.resolve();
  private writeTurn: Promise<unknown> = Promise.resolve();
  /** Of all applications. */
  openSessions = 0;
  /** Uses of keys that wait for a press. */
  private waitsForButton = 0;
  /** As read last. */
  private secrets: Secrets | null = null;
  /** C_InitToken is at work. */
  private initialising: Promise<unknown> | null = null;

  private constructor(id: number, transport: Transport, access: TokenAccess, reader: TokenClient, info: DeviceInfo) {
    this.id = id;
    this.transport = transport;
    this.access = access;
    this.reader = Promise.resolve(reader);
    this.info = info;
  }

  /**
   * @param idOf the slot's id, by the token's serial number
   * @throws TransportError, TokenError, MalformedAnswerError when the token does not answer as one
   */
  static async open(idOf: (serial: string) => number, transport: Transport): Promise<Slot> {
    const access = await accessToken(transport);
    const reader = await access.openClient();
    const info = await reader.deviceInfo();
    const slot = new Slot(idOf(info.serial), transport, access, reader, info);
    slot.objects = await readTokenObjects(reader);
    void transport.gone.then(() => {
      slot.isPresent = false;
    });
    return slot;
  }

  /** Reads keys and certificates again when the token tells that they changed; while it waits for its button, they are as they were. */
  async refresh(): Promise<void> {
    if (this.waitsForButton === 0) await this.refreshForWrite();
  }

  /** The same, for who writes: what they see must be so. While the token waits for its button they wait, too. */
  async refreshForWrite(): Promise<void> {
    await this.read(async (reader) => {
      const info = await reader.deviceInfo();
      if (info.revision !== this.info.revision) this.objects = keepKnownObjects(this.objects, await readTokenObjects(reader));
      this.info = info;
    });
  }

  /** CK_TOKEN_INFO.flags; while the token waits for its button, as they were told last. @param isWritable keys and certificates, by this application */
  async flags(isWritable: boolean): Promise<number> {
    if (this.waitsForButton === 0 || this.secrets === null) this.secrets = await this.readSecrets();
    const { isInitialised, pin, puk } = this.secrets;
    return tokenFlags(isInitialised, isWritable, pin, puk, this.info.isPlainCard !== true);
  }

  private readSecrets(): Promise<Secrets> {
    return this.read(async (reader) => {
      const { isInitialised } = await reader.deviceInfo();
      const state = async (reference: number): Promise<SecretState> => ({
        ...(await reader.tries(reference)),
        isFactory: !isInitialised && (await reader.isFactory(reference)),
      });
      return { isInitialised, pin: await state(KEY_REF_PIV_PIN), puk: await state(KEY_REF_PUK) };
    });
  }

  /** Told by whoever uses a key: until `done` is called the token does nothing but wait for a press, and nobody should ask it anything. */
  waitForButton(): { done(): void } {
    this.waitsForButton += 1;
    let isDone = false;
    return {
      done: () => {
        if (!isDone) this.waitsForButton -= 1;
        isDone = true;
      },
    };
  }

  /** @param reference KEY_REF_PIV_PIN or KEY_REF_PUK */
  triesLeft(reference: number): Promise<number> {
    return this.read(async (reader) => (await reader.tries(reference)).left);
  }

  /**
   * What tries a PIN or PUK waits for whatever else does, of all applications: between the look at the tries that are left and the try
   * nobody may spend one, and two logins that run at once would both find nobody logged in.
   */
  inPinTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.pinTurn.then(work);
    this.pinTurn = turn.catch(() => undefined); // the next in line does not care how this one ended
    return turn;
  }

  /** What writes to the token waits for whatever else does, of all applications: two that look for an empty slot at once would find the same one. */
  inWriteTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.writeTurn.then(work);
    this.writeTurn = turn.catch(() => undefined);
    return turn;
  }

  /** C_InitToken: nobody has a session at the token, and nobody gets one while `work` runs. @throws CkError CKR_SESSION_EXISTS */
  async whileUnused<T>(work: () => Promise<T>): Promise<T> {
    if (this.openSessions > 0) throw new CkError(CKR_SESSION_EXISTS);
    const running = work();
    this.initialising = running;
    try {
      return await running;
    } finally {
      this.initialising = null;
    }
  }

  /** True while C_InitToken is at work: no session may be opened. */
  get isInitialising(): boolean {
    return this.initialising !== null;
  }

  async whenUsable(): Promise<void> {
    await this.initialising?.catch(() => undefined);
  }

  /** Of the token's generator. */
  randomBytes(count: number): Promise<Uint8Array> {
    return this.read((reader) => reader.randomBytes(count));
  }

  /** A channel of one's own, for an application that logs in. */
  openClient(): Promise<TokenClient> {
    return this.access.openClient();
  }

  /** It is a card in a reader: what one channel proves ends what another has proved. */
  get hasOneStatus(): boolean {
    return this.transport.card !== undefined;
  }

  private async read<T>(work: (reader: TokenClient) => Promise<T>): Promise<T> {
    this.reader ??= this.openClient();
    const own = this.reader;
    try {
      return await work(await own);
    } catch (error) {
      // A channel that failed stays dead; the next who reads gets a new one.
      if (error instanceof TransportError && this.reader === own) {
        this.reader = null;
        own.then(
          (reader) => reader.close(),
          () => undefined,
        );
      }
      throw error;
    }
  }
}

/** Told of a slot whose token came (`isPresent`) or went. */
export type SlotListener = (slot: Slot) => void;

/** The slots that applications see. */
export interface SlotList {
  all(): readonly Slot[];
  /** @returns what ends it */
  onEvent(listener: SlotListener): () => void;
}
