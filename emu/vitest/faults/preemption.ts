import { expect } from 'vitest';
import type { BootedGuest } from '../booted-guest.ts';
import { GuestTestError } from '../errors.ts';
import { placeName } from '../failure/code-place.ts';
import { isExplained } from '../failure/context.ts';
import { retell, withExplanation } from '../failure/failed-test.ts';

/** One run of a sweep. */
export interface SweepRun {
  /** The position at which the interrupt was requested. */
  readonly position: number;
  /** The instruction before which it came. */
  readonly instruction: bigint;
}

/**
 * Does the same thing again and again, each time with a timer's interrupt before another instruction that it executes in a function of
 * the kernel; `action` is to fail, as a test does, when something is wrong: its error then tells where the interrupt came. The guest is then where it was before. Returns the runs.
 * Throws GuestTestError 'bad-expectation' when the action does not come to the function.
 */
export function preemptionSweep(
  guest: BootedGuest,
  name: string,
  action: (run?: SweepRun) => void,
): SweepRun[] {
  const checkpoint = guest.checkpoint();
  const boundaries = boundariesIn(guest, name, () => action());
  guest.goBack(checkpoint);
  for (const [index, run] of boundaries.entries()) {
    guest.faults.interruptAt(run.position);
    try {
      action(run);
    } catch (error) {
      const which = `instruction ${index + 1} of the ${boundaries.length} that are executed in ${name}`;
      if (error instanceof Error) tellInterrupt(guest, error, run, which);
      throw error;
    } finally {
      guest.faults.cancel();
      guest.goBack(checkpoint);
    }
  }
  return boundaries;
}

/** Adds to an error where the interrupt came, and what helps to find the reason, while the guest is where it failed. */
function tellInterrupt(guest: BootedGuest, error: Error, run: SweepRun, which: string): void {
  const { position, instruction } = run;
  const where = `with an interrupt at position ${position}, before ${placeName(guest.machine.image, instruction)} (${which}):`;
  const test = expect.getState().currentTestName ?? 'test';
  const message = isExplained(error.message) ? error.message : withExplanation(guest, error, test);
  retell(error, `${where}\n${message}`);
}

/** Where an action is about to execute an instruction of a function: each moment, in order. */
function boundariesIn(guest: BootedGuest, name: string, action: () => void): SweepRun[] {
  const { machine } = guest;
  const symbol = machine.image.symbols.byName(name);
  if (symbol === undefined || symbol.size === 0) {
    throw new GuestTestError('bad-expectation', `the kernel has no function ${name} of known size`);
  }
  const found: SweepRun[] = [];
  // Not each address begins an instruction; at the others no breakpoint is ever met.
  const detach = Array.from({ length: symbol.size }, (_, offset) => symbol.address + BigInt(offset)).map(
    (address) =>
      machine.core.breakpoints.add(address, () => {
        found.push({ position: machine.position, instruction: address });
        return 'continue';
      }),
  );
  try {
    action();
  } finally {
    for (const one of detach) one();
  }
  if (found.length === 0) throw new GuestTestError('bad-expectation', `the action does not come to ${name}`);
  return found;
}
