import { Machine, type MachineOptions } from '../../../emu/index.ts';
import { script } from '../../guest-qemu/support/guest.ts';

const STATES = 10;
/** Steps: many times what the session needs. */
const BUDGET = 1_000_000_000;

/** What is typed: `ls`, then a command in the background, a pipe, and a loop that is interrupted by ticks of the clock. */
const FIRST = 'ls';
const THEN = [
  'sleep 0.03 & cat /etc/passwd | wc; wait',
  'i=0; while [ $i -lt 1000 ]; do i=$((i + 1)); done; echo $i',
  'ls -l /bin | grep ksh; echo x > /tmp/x; rm /tmp/x',
];

/** The positions at which states are compared. */
export interface Positions {
  /** Ten from power-on to the prompt after `ls`. */
  readonly ofLs: readonly number[];
  /** Ten more, up to the end of the session. */
  readonly ofSession: readonly number[];
}

/** A machine with the guest loaded and the session about to be typed, each line at its prompt. */
export function sessionMachine(options: MachineOptions): Machine {
  const machine = Machine.create(options);
  script(machine, [FIRST, ...THEN]);
  return machine;
}

/** Runs the session and divides it. */
export function findPositions(options: MachineOptions): Positions {
  const after = (lines: readonly string[]): number => {
    const machine = Machine.create(options);
    script(machine, lines);
    const stop = machine.run({ budget: BUDGET });
    if (stop.reason !== 'inputEnd') throw new Error(`the session ended early: ${stop.reason}`);
    return stop.position;
  };
  const ls = after([FIRST]);
  const end = after([FIRST, ...THEN]);
  const divide = (from: number, to: number): number[] =>
    Array.from({ length: STATES }, (_, index) => Math.round(from + ((to - from) * (index + 1)) / STATES));
  return { ofLs: divide(0, ls), ofSession: divide(ls, end) };
}

/** Runs a machine from position to position, at most `slice` steps at a time; returns the states' hashes. */
export function hashesAt(machine: Machine, positions: readonly number[], slice = BUDGET): string[] {
  return positions.map((position) => {
    while (machine.position < position) {
      const stop = machine.run({ position, budget: slice });
      if (stop.reason !== 'position' && stop.reason !== 'budget') {
        throw new Error(`${stop.reason} at position ${stop.position}, before ${position}`);
      }
    }
    return machine.stateHash();
  });
}
