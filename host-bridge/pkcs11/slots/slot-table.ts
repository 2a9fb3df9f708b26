// The slots of the bridge: which token has which id, and who wants to know when one comes or goes.

import { createHash } from "node:crypto";
import type { Slot, SlotList, SlotListener } from "./slot.ts";

/** Ids fit into 31 bits: some applications keep them in an int. */
const MAX_SLOT_ID = 0x7fff_ffff;

/** The serial number itself, where it can be one; so the id that applications note down is the same after a restart of the bridge. */
function preferredId(serial: string): number {
  const number = Number(serial);
  if (/^\d+$/.test(serial) && number <= MAX_SLOT_ID) return number;
  return createHash("sha256").update(serial).digest().readUInt32BE() & MAX_SLOT_ID;
}

export class SlotTable implements SlotList {
  private readonly slots = new Map<number, Slot>();
  /** Serial number of the token that an id was given to: no other token gets it, as long as the bridge runs. */
  private readonly owners = new Map<number, string>();
  private readonly inUse = new Set<number>();
  private readonly listeners = new Set<SlotListener>();

  /** Every slot that a token was in; those whose token has gone are empty. */
  all(): readonly Slot[] {
    return [...this.slots.values()];
  }

  onEvent(listener: SlotListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * The id for a token that is being plugged in: the one that it had before. Two tokens at a time that tell the same serial number (one
   * of them lies) get two.
   */
  reserve(serial: string): number {
    let id = preferredId(serial);
    while (this.inUse.has(id) || (this.owners.get(id) ?? serial) !== serial) id = id === MAX_SLOT_ID ? 0 : id + 1;
    this.owners.set(id, serial);
    this.inUse.add(id);
    return id;
  }

  /** The token of a reserved id turned out not to answer as one. */
  release(id: number): void {
    this.inUse.delete(id);
  }

  /** Shows a slot. When its token has gone, it stays, empty, and its id is free for the same token. */
  plugIn(slot: Slot): void {
    this.inUse.add(slot.id);
    this.slots.set(slot.id, slot);
    this.tell(slot);
    void slot.transport.gone.then(() => {
      this.release(slot.id);
      this.tell(slot);
    });
  }

  private tell(slot: Slot): void {
    for (const listener of [...this.listeners]) listener(slot);
  }
}
