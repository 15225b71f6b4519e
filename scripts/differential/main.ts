/** Differential tests: `npm run differential -- --help`. */
import { Command } from 'commander';
import { natural } from '../natural.ts';
import { type DecoderOptions, runDecoder } from './decoder-command.ts';
import { type FramesOptions, runFrames } from './frames-command.ts';
import { output } from './output.ts';
import { writeReport } from './report.ts';
import { runSystem } from './system-command.ts';
import { runUser } from './user-command.ts';

const EXIT_DIFFERENCE = 1;
const EXIT_USAGE = 2;

const list = (text: string): ReadonlySet<string> => new Set(text.toUpperCase().split(','));

/** What all campaigns have in common. */
export interface CampaignOptions {
  readonly seed: number;
  readonly cases: number;
  readonly resume: boolean;
  readonly failures: number;
  readonly only?: ReadonlySet<string>;
  readonly json: boolean;
}

function campaign(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--seed <n>', 'the same seed means the same cases', natural, 1)
    .option('--cases <n>', 'compared executions wanted of every form', natural, 100)
    .option('--resume', 'go on where the last run with this seed stopped', false)
    .option('--failures <n>', 'stop after so many kinds of mismatches', natural, 10)
    .option('--only <mnemonics>', 'only these, separated by commas', list)
    .option('--json', 'one JSON object a line', false);
}

const program = new Command('differential')
  .description('Random cases on puffer and on what we did not write: processors, disassemblers, debuggers.')
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  });

program.addCommand(
  campaign('user', "user code on the host's processor, with Unicorn as a third opinion")
    .option('--case <name>', 'run one case again, by the name that a mismatch shows')
    .option('--no-unicorn', 'do not ask Unicorn')
    .action(async (options: CampaignOptions & { readonly case?: string; readonly unicorn: boolean }) => {
      const { mismatches, uncovered } = await runUser(options, output(options.json));
      if (mismatches.length > 0 || uncovered.length > 0) process.exitCode = EXIT_DIFFERENCE;
    }),
);

program.addCommand(
  campaign('system', 'system instructions under QEMU, as flat images of thousands of cases').action(
    (options: CampaignOptions) => {
      const { campaign: done, uncovered } = runSystem(options, output(options.json));
      if (done.mismatches.length > 0 || uncovered.length > 0) process.exitCode = EXIT_DIFFERENCE;
    },
  ),
);

program.addCommand(
  new Command('frames')
    .description("the debugger's back-trace of the guest, as gdb has it")
    .option('--seed <n>', 'the same seed means the same moments', natural, 1)
    .option('--moments <n>', 'moments anywhere, and as many of the fork', natural, 500)
    .option('--json', 'one JSON object a line', false)
    .action(async (options: FramesOptions & { readonly json: boolean }) => {
      const { mismatches } = await runFrames(options, output(options.json));
      if (mismatches > 0) process.exitCode = EXIT_DIFFERENCE;
    }),
);

program.addCommand(
  new Command('decoder')
    .description("instruction lengths and names, as objdump, Capstone and the host's processor have them")
    .option('--seed <n>', 'the same seed means the same strings', natural, 1)
    .option('--strings <n>', 'random byte strings of each code size', natural, 100_000)
    .option('--json', 'one JSON object a line', false)
    .action(async (options: DecoderOptions & { readonly json: boolean }) => {
      const { mismatches } = await runDecoder(options, output(options.json));
      if (mismatches.length > 0) process.exitCode = EXIT_DIFFERENCE;
    }),
);

program.addCommand(
  new Command('report')
    .description('writes test/ORACLES.md from the last whole run of each campaign')
    .action(() => {
      process.stdout.write(`written: ${writeReport()}\n`);
    }),
);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`differential: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = EXIT_USAGE;
}
