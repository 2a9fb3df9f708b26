// Changing the settings: checked, audited. A document that is changed gets another version, and those who agreed to the one before have agreed to
// that one only.

import { eq } from "drizzle-orm";
import { appendAudit } from "../audit/audit-trail.ts";
import type { Acting } from "../registration/officers.ts";
import { settings } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";
import { DEFAULT_DOCUMENTS } from "./default-settings.ts";
import { SETTING_NAMES, type SettingName, settingOf } from "./settings.ts";
import { DOCUMENTS, type DocumentName, HELP, type Help, PERIODS, type Periods } from "./settings-schema.ts";

async function put(tx: Database, setting: SettingName, value: object): Promise<void> {
  const name = SETTING_NAMES[setting];
  await tx.insert(settings).values({ name, value }).onConflictDoUpdate({ target: settings.name, set: { value } });
}

/** @throws ZodError what the form let through and must not have */
export function changeHelp({ transaction }: Store, help: Help, { actor, now }: Acting): Promise<void> {
  return transaction(async (tx) => {
    await put(tx, "help", HELP.parse(help));
    await appendAudit(tx, { at: now, actor, action: "settings.changed", subject: "settings:help" });
  });
}

/** @throws ZodError what the form let through and must not have */
export function changePeriods({ transaction }: Store, periods: Periods, { actor, now }: Acting): Promise<void> {
  const { evidenceDays, dossierDays, offersQcp } = PERIODS.parse(periods);
  return transaction(async (tx) => {
    await put(tx, "periods", { evidenceDays, dossierDays, offersQcp });
    await appendAudit(tx, {
      at: now,
      actor,
      action: "settings.changed",
      subject: "settings:periods",
      details: { evidenceDays, dossierDays, offersQcp },
    });
  });
}

export interface DocumentTexts {
  readonly fr: string;
  readonly en: string;
}

/** Forms send CR LF. */
const ownLines = (text: string): string => text.replace(/\r\n?/g, "\n").trim();

/** @returns the version that holds now: the same as before when the texts are the same */
export function changeDocument(
  { transaction }: Store,
  document: DocumentName,
  texts: DocumentTexts,
  { actor, now }: Acting,
): Promise<string> {
  return transaction(async (tx) => {
    const name = SETTING_NAMES.documents;
    // Made when there is none, then held: two changes at once become two versions.
    await tx.insert(settings).values({ name, value: DEFAULT_DOCUMENTS }).onConflictDoNothing();
    const [row] = await tx.select().from(settings).where(eq(settings.name, name)).for("update");
    const all = settingOf(DOCUMENTS, row?.value, DEFAULT_DOCUMENTS, name);
    const versions = all[document];
    const [fr, en] = [ownLines(texts.fr), ownLines(texts.en)];
    const before = versions.at(-1);
    if (before !== undefined && before.fr === fr && before.en === en) return before.version;
    const version = String(versions.length + 1);
    await put(tx, "documents", DOCUMENTS.parse({ ...all, [document]: [...versions, { version, fr, en }] }));
    await appendAudit(tx, { at: now, actor, action: "settings.changed", subject: `settings:${document}`, details: { version } });
    return version;
  });
}
