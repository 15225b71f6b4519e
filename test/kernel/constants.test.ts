import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  decodeForkFlags,
  decodePFlag,
  decodePsFlags,
  describeWaitStatus,
  errorName,
  signalName,
  systemCallName,
  threadStateName,
} from '../../emu/kernel/index.ts';
import { kernelFlags } from '../../scripts/guest/flags.ts';
import { buildGuest, repositoryRoot } from '../../scripts/guest/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gcc } from './support/fixture-kernel.ts';

const HEADERS = ['sys/param.h', 'sys/proc.h', 'sys/signal.h', 'sys/syscall.h'];

/** The numeric macros of the guest's headers, as the preprocessor knows them. */
function macros(headers: readonly string[]): Map<string, number> {
  const source = headers.map((header) => `#include <${header}>\n`).join('');
  const output = execFileSync('gcc', [...kernelFlags, '-dM', '-E', '-x', 'c', '-'], {
    input: source,
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  return new Map(
    [...output.matchAll(/^#define (\w+) \(?(-?(?:0x[0-9a-fA-F]+|\d+))\)?$/gm)].map(
      ([, name = '', value = '']): [string, number] => [
        name,
        value.startsWith('-') ? -Number(value.slice(1)) : Number(value),
      ],
    ),
  );
}

describeWithOracle(gcc, 'names of numbers agree with the headers of the guest', () => {
  let defined: Map<string, number>;
  const starting = (prefix: RegExp): [string, number][] => [...defined].filter(([name]) => prefix.test(name));
  beforeAll(async () => {
    // Building makes the machine's headers reachable.
    await buildGuest({ part: 'kernel' });
    defined = macros(HEADERS);
  });

  it.each([
    ['ps_flags', /^PS_[A-Z]/, decodePsFlags, 20],
    ['p_flag', /^P_[A-Z]/, decodePFlag, 15],
    ['fork flags', /^FORK_[A-Z]/, decodeForkFlags, 9],
  ] as const)('%s', (_title, prefix, decode, atLeast) => {
    const flags = starting(prefix);
    expect(flags.length).toBeGreaterThanOrEqual(atLeast);
    for (const [name, value] of flags) expect(decode(value)).toEqual([name]);
  });

  it('thread states', () => {
    for (const name of ['SIDL', 'SRUN', 'SSLEEP', 'SSTOP', 'SZOMB', 'SDEAD', 'SONPROC']) {
      expect(threadStateName(defined.get(name) ?? -1)).toBe(name);
    }
  });

  it('errors', () => {
    const others = ['ELAST', 'EWOULDBLOCK'];
    const errors = [...macros(['sys/errno.h'])].filter(
      ([name]) => /^E[A-Z0-9]+$/.test(name) && !others.includes(name),
    );
    expect(errors.length).toBeGreaterThan(45);
    for (const [name, value] of errors) expect(errorName(value)).toBe(name);
  });

  it('signals', () => {
    const signals = starting(/^SIG(?!_|EV)[A-Z0-9]+$/).filter(([, value]) => value > 0 && value <= 32);
    expect(signals.length).toBeGreaterThanOrEqual(32);
    for (const [name, value] of signals.filter(([name]) => !name.startsWith('SIGSTK'))) {
      expect(signalName(value)).toBe(name);
    }
  });

  it('system calls', () => {
    const calls = starting(/^SYS_/).filter(([name]) => name !== 'SYS_MAXSYSCALL');
    expect(calls.length).toBeGreaterThan(100);
    for (const [name, value] of calls) expect(`SYS_${systemCallName(value)}`).toBe(name);
  });
});

describe('flag words and wait statuses', () => {
  it('show bits that have no name as a number', () => {
    expect(decodePsFlags(0x20003)).toEqual(['PS_CONTROLT', 'PS_EXEC', 'PS_EMBRYO']);
    expect(decodePsFlags(0x8000_0001 | 0)).toEqual(['PS_CONTROLT', '0x80000000']);
    expect(decodePsFlags(0)).toEqual([]);
  });

  it('say how a process ended', () => {
    expect([0, 3 << 8, 9, 11 | 0o200, (18 << 8) | 0o177, 0o177777].map(describeWaitStatus)).toEqual([
      'exit 0',
      'exit 3',
      'SIGKILL',
      'SIGSEGV, core',
      'stopped by SIGTSTP',
      'continued',
    ]);
  });
});
