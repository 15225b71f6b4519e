import type { MachineStop } from '../machine/index.ts';
import type { Machine } from '../puffer-machine.ts';
import { awaitedInput } from '../vitest/awaited-input.ts';

/** A run that was measured, and is over. */
export interface MeasuredRun {
  readonly machine: Machine;
  readonly stop: MachineStop;
  readonly commands: readonly string[];
  /** With which each command ended, as far as that can be told. */
  readonly statuses: readonly (number | undefined)[];
  /** It came to where what runs is counted. */
  readonly began: boolean;
}

/** The shell waits for input when all that was typed is done. */
const SHELL = / ksh in /;

/** What somebody must know who reads what was measured: that it is not all, or of something else than was meant. */
export function coverWarnings({ machine, stop, commands, statuses, began }: MeasuredRun): string[] {
  const warnings: string[] = [];
  const named = statuses.length === commands.length;
  statuses.forEach((status, index) => {
    if (status === undefined || status === 0) return;
    warnings.push(`${named ? `'${commands[index]}'` : 'a command'} ended with status ${status}`);
  });
  if (!began) {
    warnings.push(
      `no prompt had come when it ended (${stop.reason} at step ${stop.position}): nothing was measured`,
    );
  } else if (stop.reason === 'budget') {
    warnings.push(
      `the budget was used up at step ${stop.position}; what follows is only what ran until then`,
    );
  }
  const waiting = (stop.reason === 'inputEnd' ? awaitedInput(machine.kernel) : undefined) ?? [];
  const others = waiting.filter((who) => !SHELL.test(who));
  if (others.length > 0) {
    warnings.push(
      `at the end this still waited for input: ${others.join(', ')}; what it does then was not measured`,
    );
  }
  return warnings;
}
