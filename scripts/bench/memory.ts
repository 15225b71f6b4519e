import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PUFFER_CLI } from './boot.ts';
import { BenchError } from './child.ts';
import type { BenchContext } from './context.ts';
import { ensureGuest, GUEST } from './guest.ts';
import { type Line, line } from './line.ts';
import { summarize } from './statistics.ts';

const MIB = 2 ** 20;
/** What puffer may need beside the guest's RAM. */
const OWN_MIB = 150;

/** Peak resident memory of the whole process `boot --run ls`. */
export async function benchMemory({ repetitions, progress }: BenchContext): Promise<Line[]> {
  await ensureGuest();
  const peaks: number[] = [];
  for (let turn = 0; turn < repetitions; turn++) {
    progress(`memory: ${turn + 1} of ${repetitions}`);
    peaks.push((await peakMemory(['boot', '--run', 'ls'])) / MIB);
  }
  return [
    line({
      group: 'memory',
      what: 'boot --run ls, peak',
      unit: 'MiB',
      peer: `guest RAM ${GUEST.memory / MIB} MiB + ${OWN_MIB} MiB`,
      puffer: summarize(peaks),
      target: { kind: 'figure', atMost: GUEST.memory / MIB + OWN_MIB },
      note: 'peak resident set of the process, Node itself included',
    }),
  ];
}

/** Bytes that a run of puffer had resident at most. Throws BenchError. */
async function peakMemory(operands: readonly string[]): Promise<number> {
  const preload = fileURLToPath(new URL('peak-memory-preload.js', import.meta.url));
  const child = spawn(process.execPath, ['--import', preload, PUFFER_CLI, ...operands], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let report = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    report += chunk.toString();
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  const bytes = Number(report);
  if (status !== 0 || !(bytes > 0)) throw new BenchError(`no report of its memory: status ${status}`);
  return bytes;
}
