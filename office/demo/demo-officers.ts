// Who works at the demonstration's office: somebody in each role, and a deputy, since two decisions need a second verifier and a second issuer.

import { ROLES, type Role } from "../registration/roles.ts";

export interface DemoOfficer {
  readonly givenName: string;
  readonly surname: string;
  readonly roles: readonly Role[];
  /** Name of their token: `sceau sim NAME` plugs it in. */
  readonly token: string;
}

export const demoTokenName = (role: Role): string => `demo-${role}`;

const NAMES: Readonly<Record<Role, readonly [givenName: string, surname: string]>> = {
  administrator: ["Anne", "Martin"],
  verifier: ["Bruno", "Lefèvre"],
  approver: ["Chloé", "Moreau"],
  issuer: ["Denis", "Garçon"],
  helpdesk: ["Élise", "Œuvrard"],
  auditor: ["Farid", "Benali"],
};

const ofRole = (role: Role): DemoOfficer => {
  const [givenName, surname] = NAMES[role];
  return { givenName, surname, roles: [role], token: demoTokenName(role) };
};

/** Takes up a check that the verifier could not decide, and agrees to letting out a token's secrets. */
export const DEMO_DEPUTY: DemoOfficer = { givenName: "Gilles", surname: "Aubry", roles: ["verifier", "issuer"], token: "demo-deputy" };

export const DEMO_OFFICERS: readonly DemoOfficer[] = [...ROLES.map(ofRole), DEMO_DEPUTY];
