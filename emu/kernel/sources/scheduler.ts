import type { Kernel } from '../kernel.ts';
import { Reading } from '../reading.ts';
import { type EventSource, toUnsigned } from './source.ts';

/** `sched:fork`: fork_thread_start(p, parent, flags) is entered. */
export const schedulerFork: EventSource = ({ kernel, probes, emit }) =>
  probes.function('fork_thread_start', {
    enter: ({ arguments: [p = 0n, parent = 0n, flags] }) => {
      const reading = new Reading();
      const child = reading.try(() => kernel.identify(kernel.struct('proc').at(p)));
      emit(
        'sched:fork',
        { child, childAddress: p, parentAddress: parent, flags: toUnsigned(flags) },
        reading,
      );
    },
  });

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
