// What a crowd's requests are called in the tables: by method and path.

export const REQUEST_STEPS = [
  ["code asked", "POST", /^\/account\/sign-in$/],
  ["code answered (argon2id)", "POST", /^\/account\/code$/],
  ["application begun", "POST", /^\/apply$/],
  ["form: details", "POST", /^\/my\/dossiers\/[^/]+\/details$/],
  ["form: three answers (argon2id)", "POST", /^\/my\/dossiers\/[^/]+\/questions$/],
  ["form: sent, with consents", "POST", /^\/my\/dossiers\/[^/]+\/consents$/],
  ["evidence", "POST", /^\/my\/dossiers\/[^/]+\/evidence$/],
  ["appointment booked", "POST", /^\/my\/dossiers\/[^/]+\/appointment$/],
  ["hours offered", "POST", /^\/identity\/slots$/],
  ["check begun", "POST", /^\/identity\/checks\/[^/]+\/begin$/],
  ["check decided", "POST", /^\/identity\/checks\/[^/]+$/],
  ["payment waived", "POST", /^\/dossiers\/[^/]+\/waive$/],
  ["approved", "POST", /^\/dossiers\/[^/]+\/approve$/],
  ["reference number", "POST", /^\/api\/activation\/open$/],
  ["opened by three answers (argon2id)", "POST", /^\/api\/activation\/answers$/],
  ["where it is", "POST", /^\/api\/activation\/state$/],
  ["PUK and management key", "POST", /^\/api\/activation\/secrets$/],
  ["challenge", "POST", /^\/api\/activation\/challenge$/],
  ["certificate", "POST", /^\/api\/activation\/certificate$/],
  ["proof of possession", "POST", /^\/api\/activation\/proof$/],
  ["a page", "GET", /^\//],
] as const;

/** Longer than a request: mails are waited for, officers are; and all of it. */
export const WAITS = ["the code's mail", "checked, approved, the number's mail", "from the mailbox to the active certificate"] as const;

export type RequestStep = (typeof REQUEST_STEPS)[number][0];
export type CrowdStep = RequestStep | (typeof WAITS)[number];

export const CROWD_REQUESTS: readonly CrowdStep[] = REQUEST_STEPS.map(([step]) => step);
export const CROWD_STEPS: readonly CrowdStep[] = [...CROWD_REQUESTS, ...WAITS];

/** @throws when nobody is to ask for it */
export function stepOf(method: string, path: string): RequestStep {
  const found = REQUEST_STEPS.find(([, known, pattern]) => known === method && pattern.test(path));
  if (found === undefined) throw new Error(`no step of the crowd's: ${method} ${path}`);
  return found[0];
}
