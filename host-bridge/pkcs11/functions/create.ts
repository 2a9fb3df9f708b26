// PKCS#11 2.40 §5.7: making, copying, changing and destroying objects. On the token these are certificates; all others live in the bridge.

import { SW_WRONG_LENGTH } from "../../../protocol/status-words.ts";
import { updateKeyHistory } from "../../token/key-history.ts";
import type { TokenClient } from "../../token/token-client.ts";
import { TokenError } from "../../token/token-error.ts";
import type { Application, Session } from "../application/application.ts";
import { withManagement } from "../application/management.ts";
import type { Attribute } from "../ck/attribute.ts";
import * as ck from "../ck/ck.ts";
import { CkError } from "../ck/ck-error.ts";
import { type NumberedSlot, retiredIndex } from "../objects/key-ids.ts";
import { parseCertificate } from "../objects/objects.ts";
import { changedSessionObject, newSessionObject } from "../objects/session-objects.ts";
import { Template } from "../objects/template.ts";
import { isTrue, matchesTemplate, sizeBytes, type TokenObject } from "../objects/token-object.ts";
import { numberAt, templateAt } from "./arguments.ts";
import { slotOfId } from "./generate.ts";
import type { PkcsFunction } from "./pkcs-function.ts";

/** Of a certificate on the token the certificate alone is kept. */
const NOT_KEPT = [
  ck.CKA_LABEL,
  ck.CKA_SERIAL_NUMBER,
  ck.CKA_CERTIFICATE_CATEGORY,
  ck.CKA_CHECK_VALUE,
  ck.CKA_START_DATE,
  ck.CKA_END_DATE,
  ck.CKA_URL,
];
const ALSO_NOT_KEPT = [ck.CKA_MODIFIABLE, ck.CKA_COPYABLE, ck.CKA_DESTROYABLE];
const OF_CERTIFICATE = [ck.CKA_CLASS, ck.CKA_TOKEN, ck.CKA_PRIVATE, ck.CKA_CERTIFICATE_TYPE, ck.CKA_TRUSTED, ck.CKA_ID, ck.CKA_VALUE];
const KNOWN = new Set([...NOT_KEPT, ...ALSO_NOT_KEPT, ...OF_CERTIFICATE, ck.CKA_SUBJECT, ck.CKA_ISSUER]);

function objectAt(application: Application, session: Session, handle: number): TokenObject {
  const found = application.findObject(session, handle);
  if (found === undefined) throw new CkError(ck.CKR_OBJECT_HANDLE_INVALID);
  return found;
}

/** The token's Key History tells OpenSC of retired keys with a certificate. */
async function noteChange(client: TokenClient, { slot }: NumberedSlot): Promise<void> {
  if (retiredIndex(slot) !== null) await updateKeyHistory(client);
}

/** The slot whose key a certificate certifies. @throws CkError */
function slotFor(session: Session, publicKeyInfo: Uint8Array, id: Uint8Array | undefined): NumberedSlot {
  const template = [{ type: ck.CKA_PUBLIC_KEY_INFO, value: publicKeyInfo }];
  const key = session.slot.objects.find((candidate) => matchesTemplate(candidate, template));
  const slot = slotOfId(key?.attributes.get(ck.CKA_ID));
  if (slot === null) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  if ((slotOfId(id) ?? slot) !== slot) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  return slot;
}

/** Some software gives no name at all, or an empty one. */
function checkName(template: Template, type: number, name: Uint8Array): void {
  const given = template.bytes(type);
  if (given !== undefined && given.length > 0 && !Buffer.from(given).equals(name)) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
}

/** @throws CkError CKR_DEVICE_MEMORY when it is longer than an object of the token may be (3,072 bytes), or than a command */
async function writeCertificate(client: TokenClient, { certificate }: NumberedSlot, der: Uint8Array): Promise<void> {
  try {
    await client.writeCertificate(certificate, der);
  } catch (cause) {
    if (cause instanceof TokenError && cause.sw === SW_WRONG_LENGTH) throw new CkError(ck.CKR_DEVICE_MEMORY, { cause });
    throw cause;
  }
}

/** Another certificate of the same key is replaced: so a key is certified anew. */
async function createCertificate(application: Application, session: Session, template: Template): Promise<number> {
  template.checkTypes(KNOWN);
  if ((template.ulong(ck.CKA_CERTIFICATE_TYPE) ?? ck.CKC_X_509) !== ck.CKC_X_509) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  for (const type of [ck.CKA_PRIVATE, ck.CKA_TRUSTED]) template.expectBool(type, false);
  const certificate = parseCertificate(template.required(ck.CKA_VALUE));
  if (certificate === null) throw new CkError(ck.CKR_ATTRIBUTE_VALUE_INVALID);
  checkName(template, ck.CKA_SUBJECT, certificate.parts.subject);
  checkName(template, ck.CKA_ISSUER, certificate.parts.issuer);
  const written = await withManagement(application, session, async (client) => {
    await session.slot.refreshForWrite(); // another process may have made the key
    const slot = slotFor(session, certificate.parts.publicKeyInfo, template.bytes(ck.CKA_ID));
    await writeCertificate(client, slot, certificate.der);
    await noteChange(client, slot);
    return slot;
  });
  const made = session.slot.objects.find(({ certificateOf }) => certificateOf?.slot === written.slot);
  if (made === undefined) throw new CkError(ck.CKR_DEVICE_ERROR);
  return application.handleOf(made);
}

