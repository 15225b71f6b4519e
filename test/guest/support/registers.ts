import type { Machine, RegisterName } from '../../../emu/index.ts';

/** The registers that a system call leaves alone. */
export const KEPT_REGISTERS = [
  'rdi',
  'rsi',
  'r8',
  'r9',
  'r10',
  'rbx',
  'rbp',
  'r12',
  'r13',
  'r14',
  'r15',
  'rsp',
] as const satisfies readonly RegisterName[];

/** rflags.CF. */
const CARRY = 1n;

/** rflags.RF: IRETQ sets it on the way back to an instruction that faulted, which clears it when it has been executed. */
export const RESUME = 0x10000n;

/** Some registers by name. */
export function registers<N extends RegisterName>(
  machine: Machine,
  names: readonly N[],
): Readonly<Record<N, bigint>> {
  return Object.fromEntries(names.map((name) => [name, machine.register(name)])) as Record<N, bigint>;
}

/** What a system call answers in. */
export function answer(machine: Machine): { rax: bigint; rdx: bigint; carry: boolean } {
  return {
    rax: machine.register('rax'),
    rdx: machine.register('rdx'),
    carry: (machine.register('rflags') & CARRY) !== 0n,
  };
}
