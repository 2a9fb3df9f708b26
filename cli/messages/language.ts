// Which language to speak.

import { en, type Messages } from "./en.ts";
import { fr } from "./fr.ts";

/** `--lang` when given, else the locale as POSIX orders its variables, else English. */
export function messagesFor(chosen: string | undefined, environment: NodeJS.ProcessEnv): Messages {
  const locale = chosen ?? (environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"] || "");
  return locale.toLowerCase().startsWith("fr") ? fr : en;
}
