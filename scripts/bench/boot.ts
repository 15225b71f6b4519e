import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BootChildResult, BootTimes } from './boot-child.ts';
import { BenchError, runChild } from './child.ts';
import type { BenchContext } from './context.ts';
import { ensureGuest, GUEST } from './guest.ts';
import { type Line, line, type Target } from './line.ts';
import { findPeers } from './peers.ts';
import { Qemu } from './qemu.ts';
import { quotients, summarize } from './statistics.ts';

const MILLISECONDS = 1000;
const MOST_STEPS = 10_000_000;
const MOST_MILLISECONDS = 150;
const WARM_BOOTS = 3;
export const PUFFER_CLI = fileURLToPath(new URL('../../emu/cli/main.js', import.meta.url));

interface WholeProcess {
  /** From the start of the process to the prompt, in ms. */
  readonly prompt: number;
  /** From the start of the process to the end of `ls`, in ms. */
  readonly ls: number;
}

/** Power-on to the prompt, and `ls`. */
export async function benchBoot({ repetitions, progress }: BenchContext): Promise<Line[]> {
  progress('boot: the guest');
  await ensureGuest();
  const { missing } = findPeers.qemu();
  const inProcess: BootChildResult[] = [];
  const whole: number[] = [];
  const qemu: WholeProcess[] = [];
  for (let turn = 0; turn < repetitions; turn++) {
    progress(`boot: ${turn + 1} of ${repetitions}`);
    inProcess.push(runChild<BootChildResult>('boot-child.js', [String(WARM_BOOTS)]));
    whole.push(bootPuffer());
    if (missing === undefined) qemu.push(await bootQemu());
  }
  const compare = (
    what: string,
    own: readonly number[],
    peers: readonly number[],
    target: Target | undefined,
    note: string,
  ): Line =>
    line({
      group: 'boot',
      what,
      unit: 'ms',
      peer: 'QEMU -icount',
      puffer: summarize(own),
      target,
      ...(missing === undefined
        ? { peerFigure: summarize(peers), ratio: summarize(quotients(peers, own)), note }
        : { note: missing }),
    });
  const cold = inProcess.map((one) => one.cold);
  const warm = inProcess.map((one) => best(one.warm));
  const prompt = (times: readonly BootTimes[]): number[] =>
    times.map((one) => one.prompt.wall * MILLISECONDS);
  const promptCpu = (times: readonly BootTimes[]): number[] =>
    times.map((one) => one.prompt.cpu * MILLISECONDS);
  const throughLs = (times: readonly BootTimes[]): number[] =>
    times.map((one) => (one.prompt.wall + one.ls.wall) * MILLISECONDS);
  const qemuPrompt = qemu.map((one) => one.prompt);
  const qemuLs = qemu.map((one) => one.ls);
  const inTime: Target = { kind: 'figure', atMost: MOST_MILLISECONDS };
  return [
    line({
      group: 'boot',
      what: 'steps to the prompt',
      unit: 'steps',
      peer: '',
      puffer: summarize(cold.map(({ steps }) => steps)),
      target: { kind: 'figure', atMost: MOST_STEPS },
    }),
    compare('prompt, in process, warm', prompt(warm), qemuPrompt, inTime, WALL),
    compare('prompt, in process, cold', prompt(cold), qemuPrompt, inTime, COLD),
    line({
      group: 'boot',
      what: 'prompt, in process, cold: CPU time',
      unit: 'ms',
      peer: '',
      puffer: summarize(promptCpu(cold)),
      note: CPU,
    }),
    compare('prompt and ls, in process, warm', throughLs(warm), qemuLs, undefined, WALL),
    compare('prompt and ls, in process, cold', throughLs(cold), qemuLs, undefined, COLD),
    compare('boot --run ls, whole process', whole, qemuLs, undefined, WHOLE),
  ];
}

const WALL =
  'by the wall clock, all of QEMU from its start; puffer in a running process that has booted before, the best of three boots';
const COLD = 'the first boot of a fresh process: the interpreter compiled and nothing optimised before';
const CPU = 'CPU time of all threads: what the same boot would take on an idle host at most';
const WHOLE =
  'from the start of the process to its end, Node itself included; QEMU from its start to the prompt after ls';

const best = (times: readonly BootTimes[]): BootTimes =>
  times.reduce((least, one) => (one.prompt.wall < least.prompt.wall ? one : least));

function bootPuffer(): number {
  const before = performance.now();
  const run = spawnSync(process.execPath, [PUFFER_CLI, 'boot', '--run', 'ls'], { encoding: 'utf8' });
  const milliseconds = performance.now() - before;
  if (run.status !== 0 || !run.stdout.includes('bin')) {
    throw new BenchError(`boot --run ls failed with status ${run.status}: ${run.stderr}`);
  }
  return milliseconds;
}

async function bootQemu(): Promise<WholeProcess> {
  const before = performance.now();
  const qemu = new Qemu({ ...GUEST, counted: true });
  try {
    await qemu.until(GUEST.prompt);
    const prompt = performance.now() - before;
    qemu.type('ls\n');
    await qemu.until(GUEST.prompt);
    return { prompt, ls: performance.now() - before };
  } finally {
    await qemu.close();
  }
}
