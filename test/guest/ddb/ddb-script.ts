import { PROMPT } from '../guest-case.ts';

/** The words that tell the guest's kernel that somebody sits at its console. */
export const DDB_COMMAND_LINE = 'seed=1 time=1700000000 ddb.panic=1 ddb.console=1';

export const BREAK = Symbol('break');

/**
 * What is typed, or a break on the line, and what the console must show before more is. A shell that waited when the break came prompts anew
 * after one more empty line.
 */
export type DdbStep = readonly [input: string | typeof BREAK, prompt: RegExp];

export const AT_SHELL = PROMPT;
export const AT_DDB = /(?:^|\n)ddb> $/;

const command = (line: string): DdbStep => [`${line}\n`, AT_DDB];

/**
 * A session that must be the same on every machine: what it prints of addresses are the guest's own, and nothing counts steps.
 */
export const DDB_SCRIPT: readonly DdbStep[] = [
  // From here on the idle thread has run.
  ['sleep 1\n', AT_SHELL],
  // What runs is the same at any speed when it is a program that asks for the debugger.
  ['sysctl ddb.trigger=1\n', AT_DDB],
  command('trace'),
  command('ps'),
  command('show all procs /o'),
  command('show panic'),
  command('trace /p 1'),
  command('trace /p 0t99999'),
  command('help'),
  command('sho'),
  command('show a'),
  command('s pani'),
  command('frobnicate'),
  command('show frobnicate'),
  command('boot frobnicate'),
  command('print/d 10+0t10*2-(7<<1)'),
  command('p/x 0x10#0t24'),
  command('p 7/0'),
  command('p nosuchsymbol'),
  command('p $nosuchregister'),
  command('p/a fork1+7'),
  command('x/s ostype'),
  command('x/c ostype,7'),
  command('x 0'),
  command('p ]'),
  command('frob\x15pri\x7fint/d 20'),
  ['trac\x03', AT_DDB],
  ['continue\n', AT_SHELL],
  ['echo still here\n', AT_SHELL],
  [BREAK, AT_DDB],
  command('show panic'),
  ['c\n\n', AT_SHELL],
];
