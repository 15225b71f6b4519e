import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type BuildSummary,
  buildGuest,
  type GuestPart,
  guestParts,
  isGuestStale,
  type Progress,
} from './guest/build.ts';
import { exitStatusOf, GuestBuildError } from './guest/errors.ts';
import { absolute } from './guest/paths.ts';
import { compileProgram } from './guest/program.ts';

const USAGE = `usage: build-guest [--only kernel|user|regress|kit] [--check] [--quiet]
       build-guest --program FILE.c -o OUT [--quiet]

Builds the guest with gcc into guest/obj: the kernel 'bsd' and the image 'initrd.cpio'.

  --only PART     build the kernel alone, the user land and its image alone, or the user land
                  with the programs below guest/regress in the image 'regress.cpio', or the
                  program that puffer/vitest makes system calls from
  --check         build nothing; exit 0 if all is up to date, 1 if not
  --program FILE  compile one C file against the guest's libc
  -o, --output    where the program goes
  --quiet         print errors only

exit status: 0 built or up to date, 1 stale or a compile error, 2 wrong usage or a tool is missing
`;

interface Arguments {
  readonly only: GuestPart | undefined;
  readonly check: boolean;
  readonly quiet: boolean;
  readonly help: boolean;
  readonly program: string | undefined;
  readonly output: string | undefined;
}

function parse(args: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        check: { type: 'boolean', default: false },
        quiet: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        program: { type: 'string' },
        output: { type: 'string', short: 'o' },
      },
    });
    const { only, check, quiet, help, program, output } = values;
    const part = guestParts.find((each) => each === only);
    if (only !== undefined && part === undefined) {
      throw new TypeError(`--only takes ${guestParts.join(', ')}, not '${only}'`);
    }
    if ((program === undefined) !== (output === undefined)) {
      throw new TypeError('--program FILE.c and -o OUT belong together');
    }
    return { only: part, check, quiet, help, program, output };
  } catch (error) {
    throw new GuestBuildError('bad-usage', `${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

/** Shows the step at work on one line of a terminal, and wipes the line at the end. */
function terminalProgress(): Progress {
  const wipe = '\r\x1b[K';
  let count = 0;
  return (step) => {
    process.stderr.write(step === undefined ? wipe : `${wipe}[${++count}] ${basename(step.output)}`);
  };
}

function describe(summary: BuildSummary): string {
  const products = summary.products.map((path) => {
    const kibibytes = Math.ceil(statSync(absolute(path)).size / 1024);
    return `${path} (${kibibytes} KiB)`;
  });
  const what = products.join(', ');
  return summary.made.length === 0
    ? `up to date: ${what}`
    : `built ${what}: ${summary.made.length} files made`;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parse(args);
  const progress = !options.quiet && process.stderr.isTTY ? terminalProgress() : undefined;
  const say = (text: string): void => {
    if (!options.quiet) {
      process.stderr.write(`${text}\n`);
    }
  };
  if (options.help) {
    process.stdout.write(USAGE);
  } else if (options.program !== undefined && options.output !== undefined) {
    process.stderr.write(await compileProgram(options.program, options.output, progress));
    say(`built ${options.output}`);
  } else if (options.check) {
    const stale = isGuestStale(options.only);
    say(stale ? 'guest/obj is stale' : 'guest/obj is up to date');
    return stale ? 1 : 0;
  } else {
    say(describe(await buildGuest({ part: options.only, progress })));
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof GuestBuildError)) {
    throw error;
  }
  process.stderr.write(`${error.message.trimEnd()}\n`);
  process.exitCode = exitStatusOf(error.code);
}
