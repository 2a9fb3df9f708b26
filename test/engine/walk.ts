// The way of a token from its factory to its reset, step by step: whatever runs the firmware, the same is expected of it.

import { createECDH, createHash, randomBytes, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { AttestationRoot } from "../../host-bridge/factory/attestation-root.ts";
import { provisionToken } from "../../host-bridge/factory/provision.ts";
import { verifyAttestation } from "../../host-bridge/token/attestation.ts";
import { blockAndReset } from "../../host-bridge/token/block-and-reset.ts";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import { journalProblem } from "../../host-bridge/token/signature-journal.ts";
import type { JournalHead } from "../../host-bridge/token/statement.ts";
import { TokenClient } from "../../host-bridge/token/token-client.ts";
import { verifyStatement } from "../../host-bridge/token/verify-statement.ts";
import type { TokenChannel } from "../../host-bridge/transport/transport.ts";
import { equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import {
  BUTTON_POLICY_ALWAYS,
  BUTTON_POLICY_NEVER,
  OBJECT_SIGNATURE_CERTIFICATE,
  PIN_POLICY_ALWAYS,
  PIN_POLICY_NEVER,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  SLOT_CARD_AUTHENTICATION,
  SLOT_KEY_MANAGEMENT,
  SLOT_SIGNATURE,
} from "../../protocol/piv.ts";
import type { ButtonScript } from "../../simulator/scripted-button.ts";
import { bareCertificate } from "../support/bare-certificate.ts";
import { p256Point } from "../support/ec-keys.ts";
import { mustRun } from "../support/run.ts";
import { ascii, MANAGEMENT_KEY, PIN, PUK, SECRETS, WRONG_PIN } from "../support/simulated-token.ts";

/** A token that is plugged in, and whoever stands by its button. */
export interface Walked {
  openChannel(): Promise<TokenChannel>;
  readonly button: { script: ButtonScript; readonly waits: number; pressNow(): boolean };
  readonly folder: string;
  readonly root: AttestationRoot;
}

const NEW_PIN = "19283746";
const AT_ONCE: ButtonScript = { kind: "automatic", afterMs: 0 };
const NEVER: ButtonScript = { kind: "never" };
const digestOf = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());

export class Walk {
  private readonly token: Walked;
  private readonly now = new Date("2026-03-01T10:20:30Z");
  private attestationCertificate = new Uint8Array();
  private certificate = new Uint8Array();
  private points = new Map<number, Uint8Array>();

  constructor(token: Walked) {
    this.token = token;
  }

  private async client(): Promise<TokenClient> {
    return new TokenClient(await this.token.openChannel());
  }

  private async officer(): Promise<TokenClient> {
    const client = await this.client();
    await client.authenticateManagement(hexToBytes(MANAGEMENT_KEY));
    return client;
  }

  private async holder(pin = PIN): Promise<TokenClient> {
    const client = await this.client();
    await client.verifyPin(ascii(pin));
    return client;
  }

  private point(slot: number): Uint8Array {
    return this.points.get(slot) ?? new Uint8Array();
  }

  private get trust(): { roots: Uint8Array[]; at: Date } {
    return { roots: [new Uint8Array(this.token.root.certificate.rawData)], at: this.now };
  }

  /** Signs, and has OpenSSL check it. */
  private async expectSignature(client: TokenClient, slot: number, text: string): Promise<Uint8Array> {
    const signature = await client.sign(slot, digestOf(text));
    expect(verify("sha256", Buffer.from(text), p256Point(this.point(slot)), signature)).toBe(true);
    expect(signature).toHaveLength(70);
    return signature;
  }

  /** Each step has its name as a title. */
  readonly steps: readonly (readonly [title: string, step: () => Promise<void>])[] = [
    [
      "the factory step certifies an attestation key",
      async () => {
        const client = await this.client();
        expect(await client.deviceInfo()).toMatchObject({ isInitialised: false, isSealed: false, isSimulated: true, profile: "strict" });
        this.attestationCertificate = new Uint8Array(await provisionToken(client, this.token.root, this.now));
        expect(await client.deviceInfo()).toMatchObject({ isInitialised: false, isSealed: true });
        client.close();
      },
    ],
    [
      "initialised, it has secrets of its own",
      async () => {
        const client = await this.client();
        await initialiseToken(client, ascii(PIN), () => SECRETS);
        expect((await client.deviceInfo()).isInitialised).toBe(true);
        expect(await client.randomBytes(32)).not.toEqual(await client.randomBytes(32));
        client.close();
      },
    ],
    [
      "makes keys with policies in four slots, attested as made inside",
      async () => {
        const officer = await this.officer();
        const policies = [
          [SLOT_AUTHENTICATION, PIN_POLICY_ONCE, BUTTON_POLICY_NEVER],
          [SLOT_SIGNATURE, PIN_POLICY_ALWAYS, BUTTON_POLICY_NEVER],
          [SLOT_KEY_MANAGEMENT, PIN_POLICY_ONCE, BUTTON_POLICY_NEVER],
          [SLOT_CARD_AUTHENTICATION, PIN_POLICY_NEVER, BUTTON_POLICY_ALWAYS],
        ] as const;
        for (const [slot, pin, button] of policies) {
          this.points.set(slot, await officer.generateKey(slot, { pin, button }));
          expect((await officer.keyMetadata(slot))?.publicKey).toEqual(this.point(slot));
        }
        officer.close();
        const holder = await this.holder();
        const attested = verifyAttestation(await holder.attest(SLOT_SIGNATURE), this.attestationCertificate, this.trust);
        expect(attested).toMatchObject({ slot: SLOT_SIGNATURE, isSimulated: true });
        holder.close();
      },
    ],
    [
      "signs with 9A after one PIN, with 9C after a PIN each time; the openssl program verifies",
      async () => {
        const holder = await this.holder();
        await this.expectSignature(holder, SLOT_AUTHENTICATION, "log in");
        await this.expectSignature(holder, SLOT_AUTHENTICATION, "log in again");
        await holder.verifyPin(ascii(PIN));
        const signature = await this.expectSignature(holder, SLOT_SIGNATURE, "a letter");
        await expect(holder.sign(SLOT_SIGNATURE, digestOf("another letter"))).rejects.toMatchObject({ sw: 0x6982 });
        holder.close();
        const file = (name: string, content: string | Uint8Array): string => {
          writeFileSync(join(this.token.folder, name), content);
          return join(this.token.folder, name);
        };
        const key = p256Point(this.point(SLOT_SIGNATURE)).export({ format: "pem", type: "spki" });
        const args = ["dgst", "-sha256", "-verify", file("9c.pem", key), "-signature", file("letter.sig", signature)];
        expect(mustRun("openssl", [...args, file("letter.txt", "a letter")])).toBe("Verified OK\n");
      },
    ],
    [
      "waits for the button with 9E, which cancelling ends, and a press answers",
      async () => {
        const { button } = this.token;
        const client = await this.client();
        button.script = NEVER;
        const cancelled = client.sign(SLOT_CARD_AUTHENTICATION, digestOf("a door"), { onButton: () => client.cancel() });
        await expect(cancelled).rejects.toMatchObject({ sw: 0x6985 });
        const before = button.waits;
        let isTold = false;
        const pressed = client.sign(SLOT_CARD_AUTHENTICATION, digestOf("a door"), {
          onButton: () => {
            isTold = true;
            button.pressNow();
          },
        });
        const signature = await pressed;
        expect([isTold, button.waits - before]).toEqual([true, 1]);
        expect(verify("sha256", Buffer.from("a door"), p256Point(this.point(SLOT_CARD_AUTHENTICATION)), signature)).toBe(true);
        button.script = AT_ONCE;
        await this.expectSignature(client, SLOT_CARD_AUTHENTICATION, "another door");
        client.close();
      },
    ],
    [
      "agrees on a key with 9D, as OpenSSL does; a point off the curve is refused",
      async () => {
        const ecdh = createECDH("prime256v1");
        ecdh.generateKeys();
        const holder = await this.holder();
        const agreed = await holder.agreeOnKey(SLOT_KEY_MANAGEMENT, new Uint8Array(ecdh.getPublicKey()));
        expect(Buffer.from(agreed)).toEqual(ecdh.computeSecret(this.point(SLOT_KEY_MANAGEMENT)));
        const off = new Uint8Array(ecdh.getPublicKey());
        off[64] = (off[64] ?? 0) ^ 1;
        await expect(holder.agreeOnKey(SLOT_KEY_MANAGEMENT, off)).rejects.toMatchObject({ name: "TokenError" });
        holder.close();
      },
    ],
    [
      "keeps a certificate, and a long object",
      async () => {
        const officer = await this.officer();
        this.certificate = new Uint8Array(bareCertificate(this.point(SLOT_SIGNATURE), 700));
        await officer.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, this.certificate);
        officer.close();
        const anybody = await this.client();
        expect(await anybody.readCertificate(OBJECT_SIGNATURE_CERTIFICATE)).toEqual(this.certificate);
        anybody.close();
      },
    ],
    [
      "signs a list after one PIN and one press, and nothing else",
      async () => {
        const { button } = this.token;
        const letters = ["one", "two", "three"];
        const holder = await this.holder();
        const before = button.waits;
        await holder.vendor.beginBatch(SLOT_SIGNATURE, letters.map(digestOf));
        for (const letter of letters) await this.expectSignature(holder, SLOT_SIGNATURE, letter);
        expect(button.waits - before).toBe(1);
        await expect(holder.sign(SLOT_SIGNATURE, digestOf("one"))).rejects.toMatchObject({ name: "TokenError" });
        holder.close();
      },
    ],
    [
      "has all signatures in its journal, in a chain that its head signs",
      async () => {
        const holder = await this.holder();
        const nonce = new Uint8Array(randomBytes(16));
        const head = await holder.vendor.journalHead(nonce);
        expect(verifyStatement(head, this.attestationCertificate, this.trust).problems).toEqual([]);
        const { statement } = verifyStatement(head, this.attestationCertificate, this.trust);
        const section = await holder.vendor.readJournal();
        expect(journalProblem(section, statement as JournalHead, head)).toBeNull();
        for (const text of ["log in", "a letter", "a door", "three"]) {
          expect(section.entries.filter(({ digest }) => equalBytes(digest, digestOf(text)))).toHaveLength(1);
        }
        expect(section.entries.filter(({ digest }) => equalBytes(digest, digestOf("another letter")))).toHaveLength(0);
        holder.close();
      },
    ],
    [
      "erases a key and signs a receipt",
      async () => {
        const officer = await this.officer();
        const receipt = await officer.vendor.eraseKey(SLOT_AUTHENTICATION);
        expect(verifyStatement(receipt, this.attestationCertificate, this.trust)).toMatchObject({
          problems: [],
          statement: { slot: SLOT_AUTHENTICATION, publicKey: this.point(SLOT_AUTHENTICATION) },
        });
        expect(await officer.keyMetadata(SLOT_AUTHENTICATION)).toBeNull();
        officer.close();
      },
    ],
    [
      "counts wrong PINs down to none, and the PUK sets a new one",
      async () => {
        const client = await this.client();
        for (const left of [2, 1, 0]) {
          await expect(client.verifyPin(ascii(WRONG_PIN))).rejects.toMatchObject({ name: "TokenError" });
          expect((await client.tries(0x80)).left).toBe(left);
        }
        await expect(client.verifyPin(ascii(PIN))).rejects.toMatchObject({ sw: 0x6983 });
        await client.unblockPin(ascii(PUK), ascii(NEW_PIN));
        await client.verifyPin(ascii(NEW_PIN));
        await this.expectSignature(client, SLOT_SIGNATURE, "unblocked");
        client.close();
      },
    ],
    [
      "keeps two clients apart",
      async () => {
        const [one, other] = [await this.holder(NEW_PIN), await this.client()];
        await expect(other.sign(SLOT_SIGNATURE, digestOf("not mine"))).rejects.toMatchObject({ sw: 0x6982 });
        await this.expectSignature(one, SLOT_SIGNATURE, "mine");
        one.close();
        other.close();
      },
    ],
    [
      "reset, it is new again but for attestation key and journal",
      async () => {
        const client = await this.client();
        const { counter } = await client.deviceInfo();
        await blockAndReset(client);
        const info = await client.deviceInfo();
        expect(info).toMatchObject({ isInitialised: false, isSealed: true });
        expect(info.counter).toBeGreaterThanOrEqual(counter);
        expect(await client.keyMetadata(SLOT_SIGNATURE)).toBeNull();
        expect(await client.readCertificate(OBJECT_SIGNATURE_CERTIFICATE)).toBeNull();
        client.close();
      },
    ],
  ];
}
