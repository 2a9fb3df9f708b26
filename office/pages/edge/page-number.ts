// Which page of a list: from the address; what is no number is the first.

import { z } from "zod";

const MAX_PAGE = 100_000;

export const pageNumber = z.coerce.number().int().min(1).max(MAX_PAGE).catch(1);
