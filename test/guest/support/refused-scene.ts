import type { View } from '../../../emu/index.ts';
import { pageCounts } from '../../../emu/kernel/census/index.ts';
import { Structures } from '../../../emu/kernel/consistency/index.ts';
import type { BootedGuest } from '../../../emu/vitest/index.ts';
import { forkStatistics, holdings, inventory } from './census.ts';
import { SYS_fork } from './fork-scene.ts';
import { answer, KEPT_REGISTERS, registers } from './registers.ts';
import { Scene } from './scene.ts';
import { userMemory } from './user-memory.ts';

export const REFUSED = new URL('../programs/refused.c', import.meta.url);

export type RefusedMoment =
  /** The SYSCALL instruction of the fork that will be refused has executed. */
  | 'SYSCALL'
  /** Its caller is about to execute the instruction after SYSCALL. */
  | 'refused'
  /** libc's fork() is about to return. */
  | 'libc returns';

/** All that a refused fork must leave as it was. */
export function everything(scene: RefusedScene): Readonly<Record<string, unknown>> {
  const { kernel, machine } = scene.guest;
  return {
    ...inventory(kernel),
    // Nothing was given out, so that no pool has had to give anything back.
    pages: pageCounts(new Structures(kernel)),
    statistics: forkStatistics(kernel),
    holdings: holdings(scene.process),
    processFlags: scene.process.number('ps_flags'),
    memory: userMemory(machine),
    registers: registers(machine, [...KEPT_REGISTERS, 'rdx', 'rcx']),
  };
}

/** programs/refused.c comes to a fork that is refused. */
export class RefusedScene extends Scene<RefusedMoment> {
  readonly #thread: bigint;

  /** Plays the scene in a guest at its prompt. */
  constructor(guest: BootedGuest, command: string) {
    super(guest);
    const { machine, kernel } = guest;
    const ofProgram = (): boolean => kernel.currentIdentity()?.comm === 'refused';
    guest.start(command);
    const typed = machine.snapshot();

    // Which fork is refused is known when it has been: look ahead, then go back to its beginning.
    let latest = 0;
    const detach = machine.tracer.probes.at(machine.image.address('Xsyscall'), () => {
      if (machine.register('rax') === SYS_fork && ofProgram()) latest = machine.position;
    });
    guest.runTo('mi_syscall_return', () => {
      const error = machine.register('rdx');
      return machine.register('rsi') === SYS_fork && error !== 0n && ofProgram();
    });
    detach();
    machine.restore(typed);
    machine.run({ position: latest });

    this.#thread = kernel.currentThread()?.address ?? 0n;
    this.mark('SYSCALL');
    const stackPointer = machine.register('rsp');
    const mine = (): boolean => kernel.currentThread()?.address === this.#thread;
    guest.runTo(machine.register('rcx'), mine);
    this.mark('refused');
    guest.runTo(kernel.memory.word(stackPointer), () => mine() && machine.register('rsp') > stackPointer);
    this.mark('libc returns');
  }

  /** The struct process that wants to fork, as it is now. */
  get process(): View {
    return this.guest.kernel.struct('proc').at(this.#thread).at('p_p');
  }

  /** rax, rdx and carry at a moment. */
  answerAt(moment: RefusedMoment): ReturnType<typeof answer> {
    this.at(moment);
    return answer(this.guest.machine);
  }
}
