// What a command may change, and what it needs for that: the access rules of the card once more, in another form than the firmware has them.

import {
  ID_ERASED_KEY,
  ID_EXTENSION_OBJECT,
  ID_KEY,
  ID_KINDS,
  ID_MANAGEMENT_KEY,
  ID_OBJECT,
  ID_REFERENCE_DATA,
  ID_RESET,
  ID_REVISION,
  ID_TRIES,
} from "../../firmware/journal-ids.ts";
import type { CommandApdu } from "../../protocol/apdu.ts";
import {
  INS_ATTEST,
  INS_CHANGE_REFERENCE_DATA,
  INS_GENERAL_AUTHENTICATE,
  INS_GENERATE_KEY_PAIR,
  INS_PUT_DATA,
  INS_RESET,
  INS_RESET_RETRY_COUNTER,
  INS_SET_MANAGEMENT_KEY,
  INS_SET_TRIES,
  INS_VERIFY,
  KEY_REF_PIV_PIN,
  KEY_REF_PUK,
  OBJECT_ATTESTATION_CERTIFICATE,
  SLOT_ATTESTATION,
  SLOT_MANAGEMENT,
} from "../../protocol/piv.ts";
import {
  CLA_VENDOR,
  INS_VENDOR,
  VENDOR_ERASE_KEY,
  VENDOR_ERASURE_RECEIPT,
  VENDOR_FACTORY_KEY,
  VENDOR_FACTORY_SEAL,
  VENDOR_JOURNAL_HEAD,
} from "../../protocol/vendor.ts";

/** What was proved on the channel, and how the token was, before the command. */
export interface Standing {
  readonly pin: boolean;
  readonly management: boolean;
  readonly initialised: boolean;
  readonly blocked: boolean;
}

interface Rule {
  readonly ids: (id: number) => boolean;
  readonly journal: boolean;
  readonly needs: (standing: Standing) => boolean;
}

const ANYBODY = (): boolean => true;
const PIN = (standing: Standing): boolean => standing.pin;
const OFFICE = (standing: Standing): boolean => standing.management && standing.initialised;
const EITHER = (standing: Standing): boolean => (standing.pin || standing.management) && standing.initialised;
const FACTORY = (standing: Standing): boolean => !standing.initialised;
const NONE = (): boolean => false;

const ATTESTATION_IDS = [
  ID_KEY | SLOT_ATTESTATION,
  ID_ERASED_KEY | SLOT_ATTESTATION,
  ID_EXTENSION_OBJECT | (OBJECT_ATTESTATION_CERTIFICATE & 0xff),
];

function only(...ids: readonly number[]): (id: number) => boolean {
  return (id) => ids.includes(id);
}

function kinds(...allowed: readonly number[]): (id: number) => boolean {
  return (id) => id === ID_REVISION || (allowed.includes(id & ID_KINDS) && !ATTESTATION_IDS.includes(id));
}

const NOTHING: Rule = { ids: NONE, journal: false, needs: ANYBODY };
const JOURNAL_ONLY: Rule = { ids: NONE, journal: true, needs: EITHER };

function vendorRule(p1: number): Rule {
  if (p1 === VENDOR_JOURNAL_HEAD || p1 === VENDOR_ERASURE_RECEIPT) return JOURNAL_ONLY;
  if (p1 === VENDOR_ERASE_KEY) return { ids: kinds(ID_KEY, ID_ERASED_KEY), journal: true, needs: OFFICE };
  if (p1 === VENDOR_FACTORY_KEY) return { ids: only(ID_REVISION, ...ATTESTATION_IDS.slice(0, 2)), journal: true, needs: FACTORY };
  if (p1 === VENDOR_FACTORY_SEAL) return { ids: only(ID_REVISION, ...ATTESTATION_IDS.slice(2)), journal: false, needs: FACTORY };
  return NOTHING;
}

function referenceRule(p2: number): Rule {
  return { ids: only(ID_TRIES | p2, ID_REFERENCE_DATA | p2), journal: false, needs: ANYBODY };
}

const PIN_IDS = [ID_TRIES | KEY_REF_PIV_PIN, ID_REFERENCE_DATA | KEY_REF_PIV_PIN, ID_TRIES | KEY_REF_PUK];
const OF_HOLDER_AND_OFFICE = [
  ID_TRIES,
  ID_REFERENCE_DATA,
  ID_MANAGEMENT_KEY,
  ID_KEY,
  ID_ERASED_KEY,
  ID_OBJECT,
  ID_EXTENSION_OBJECT,
  ID_RESET,
];

/** @param keyNeedsPin the key in the command's slot has a PIN policy other than «never» */
export function ruleOf(command: CommandApdu, keyNeedsPin: boolean): Rule {
  if (command.cla === CLA_VENDOR && command.ins === INS_VENDOR) return vendorRule(command.p1);
  if (command.cla !== 0) return NOTHING;
  const generated = only(ID_REVISION, ID_KEY | command.p2, ID_ERASED_KEY | command.p2);
  switch (command.ins) {
    case INS_VERIFY:
      return { ids: only(ID_TRIES | KEY_REF_PIV_PIN), journal: false, needs: ANYBODY };
    case INS_CHANGE_REFERENCE_DATA:
      return referenceRule(command.p2);
    case INS_RESET_RETRY_COUNTER:
      return { ids: only(...PIN_IDS), journal: false, needs: (standing) => standing.initialised };
    case INS_GENERATE_KEY_PAIR:
      return { ids: (id) => generated(id) && !ATTESTATION_IDS.includes(id), journal: true, needs: OFFICE };
    case INS_PUT_DATA:
      return { ids: kinds(ID_OBJECT, ID_EXTENSION_OBJECT), journal: false, needs: OFFICE };
    case INS_SET_MANAGEMENT_KEY:
      return { ids: only(ID_MANAGEMENT_KEY), journal: false, needs: (standing) => standing.management };
    case INS_SET_TRIES:
      return { ids: kinds(ID_TRIES), journal: false, needs: (standing) => OFFICE(standing) && standing.pin };
    case INS_RESET:
      return { ids: kinds(...OF_HOLDER_AND_OFFICE), journal: true, needs: (standing) => standing.blocked };
    case INS_GENERAL_AUTHENTICATE:
      return command.p2 === SLOT_MANAGEMENT ? NOTHING : { ids: NONE, journal: true, needs: keyNeedsPin ? PIN : ANYBODY };
    case INS_ATTEST:
      return JOURNAL_ONLY;
    default:
      return NOTHING;
  }
}
