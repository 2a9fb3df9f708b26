// The time, as the agent is given it.

export interface Clock {
  now(): Date;
}
