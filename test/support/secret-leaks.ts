// Whether a text tells a secret, in any of the forms in which a program would write it down by accident.

const BASE64URL_256_BITS = /^[\w-]{43}$/;
const HEXADECIMAL = /^(?:[0-9a-f]{2})+$/i;
/** A PIN's digits may be part of any number: they count between what is no digit or letter. */
const DIGITS = /^\d+$/;

/** The same bytes as programs write them: base64 of either alphabet, hexadecimal, numbers between commas as JSON has a Uint8Array. */
function formsOfBytes(bytes: Buffer): string[] {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3)); // whatever comes behind it
  const numbers = [...bytes].join(",");
  const inspected = bytes.toString("hex").match(/../g)?.join(" ") ?? "";
  return [
    whole.toString("base64"),
    whole.toString("base64url"),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    numbers,
    inspected,
  ];
}

function formsOf(secret: string): string[] {
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...formsOfBytes(Buffer.from(secret))];
  if (BASE64URL_256_BITS.test(secret)) forms.push(...formsOfBytes(Buffer.from(secret, "base64url")));
  if (HEXADECIMAL.test(secret)) forms.push(...formsOfBytes(Buffer.from(secret, "hex")));
  return [...new Set(forms)];
}

function isIn(text: string, form: string): boolean {
  if (!DIGITS.test(form)) return text.includes(form);
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
    const around = `${text[at - 1] ?? " "}${text[at + form.length] ?? " "}`;
    if (!/[\p{L}\p{N}]/u.test(around)) return true;
  }
  return false;
}

/** @param secrets by what they are @returns what each was, and in which form it stands there, without saying it again */
export function leaks(text: string, secrets: ReadonlyMap<string, string>): string[] {
  return [...secrets].flatMap(([what, secret]) => {
    const form = formsOf(secret).findIndex((each) => isIn(text, each));
    return form < 0 ? [] : [`${what} (form ${form})`];
  });
}
