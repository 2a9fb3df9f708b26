// npm run bench:board: what a signature costs on a board, in instructions of the interpreter that ESPRUINO names (run by qemu-arm), and where they go.
//
//   ESPRUINO=/path/to/espruino npm run bench:board -- --json
//
// The whole is measured on the very script of a Jolt.js, from the frames that come to those that leave. Its parts are measured on one with readable
// names, each in a run of its own, so that no mark counts in another's. A mark is a system call that the plugin of test/kernel knows.

import { spawn } from "node:child_process";
import { createHash, randomBytes, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleFirmware } from "../../hardware/bundle-firmware.ts";
import { initialiseToken } from "../../host-bridge/token/initialise.ts";
import { padPin } from "../../host-bridge/token/reference-data.ts";
import { encodeCommandApdu } from "../../protocol/apdu.ts";
import { encodeTlv } from "../../protocol/ber-tlv.ts";
import {
  BROADCAST_CHANNEL,
  CMD_APDU,
  CMD_INIT,
  type Message,
  MessageAssembler,
  packetChannel,
  splitMessage,
} from "../../protocol/packet.ts";
import {
  ALG_P256,
  BUTTON_POLICY_NEVER,
  INS_GENERAL_AUTHENTICATE,
  INS_VERIFY,
  KEY_REF_PIV_PIN,
  PIN_POLICY_ONCE,
  SLOT_AUTHENTICATION,
  TAG_CHALLENGE,
  TAG_DYNAMIC_AUTH,
  TAG_RESPONSE,
} from "../../protocol/piv.ts";
import { FrameReader, FrameWriter } from "../../protocol/serial-frame.ts";
import { textCrc32 } from "../../simulator/engine/engine-output.ts";
import { TOKEN_OFFSET_BYTES } from "../../simulator/engine/flash-as-file.ts";
import { JOLT_JS_FLASH } from "../../simulator/engine/jolt-js-chip.ts";
import { preludeFor } from "../../simulator/engine/prelude.ts";
import { killGroup } from "../../simulator/engine/probe.ts";
import { kernelPrograms } from "../kernel/kernel-process.ts";
import { publicKeyOf } from "../support/ec-keys.ts";
import { SERIAL } from "../support/simulated-token.ts";
import { EngineBench } from "./engine-bench.ts";
import { engineAtHand, joltJsFiles, withEngine } from "./interpreter.ts";

const SIGNATURES = 24;
const LIMIT_MS = 120_000;
const PIN = Buffer.from("271828");
/** Milliseconds at 64 MHz, an instruction a cycle. */
const INSTRUCTIONS_A_MS = 64_000;
const AIM_INSTRUCTIONS = 6_000_000;

/** A board's parts that a mark can enclose, outermost first; each is found in `Sceau` of READABLE_ENTRY. */
const PARTS = {
  apdu: "wrap(Sceau.token,'transmit')",
  policy: "wrap(Sceau.GENERAL_AUTHENTICATE,'handle')",
  journal: "wrap(Sceau.token.card.log,'append');wrap(Sceau.token.card.journal,'readPiece')",
} as const;

const READABLE_ENTRY = `
  import { GENERAL_AUTHENTICATE } from "./firmware/commands/general-authenticate.ts";
  import { servePackets } from "./firmware/espruino/serial-packets.ts";
  import { boardHal } from "./firmware/espruino/start.ts";
  import { StatusLed } from "./firmware/espruino/status-led.ts";
  import { createToken } from "./firmware/token.ts";
  import { JOLT_JS } from "./hardware/boards/jolt-js/board.ts";
  const token = createToken(boardHal(JOLT_JS, new StatusLed(JOLT_JS)));
  globalThis.Sceau = { token, GENERAL_AUTHENTICATE };
  servePackets(token);
`;

/** What a board has and Linux has not, as short as can be: what stands here counts. */
const BARE_BOARD = `
  var mark = E.nativeCall(1, "int(int)", E.toString(new Uint8Array([0x80,0xb4,0x40,0x27,0x00,0xdf,0x80,0xbc,0x70,0x47,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0])));
  var wrap = function (o, n) { var f = o[n]; o[n] = function (a, b, c, d, e) { mark(0); var r = f.call(o, a, b, c, d, e); mark(1); return r; }; };
  global.digitalWrite = function () {};
  var taken;
  USB.on = function (event, take) { taken = take; };
  E.setConsole = function () {};
`;

/** The channel that the token gives is nobody's to guess: learnt from its answer, and put into the frames (of one packet each) before they are counted. */
const OWN_CHANNEL = `
  var id = "";
  USB.write = function (f) { id = E.toString(f).substr(19, 4); };
  var on = function (f) {
    var body = f.substr(3, 1) + id + f.substr(8, 60);
    var c = E.CRC32(body);
    return f.substr(0, 3) + body + String.fromCharCode(c & 255, (c >>> 8) & 255, (c >>> 16) & 255, (c >>> 24) & 255);
  };
`;

