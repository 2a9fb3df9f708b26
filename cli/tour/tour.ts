// The main job from one end to the other: a new simulated token; an application at the demonstration's office, checked and approved by two officers;
// activation; a signed and verified PDF.

import { randomBytes, randomInt } from "node:crypto";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { activateToken } from "../../host-bridge/activation/activate-token.ts";
import { learnAuthorities } from "../../host-bridge/agent/documents/learn-authorities.ts";
import { ActivationOverHttp, answerActivation, openActivation } from "../../host-bridge/office-client/activation-over-http.ts";
import { OfficeHttp } from "../../host-bridge/office-client/office-http.ts";
import { checkMayBeSigned } from "../../host-bridge/signing/may-be-signed.ts";
import { readPdf } from "../../host-bridge/signing/pdf-reading.ts";
import { type SignatureReport, verifyPdf } from "../../host-bridge/signing/verify-pdf.ts";
import { AdminClient } from "../../office/admin/admin-client.ts";
import type { OfficeStatus } from "../../office/admin/admin-protocol.ts";
import { demoTokenName } from "../../office/demo/demo-officers.ts";
import { AuthorityFolder } from "../../office/issuance/authority-folder.ts";
import { OfficeFolder } from "../../office/process/office-folder.ts";
import type { Role } from "../../office/registration/roles.ts";
import { OBJECT_SIGNATURE_CERTIFICATE } from "../../protocol/piv.ts";
import { authoritiesIn, secretsIn } from "../actions/activate.ts";
import { signInLink } from "../actions/office-sign-in.ts";
import { signFile } from "../actions/sign.ts";
import { toPem } from "../certificates.ts";
import type { CliContext } from "../context.ts";
import { DEMO_PIN } from "../demo-tokens.ts";
import { checkOutput, readInput, writeOutput } from "../files.ts";
import type { StateFolder } from "../state-folder.ts";
import { type ConnectedToken, connectToken } from "../tokens.ts";
import { TOUR_ANSWERS, TourApplication } from "./application.ts";
import { type Child, startChild } from "./children.ts";
import { freePort } from "./free-port.ts";
import { LETTER_SIGNATURE_PLACE, writeLetter } from "./letter.ts";
import type { OfficeVisitor } from "./office-visitor.ts";
import type { Steps } from "./steps.ts";

const PIN_DIGITS = 8;
const BUTTON_DELAY_MS = "150";

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
  /** The office's address. */
  readonly office: string;
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
    if (isGiven)
      await this.steps.run(text.read, async () => {
        checkMayBeSigned(await readPdf(readInput(document)));
      });
    await this.steps.run(text.plugIn, () => this.start(["sim", this.tokenName, "--button-delay", BUTTON_DELAY_MS], ["plugged-in"]));
    await this.steps.run(text.bridge, () => this.start(["bridge", "--no-hid", "--no-serial"], ["ready"]));
    const token = await connectToken(state, this.tokenName);
    this.serial = token.info.serial;
    const url = await this.steps.run(text.office, () => this.office());
    const authority = await this.activate(token, url);
    token.close();
    const chain = this.file("issuer.pem");
    writeOutput(chain, toPem(authority.current.certificate));
    if (!isGiven)
      await this.steps.run(text.document, async () => writeOutput(document, await writeLetter(text.letter, this.context.now())));
    const place = isGiven ? {} : { visible: LETTER_SIGNATURE_PLACE };
    await this.steps.run(text.sign, () =>
      signFile(this.context, document, { out, token: this.serial, pinFile: this.pinFile, chain: [chain], ...place }),
    );
    const signatures = await this.steps.run(text.verify, () =>
      verifyPdf(readInput(out), { roots: [authority.root], at: this.context.now() }),
    );
    const newest = signatures.find((each) => each.coversWholeFile);
    const isValid = newest !== undefined && newest.problems.length === 0;
    const root = join(state.officeAuthority(true), "root.pem");
    return { signedFile: out, root, signatures, isValid, token: this.tokenName, serial: this.serial, pinFile: this.pinFile, office: url };
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
    return this.file("pin.txt");
  }

  private file(name: string): string {
    return join(this.context.state.token(this.tokenName), name);
  }

  private async start(args: readonly string[], events: readonly string[]): Promise<void> {
    this.children.push(await startChild(this.context.state, args, events));
  }

  /** A demonstration's office, running here already or started: its address. */
  private async office(): Promise<string> {
    const { state } = this.context;
    const admin = new AdminClient(new OfficeFolder(state.office(true)).socket);
    if (await admin.isRunning()) return (await admin.get<OfficeStatus>("/status")).publicUrl;
    const authority = state.officeAuthority(true);
    const known = AuthorityFolder.exists(authority) ? AuthorityFolder.open(authority).names.publicUrl : null;
    const port = known === null ? await freePort() : Number(new URL(known).port);
    await this.start(["office", "--demo", "--port", String(port), "--log", "error"], ["ready"]);
    return `http://127.0.0.1:${port}`;
  }

  /** One of the demonstration's officers, signed in by the token. */
  private async signedIn(application: TourApplication, url: string, role: Role): Promise<OfficeVisitor> {
    const name = demoTokenName(role);
    await this.start(["sim", name, "--button-delay", "0"], ["plugged-in"]);
    return application.officer(await signInLink(this.context, url, { token: name, pinFile: this.file("officer-pin.txt") }));
  }

  /** From an application to the certificate on the token. */
  private async activate({ client }: ConnectedToken, url: string): Promise<AuthorityFolder> {
    const { state, say, now } = this.context;
    const text = say.tour;
    const email = `camille.durand+${this.id}@example.org`;
    const mails = new OfficeFolder(state.office(true)).mails;
    const application = new TourApplication(url, { email, language: say.office.recordLanguage, mails }, text.application);
    writeOutput(this.file("officer-pin.txt"), `${DEMO_PIN}\n`, 0o600);
    const dossier = await this.steps.run(text.apply, () => application.apply());
    await this.steps.run(text.check, async () => application.check(dossier, await this.signedIn(application, url, "verifier"), now()));
    const reference = await this.steps.run(text.approve, async () =>
      application.approve(dossier, await this.signedIn(application, url, "approver")),
    );
    await this.steps.run(text.activate, async () => {
      const http = new OfficeHttp(url);
      const { questions } = await openActivation(http, reference);
      const answers = Object.fromEntries(questions.map((question) => [question, TOUR_ANSWERS[question] ?? ""]));
      const { session } = await answerActivation(http, reference, answers);
      writeOutput(this.pinFile, `${this.pin}\n`, 0o600);
      const { certificate } = await activateToken({
        client,
        office: new ActivationOverHttp(http, session),
        secrets: secretsIn(state),
        certificateObject: OBJECT_SIGNATURE_CERTIFICATE,
        pin: async () => bytes(this.pin),
        mayEntrust: async () => false, // a new token: nobody has its secrets
        onStep: () => {},
        onButton: () => {},
      });
      await learnAuthorities(certificate, [http.address], authoritiesIn(state), now());
    });
    return AuthorityFolder.open(state.officeAuthority(true));
  }
}
