// One application (one RPC connection): its sessions, and its login, which is nobody else's.

import type { KeyPurpose, PinQuestion } from "../../pin-prompt/pin-prompt.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { sizeBytes, type TokenObject } from "../objects/token-object.ts";
import type { Slot, SlotList } from "../slots/slot.ts";
import { SlotEvents } from "../slots/slot-events.ts";
import type {
  Asking,
  DecryptingOperation,
  DigestingOperation,
  KeyOperation,
  OngoingUse,
  SigningOperation,
  VerifyingOperation,
} from "./operations.ts";
import { QuestionLine } from "./question-line.ts";
import type { Services } from "./services.ts";
import type { SoLogin } from "./so-login.ts";
import type { UserLogin } from "./user-login.ts";

/** Of one connection. */
export const MAX_SESSIONS = 1024;
const MAX_SESSION_OBJECTS = 512;
const MAX_SESSION_OBJECT_BYTES = 1 << 20;
/** What a person is asked for the PIN of an operation as. */
const ASKED_FOR = { signing: "signature", decrypting: "decryption" } as const;
const KEY_PURPOSES: readonly PinQuestion["what"][] = ["signature", "decryption", "key-agreement"] satisfies KeyPurpose[];

export interface Session {
  readonly handle: number;
  readonly slot: Slot;
  readonly isReadWrite: boolean;
  /** Handles that C_FindObjects has yet to give; null: no search is under way. */
  found: number[] | null;
  signing: SigningOperation | null;
  decrypting: DecryptingOperation | null;
  /** Which of the two was begun last: whose PIN a context login gives. */
  begunLast: "signing" | "decrypting";
  verifying: VerifyingOperation | null;
  digesting: DigestingOperation | null;
  /** What a call of this session waits for at the token. */
  keyUse: OngoingUse | null;
  /** A person is being asked for a PIN. */
  asking: Asking | null;
}

export class Application {
  private readonly slots: SlotList;
  readonly services: Services;
  private readonly sessions = new Map<number, Session>();
  private readonly logins = new Map<Slot, UserLogin>();
  private readonly soLogins = new Map<Slot, SoLogin>();
  /** References of PIN and PUK (KEY_REF_*) of which this application was told that one try is left. */
  private readonly knownLastTries = new Map<Slot, Set<number>>();
  readonly slotEvents = new SlotEvents();
  readonly questions = new QuestionLine();
  private stopListening: (() => void) | null = null;
  /** An object keeps its handle as long as the token shows it. */
  private handles = new WeakMap<TokenObject, number>();
  /** Objects with CKA_TOKEN false: they live in the bridge, and end with the session that made them. All sessions of the token see them. */
  private readonly sessionObjects = new Map<Session, Set<TokenObject>>();
  private lastHandle = 0;
  isInitialised = false;

  constructor(slots: SlotList, services: Services) {
    this.slots = slots;
    this.services = services;
  }

  /** C_Initialize: from now on the application is told of tokens that come and go. */
  begin(): void {
    this.isInitialised = true;
    this.stopListening ??= this.slots.onEvent((slot) => {
      if (!slot.isPresent) this.forget(slot);
      this.slotEvents.add(slot.id);
    });
  }

  allSlots(): readonly Slot[] {
    return this.slots.all();
  }

  slot(id: number): Slot {
    const slot = this.slots.all().find((candidate) => candidate.id === id);
    if (slot === undefined) throw new CkError(ck.CKR_SLOT_ID_INVALID);
    return slot;
  }

  presentSlot(id: number): Slot {
    const slot = this.slot(id);
    if (!slot.isPresent) throw new CkError(ck.CKR_TOKEN_NOT_PRESENT);
    return slot;
  }

