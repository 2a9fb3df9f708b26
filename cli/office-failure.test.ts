// What stands in the way of an office, as a message and an exit code.

import { expect, test } from "vitest";
import { OfficeClientError } from "../host-bridge/office-client/office-client-error.ts";
import { en } from "./messages/en.ts";
import { fr } from "./messages/fr.ts";
import { officeFailure } from "./office-failure.ts";

test("a proxy that can't be asked is the command line's business (2), an office that can't be reached the office's (5)", () => {
  for (const [say, words] of [
    [en, "https_proxy is not the address of an http proxy"],
    [fr, "https_proxy n'est pas l'adresse d'un proxy http"],
  ] as const) {
    const failure = officeFailure(new OfficeClientError("proxy", "https_proxy"), say);
    expect(failure).toMatchObject({ exitCode: 2, code: "proxy", message: expect.stringContaining(words) });
    expect(officeFailure(new OfficeClientError("unreachable", "https://office.example"), say)?.exitCode).toBe(5);
  }
});
