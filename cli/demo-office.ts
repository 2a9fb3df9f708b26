// The demonstration of `sceau office --demo`: its tokens are this checkout's simulator's.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { demoAnswers, demoStart, demoTrustFile, fillDemo } from "../office/demo/demo.ts";
import { DEMO_OFFICERS } from "../office/demo/demo-officers.ts";
import { DEMO_PEOPLE } from "../office/demo/demo-people.ts";
import type { Clock } from "../office/issuance/clock.ts";
import { folderMailer } from "../office/mail/folder-mailer.ts";
import type { OfficeConfig } from "../office/office.ts";
import { openSealing } from "../office/process/data-key.ts";
import { OfficeFolder } from "../office/process/office-folder.ts";
import { offices } from "../office/store/schema.ts";
import { toPem } from "./certificates.ts";
import type { CliContext } from "./context.ts";
import { DEMO_PIN, demoTokens } from "./demo-tokens.ts";

/** The longest mailbox that is told. */
const MAILBOX_WIDTH = Math.max(...DEMO_PEOPLE.map(({ email }) => email.length));

/** Fills the demonstration's store the first time. */
export function demoFiller(context: CliContext): NonNullable<OfficeConfig["fillDemo"]> {
  return async (store, { folder, authorityFolder, publicUrl, host, port, clock }) => {
    const [known] = await store.db.select({ id: offices.id }).from(offices).limit(1);
    if (known !== undefined) return;
    rmSync(authorityFolder, { recursive: true, force: true }); // of a demonstration that was never finished
    const now = clock.now();
    const tokens = await demoTokens(context.state, join(folder, "factory"), demoStart(now));
    const own = new OfficeFolder(folder);
    writeFileSync(demoTrustFile(own.trust), toPem(tokens.root), { mode: 0o600 });
    const url = publicUrl ?? `http://${host}:${port}`;
    const from = `office@${new URL(url).hostname}`;
    const leaving = { sealing: openSealing(own), mailer: (at: Clock) => folderMailer(own.mails, from, at) };
    await fillDemo({ store, authorityFolder, publicUrl: url, now, tokens, ...leaving, answerWord: DEMO_PIN });
  };
}

/** What the demonstration says at each start: who is in it, and how to be them. */
export function tellDemo(context: CliContext, url: string): void {
  const { demo } = context.say.officeServer;
  const officers = DEMO_OFFICERS.map(({ token }) => token);
  const { mails } = new OfficeFolder(context.state.office(true));
  const answers = demoAnswers(DEMO_PIN);
  context.report({ event: "demo", officers, pin: DEMO_PIN, people: DEMO_PEOPLE, mails, answers }, [
    demo.made(officers.join(", "), DEMO_PIN),
    demo.signIn(url),
    demo.people(`${url}/account/sign-in`, mails),
    ...DEMO_PEOPLE.map(({ email, what }) => `  ${email.padEnd(MAILBOX_WIDTH)} ${demo.person[what]}`),
    demo.answers(answers.join(", ")),
  ]);
}
