// One application (one RPC connection): its sessions, and its login, which is nobody else's.

import type { TokenClient } from "../token/token-client.ts";
import * as ck from "./ck.ts";
import { CkError } from "./ck-error.ts";
import type { TokenObject } from "./objects.ts";
import type { Slot, SlotList } from "./slot.ts";

export interface SigningOperation {
  readonly key: NonNullable<TokenObject["key"]>;
}

export interface Session {
  readonly handle: number;
  readonly slot: Slot;
  readonly isReadWrite: boolean;
  /** Handles that C_FindObjects has yet to give; null: no search is under way. */
  found: number[] | null;
  signing: SigningOperation | null;
}

export class Application {
  private readonly slots: SlotList;
  private readonly sessions = new Map<number, Session>();
  private readonly logins = new Map<Slot, TokenClient>();
  /** An object keeps its handle as long as the token shows it. */
  private readonly handles = new Map<TokenObject, number>();
  private lastHandle = 0;
  isInitialised = false;

  constructor(slots: SlotList) {
    this.slots = slots;
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

  openSession(slot: Slot, isReadWrite: boolean): Session {
    const session: Session = { handle: ++this.lastHandle, slot, isReadWrite, found: null, signing: null };
    this.sessions.set(session.handle, session);
    return session;
  }

  session(handle: number): Session {
    const session = this.sessions.get(handle);
    if (session === undefined) throw new CkError(ck.CKR_SESSION_HANDLE_INVALID);
    if (!session.slot.isPresent) throw new CkError(ck.CKR_DEVICE_REMOVED);
    return session;
  }

  /** Closing the last session of a token logs out of it (PKCS#11 2.40 §5.6 C_CloseSession). */
  closeSession(session: Session): void {
    this.sessions.delete(session.handle);
    const isLast = ![...this.sessions.values()].some((other) => other.slot === session.slot);
    if (isLast) this.endLogin(session.slot);
  }

  closeAllSessions(slot: Slot): void {
    for (const session of [...this.sessions.values()]) if (session.slot === slot) this.closeSession(session);
  }

  /** The application has gone or has finalised: nothing of it remains. */
  reset(): void {
    for (const slot of [...this.logins.keys()]) this.endLogin(slot);
    this.sessions.clear();
    this.handles.clear();
    this.isInitialised = false;
  }

  login(slot: Slot): TokenClient | undefined {
    return this.logins.get(slot);
  }

  beginLogin(slot: Slot, client: TokenClient): void {
    this.logins.set(slot, client);
  }

  endLogin(slot: Slot): void {
    this.logins.get(slot)?.close();
    this.logins.delete(slot);
  }

  /** Objects that the session may see: the private ones only after login. */
  visibleObjects(session: Session): TokenObject[] {
    const isLoggedIn = this.logins.has(session.slot);
    return session.slot.objects.filter((candidate) => isLoggedIn || !candidate.isPrivate);
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
