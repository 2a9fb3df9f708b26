// The main job from one end to the other: a new simulated token, its secrets, its key, its certificate, a signed and verified PDF.

import { randomBytes, randomInt } from "node:crypto";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { checkMayBeSigned, readPdf } from "../../host-bridge/signing/pdf-reading.ts";
import { type SignatureReport, verifyPdf } from "../../host-bridge/signing/verify-pdf.ts";
import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import { BuiltInCa } from "../../office/issuance/built-in-ca.ts";
import { BUTTON_POLICY_ALWAYS, OBJECT_SIGNATURE_CERTIFICATE, PIN_POLICY_ALWAYS, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import { signFile } from "../actions/sign.ts";
import type { CliContext } from "../context.ts";
import { checkOutput, readInput, writeOutput } from "../files.ts";
import { keepTokenSecrets } from "../secrets.ts";
import type { StateFolder } from "../state-folder.ts";
import { type ConnectedToken, connectToken } from "../tokens.ts";
import { type Child, startChild } from "./children.ts";
import { LETTER_SIGNATURE_PLACE, writeLetter } from "./letter.ts";
import type { Steps } from "./steps.ts";

const PIN_DIGITS = 8;
const BUTTON_DELAY_MS = "150";
const DEMONSTRATION = { publicUrl: "http://127.0.0.1:8440", organisation: "Sceau Demonstration", country: "FR" };
const HOLDER = {
  givenName: "Camille",
  surname: "Durand",
  email: "camille.durand@example.org",
  organisation: "Cabinet Durand",
  country: "FR",
  number: "1042",
};

export interface TourOptions {
  readonly document?: string;
  readonly out?: string;
}

/** Where the tour reads and writes. */
export interface TourPlan {
  /** Else the letter is written to `document` first. */
  readonly isGiven: boolean;
  readonly document: string;
  readonly out: string;
}

export interface TourResult {
  readonly signedFile: string;
  readonly root: string;
  readonly signatures: readonly SignatureReport[];
  readonly isValid: boolean;
  readonly token: string;
  readonly serial: string;
  readonly pinFile: string;
}

const randomPin = (): string => Array.from({ length: PIN_DIGITS }, () => randomInt(10)).join("");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A running tour: its token stays plugged in until `unplug`, which also forgets it. Its sockets are in a folder of their own. */
export class Tour {
  private readonly context: CliContext;
  private readonly steps: Steps;
  private readonly id = randomBytes(3).toString("hex");
  private readonly tokenName = `tour-${this.id}`;
  private readonly pin = randomPin();
  private readonly children: Child[] = [];
  private serial = "";

  constructor(context: CliContext, steps: Steps) {
    this.context = { ...context, state: context.state.forTour(this.id) };
    this.steps = steps;
  }

  get state(): StateFolder {
    return this.context.state;
  }

  /**
   * What can be refused before anything begins, is.
   * @throws UsageError no-such-file, not-readable, output-exists, not-writable
   */
  plan({ document: given, out: chosen }: TourOptions): TourPlan {
    if (given !== undefined) readInput(given);
    const stamp = this.context.now().toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
    const folder = this.state.signedDocuments;
    const document = given ?? join(folder, `letter-${stamp}-${this.id}.pdf`);
    const out = chosen ?? join(folder, `${basename(document, ".pdf")}-signed.pdf`);
    checkOutput(out);
    return { isGiven: given !== undefined, document, out };
  }

  async run({ isGiven, document, out }: TourPlan): Promise<TourResult> {
    const { state, say } = this.context;
    const text = say.tour;
    await this.steps.run(text.plugIn, () => this.start(["sim", this.tokenName, "--button-delay", BUTTON_DELAY_MS], ["plugged-in"]));
    await this.steps.run(text.bridge, () => this.start(["bridge", "--no-hid", "--no-serial"], ["ready"]));
    const token = await connectToken(state, this.tokenName);
    this.serial = token.info.serial;
    const authority = await this.certify(token);
    token.close();
    if (isGiven) await this.steps.run(text.read, async () => checkMayBeSigned(await readPdf(readInput(document))));
    else await this.steps.run(text.document, async () => writeOutput(document, await writeLetter(text.letter, this.context.now())));
    const place = isGiven ? {} : { visible: LETTER_SIGNATURE_PLACE };
    await this.steps.run(text.sign, () => signFile(this.context, document, { out, token: this.serial, pinFile: this.pinFile, ...place }));
    const signatures = await this.steps.run(text.verify, () =>
      verifyPdf(readInput(out), { roots: [authority.root], at: this.context.now() }),
    );
    const newest = signatures.find((each) => each.coversWholeFile);
    const isValid = newest !== undefined && newest.problems.length === 0;
    const root = join(state.authority, "root.pem");
    return { signedFile: out, root, signatures, isValid, token: this.tokenName, serial: this.serial, pinFile: this.pinFile };
  }

  async unplug(): Promise<void> {
    for (const child of this.children.reverse()) await child.stop();
    const { state } = this.context;
    rmSync(state.token(this.tokenName), { recursive: true, force: true });
    rmSync(state.run, { recursive: true, force: true });
    if (this.serial !== "") rmSync(state.secrets(this.serial), { force: true });
  }

  /** Beside the simulated token's flash, mode 0600: a demonstration's PIN, forgotten with the token. */
  private get pinFile(): string {
    return join(this.context.state.token(this.tokenName), "pin.txt");
  }

  private async start(args: readonly string[], events: readonly string[]): Promise<void> {
    this.children.push(await startChild(this.context.state, args, events));
  }

  /** Secrets, key, certificate. The answer is the CA that certified it. */
  private async certify({ client }: ConnectedToken): Promise<BuiltInCa> {
    const { state, say } = this.context;
    const text = say.tour;
    const pin = bytes(this.pin);
    await this.steps.run(text.secrets, async () => {
      writeOutput(this.pinFile, `${this.pin}\n`, 0o600);
      await initialiseToken(client, pin, (needsPuk) => keepTokenSecrets(state, this.serial, needsPuk));
    });
    const point = await this.steps.run(text.key, () =>
      client.generateKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ALWAYS, button: BUTTON_POLICY_ALWAYS }),
    );
    const [authority, certificate] = await this.steps.run(text.certify, async () => {
      const ca = BuiltInCa.exists(state.authority)
        ? await BuiltInCa.open(state.authority, this.context)
        : await BuiltInCa.create(state.authority, DEMONSTRATION, this.context);
      const request = await createCertificationRequest(point, async (digest) => {
        await client.verifyPin(pin);
        return client.sign(SLOT_SIGNATURE, digest);
      });
      return [ca, await ca.issueSigning({ person: HOLDER, request })] as const;
    });
    await this.steps.run(text.write, () => client.writeCertificate(OBJECT_SIGNATURE_CERTIFICATE, certificate));
    return authority;
  }
}
