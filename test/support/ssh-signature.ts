// What `ssh-keygen -Y sign` writes (OpenSSH's PROTOCOL.sshsig), taken apart for openssl: what was signed, and the ECDSA signature in DER.

import { createHash } from "node:crypto";
import { encodeTlv } from "../../protocol/ber-tlv.ts";

const MAGIC = "SSHSIG";
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** RFC 4251 §5: strings, each after its length. */
function takeStrings(bytes: Buffer): Buffer[] {
  const strings: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    strings.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return strings;
}

const string = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** @throws when it is no signature of a P-256 key */
export function readSshSignature(armoured: string, message: Uint8Array): { readonly signed: Uint8Array; readonly der: Uint8Array } {
  const bytes = Buffer.from(armoured.replaceAll(/-----.*-----/g, ""), "base64");
  // The magic, and the version.
  const [, namespace, reserved, hash, signature] = takeStrings(bytes.subarray(MAGIC.length + 4));
  const [algorithm, numbers] = takeStrings(signature ?? Buffer.alloc(0));
  if (namespace === undefined || reserved === undefined || hash === undefined || numbers === undefined) throw new Error("no SSH signature");
  if (String(algorithm) !== "ecdsa-sha2-nistp256") throw new Error(`signed by ${algorithm}`);
  const digest = createHash(String(hash)).update(message).digest();
  const signed = Buffer.concat([Buffer.from(MAGIC), ...[namespace, reserved, hash, digest].map(string)]);
  // RFC 5656 §3.1.2: two mpints, which have the form of an INTEGER.
  return {
    signed,
    der: encodeTlv(
      SEQUENCE,
      takeStrings(numbers).map((each) => encodeTlv(INTEGER, [each])),
    ),
  };
}
