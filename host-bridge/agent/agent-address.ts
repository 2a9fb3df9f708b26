// Where the agent is, and where an office's page sends the holder with a request.

/** Registered by nobody; the same on every computer, so that an office's page can link to it. */
export const DEFAULT_AGENT_PORT = 8757;

/** Where links lead to; the pages may be at another address of loopback (door.ts). Nobody reaches either from outside. */
export const AGENT_HOST = "127.0.0.1";

export const agentAddress = (port = DEFAULT_AGENT_PORT, host = AGENT_HOST): string => `http://${host}:${port}`;

/**
 * The link on an office's page that hands a request over to the holder's own agent.
 * @param office the office's publicUrl
 * @param id 43 characters of base64url: 32 random bytes
 */
export function agentRequestLink(office: string, id: string, port = DEFAULT_AGENT_PORT): string {
  return `${agentAddress(port)}/request?${new URLSearchParams({ office, id })}`;
}