  /** @throws CkError CKR_CRYPTOKI_NOT_INITIALIZED: it finalised, or went, while it waited for its session; CKR_SESSION_COUNT */
  openSession(slot: Slot, isReadWrite: boolean): Session {
    if (!this.isInitialised) throw new CkError(ck.CKR_CRYPTOKI_NOT_INITIALIZED);
    if (this.sessions.size >= MAX_SESSIONS) throw new CkError(ck.CKR_SESSION_COUNT);
    const handle = ++this.lastHandle;
    const operations = { found: null, signing: null, decrypting: null, verifying: null, digesting: null, keyUse: null, asking: null };
    const session: Session = { handle, slot, isReadWrite, ...operations, begunLast: "signing" };
    this.sessions.set(session.handle, session);
    slot.openSessions += 1;
    return session;
  }

  /**
   * A session ends with its token (§5.1.6: CKR_SESSION_HANDLE_INVALID afterwards; CKR_DEVICE_REMOVED is for the call that was under way).
   * A token that is plugged in again is a new one to it.
   */
  session(handle: number): Session {
    const session = this.sessions.get(handle);
    if (session === undefined || !session.slot.isPresent) throw new CkError(ck.CKR_SESSION_HANDLE_INVALID);
    return session;
  }

  sessionsOf(slot: Slot): Session[] {
    return [...this.sessions.values()].filter((session) => session.slot === slot);
  }

  /** False once it was closed, as may happen while a call waits for the token. */
  isOpen(session: Session): boolean {
    return this.sessions.get(session.handle) === session;
  }

  /** Closing the last session of a token logs out of it (PKCS#11 2.40 §5.6 C_CloseSession). */
  closeSession(session: Session): void {
    this.drop(session);
    if (this.sessionsOf(session.slot).length === 0) this.endLogin(session.slot);
  }

  closeAllSessions(slot: Slot): void {
    for (const session of this.sessionsOf(slot)) this.drop(session);
    this.endLogin(slot);
  }

  private drop(session: Session): void {
    if (this.sessions.delete(session.handle)) session.slot.openSessions -= 1;
    this.giveUp(session);
    this.endKeyOperations(session);
    this.sessionObjects.delete(session);
  }

  /** What waits for a person: the button, or a PIN. */
  private giveUp(session: Session): void {
    session.keyUse?.giveUp();
    session.asking?.abort();
  }

  private forget(slot: Slot): void {
    this.closeAllSessions(slot);
    this.knownLastTries.delete(slot);
  }

  /** The application has gone or has finalised: nothing of it remains. */
  reset(): void {
    this.stopListening?.();
    this.stopListening = null;
    this.slotEvents.end();
    this.knownLastTries.clear();
    for (const session of this.sessions.values()) this.giveUp(session);
    for (const slot of [...this.logins.keys(), ...this.soLogins.keys()]) this.endLogin(slot);
    for (const session of this.sessions.values()) {
      this.endKeyOperations(session);
      session.slot.openSessions -= 1;
    }
    this.sessions.clear();
    this.sessionObjects.clear();
    this.handles = new WeakMap();
    this.isInitialised = false;
  }

  /** The operation that a context login is for: the one that was begun last, if it is still under way. */
  keyOperation(session: Session): KeyOperation | null {
    return session[session.begunLast] ?? session.signing ?? session.decrypting;
  }

  /** Ends the operation, if it is under way, and the PIN that was given for it, or that somebody is asked for. */
  endKeyOperation(session: Session, which: Session["begunLast"]): void {
    const operation = session[which];
    if (operation === null) return;
    if (session.asking?.what === ASKED_FOR[which]) session.asking.abort();
    session[which] = null;
    operation.context?.login.giveBack(operation.context.client, false);
  }

  private endKeyOperations(session: Session): void {
    this.endKeyOperation(session, "signing");
    this.endKeyOperation(session, "decrypting");
  }

  private stopAskingForUse({ asking }: Session): void {
    if (asking !== null && KEY_PURPOSES.includes(asking.what)) asking.abort();
  }

  /** What C_GetTokenInfo told this application of the last try of the PIN or PUK. */
  setKnowsLastTry(slot: Slot, reference: number, isKnown: boolean): void {
    const known = this.knownLastTries.get(slot) ?? new Set();
    this.knownLastTries.set(slot, known);
    if (isKnown) known.add(reference);
    else known.delete(reference);
  }

