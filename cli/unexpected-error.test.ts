// An error that nobody expected says what it is and where, and no secret.

import { DrizzleQueryError } from "drizzle-orm";
import { expect, it } from "vitest";
import { failureOf } from "./failure.ts";
import { en } from "./messages/en.ts";
import { describeUnexpected, unexpectedMessage } from "./unexpected-error.ts";

const NONE = {};

function thrownHere(): Error {
  return Object.assign(new TypeError("listen EADDRINUSE: address already in use"), { code: "EADDRINUSE" });
}

it("name, message, code and the function where it was thrown, and its causes", () => {
  const text = describeUnexpected(new Error("no start", { cause: thrownHere() }), NONE);
  expect(text).toMatch(/^Error: no start\n\s+at .*unexpected-error\.test\.ts:\d+/);
  expect(text).toContain("TypeError: listen EADDRINUSE: address already in use");
  expect(text).toMatch(/at thrownHere \(.*unexpected-error\.test\.ts:\d+/);
  expect(describeUnexpected(new AggregateError([thrownHere()], "all"), NONE)).toContain("EADDRINUSE");
  const round = new Error("round");
  round.cause = round;
  expect(describeUnexpected(round, NONE).match(/Error: round/g)).toHaveLength(1);
});

it("what is no error is told as such, not shown", () => {
  expect(unexpectedMessage("geheimnis", NONE)).toBe("string was thrown");
  expect(describeUnexpected(null, NONE)).toBe("object was thrown");
});

it("of a query that failed, the database's code, and nothing that it carried", () => {
  const refused = Object.assign(new Error('duplicate key: Key (email)=("zoe@example.org") exists'), {
    severity: "ERROR",
    code: "23505",
  });
  const error = new DrizzleQueryError("insert into people values ($1)", ["zoe@example.org"], refused);
  const text = describeUnexpected(error, NONE);
  expect(text).toContain("23505");
  expect(text).toMatch(/\n\s+at /);
  expect(text).not.toContain("zoe@");
  expect(failureOf(error, en).message).not.toContain("zoe@");
});

it.each([
  ["postgres://sceau:geheim%21nis@db.example/office", "geheim!nis"],
  ["postgres://sceau:geheim%21nis@db.example/office", "geheim%21nis"],
  ["postgres://sceau:a@b@db.example/office", "a@b"],
  ["postgres:///office?host=/run&password=geheim%21nis", "geheim!nis"],
])("the password of %s is in neither", (url, secret) => {
  const environment = { DATABASE_URL: url };
  const error = new Error(`cannot reach ${url} as sceau with ${secret}`, { cause: new Error(secret) });
  for (const text of [unexpectedMessage(error, environment), describeUnexpected(error, environment)]) {
    expect(text).toContain("cannot reach");
    expect(text).not.toContain(secret);
  }
});

it("an address with a password that nobody configured is told without it, too", () => {
  expect(unexpectedMessage(new Error("proxy http://me:geheimnis@proxy.example:80/ is gone"), NONE)).toBe(
    "proxy http://me:…@proxy.example:80/ is gone",
  );
});

it("the message for the user has the reason, the exit code is 70", () => {
  const failure = failureOf(thrownHere(), en);
  expect(failure).toMatchObject({ code: "internal", exitCode: 70, message: expect.stringContaining("EADDRINUSE") });
});
