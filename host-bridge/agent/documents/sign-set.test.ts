// A signature that the holder gives up while the document is prepared.

import { expect, test } from "vitest";
import { certifiedToken } from "../../../test/support/certified-token.ts";
import { pages } from "../../../test/support/sample-pdfs.ts";
import { PIN, WRONG_PIN } from "../../../test/support/simulated-token.ts";
import { findSigningKey } from "../../signing/token-signer.ts";
import { DeskError } from "../tokens/desk-error.ts";
import { OPEN_WORKSHOP } from "../workshop/document-work.ts";
import { DocumentSet } from "./document-set.ts";
import { judgesOf, NO_AUTHORITIES } from "./known-authorities.ts";
import { isRefused, receiveDocument } from "./received-document.ts";
import { signSet } from "./sign-set.ts";

test("given up meanwhile: the token is not asked, and no try is spent", async () => {
  const now = new Date();
  const { token } = await certifiedToken({ serial: 40_718_225 });
  const received = await receiveDocument("a.pdf", await pages(1), OPEN_WORKSHOP, judgesOf(NO_AUTHORITIES, now));
  if (isRefused(received)) throw new Error(received.refusal);
  const set = new DocumentSet("A".repeat(43), [received], [], now);
  const client = token.client();
  const giveUp = new AbortController();
  const signing = {
    client,
    key: await findSigningKey(client, [], now),
    consent: { pin: new TextEncoder().encode(WRONG_PIN) },
    workshop: OPEN_WORKSHOP,
    known: NO_AUTHORITIES,
    now,
    texts: { signedBy: (name: string) => name, date: (at: Date) => at.toISOString() },
    nameOf: (name: string) => name,
    signal: giveUp.signal,
  };
  const signed = signSet(set, signing);
  giveUp.abort(new DeskError("cancelled"));
  await expect(signed).rejects.toMatchObject({ refusal: "cancelled" });
  expect([set.signedCount, await client.pinTriesLeft()]).toEqual([0, 3]);
  await signSet(set, { ...signing, consent: { pin: new TextEncoder().encode(PIN) }, signal: new AbortController().signal });
  expect(set.signedCount).toBe(1);
  client.close();
});