  knowsLastTry(slot: Slot, reference: number): boolean {
    return this.knownLastTries.get(slot)?.has(reference) === true;
  }

  login(slot: Slot): UserLogin | undefined {
    return this.logins.get(slot);
  }

  beginLogin(slot: Slot, login: UserLogin): void {
    this.logins.set(slot, login);
  }

  endLogin(slot: Slot): void {
    // Before its channel is closed under it: so it is told as given up, not as a failure of the token.
    for (const session of this.logins.has(slot) ? this.sessionsOf(slot) : []) {
      session.keyUse?.giveUp();
      this.stopAskingForUse(session);
    }
    this.logins.get(slot)?.end();
    this.logins.delete(slot);
    this.soLogins.get(slot)?.end();
    this.soLogins.delete(slot);
    // §5.6 C_Logout: private session objects are destroyed, not hidden.
    for (const { candidate, owner } of this.sessionObjectsOf(slot))
      if (candidate.isPrivate) this.sessionObjects.get(owner)?.delete(candidate);
  }

  soLogin(slot: Slot): SoLogin | undefined {
    return this.soLogins.get(slot);
  }

  beginSoLogin(slot: Slot, login: SoLogin): void {
    this.soLogins.set(slot, login);
  }

  /** Objects that the session may see: the private ones only after login. */
  visibleObjects(session: Session): TokenObject[] {
    // An officer sees the keys that they made; using them takes the PIN.
    const isLoggedIn = this.logins.has(session.slot) || this.soLogins.has(session.slot);
    const own = this.sessionObjectsOf(session.slot).map(({ candidate }) => candidate);
    return [...session.slot.objects, ...own].filter((candidate) => isLoggedIn || !candidate.isPrivate);
  }

  private sessionObjectsOf(slot: Slot): { candidate: TokenObject; owner: Session }[] {
    return [...this.sessionObjects].flatMap(([owner, objects]) =>
      owner.slot === slot ? [...objects].map((candidate) => ({ candidate, owner })) : [],
    );
  }

  /** They take the bridge's memory. */
  private checkRoom(candidate: TokenObject): void {
    const all = [...this.sessionObjects.values()].flatMap((objects) => [...objects]);
    const bytes = all.reduce((sum, each) => sum + sizeBytes(each), sizeBytes(candidate));
    if (all.length >= MAX_SESSION_OBJECTS || bytes > MAX_SESSION_OBJECT_BYTES) throw new CkError(ck.CKR_HOST_MEMORY);
  }

  /** @returns its handle @throws CkError CKR_HOST_MEMORY */
  addSessionObject(session: Session, candidate: TokenObject): number {
    this.checkRoom(candidate);
    const objects = this.sessionObjects.get(session) ?? new Set();
    this.sessionObjects.set(session, objects.add(candidate));
    return this.handleOf(candidate);
  }

  /** Puts `now` in the place of `before`, under the same handle; or takes it away (null). @returns false when it is no session object */
  replaceSessionObject(before: TokenObject, now: TokenObject | null): boolean {
    if (now !== null && sizeBytes(now) > sizeBytes(before)) this.checkRoom(now);
    for (const objects of this.sessionObjects.values()) {
      if (!objects.delete(before)) continue;
      const handle = this.handleOf(before);
      this.handles.delete(before);
      if (now !== null) this.handles.set(now, handle);
      if (now !== null) objects.add(now);
      return true;
    }
    return false;
  }

  handleOf(candidate: TokenObject): number {
    const known = this.handles.get(candidate);
    if (known !== undefined) return known;
    const handle = ++this.lastHandle;
    this.handles.set(candidate, handle);
    return handle;
  }

  /** The object of a handle, or undefined when this session may not see one. */
  findObject(session: Session, handle: number): TokenObject | undefined {
    return this.visibleObjects(session).find((candidate) => this.handles.get(candidate) === handle);
  }
}
