// A field for one line of free text that is kept: a name, a reason, a place.

import { z } from "zod";
import { isPlainLine } from "../../store/plain-text.ts";
import { says } from "./form.ts";

/** Without the spaces around it. May be empty: `min(1, says("required"))` where it may not. */
export const lineField = (maxCharacters: number) =>
  z.string(says("required")).trim().max(maxCharacters, says("too-long")).refine(isPlainLine, says("unreadable"));