type Counts = readonly number[];
const median = (all: Counts): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
const mean = (all: Counts): number => all.reduce((sum, each) => sum + each, 0) / all.length;

const folder = mkdtempSync(join(tmpdir(), "sceau-board-bench-"));
const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });

/** A token in `folder` with a key in 9A that wants the PIN once. @returns its point */
async function makeToken(files: Awaited<ReturnType<typeof joltJsFiles>>): Promise<Uint8Array> {
  const bench = await EngineBench.start(folder, files);
  try {
    const client = await bench.client();
    await initialiseToken(client, PIN, () => ({ puk: "31415926", managementKey: randomBytes(24).toString("hex"), keptIn: "nowhere" }));
    return await client.generateKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER });
  } finally {
    await bench.engine.kill();
  }
}

/** The frames of these messages, one text a message. */
function framed(messages: readonly Message[]): string[] {
  const writer = new FrameWriter(textCrc32);
  return messages.map((message) => Buffer.concat(splitMessage(message).map((packet) => writer.frame(packet))).toString("latin1"));
}

const apdu = (payload: Uint8Array): Message => ({ channel: 1, command: CMD_APDU, payload });
const signCommand = (digest: Uint8Array): Uint8Array =>
  encodeCommandApdu({
    cla: 0,
    ins: INS_GENERAL_AUTHENTICATE,
    p1: ALG_P256,
    p2: SLOT_AUTHENTICATION,
    data: encodeTlv(TAG_DYNAMIC_AUTH, [encodeTlv(TAG_RESPONSE, []), encodeTlv(TAG_CHALLENGE, [digest])]),
    le: 256,
  });

interface Run {
  /** Instructions between each pair of marks. */
  readonly counts: Counts;
  readonly answers: readonly Uint8Array[];
}

/** One power-on: PIN, then the signatures; `marked` is the script that puts the marks. */
async function run(
  board: string,
  kernel: Uint8Array,
  plugin: string,
  digests: readonly Uint8Array[],
  before: string,
  marked: string,
): Promise<Run> {
  const nonce = new Uint8Array(8);
  const verifyPin = encodeCommandApdu({ cla: 0, ins: INS_VERIFY, p1: 0, p2: KEY_REF_PIV_PIN, data: padPin(PIN), le: 0 });
  const [init = "", pin = "", ...signs] = framed([
    { channel: BROADCAST_CHANNEL, command: CMD_INIT, payload: nonce },
    apdu(verifyPin),
    ...digests.map((digest) => apdu(signCommand(digest))),
  ]);
  const base64 = (text: string): string => `atob("${Buffer.from(text, "latin1").toString("base64")}")`;
  const prelude = preludeFor({
    flash: { ...JOLT_JS_FLASH, offsetBytes: TOKEN_OFFSET_BYTES },
    files: { "sceau.kernel": Buffer.from(kernel).toString("base64"), "sceau.serial": Buffer.from(String(SERIAL)).toString("base64") },
    noise: randomBytes(16_384).toString("base64"),
    lowNoiseWords: 0,
    frames: "/dev/null",
    orders: "/dev/null",
    isButtonHeld: false,
  });
  // The chip's flash at its own address, without the prelude's checks.
  const chip = `(function(){var f=chipFlash,s=f.getFree()[0].addr+${TOKEN_OFFSET_BYTES - JOLT_JS_FLASH.address},o=global.require;
    var m={getFree:function(){return[{addr:${JOLT_JS_FLASH.address},length:${JOLT_JS_FLASH.lengthBytes}}]},read:function(n,a){return f.read(n,a+s)},write:function(d,a){f.write(d,a+s)},erasePage:function(a){f.erasePage(a+s)}};
    global.require=function(n){return n==="Flash"?m:o(n)};})();`;
  const drive = `setTimeout(function(){${OWN_CHANNEL}taken(${base64(init)});delete USB.write;taken(on(${base64(pin)}));${marked};[${signs.map(base64).join(",")}].map(on).forEach(function(f){go(f)});USB.write("\\n#done\\n");},50);`;
  const script = "bench.js";
  writeFileSync(
    join(folder, script),
    Buffer.from(`var chipFlash=require("Flash");${prelude}${chip}${BARE_BOARD}${before}\n${board}\n${drive}`, "latin1"),
  );
  const child = spawn(engineAtHand?.path ?? "", [script], {
    cwd: folder,
    detached: true,
    env: { ...process.env, QEMU_PLUGIN: `${plugin},count=on` },
  });
  const limit = setTimeout(() => killGroup(child.pid), LIMIT_MS);
  let printed = "";
  let told = "";
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      printed += text;
      if (printed.includes("#done")) killGroup(child.pid);
    });
    child.stderr.setEncoding("latin1").on("data", (text: string) => {
      told += text;
    });
    child.once("close", () => resolve());
  });
  clearTimeout(limit);
  if (!printed.includes("#done")) throw new Error(`the interpreter did not get through: ${printed.slice(-500)}${told.slice(-500)}`);
  const counts = [...told.matchAll(/^(\d+) [0-9a-f]{16}$/gm)].map(([, count]) => Number(count));
  return { counts, answers: answersIn(printed) };
}

