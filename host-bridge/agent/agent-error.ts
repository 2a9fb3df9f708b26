// Why the agent can't start.

/**
 * `port-taken`: another program has the port, maybe another user's agent; `no-peers`: it can't be found out here which user asks, so that other
 * users of this computer could; `isAnyUser` says that they may.
 */
export type AgentProblem = "port-taken" | "no-peers";

export class AgentStartError extends Error {
  override readonly name = "AgentStartError";
  readonly problem: AgentProblem;
  readonly port: number;
  constructor(problem: AgentProblem, port: number, options?: ErrorOptions) {
    super(`the agent can't start: ${problem}`, options);
    this.problem = problem;
    this.port = port;
  }
}
