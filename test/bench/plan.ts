// How much is measured.

export interface Plan {
  /** Rounds that count: in each, every subject has its turn. */
  readonly rounds: number;
  /** Rounds before them: until then Node has compiled what is used often. */
  readonly warmUpRounds: number;
  /** Signatures of a turn, before which some are not counted. */
  readonly times: number;
  readonly warmUp: number;
  /** New processes of a turn that do C_Initialize. */
  readonly starts: number;
  readonly parallel: readonly { readonly connections: number; readonly times: number; readonly rounds: number }[];
  /** Signatures between two counts of messages. */
  readonly counted: number;
  /** The ways to a token: turns, and of each one how often, after how many that do not count. */
  readonly ways: { readonly rounds: number; readonly times: number; readonly warmUp: number };
}

export const FULL: Plan = {
  rounds: 30,
  warmUpRounds: 10,
  times: 100,
  warmUp: 10,
  starts: 5,
  parallel: [
    { connections: 8, times: 20, rounds: 5 },
    { connections: 64, times: 5, rounds: 5 },
  ],
  counted: 20,
  ways: { rounds: 6, times: 20, warmUp: 5 },
};

/** To see that everything works: its figures mean nothing. */
export const QUICK: Plan = {
  rounds: 2,
  warmUpRounds: 1,
  times: 5,
  warmUp: 1,
  starts: 1,
  parallel: [
    { connections: 8, times: 1, rounds: 1 },
    { connections: 64, times: 1, rounds: 1 },
  ],
  counted: 2,
  ways: { rounds: 1, times: 3, warmUp: 1 },
};
