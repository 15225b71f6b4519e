import { PSL_C, SYS___tfork, SYS_fork, SYS_vfork } from '../constants.ts';
import type { ReturnRegisters } from '../events.ts';
import type { Kernel } from '../kernel.ts';
import { Reading } from '../reading.ts';
import type { View } from '../view.ts';
import { attachAll, type EventSource, toInt } from './source.ts';

const WORD_SIZE = 8;
/** `syscall` with a size of 2 bytes, 0f 05: rcx points behind it. */
const SYSCALL_SIZE = 2n;
const RETURN_VALUES = 2;
const USER_PRIVILEGE = 3;
/** Flags of threads and processes that decide which call a child returns from (sys/proc.h). */
const P_THREAD = 0x400_0000n;
const PS_PPWAIT = 0x40n;

/** `raw_syscalls:sys_enter`: mi_syscall(p, code, callp, argp, retval) is entered. */
export const systemCallEnter: EventSource = ({ kernel, probes, emit }) =>
  probes.function('mi_syscall', {
    enter: ({ arguments: [, code, callp = 0n, argp = 0n] }) => {
      const reading = new Reading();
      const number = toInt(code);
      const count = reading.try(() => kernel.struct('sysent').at(callp).number('sy_narg')) ?? 0;
      const args = reading.try(() => words(kernel, argp, count)) ?? [];
      emit('raw_syscalls:sys_enter', { number, systemCall: kernel.systemCallName(number), args }, reading);
    },
  });

/**
 * `raw_syscalls:sys_exit`: mi_syscall_return(p, code, error, retval) in whoever called, and mi_child_return(p) in a new process or
 * thread.
 */
export const systemCallExit: EventSource = ({ kernel, probes, emit }) =>
  attachAll([
    () =>
      probes.function('mi_syscall_return', {
        enter: ({ arguments: [, code, errno, retval = 0n] }) => {
          const reading = new Reading();
          const number = toInt(code);
          const rval = reading.try(() => words(kernel, retval, RETURN_VALUES)) ?? [];
          const systemCall = kernel.systemCallName(number);
          emit('raw_syscalls:sys_exit', { number, systemCall, error: toInt(errno), rval }, reading);
        },
      }),
    () =>
      probes.function('mi_child_return', {
        enter: ({ arguments: [p = 0n] }) => {
          const reading = new Reading();
          const thread = kernel.struct('proc').at(p);
          const number = reading.try(() => forkCallOf(thread)) ?? SYS_fork;
          const rval = reading.try(() => {
            const { rax, rdx } = returnRegisters(thread.at('p_md.md_regs'));
            return [rax, rdx];
          });
          const systemCall = kernel.systemCallName(number);
          emit('raw_syscalls:sys_exit', { number, systemCall, error: 0, rval: rval ?? [] }, reading);
        },
      }),
  ]);

/** The call a child returns from, as its flags tell. */
function forkCallOf(thread: View): number {
  if ((thread.integer('p_flag') & P_THREAD) !== 0n) return SYS___tfork;
  return (thread.integer('p_p.ps_flags') & PS_PPWAIT) !== 0n ? SYS_vfork : SYS_fork;
}

/** What a trapframe will answer with. */
export function returnRegisters(trapframe: View): ReturnRegisters {
  return {
    rax: BigInt.asUintN(64, trapframe.integer('tf_rax')),
    rdx: BigInt.asUintN(64, trapframe.integer('tf_rdx')),
    carry: (trapframe.integer('tf_rflags') & PSL_C) !== 0n,
  };
}

function words(kernel: Kernel, address: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => kernel.memory.word(address + BigInt(index * WORD_SIZE)));
}

/** `user:syscall`: the kernel's entry point (LSTAR) is reached. */
export const userSystemCall: EventSource = ({ kernel, probes, emit }) => {
  const entry = kernel.image.address('Xsyscall');
  return probes.at(entry, () => {
    const { registers, image } = kernel;
    const returnAddress = registers.get('rcx');
    const number = toInt(registers.get('rax'));
    const { function: entryName, file, line } = image.place(entry);
    emit('user:syscall', {
      instruction: returnAddress - SYSCALL_SIZE,
      returnAddress,
      stackPointer: registers.get('rsp'),
      number,
      systemCall: kernel.systemCallName(number),
      entry,
      entryName,
      file,
      line,
    });
  });
};

const FORK_FAMILY: readonly number[] = [SYS_fork, SYS_vfork, SYS___tfork];

/**
 * `user:return`: parent and child are back behind the SYSCALL of fork(2) and its relatives. Places in user code are watched once a
 * fork has come from there; whoever else passes by is not taken for one who returns.
 */
export const userReturn: EventSource = ({ kernel, probes, emit }) => {
  /** Where a thread will come out, by the address of its struct proc. */
  const returning = new Map<bigint, bigint>();
  const watched = new Map<bigint, () => void>();
  const expectReturn = (proc: bigint, place: bigint): void => {
    returning.set(proc, place);
    if (!watched.has(place))
      watched.set(
        place,
        probes.at(place, () => arrived(place)),
      );
  };
  const arrived = (place: bigint): void => {
    const { registers } = kernel;
    if (registers.privilege !== USER_PRIVILEGE) return;
    const proc = kernel.currentThread()?.address;
    if (proc === undefined || returning.get(proc) !== place) return;
    returning.delete(proc);
    emit('user:return', {
      instruction: place,
      stackPointer: registers.get('rsp'),
      registers: {
        rax: registers.get('rax'),
        rdx: registers.get('rdx'),
        carry: (registers.get('rflags') & PSL_C) !== 0n,
      },
    });
  };
  const detach = attachAll([
    () =>
      probes.at(kernel.image.address('Xsyscall'), () => {
        const proc = kernel.currentThread()?.address;
        if (proc === undefined) return;
        if (FORK_FAMILY.includes(toInt(kernel.registers.get('rax')))) {
          expectReturn(proc, kernel.registers.get('rcx'));
        } else {
          returning.delete(proc);
        }
      }),
    () =>
      probes.function('child_return', {
        enter: ({ arguments: [p = 0n] }) => {
          const place = new Reading().try(() => kernel.struct('proc').at(p).integer('p_md.md_regs.tf_rip'));
          if (place !== undefined) expectReturn(p, BigInt.asUintN(64, place));
        },
      }),
  ]);
  return () => {
    detach();
    for (const remove of watched.values()) remove();
    watched.clear();
  };
};
