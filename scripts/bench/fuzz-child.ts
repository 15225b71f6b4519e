/** Runs a fuzzing campaign in rounds and prints programs a CPU second as JSON. Operand: the number of rounds. */
import { Campaign, Executor } from '../../emu/fuzz/index.ts';
import { BootedGuest } from '../../emu/vitest/booted-guest.ts';
import { elapsed } from './statistics.ts';

export interface FuzzChildResult {
  /** Programs a CPU second, by round. */
  readonly rates: number[];
  /** Steps of a program, on average. */
  readonly steps: number;
}

const PROGRAMS = 150;
const SEED = 1;

const rounds = Number(process.argv[2]);
const executor = new Executor(await BootedGuest.boot());
const campaign = new Campaign(executor, SEED);
const round = (): number =>
  elapsed(() => {
    for (let left = PROGRAMS; left > 0; left--) campaign.step();
  }).cpu;
round();
const rates = Array.from({ length: rounds }, () => PROGRAMS / round());
process.stdout.write(
  JSON.stringify({ rates, steps: executor.steps / campaign.executions } satisfies FuzzChildResult),
);
