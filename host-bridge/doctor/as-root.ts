// Commands that want administrator rights.

import type { Place } from "./place.ts";

export const ROOT_UID = 0;

/** Root needs no sudo, and small machines have none. */
export const asRoot = ({ machine }: Place, command: string): string => (machine.uid === ROOT_UID ? command : `sudo ${command}`);

export const debianPackages = (place: Place, ...names: readonly string[]): string =>
  asRoot(place, `apt-get install -y --no-install-recommends ${names.join(" ")}`);
