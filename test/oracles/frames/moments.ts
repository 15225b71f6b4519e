import type { Machine } from '../../../emu/index.ts';
import type { GuestFiles } from '../qemu-guest.ts';
import { Random } from '../user-case-random.ts';
import { guestMachine } from './frames-under-gdb.ts';

/** Moments of the guest's life that are worth a look at the stack, as positions. */
export interface Moments {
  /** Anywhere from main() on. */
  readonly anywhere: number[];
  /** From the shell's fork to the end of the child's exec. */
  readonly fork: number[];
  /** One of each instruction of the kernel's assembly that was executed at all. */
  readonly assembly: number[];
}

/** Steps: many times what the command needs. */
const BUDGET = 50_000_000;
const ASSEMBLY = /\/arch\/amd64\/amd64\/\w+\.S$/;

/** Chooses `count` moments anywhere and as many of the fork by a seed, and one of each instruction of assembly, from a run of its own. */
export function chooseMoments(files: GuestFiles, seed: number, count: number): Moments {
  const random = new Random(seed);
  const machine = guestMachine(files);
  const { core, image } = machine;
  machine.run({ symbol: 'main' });
  const first = core.position;
  const fork = { from: 0, to: 0 };
  core.breakpoints.add(image.address('fork1'), () => {
    fork.from = core.position;
    return 'continue';
  });
  core.breakpoints.add(image.address('sys_execve'), () => {
    fork.to = core.position;
    return 'continue';
  });
  const assembly = watchAssembly(machine, random);
  const { reason, position } = core.run({ budget: BUDGET });
  if (reason !== 'inputEnd' && reason !== 'powerOff') throw new Error(`the guest ended by ${reason}`);
  const between = (from: number, to: number): number => from + random.below(to - from);
  const several = (from: number, to: number): number[] =>
    Array.from({ length: count }, () => between(from, to));
  return {
    anywhere: several(first, position),
    fork: several(fork.from, fork.to),
    assembly: [...assembly.values()],
  };
}

/** All of them, one after the other. */
export function inOrder({ anywhere, fork, assembly }: Moments): number[] {
  return [...new Set([...anywhere, ...fork, ...assembly])].sort((a, b) => a - b);
}

/** Chooses one of the times at which each instruction is executed: of the n-th with a chance of 1 in n. */
function watchAssembly({ core, image }: Machine, random: Random): Map<bigint, number> {
  const chosen = new Map<bigint, number>();
  const times = new Map<bigint, number>();
  const addresses = new Set(
    Array.from(image.lines.rows())
      .filter(({ file, endSequence }) => ASSEMBLY.test(file) && !endSequence)
      .map(({ address }) => address),
  );
  for (const address of addresses) {
    core.breakpoints.add(address, () => {
      const time = (times.get(address) ?? 0) + 1;
      times.set(address, time);
      if (random.below(time) === 0) chosen.set(address, core.position);
      return 'continue';
    });
  }
  return chosen;
}
