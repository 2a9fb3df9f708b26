// The program `sceau`: puts together what the folders offer. Every command's work is elsewhere; here are the words around it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { outliveReaders } from "./broken-pipe.ts";
import { CHECKOUT } from "./checkout.ts";
import { addActivateCommand } from "./commands/activate.ts";
import { addAgentCommand } from "./commands/agent.ts";
import { addBridgeCommand } from "./commands/bridge.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addFactoryCommand } from "./commands/factory.ts";
import { addFlashCommand } from "./commands/flash.ts";
import { addInstallCommand } from "./commands/install.ts";
import { addOfficeCommand } from "./commands/office.ts";
import { addSignCommand } from "./commands/sign.ts";
import { addSimCommand } from "./commands/sim.ts";
import { addTokenCommand } from "./commands/token.ts";
import { addTourCommand } from "./commands/tour.ts";
import { addVerifyCommand } from "./commands/verify.ts";
import type { CliContext } from "./context.ts";
import { EXIT_INTERNAL, EXIT_OK, EXIT_USAGE, failureOf } from "./failure.ts";
import type { Messages } from "./messages/en.ts";
import { messagesFor } from "./messages/language.ts";
import { StateFolder } from "./state-folder.ts";
import { jsonLine, visibleLines } from "./terminal.ts";
import { describeUnexpected } from "./unexpected-error.ts";

interface GlobalOptions {
  readonly state?: string;
  readonly json?: true;
}

/** `--lang` is wanted before the options are parsed: the help is in that language. */
function chosenLanguage(args: readonly string[]): string | undefined {
  const index = args.indexOf("--lang");
  return index >= 0 ? args[index + 1] : args.find((arg) => arg.startsWith("--lang="))?.slice("--lang=".length);
}

function packageVersion(): string {
  const text = readFileSync(join(CHECKOUT, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function createContext(say: Messages, options: GlobalOptions): CliContext {
  const isJson = options.json === true;
  const print = (line: string): void => {
    if (!isJson) process.stdout.write(`${line}\n`);
  };
  return {
    say,
    isJson,
    print,
    state: new StateFolder(options.state, process.env),
    now: () => new Date(),
    report: (result, lines) => {
      if (isJson) process.stdout.write(jsonLine(result));
      for (const line of lines) print(line);
    },
  };
}

function createProgram(say: Messages): Command {
  const { help } = say;
  const program = new Command("sceau")
    .description(help.program)
    .version(packageVersion(), "--version", help.versionOption)
    .option("--state <dir>", help.stateOption)
    .option("--json", help.jsonOption)
    .option("--lang <language>", help.langOption)
    .helpOption("-h, --help", help.helpOption)
    .helpCommand("help [command]", help.helpCommand)
    .addHelpText("after", `\n${help.example}\n  $ sceau tour`)
    .configureHelp({ showGlobalOptions: true });
  const context = (): CliContext => createContext(say, program.opts<GlobalOptions>());
  addTourCommand(program, context);
  addSimCommand(program, context);
  addBridgeCommand(program, context);
  addAgentCommand(program, context);
  addActivateCommand(program, context);
  addInstallCommand(program, context);
  addDoctorCommand(program, context);
  addTokenCommand(program, context);
  addSignCommand(program, context);
  addVerifyCommand(program, context);
  addFactoryCommand(program, context);
  addFlashCommand(program, context);
  addOfficeCommand(program, context);
  return program;
}

function eachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const sub of command.commands) eachCommand(sub, visit);
}

/** Runs one command line. The answer is the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  outliveReaders();
  const say = messagesFor(chosenLanguage(argv), process.env);
  const program = createProgram(say);
  eachCommand(program, (command) => command.exitOverride());
  try {
    await program.parseAsync([...argv]);
    return typeof process.exitCode === "number" ? process.exitCode : EXIT_OK;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    const failure = failureOf(error, say);
    const isJson = program.opts<GlobalOptions>().json === true;
    if (isJson) process.stdout.write(jsonLine({ error: failure.code, message: failure.message }));
    else process.stderr.write(`${visibleLines(failure.message)}\n`);
    if (failure.exitCode === EXIT_INTERNAL || process.env["SCEAU_DEBUG"]) {
      process.stderr.write(`${visibleLines(describeUnexpected(error))}\n`);
    }
    return failure.exitCode;
  }
}
