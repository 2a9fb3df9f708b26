// Two officers at once: whether what one of them decides is what the other has just decided.

import type { StateMachine } from "../states/state-table.ts";

/** Whether the event leads to this state from any other: what a sheet shows after it. */
export function isOutcome<State extends string, Event extends string>(
  { table }: StateMachine<State, Event>,
  state: State,
  event: Event,
): boolean {
  return Object.values<Readonly<Partial<Record<Event, State>>>>(table).some((row) => row[event] === state);
}

/** It can't be done any more, since it is done. */
export const isDecided = <State extends string, Event extends string>(
  machine: StateMachine<State, Event>,
  state: State,
  event: Event,
): boolean => !machine.allows(state, event) && isOutcome(machine, state, event);
