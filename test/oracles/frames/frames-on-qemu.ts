import type { StackLevel } from '../../../emu/debug/stack/call-stack.ts';
import type { Machine } from '../../../emu/index.ts';
import { KERNEL_HALF } from '../../../emu/kernel/index.ts';
import { absolute, builtProgram, guestPaths } from '../../../scripts/guest/index.ts';
import { GdbSession } from '../gdb-session.ts';
import { type GuestFiles, QemuGuest } from '../qemu-guest.ts';
import { Random } from '../user-case-random.ts';
import { COMMAND, GDB_SETTINGS, guestMachine } from './frames-under-gdb.ts';
import { type ComparedFrame, gdbStack, OwnStack } from './stacks.ts';

/** A place on the way from the shell's fork on, and the stack there. */
export interface Stop {
  readonly address: bigint;
  readonly own: readonly StackLevel[];
}

const PROMPTS = ['\n# '];
/** Steps between two places, at most: some twenty places are in a fork of about 17,000 steps. */
const STRIDE = 1_500;
/** Steps: many times what the way to the fork needs. */
const BUDGET = 50_000_000;

/** Lets puffer's guest run from place to place, chosen by a seed among what the shell's fork executes. */
export function stopsOnPuffer(files: GuestFiles, seed: number, count: number): Stop[] {
  const random = new Random(seed);
  const [machine, scout] = [atTheFork(files), atTheFork(files)];
  const stack = new OwnStack(machine);
  return Array.from({ length: count }, () => {
    scout.run({ budget: 1 + random.below(STRIDE) });
    const address = scout.register('rip');
    if (machine.register('rip') === address) machine.run({ budget: 1 });
    machine.run({ address, budget: BUDGET });
    return { address, own: stack.levels() };
  });
}

function atTheFork(files: GuestFiles): Machine {
  const machine = guestMachine(files);
  const entry = machine.image.address('fork1');
  do machine.run({ address: entry, budget: BUDGET });
  while (machine.kernel.currentIdentity()?.comm !== 'ksh');
  return machine;
}

/** gdb's stacks at the same places of the same guest on QEMU. Throws QemuGuestError, GdbSessionError. */
export async function stacksOnQemu(
  files: GuestFiles,
  places: readonly bigint[],
): Promise<readonly (readonly ComparedFrame[])[]> {
  const guest = await QemuGuest.start(files, { gdb: true });
  const gdb = new GdbSession(absolute(guestPaths.kernel));
  try {
    await guest.untilStub();
    const typing = guest.untilPrompt(PROMPTS).then(() => guest.type(`${COMMAND}\n`));
    for (const setting of GDB_SETTINGS) await gdb.ask(setting);
    await gdb.ask(`target remote ${guest.stubPath}`);
    await gdb.ask(`add-symbol-file ${builtProgram('ksh')}`);
    await gdb.ask('tbreak *fork1 if ((struct proc *)$rdi)->p_p->ps_pid > 1');
    await Promise.all([typing, gdb.ask('continue')]);
    const stacks: ComparedFrame[][] = [];
    for (const place of places) {
      await gdb.ask(`tbreak *0x${place.toString(16)}`);
      await gdb.ask('continue');
      stacks.push(await gdbStack(gdb));
    }
    return stacks;
  } finally {
    gdb.close();
    guest.close();
  }
}

/** As much of a stack as gdb follows: it takes a program's stack, below the kernel's, for damage behind its first frame. */
export function untilProgram(own: readonly StackLevel[]): readonly StackLevel[] {
  const user = own.findIndex(({ address }) => address < KERNEL_HALF);
  return user < 0 ? own : own.slice(0, user + 1);
}
