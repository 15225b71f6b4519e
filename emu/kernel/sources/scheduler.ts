import type { ListPlace } from '../events.ts';
import type { Kernel } from '../kernel.ts';
import { Reading } from '../reading.ts';
import type { View } from '../view.ts';
import { type EventSource, toUnsigned } from './source.ts';

/** `sched:fork`: fork_thread_start(p, parent, flags) is entered. All lists have the child by then. */
export const schedulerFork: EventSource = ({ kernel, probes, emit }) =>
  probes.function('fork_thread_start', {
    enter: ({ arguments: [p = 0n, parent = 0n, flags] }) => {
      const reading = new Reading();
      const thread = kernel.struct('proc').at(p);
      const child = reading.try(() => kernel.identify(thread));
      const childProcess = reading.try(() => thread.pointer('p_p'));
      const lists = listHeads(kernel, thread, kernel.struct('proc').at(parent), reading);
      const values = {
        child,
        childAddress: p,
        childProcess,
        parentAddress: parent,
        flags: toUnsigned(flags),
        lists,
      };
      emit('sched:fork', values, reading);
    },
  });

/** What stands first in each list that fork1() puts the child on. */
function listHeads(kernel: Kernel, child: View, parent: View, reading: Reading): ListPlace[] {
  const hashed = (table: string, mask: string, id: bigint): bigint => {
    const index = id & kernel.global(mask).integer();
    return kernel.global(table).pointer(`[${index}].lh_first`);
  };
  const places: readonly [list: string, read: () => bigint][] = [
    ['allprocess', () => kernel.global('allprocess').pointer('lh_first')],
    ['allproc', () => kernel.global('allproc').pointer('lh_first')],
    ['TIDHASH(p_tid)', () => hashed('tidhashtbl', 'tidhash', child.integer('p_tid'))],
    ['PIDHASH(ps_pid)', () => hashed('pidhashtbl', 'pidhash', child.integer('p_p.ps_pid'))],
    ['pg_members, after the parent', () => parent.pointer('p_p.ps_pglist.le_next')],
    ["the parent's ps_children", () => parent.pointer('p_p.ps_children.lh_first')],
  ];
  return places.map(([list, read]) => ({ list, element: reading.try(read) }));
}

/** `sched:off__cpu`: cpu_switchto(old, new) is entered. `old` is null when a thread has exited. */
export const schedulerOffCpu: EventSource = ({ kernel, probes, emit }) =>
  probes.function('cpu_switchto', {
    enter: ({ arguments: [from = 0n, to = 0n] }) => {
      const reading = new Reading();
      const next = reading.try(() => kernel.identify(kernel.struct('proc').at(to)));
      const resumesAt = reading.try(() => resumePoint(kernel, to).address) ?? 0n;
      const resumesIn = kernel.image.symbols.at(resumesAt)?.symbol.name;
      emit('sched:off__cpu', { from, to, next, resumesAt, resumesIn }, reading);
    },
  });

/**
 * `sched:on__cpu`: a thread goes on where its switchframe says. That is known when cpu_switchto() is entered, also for a thread
 * that has never run.
 */
export const schedulerOnCpu: EventSource = ({ kernel, probes, emit }) => {
  const owner = {};
  return probes.function('cpu_switchto', {
    enter: ({ arguments: [, to = 0n] }) => {
      const point = new Reading().try(() => resumePoint(kernel, to));
      if (point === undefined) return;
      probes.expect(point.address, point.stackPointer, () => emit('sched:on__cpu', { address: to }), owner);
    },
  });
};

/** Where cpu_switchto() will return to, and the stack pointer it will have there. */
function resumePoint(kernel: Kernel, proc: bigint): { address: bigint; stackPointer: bigint } {
  const frame = kernel.struct('switchframe');
  const at = kernel.struct('proc').at(proc).integer('p_addr.u_pcb.pcb_rsp');
  return {
    address: BigInt.asUintN(64, frame.at(at).integer('sf_rip')),
    stackPointer: at + BigInt(frame.type.size),
  };
}
