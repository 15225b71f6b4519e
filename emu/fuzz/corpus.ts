import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Crash } from './campaign.ts';
import { FuzzError } from './errors.ts';
import { describeFinding, titleOf } from './findings.ts';
import { type FuzzProgram, formatProgram, parseProgram } from './program.ts';
import { writeProgramInC } from './write-c.ts';
import { writeTest } from './write-test.ts';

const PROGRAMS = 'programs';
const CRASHES = 'crashes';
const NAME_LENGTH = 16;
const SUFFIX = '.json';

/** What a corpus holds. */
export interface CorpusPrograms {
  readonly programs: readonly FuzzProgram[];
  /** Files that are no programs: each with its path, and what is wrong with it. */
  readonly broken: readonly string[];
}

/** A directory in which a campaign keeps its programs and what they broke, and from which the next one goes on. */
export class CorpusDirectory {
  readonly path: string;

  /** Makes the directory when it is not there. Throws FuzzError 'bad-corpus'. */
  constructor(path: string) {
    this.path = path;
    wrap(path, () => {
      makeDirectory(join(path, PROGRAMS));
      makeDirectory(join(path, CRASHES));
    });
  }

  /** The programs, in an order that depends on them alone, and the files that are none. Throws FuzzError 'bad-corpus'. */
  programs(): CorpusPrograms {
    const programs: FuzzProgram[] = [];
    const broken: string[] = [];
    const names = wrap(this.path, () => readdirSync(join(this.path, PROGRAMS)));
    for (const name of names.filter((one) => one.endsWith(SUFFIX)).sort()) {
      const path = join(this.path, PROGRAMS, name);
      try {
        programs.push(parseProgram(wrap(path, () => readFileSync(path, 'utf8'))));
      } catch (error) {
        if (!(error instanceof FuzzError && error.code === 'bad-program')) throw error;
        broken.push(`${path}: ${error.message}`);
      }
    }
    return { programs, broken };
  }

  /** Keeps a program. Throws FuzzError 'bad-corpus'. */
  keep(program: FuzzProgram): void {
    const text = formatProgram(program);
    const path = join(this.path, PROGRAMS, `${hashOf(text)}${SUFFIX}`);
    wrap(path, () => writeFileSync(path, `${text}\n`));
  }

  /** Writes a crash down: what was found, the program, a test and a C program. Returns the directory. Throws FuzzError 'bad-corpus'. */
  keepCrash(crash: Crash): string {
    const directory = join(this.path, CRASHES, hashOf(crash.finding.key));
    wrap(directory, () => {
      makeDirectory(directory);
      const { finding } = crash;
      writeFileSync(join(directory, 'finding.txt'), `${titleOf(finding)}\n\n${describeFinding(finding)}\n`);
      writeFileSync(join(directory, 'program.json'), `${formatProgram(crash.program)}\n`);
      writeFileSync(join(directory, 'crash.test.ts'), writeTest(crash));
      writeFileSync(join(directory, 'crash.c'), writeProgramInC(crash));
    });
    return directory;
  }
}

/** Makes a directory and those above it. (Node's own `recursive` does not come back where the system answers ENOENT, as below /proc.) */
function makeDirectory(path: string): void {
  const whole = resolve(path);
  if (existsSync(whole)) return;
  makeDirectory(dirname(whole));
  mkdirSync(whole);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, NAME_LENGTH);
}

function wrap<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof FuzzError) throw error;
    throw new FuzzError('bad-corpus', `${path} cannot be used: ${(error as Error).message}`);
  }
}
