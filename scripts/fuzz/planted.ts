import { execFile, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { ExitCode } from '../../emu/cli/exit-code.ts';
import { absolute } from '../guest/paths.ts';
import { Shadow } from '../mutate/shadow.ts';

const run = promisify(execFile);

/** Where the patches are. */
export const BUGS = 'test/fuzz/bugs';
const SUFFIX = '.patch';
const OUTPUT_LIMIT = 2 ** 26;

/** How the fuzzer fared with a bug. */
export interface PlantedResult {
  readonly bug: string;
  readonly found: boolean;
  /** Programs that had run when it was found, or altogether. */
  readonly programs: number;
  /** Seconds of the fuzzer, its guests' boot among them. */
  readonly seconds: number;
  readonly oracle: string;
  readonly key: string;
  /** The smallest program that shows it, by the names of its calls. */
  readonly calls: string;
  /** Somebody ended it before it was over. */
  readonly interrupted: boolean;
}

/** How long to look for a bug. */
export interface PlantedLimits {
  readonly seed: number;
  readonly jobs: number;
  readonly seconds?: number | undefined;
  readonly cases?: number | undefined;
  /** Ends it: the fuzzer tells what it has, and the copy is removed. */
  readonly signal?: AbortSignal | undefined;
}

/** The planted bugs by name. */
export function plantedBugs(): string[] {
  return readdirSync(absolute(BUGS))
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => basename(name, SUFFIX))
    .sort();
}

/**
 * Plants a bug in the kernel of a copy of the checkout, and fuzzes there until it is found. Throws what git, the compiler and the fuzzer
 * report when the patch does not fit or nothing can be run.
 */
export async function seekPlanted(bug: string, limits: PlantedLimits): Promise<PlantedResult> {
  const shadow = new Shadow();
  try {
    const options = { cwd: shadow.root, maxBuffer: OUTPUT_LIMIT };
    await run('git', ['apply', `${BUGS}/${bug}${SUFFIX}`], {
      ...options,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: shadow.root },
    });
    const begun = Date.now();
    const args = ['--seed', String(limits.seed), '--jobs', String(limits.jobs), '--first', '--json'];
    if (limits.seconds !== undefined) args.push('--time', `${limits.seconds}s`);
    if (limits.cases !== undefined) args.push('--cases', String(limits.cases));
    const output = await fuzz(shadow.root, args, limits.signal);
    const seconds = (Date.now() - begun) / 1000;
    return { ...resultOf(bug, output, seconds), interrupted: limits.signal?.aborted === true };
  } finally {
    shadow.remove();
  }
}

/** The fuzzer's output. It has a group of its own: of a terminal's Ctrl-C it hears through `signal` alone, and only once. */
async function fuzz(cwd: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  const child = spawn(process.execPath, ['dist/emu/cli/main.js', 'fuzz', ...args], {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.stderr += text;
  });
  const interrupt = (): void => {
    child.kill('SIGINT');
  };
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  if (signal?.aborted === true) interrupt();
  signal?.addEventListener('abort', interrupt);
  process.on('exit', kill);
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (signal?.aborted === true || status === ExitCode.Ok || status === ExitCode.Expectation)
      return texts.stdout;
    throw new Error(`puffer fuzz ended with status ${status}:\n${texts.stderr}`);
  } finally {
    signal?.removeEventListener('abort', interrupt);
    process.off('exit', kill);
  }
}

interface JsonCall {
  readonly name: string;
  readonly child?: readonly JsonCall[];
}

function resultOf(bug: string, output: string, seconds: number): Omit<PlantedResult, 'interrupted'> {
  const events = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const crash = events.find(({ event }) => event === 'crash');
  const end = events.find(({ event }) => event === 'end');
  const program = crash?.program as { readonly calls: readonly JsonCall[] } | undefined;
  return {
    bug,
    found: crash !== undefined,
    programs: Number(end?.executions ?? 0),
    seconds,
    oracle: String(crash?.oracle ?? ''),
    key: String(crash?.key ?? ''),
    calls: program === undefined ? '' : names(program.calls),
  };
}

function names(calls: readonly JsonCall[]): string {
  return calls
    .map(({ name, child }) =>
      child === undefined || child.length === 0 ? name : `${name} { ${names(child)} }`,
    )
    .join(', ');
}