/** An object that only those see who are logged in. */
function checkMayMake(application: Application, session: Session, made: TokenObject): void {
  if (made.isPrivate && application.login(session.slot) === undefined) throw new CkError(ck.CKR_USER_NOT_LOGGED_IN);
}

const createObject: PkcsFunction = async (application, args) => {
  const session = application.session(numberAt(args, 0));
  const template = new Template(templateAt(args, 1));
  const objectClass = template.ulong(ck.CKA_CLASS);
  if (objectClass === undefined) throw new CkError(ck.CKR_TEMPLATE_INCOMPLETE);
  if (template.bool(ck.CKA_TOKEN) === true) {
    // Keys are made inside, and there is no room for anything else.
    if (objectClass !== ck.CKO_CERTIFICATE) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
    return [await createCertificate(application, session, template)];
  }
  const made = newSessionObject(template);
  checkMayMake(application, session, made);
  return [application.addSessionObject(session, made)];
};

const copyObject: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const before = objectAt(application, session, numberAt(args, 1));
  if (!isTrue(before, ck.CKA_COPYABLE)) throw new CkError(ck.CKR_ACTION_PROHIBITED);
  const template = new Template(templateAt(args, 2));
  // The token takes no copies.
  template.expectBool(ck.CKA_TOKEN, false);
  const copy = changedSessionObject(before, template, true);
  if (before.isPrivate && !copy.isPrivate) throw new CkError(ck.CKR_TEMPLATE_INCONSISTENT);
  checkMayMake(application, session, copy);
  return [application.addSessionObject(session, copy)];
};

const isOnToken = (object: TokenObject): boolean => isTrue(object, ck.CKA_TOKEN);

const destroyObject: PkcsFunction = async (application, args) => {
  const session = application.session(numberAt(args, 0));
  const object = objectAt(application, session, numberAt(args, 1));
  if (isOnToken(object) && !session.isReadWrite) throw new CkError(ck.CKR_SESSION_READ_ONLY);
  // A key ends with a receipt: `sceau token retire`.
  if (!isTrue(object, ck.CKA_DESTROYABLE)) throw new CkError(ck.CKR_ACTION_PROHIBITED);
  const { certificateOf } = object;
  if (certificateOf === undefined) {
    application.replaceSessionObject(object, null);
    return [];
  }
  await withManagement(application, session, async (client) => {
    await session.slot.refreshForWrite();
    if (!session.slot.objects.includes(object)) throw new CkError(ck.CKR_OBJECT_HANDLE_INVALID); // replaced meanwhile
    await client.writeObject(certificateOf.certificate, new Uint8Array(0));
    await noteChange(client, certificateOf);
  });
  return [];
};

const getObjectSize: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  return [sizeBytes(objectAt(application, session, numberAt(args, 1)))];
};

/** The name of its own that an application gives a key after making it (NSS: a digest of its point); taken, and not kept, as in C_GenerateKeyPair. */
const isOwnName = ({ type, value }: Attribute): boolean => type === ck.CKA_ID && slotOfId(value) === null;

const setAttributeValue: PkcsFunction = (application, args) => {
  const session = application.session(numberAt(args, 0));
  const object = objectAt(application, session, numberAt(args, 1));
  const rows = templateAt(args, 2);
  const template = new Template(rows);
  if (isOnToken(object) && !session.isReadWrite) throw new CkError(ck.CKR_SESSION_READ_ONLY);
  if (matchesTemplate(object, rows)) return []; // it is so already
  if (isOnToken(object) && object.attributes.has(ck.CKA_KEY_TYPE) && rows.every(isOwnName)) return [];
  if (!isTrue(object, ck.CKA_MODIFIABLE)) throw new CkError(ck.CKR_ACTION_PROHIBITED);
  application.replaceSessionObject(object, changedSessionObject(object, template, false));
  return [];
};

export const createFunctions: Record<string, PkcsFunction> = {
  C_CreateObject: createObject,
  C_CopyObject: copyObject,
  C_DestroyObject: destroyObject,
  C_GetObjectSize: getObjectSize,
  C_SetAttributeValue: setAttributeValue,
};
