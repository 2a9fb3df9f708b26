// A table of allowed changes: what is not in it can't happen. The README shows the same tables, and a test compares the two.

/** state → event → the state afterwards. A state without a row is final. */
export type StateTable<State extends string, Event extends string> = Readonly<Record<State, Readonly<Partial<Record<Event, State>>>>>;

/** The change that was asked for is not one of those that the state allows. */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly entity: string;
  readonly state: string;
  readonly event: string;
  constructor(entity: string, state: string, event: string) {
    super(`${entity}: no ${event} from ${state}`);
    this.entity = entity;
    this.state = state;
    this.event = event;
  }
}

export interface StateMachine<State extends string, Event extends string> {
  /** What it is the state of: «token». */
  readonly entity: string;
  readonly table: StateTable<State, Event>;
  /** The state after an event. @throws StateError when the table has no such change */
  after(state: State, event: Event): State;
  /** Whether the event is allowed now: for pages that offer only what can be done. */
  allows(state: State, event: Event): boolean;
}

export function stateMachine<State extends string, Event extends string>(
  entity: string,
  table: StateTable<State, Event>,
): StateMachine<State, Event> {
  return {
    entity,
    table,
    after: (state, event) => {
      const next = table[state][event];
      if (next === undefined) throw new StateError(entity, state, event);
      return next;
    },
    allows: (state, event) => table[state][event] !== undefined,
  };
}
