#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addBootCommand } from './boot-command.ts';
import { addCoverCommand } from './cover-command.ts';
import { addDebugCommand } from './debug-command.ts';
import { ExitCode } from './exit-code.ts';
import { addFuzzCommand } from './fuzz-command.ts';
import { usePrebuiltInterpreter } from './prebuilt.ts';
import { addStepCommand } from './step-command.ts';
import { addTraceCommand } from './trace-command.ts';

/** Errors whose message is for the user: what they gave cannot be used. */
const USER_ERRORS = new Set([
  'UsageError',
  'BootError',
  'MachineError',
  'GuestBuildError',
  'CpioError',
  'ElfError',
  'SnapshotError',
  'RecordingError',
  'TraceError',
  'FuzzError',
  'CoverageError',
]);

export function buildProgram(): Command {
  const program = new Command();
  program
    .name('puffer')
    .description(
      'An amd64 machine that boots a small OpenBSD-shaped kernel, so that you can watch a process being born.',
    )
    .version(version(), '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(puffer --help, or puffer COMMAND --help, shows what can be given)');
  addBootCommand(program);
  addStepCommand(program);
  addTraceCommand(program);
  addCoverCommand(program);
  addDebugCommand(program);
  addFuzzCommand(program);
  program.addHelpText(
    'after',
    `
Exit status: 0 ok, 1 a defect of puffer, 2 wrong usage or bad input, 3 an expectation failed,
4 the guest panicked, 5 triple fault, 42 the step budget was used up.`,
  );
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** As the package has it. */
function version(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

async function main(): Promise<void> {
  try {
    await buildProgram().parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  // Commander has already printed its message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  if (error instanceof Error && USER_ERRORS.has(error.name)) {
    process.stderr.write(`puffer: ${error.message.trimEnd()}\n`);
    return ExitCode.Usage;
  }
  process.stderr.write(
    `puffer: internal error, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return ExitCode.Internal;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has gone: nothing more can be said.
  if (error.code === 'EPIPE') process.exit(ExitCode.Ok);
  process.stderr.write(`puffer: the output cannot be written: ${error.message}\n`);
  process.exit(ExitCode.Usage);
});

usePrebuiltInterpreter();
await main();
