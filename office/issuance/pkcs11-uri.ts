// PKCS#11 URIs (RFC 7512), as far as they say where a key of the authority is: module, token, object. A PIN comes from a file (pin-source), never
// from the URI itself: URIs are shown and logged.

import { fileURLToPath } from "node:url";
import { CaKeyError } from "./ca-key.ts";

export interface Pkcs11Place {
  readonly modulePath: string;
  /** CK_TOKEN_INFO fields that have to match. */
  readonly token: { readonly label?: string; readonly serialNumber?: string; readonly manufacturerID?: string; readonly model?: string };
  /** CKA_LABEL. */
  readonly label: string | null;
  /** CKA_ID. */
  readonly id: Uint8Array | null;
  /** File with the PIN; null: the token is used without a login. */
  readonly pinFile: string | null;
}

const SCHEME = "pkcs11:";
const TOKEN_FIELDS: ReadonlyMap<string, keyof Pkcs11Place["token"]> = new Map([
  ["token", "label"],
  ["serial", "serialNumber"],
  ["manufacturer", "manufacturerID"],
  ["model", "model"],
]);
const KNOWN = new Set([...TOKEN_FIELDS.keys(), "object", "id", "type", "module-path", "pin-source"]);

function bad(detail: string): CaKeyError {
  return new CaKeyError("uri", detail);
}

/** Percent-encoded octets; everything else is ASCII (§2.3). */
function octets(text: string): Uint8Array {
  if (!/^(?:[!-$&-~]|%[0-9A-Fa-f]{2})*$/.test(text)) throw bad("an attribute is not percent-encoded");
  return new Uint8Array(
    Buffer.from(
      text.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
      "latin1",
    ),
  );
}

const textOf = (value: string): string => Buffer.from(octets(value)).toString("utf8");

function attributesOf(uri: string): Map<string, string> {
  const [path = "", query = "", ...rest] = uri.slice(SCHEME.length).split("?");
  if (rest.length > 0) throw bad("two question marks");
  const found = new Map<string, string>();
  for (const part of [...path.split(";"), ...query.split("&")].filter((each) => each !== "")) {
    const [name = "", value, ...more] = part.split("=");
    if (value === undefined || more.length > 0 || found.has(name)) throw bad("an attribute without one value");
    // An attribute that is not understood could have meant another key (§2.3: it must not be ignored); a PIN in it would be shown and logged.
    if (!KNOWN.has(name)) throw bad(`attribute ${/^[a-z0-9-]{1,30}$/.test(name) ? name : "of an unknown name"}`);
    found.set(name, value);
  }
  return found;
}

function pinFileOf(value: string | undefined): string | null {
  if (value === undefined) return null;
  const source = textOf(value);
  if (source.startsWith("/")) return source;
  try {
    return fileURLToPath(source);
  } catch (cause) {
    throw new CaKeyError("uri", "pin-source is no file", { cause });
  }
}

/** @throws CaKeyError uri */
export function parsePkcs11Uri(uri: string): Pkcs11Place {
  if (!uri.startsWith(SCHEME)) throw bad("it does not begin with pkcs11:");
  const attributes = attributesOf(uri);
  const text = (name: string): string | null => {
    const value = attributes.get(name);
    return value === undefined ? null : textOf(value);
  };
  const modulePath = text("module-path");
  if (modulePath === null || !modulePath.startsWith("/")) throw bad("module-path, with the whole path, is missing");
  if (!["private", null].includes(text("type"))) throw bad("type is not private");
  const id = attributes.get("id");
  const place = {
    modulePath,
    token: Object.fromEntries([...TOKEN_FIELDS].flatMap(([name, field]) => (attributes.has(name) ? [[field, text(name)]] : []))),
    label: text("object"),
    id: id === undefined ? null : octets(id),
    pinFile: pinFileOf(attributes.get("pin-source")),
  };
  if (place.label === null && place.id === null) throw bad("object or id is missing");
  return place;
}