/** The response APDUs. */
function answersIn(printed: string): Uint8Array[] {
  const assembler = new MessageAssembler();
  return new FrameReader(textCrc32).take(printed).flatMap((text) => {
    const packet = new Uint8Array(Buffer.from(text, "latin1"));
    const message = assembler.accept(packet, packetChannel(packet));
    return message === null ? [] : [message.payload];
  });
}

function expectSigned({ answers }: Run, point: Uint8Array, messages: readonly Uint8Array[]): void {
  const key = publicKeyOf(point);
  // 7C len 82 len DER, then 9000.
  const good = answers
    .slice(1)
    .filter((answer, i) => verify("sha256", messages[i] ?? new Uint8Array(), key, answer.subarray(4, answer.length - 2)));
  if (good.length !== messages.length) throw new Error(`${good.length} of ${messages.length} signatures verify`);
}

async function measure(): Promise<void> {
  const files = await joltJsFiles();
  const point = await makeToken(files);
  const { plugin } = kernelPrograms(folder);
  const messages = Array.from({ length: SIGNATURES }, () => new Uint8Array(randomBytes(32)));
  const digests = messages.map((message) => new Uint8Array(createHash("sha256").update(message).digest()));
  const readable = (await bundleFirmware(READABLE_ENTRY)).code;
  const around = "var go=function(f){mark(0);taken(f);mark(1);}";
  const inside = "var go=taken";
  const runOf = async (board: string, before: string, marked: string): Promise<Counts> => {
    const done = await run(board, files.kernel, plugin, digests, before, marked);
    expectSigned(done, point, messages);
    return done.counts;
  };
  const each = (counts: Counts): number => mean(counts) * (counts.length / SIGNATURES);
  const whole = await runOf(files.boot, "", around);
  const wholeReadable = each(await runOf(readable, "", around));
  // What a mark and the call that it wraps cost by themselves.
  const empty = each(await runOf(readable, "", "var e={f:function(){}};wrap(e,'f');var go=function(f){taken(f);e.f(1);}"));
  const part = async (wraps: string, calls: number): Promise<number> =>
    each(await runOf(readable, "", `${wraps};${inside}`)) - calls * empty;
  const apduPart = await part(PARTS.apdu, 1);
  const policyPart = await part(PARTS.policy, 1);
  const journalPart = await part(PARTS.journal, 2);
  const nativeCalls =
    "(function(){var n=E.nativeCall;E.nativeCall=function(a,s,c){var f=c===undefined?n(a,s):n(a,s,c);return function(x){mark(0);var r=f(x);mark(1);return r;};};})();";
  const kernelCounts = (await runOf(readable, nativeCalls, inside)).slice(-2 * SIGNATURES);
  const kernelPart = each(kernelCounts) - 2 * empty;
  const kernelHash = mean(kernelCounts.filter((_, i) => i % 2 === 0)) - empty;
  const parts = {
    packets: wholeReadable - apduPart,
    apdu: apduPart - policyPart,
    policy: policyPart - journalPart - (kernelPart - kernelHash),
    journal: journalPart - kernelHash,
    kernel: kernelPart,
  };
  const total = mean(whole);
  report({
    interpreter: engineAtHand?.commit,
    signatures: SIGNATURES,
    total,
    median: median(whole),
    least: Math.min(...whole),
    most: Math.max(...whole),
    readable: wholeReadable,
    parts,
  });
}

interface Figures {
  readonly interpreter: string | undefined;
  readonly signatures: number;
  /** Of the very script of a board. */
  readonly total: number;
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** Of the one with readable names, which the parts add up to. */
  readonly readable: number;
  readonly parts: { readonly [part: string]: number };
}

function report(figures: Figures): void {
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ...figures, aim: AIM_INSTRUCTIONS, isMet: figures.total <= AIM_INSTRUCTIONS }, null, 2)}\n`);
    return;
  }
  const row = (name: string, count: number): string =>
    `${name.padEnd(22)}${Math.round(count).toLocaleString("en").padStart(11)}${(count / INSTRUCTIONS_A_MS).toFixed(0).padStart(6)} ms`;
  const lines = [
    `a signature by a Jolt.js, Espruino ${figures.interpreter} under qemu-arm, mean of ${figures.signatures}; ms at 64 million instructions a second`,
    row("the board's script", figures.total),
    `  median ${figures.median.toLocaleString("en")}, ${figures.least.toLocaleString("en")} to ${figures.most.toLocaleString("en")} (a page of the journal begun)`,
    row("with readable names", figures.readable),
    ...Object.entries(figures.parts).map(([part, count]) => row(`  ${part}`, count)),
    `aim: ${AIM_INSTRUCTIONS.toLocaleString("en")}${figures.total <= AIM_INSTRUCTIONS ? "" : ": MISSED"}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

try {
  if (engineAtHand === null) {
    process.stderr.write(`${withEngine}\n`);
    process.exitCode = 2;
  } else {
    await measure();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
