// What went wrong, in English. French has the same keys (failure-fr.ts).

import type { RefusalReason } from "../../host-bridge/signing/document-refused.ts";
import type { SigningFailure } from "../../host-bridge/signing/signing-error.ts";
import type { TransportFailure } from "../../host-bridge/transport/transport.ts";
import type { CaKeyProblem } from "../../office/issuance/ca-key.ts";
import type { CeremonyProblem } from "../../office/issuance/ceremony-error.ts";
import type { AuthoritySetting } from "../../office/issuance/certificate-authority.ts";
import type { IssuanceRefusal } from "../../office/issuance/issuance-error.ts";
import type { UsageProblem } from "../usage-error.ts";

const tries = (left: number): string => (left === 1 ? "one try is left" : `${left} tries are left`);

export const failureEn = {
  internal: (message: string) => `Something went wrong inside Sceau: ${message}\nPlease report it, with the command and all that it wrote.`,
  refused: {
    "not-a-pdf": "This file is not a PDF.",
    truncated: "The end of this PDF is missing: it was not copied whole. Get it again.",
    damaged: "The structure of this PDF is damaged. Repair it first (for example: qpdf damaged.pdf repaired.pdf).",
    encrypted: "This PDF is encrypted. Take its protection off first (for example: qpdf --decrypt in.pdf out.pdf).",
    certified: "This PDF is certified, and its certification allows no further change, so no signature either.",
    xfa: "This PDF is an XFA form: each reader makes its pages in its own way, so what you see would not be what you sign. Print it to PDF in Adobe Reader, and sign that file.",
    external:
      "Parts of this PDF are in other files, which a signature would not cover. Print it to PDF where those files are, and sign that file.",
    "no-such-page": "There is no such page in this PDF.",
    "too-costly": "This PDF takes more time or memory than any document needs. Ask its author for a version printed to PDF.",
    unsafe:
      "Signing would change more of this PDF than adding a signature. Nothing was signed. Rewrite it first (for example: qpdf in.pdf out.pdf).",
  } satisfies Record<RefusalReason, string> as Record<RefusalReason, string>,
  signing: {
    "no-module": () => "p11-kit's client module is not installed. On Debian: apt-get install p11-kit-modules",
    "no-bridge": () => "The bridge is not running. Start it in another terminal: sceau bridge",
    "no-token": (detail: string) => (detail === "" ? "No token is plugged in." : `Token ${detail} is not plugged in.`),
    "no-certificate": () => "There is no certificate for signing on the token.",
    "which-certificate": (detail: string) => `There are several certificates for signing; choose the token with --token: ${detail}`,
    expired: (detail: string) => `The certificate expired on ${detail}. Have it renewed; nothing was signed.`,
    "not-yet-valid": (detail: string) => `The certificate is valid only from ${detail}. Check this computer's clock.`,
    "wrong-pin": (detail: string) =>
      detail === "" ? "Wrong PIN. How many tries are left: sceau token info" : `Wrong PIN; ${tries(Number(detail))}.`,
    "pin-blocked": () => "The PIN is blocked after too many wrong tries. Set a new one with the PUK: sceau token unblock",
    "pin-length": () => "A PIN has 6 to 8 digits. No try was spent.",
    "other-key": () =>
      "The token's key is not that of its certificate: the key was made anew, and its certificate is an old one. Nothing was written.",
    button: () => "The button was not pressed in time. Nothing was signed; try again.",
    removed: () => "The token was unplugged. Nothing was signed; plug it in and try again.",
    token: (detail: string) => `The token refused: ${detail}`,
  } satisfies Record<SigningFailure, (detail: string) => string> as Record<SigningFailure, (detail: string) => string>,
  transport: {
    gone: "The token is not plugged in any more.",
    silent: "The token does not answer. Unplug it and plug it in again.",
    busy: "Another program keeps the token busy. Try again.",
    confused: "The token's answer makes no sense. Unplug it and plug it in again.",
  } satisfies Record<TransportFailure, string> as Record<TransportFailure, string>,
  wrongPin: (left: number) => `Wrong; ${tries(left)}.`,
  blocked: "Blocked after too many wrong tries.",
  pinRule:
    "The token refuses it: a PIN has 6 to 8 digits, a PUK 8 characters, and neither may be the factory's or one of those that thieves try first (111111, 123456, 864208, 121212, 123123).",
  notAllowed: "The token does not allow it in its present state. A new token must be initialised first: sceau token init",
  wrongManagementKey: "The token does not accept this management key.",
  keyNotProven: (slot: string) =>
    `A new key is in slot ${slot}, but the button was not pressed in time to prove it, so there is no request. Run the command again.`,
  batchInterrupted: (signed: readonly string[], total: number, why: string) =>
    `${why}\nOnly ${signed.length} of ${total} signatures are written, and the consent to the others is over:\n${signed.join("\n")}`,
  badStatementFile: (detail: string) =>
    `This file is no journal or receipt that this version can read: ${detail}. A journal is for token journal --file, a receipt for token verify-receipt.`,
  full: "The token's memory is full.",
  rsaKey: (slot: string, kind: string) =>
    `The key in slot ${slot} is an ${kind} key, and this takes a P-256 or P-384 one. A card's RSA keys sign documents and decrypt; offices know no RSA keys.`,
  notOnThisCard: "Not on this card: it is no token of Sceau's, or one with older firmware. sceau token info shows what it has.",
  noPcscd: (reason: string) =>
    `No smart card reader can be reached: ${reason}. Is pcscd running? On Debian and Ubuntu: sudo apt install pcscd`,
  otherStatus: (detail: string) => `The token refused: ${detail}`,
  issuance: {
    unreadable: "This is not a certification request (PKCS#10).",
    "no-possession": "The request is not signed by its own key: whoever made it does not have the key.",
    "key-type": "Only P-256 and P-384 keys are certified.",
    "no-challenge": "The request has no challenge of this office in it.",
    "unknown-challenge": "The challenge in the request is none of this office's.",
    "expired-challenge": "The challenge in the request is too old. Ask for a new one.",
    replayed: "The challenge in the request was used already, for another key.",
    "other-person": "The challenge in the request was given to somebody else.",
    "other-token": "The challenge, or the attestation, is of another token.",
    "other-profile": "The challenge is for another certificate than the one asked for.",
    unassigned: "The token is not this person's.",
    "other-stock": "The token is in another office's stock. Take one of this office's.",
    "withdrawn-device": "The token is suspended, blocked, lost, damaged or retired: it gets no certificate.",
    "software-key": "Nothing says that this key was made on a token: the attestation is missing, or is of another key.",
    "bad-attestation": "The attestation cannot be read, or was not made by the attestation key that came with it.",
    "untrusted-root": "The attestation leads to no root that this office trusts.",
    "expired-attestation": "The certificates of the attestation are not valid now.",
    simulated: "This is a simulated token, which only a demonstration certifies.",
    model: "This office does not certify tokens of this model.",
    firmware: "This version of the token's firmware is not accepted any more.",
    slot: "The key is in another slot than that of the profile.",
    "key-policy": "The token would use this key without a PIN, or is one for tests.",
    "key-of-another": "This key was certified for somebody else.",
    "destroyed-key": "This key was destroyed.",
    organisation: "The person's organisation is not open at this office, or was closed: an officer opens it.",
    "compromised-key": "A certificate of this key was revoked as compromised: make a new key.",
    "no-issuer": "There is no issuing CA.",
    person:
      "No certificate can say this of a person: names and organisation have 1 to 64 characters, given name and surname 64 together, the country two letters, the e-mail address one @; the number has plain letters, digits and '()+,-./:=? only.",
    "expired-issuer": "The certificate of the issuing CA has expired: it issues nothing any more. Make a new certification authority.",
  } satisfies Record<IssuanceRefusal, string> as Record<IssuanceRefusal, string>,
  authoritySetting: {
    url: "The address of the office (--url) is one that begins with http:// or https://, in plain characters.",
    organisation: "The CA's organisation (--organisation) has 1 to 50 characters, and no control characters.",
    country: "The CA's country (--country) is two letters.",
    witness: "A witness (--witness) has 1 to 64 characters, and no control characters.",
  } satisfies Record<AuthoritySetting, string> as Record<AuthoritySetting, string>,
  ceremony: {
    "root-key-file": (file: string) =>
      `The root's key cannot be written to ${file}: its folder is missing, or a file is there already. Nothing was made.`,
    "not-the-root": (file: string) => `The key in ${file} is not the root's.`,
    "expired-root": () => "The root's certificate has expired. Make a new certification authority.",
    "no-such-issuer": (name: string) => `There is no issuing CA named ${name}.`,
    "current-issuer": (name: string) => `${name} still issues certificates. Make a new issuing CA first: sceau office ca roll-over`,
    "in-progress": () => "Another ceremony took place at the same time. Nothing was made.",
    "too-many": () => "This authority has had as many issuing CAs as it can name.",
  } satisfies Record<CeremonyProblem, (detail: string) => string> as Record<CeremonyProblem, (detail: string) => string>,
  caKey: {
    unreadable: "A key of the certification authority, or its passphrase, cannot be read.",
    passphrase: "The passphrase is not the right one; a new one has 12 characters at least.",
    "key-type": "The key of the certification authority is neither P-256 nor P-384.",
    uri: "The PKCS#11 URI names no key: it needs module-path, and object or id; a PIN comes from a file (pin-source) only.",
    module: "The PKCS#11 module cannot be loaded.",
    "no-token": "No token answers to the PKCS#11 URI.",
    "no-key": "The certification authority's key is not where it should be.",
    "which-key": "Several keys answer to the PKCS#11 URI.",
    pin: "The PKCS#11 token refuses the PIN, or wants one.",
    "key-exists": "The PKCS#11 token has a key of this name already.",
    device: "The PKCS#11 token failed.",
  } satisfies Record<CaKeyProblem, string> as Record<CaKeyProblem, string>,
  noAuthority: (folder: string) => `There is no certification authority in ${folder}. Make one: sceau office ca init`,
  authorityExists: (folder: string) => `There is a certification authority in ${folder} already. Nothing was changed.`,
  bridgeRunning: "A bridge is running already. It goes on; this one was not started.",
  pluggedInAlready: "This simulated token is plugged in already.",
  badFlash: (detail: string) => `The simulated token's flash cannot be used: ${detail}`,
  usage: {
    "token-name": (detail) => `«${detail}» is no name for a token: letters, digits, dots and hyphens, 32 at most.`,
    "state-path-too-long": (detail) => `The path of ${detail} is too long for a socket. Choose a shorter one with --state.`,
    "no-token-plugged-in": (detail) =>
      detail === ""
        ? "No token is plugged in. For a simulated one: sceau sim"
        : detail.startsWith("pcsc:")
          ? `There is no card in a reader with «${detail.slice(5)}» in its name. Readers and cards: opensc-tool --list-readers`
          : detail.startsWith("/")
            ? `There is no ${detail}. Plug the token in and look where it is: ls /dev/hidraw* /dev/ttyACM*`
            : `Token ${detail} is not plugged in. For a simulated one: sceau sim ${detail}`,
    "no-reader-named": (option) =>
      `${option} wants the name of a reader, or a part of it; «any» is all of them. Readers and cards: opensc-tool --list-readers`,
    "which-token": (detail) => `Several tokens are plugged in; choose one with --token: ${detail}`,
    "output-exists": (detail) => `${detail} exists already and was left alone. Choose another name with --out.`,
    "no-such-file": (detail) => `There is no file ${detail}`,
    "not-readable": (detail) => `${detail} cannot be read.`,
    "not-writable": (detail) => `${detail} cannot be written: its folder does not allow it. Choose another place with --out.`,
    "no-pin-source": (detail) => `${detail} There is no terminal to ask on: give it in a file (--pin-file, --new-pin-file or --puk-file).`,
    "bad-slot": (detail) => `«${detail}» is no slot: 9a, 9c, 9d, 9e or 82 to 95.`,
    "bad-number": (detail) => `«${detail}» is not a number that can be used here.`,
    "bad-board": (detail) => `«${detail}» is no board's name; they are in hardware/boards: jolt-js.`,
    "bad-serial": (detail) => `«${detail}» is no serial number: eight digits, the first of them not 0.`,
    "bad-word": (detail) => `There is no such choice; the words are in brackets: ${detail}`,
    "bad-place": (detail) => `«${detail}» is no place for a signature: PAGE or PAGE,X,Y,WIDTH,HEIGHT.`,
    "bad-certificate": (detail) => `There is no certificate in ${detail}`,
    "bad-secrets": (detail) => `This file is not as Sceau wrote it, so the token's PUK and management key can't be read from it: ${detail}`,
    "no-management-key": (detail) => `The token's management key is not in ${detail}. It is where the token was initialised.`,
    "no-key": (detail) => `There is no key in slot ${detail}. Make one: sceau token generate ${detail}`,
    "other-key": (detail) => `The certificate is for another key than the one in slot ${detail}. Nothing was written.`,
    "already-initialised": (detail) => `Token ${detail} is initialised already. Nothing was changed.`,
    "never-a-key": (detail) => `There is no key in slot ${detail}, and no receipt of one that was erased there.`,
    "not-sealed": (detail) => `Token ${detail} has no attestation key, so it can sign nothing about itself. It gets one at the factory.`,
    "not-blocked": (detail) => `Token ${detail} is reset only when its PIN and its PUK are both blocked. Nothing was changed.`,
    "not-confirmed": () => "Not confirmed. Nothing was changed.",
    "no-terminal": () => "There is no terminal to confirm it on: --yes confirms it. Nothing was changed.",
    "bad-digest-list": (detail) =>
      `This line is no digest for this key («digest  name», as sha256sum prints it; sha384sum for a P-384 key): ${detail}`,
    "digest-list-length": (detail) => `A list has 1 to 64 digests; this one has ${detail}.`,
    "same-name": (detail) => `There are two files named ${detail} in the list: their signatures would have one name.`,
    "folder-not-empty": (detail) => `There is something in ${detail} already. Choose another folder with --out.`,
    "two-standard-inputs": () => "Only one thing can come from standard input (-). Give the others as files.",
    "no-pin-program": (detail) =>
      `There is no program ${detail} to ask for PINs with. On Debian and Ubuntu: sudo apt install pinentry-gtk2 (windows) or pinentry-curses.`,
    "not-our-file": (detail) => `${detail} was not written by Sceau, and was left alone.`,
    "bad-vpcd-address": (detail) =>
      `«${detail}» is no address of vpcd on this computer: HOST:PORT, and HOST is localhost or 127.x.x.x. PINs go there in clear; for another computer make a tunnel (ssh -L).`,
    "bad-usb-address": (detail) =>
      `«${detail}» is no address for --usb: HOST:PORT of this machine alone, as 127.0.0.1:3240. Whoever reaches it has the token in hand.`,
    "usb-port-taken": (detail) =>
      `Another program has ${detail}: another simulated token, or usbipd. Choose another port, as --usb 127.0.0.1:3241`,
    "not-on-usb": (detail) => `Simulated token ${detail} is not running on USB. Start it in another terminal: sceau sim ${detail} --usb`,
  } satisfies Record<UsageProblem, (detail: string) => string> as Record<UsageProblem, (detail: string) => string>,
};
