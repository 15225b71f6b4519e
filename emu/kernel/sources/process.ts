import { sizeOf, stripType } from '../../symbols/index.ts';
import type { EventValues, FieldCopy } from '../events.ts';
import type { Kernel } from '../kernel.ts';
import { Reading } from '../reading.ts';
import type { View } from '../view.ts';
import { type EventSource, toInt } from './source.ts';
import { returnRegisters } from './system-calls.ts';

/** More words of an argv than this are not read. */
const ARGUMENT_LIMIT = 64;
const WORD_SIZE = 8;

/** `proc:pcb_copy`: cpu_fork(p1, p2, stack, tcb, func, arg) has returned. */
export const pcbCopy: EventSource = ({ kernel, probes, emit }) =>
  probes.function('cpu_fork', {
    enter: ({ arguments: [parent = 0n, child = 0n] }) => ({ parent, child }),
    leave: (_call, { parent, child }) => {
      const reading = new Reading();
      const proc = kernel.struct('proc');
      const values: EventValues['proc:pcb_copy'] = {
        childPid: reading.try(() => proc.at(child).number('p_p.ps_pid')),
        parentProc: parent,
        childProc: child,
        pcb: reading.try(() => copyOf(proc.at(parent).at('p_addr.u_pcb'), proc.at(child).at('p_addr.u_pcb'))),
        trapframe: reading.try(() => trapframeCopy(proc.at(parent), proc.at(child))),
        switchframe: reading.try(() => switchframeOf(kernel, proc.at(child))),
      };
      emit('proc:pcb_copy', values, reading);
    },
  });

function trapframeCopy(parent: View, child: View): EventValues['proc:pcb_copy']['trapframe'] {
  if (parent.pointer('p_md.md_regs') === 0n) return undefined;
  return copyOf(parent.at('p_md.md_regs'), child.at('p_md.md_regs'));
}

function switchframeOf(kernel: Kernel, child: View): EventValues['proc:pcb_copy']['switchframe'] {
  const frame = kernel.struct('switchframe').at(child.integer('p_addr.u_pcb.pcb_rsp'));
  return {
    address: frame.address,
    fields: frame.members().map((field) => {
      const value = BigInt.asUintN(64, frame.integer(field));
      return { field, value, symbol: kernel.image.symbols.allAt(value)[0]?.name };
    }),
  };
}

/** Two structures of one type, field by field. */
function copyOf(from: View, to: View): { from: bigint; to: bigint; fields: FieldCopy[] } {
  return {
    from: from.address,
    to: to.address,
    fields: from.members().map((field) => copyField(from, to, field)),
  };
}

function copyField(from: View, to: View, field: string): FieldCopy {
  const [one, other] = [from.member(field), to.member(field)];
  const { kind } = stripType(one.type);
  if (kind === 'struct' || kind === 'union' || kind === 'array') {
    const size = sizeOf(one.type);
    const bytes = other.memory.read(other.address, size);
    return { field, size, equal: one.memory.read(one.address, size).every((byte, at) => byte === bytes[at]) };
  }
  return { field, from: BigInt.asUintN(64, one.integer()), to: BigInt.asUintN(64, other.integer()) };
}

/** `proc:child_return`: child_return(arg) has returned to proc_trampoline or fork_return. */
export const childReturn: EventSource = ({ kernel, probes, emit }) =>
  probes.function('child_return', {
    enter: ({ arguments: [p = 0n] }) => {
      const reading = new Reading();
      const frame = reading.try(() => kernel.struct('proc').at(p).at('p_md.md_regs'));
      return { p, frame, reading, before: frame && reading.try(() => returnRegisters(frame)) };
    },
    leave: (_call, { p, frame, reading, before }) => {
      const after = frame && reading.try(() => returnRegisters(frame));
      emit('proc:child_return', { childProc: p, trapframe: frame?.address, before, after }, reading);
    },
  });

/** `proc:exec`: sys_execve(p, v, retval) has returned. The path and the arguments are those of the old image. */
export const processExec: EventSource = ({ kernel, probes, emit }) =>
  probes.function('sys_execve', {
    enter: ({ arguments: [, v = 0n] }) => {
      const reading = new Reading();
      const uap = reading.try(() => kernel.struct('sys_execve_args').at(v));
      return {
        reading,
        path: reading.try(() => uap?.text('path.datum')),
        argv: reading.try(() => uap && readArguments(kernel, uap.pointer('argp.datum'))),
      };
    },
    leave: ({ position }, { reading, path, argv }, result) => {
      emit('proc:exec', { path, argv, error: toInt(result), began: position }, reading);
    },
  });

function readArguments(kernel: Kernel, address: bigint): string[] {
  const { memory } = kernel;
  const argv: string[] = [];
  for (let at = address; argv.length < ARGUMENT_LIMIT; at += BigInt(WORD_SIZE)) {
    const text = memory.word(at);
    if (text === 0n) break;
    argv.push(memory.string(text));
  }
  return argv;
}

/** `proc:exit`: exit1(p, rv, flags) is entered. */
export const processExit: EventSource = ({ probes, emit }) =>
  probes.function('exit1', {
    enter: ({ arguments: [, rv, flags] }) => {
      emit('proc:exit', { status: toInt(rv), flags: toInt(flags) });
    },
  });

/** `proc:wait`: dowait4(q, pid, statusp, options, rusage, retval) has returned with a child. */
export const processWait: EventSource = ({ kernel, probes, emit }) =>
  probes.function('dowait4', {
    enter: ({ arguments: [, , statusp = 0n, , , retval = 0n] }) => ({ statusp, retval }),
    leave: (_call, { statusp, retval }, result) => {
      if (toInt(result) !== 0) return;
      const reading = new Reading();
      const pid = reading.try(() => toInt(kernel.memory.word(retval)));
      if (pid === undefined || pid <= 0) return;
      const status = statusp === 0n ? undefined : reading.try(() => readInt(kernel, statusp));
      emit('proc:wait', { pid, status }, reading);
    },
  });

function readInt(kernel: Kernel, address: bigint): number {
  const bytes = kernel.memory.read(address, 4);
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
}
