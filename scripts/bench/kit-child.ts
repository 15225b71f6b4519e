/**
 * Times what a test of the kit is made of, in a loop without vitest: going back to the prompt after an `ls`, and from the process that makes
 * system calls a fork with its wait, each time from the same moment. Prints CPU seconds as JSON. Operand: the number of rounds.
 */
import { BootedGuest } from '../../emu/vitest/booted-guest.ts';
import { call, forking } from '../../emu/vitest/scratch/calls.ts';
import { elapsed } from './statistics.ts';

/** CPU seconds of one of each, by round. */
export interface KitChildResult {
  readonly restores: readonly number[];
  readonly cycles: readonly number[];
  readonly calls: readonly number[];
}

const RESTORES = 50;
const CYCLES = 300;
/** Rounds that V8 needs until it has optimised what they run. */
const WARM_ROUNDS = 2;

const rounds = Number(process.argv[2]);
const guest = await BootedGuest.boot();
const atPrompt = guest.machine.snapshot();
const restores: number[] = [];
const cycles: number[] = [];
const calls: number[] = [];

for (let round = 0; round < WARM_ROUNDS + rounds; round++) {
  const times = [restoreAfterLs(), forkAndWait(), getPid()];
  if (round < WARM_ROUNDS) continue;
  for (const [index, list] of [restores, cycles, calls].entries()) list.push(times[index] as number);
}
process.stdout.write(JSON.stringify({ restores, cycles, calls } satisfies KitChildResult));

function restoreAfterLs(): number {
  let total = 0;
  for (let turn = 0; turn < RESTORES; turn++) {
    guest.restore(atPrompt);
    guest.start('ls');
    guest.finish();
    total += elapsed(() => guest.machine.restore(atPrompt)).cpu;
  }
  return total / RESTORES;
}

function forkAndWait(): number {
  guest.restore(atPrompt);
  const { scratch } = guest;
  const fork = forking('fork', []);
  const program = scratch.encode([fork, call('wait4', fork, null, 0, null)]);
  return fromOneMoment(() => scratch.runEncoded(program));
}

function getPid(): number {
  guest.restore(atPrompt);
  const { scratch } = guest;
  const program = scratch.encode([call('getpid')]);
  return fromOneMoment(() => scratch.runEncoded(program));
}

/** CPU seconds of going back to the present moment and doing something there. */
function fromOneMoment(action: () => unknown): number {
  const checkpoint = guest.checkpoint();
  const { cpu } = elapsed(() => {
    for (let turn = 0; turn < CYCLES; turn++) {
      guest.goBack(checkpoint);
      action();
    }
  });
  return cpu / CYCLES;
}
