// What `sceau sim --engine` says, in English. French has the same keys (engine-fr.ts).

import type { EngineProblem } from "../../simulator/engine/engine-error.ts";

const HOW =
  "Build it from Espruino's source for Linux, ARM 32-bit, with the board file LINUX.py, a fixed number of variables («variables»: 40000) and the library JIT; a script that starts it with qemu-arm will do.";

export const engineEn = {
  runsOn: (version: string, commit: string) => `It is Espruino ${version} (${commit}) with the script of a Jolt.js.`,
  problem: {
    "not-found": (detail) => `${detail} cannot be started. Give the path of an Espruino interpreter, or of a script that starts it.`,
    "not-espruino": (detail) => `${detail} does not answer as Espruino does.`,
    "no-flat-memory": (detail) => `${detail} has no memory in one piece: its variables are resizable. ${HOW}`,
    "too-few-variables": (detail) => `${detail} has too few variables for a board's script in memory. ${HOW}`,
    "not-32-bit": (detail) => `${detail} is not a 32-bit program. ${HOW}`,
    "no-machine-code": (detail) =>
      `${detail} does not run the machine code of a Cortex-M: it is for another processor, or its memory is not executable. ${HOW}`,
    "not-built": (detail) => `There is no script of a Jolt.js in ${detail}. Make it: npm run build:board -- jolt-js`,
    ended: (detail) => `The interpreter has ended by itself: the token is unplugged.${detail === "" ? "" : ` It printed last:\n${detail}`}`,
    "needs-engine": () =>
      "This simulated token was made with an interpreter, and its keys are in the interpreter's flash: start it with --engine.",
    "not-on-engine": () => "This simulated token was made without an interpreter. Choose another name for one with --engine.",
    "not-with-engine": (detail) => `${detail} does not go with --engine: a board has no other profile.`,
    "no-usb": () => "--usb does not go with --engine: a Jolt.js shows a serial port on USB, neither smart card nor HID.",
  } satisfies Record<EngineProblem, (detail: string) => string> as Record<EngineProblem, (detail: string) => string>,
};
