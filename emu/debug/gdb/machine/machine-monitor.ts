import {
  backtrace,
  dumpRegisters,
  formatBacktrace,
  type Kernel,
  KernelError,
  threadStateName,
} from '../../../kernel/index.ts';
import type { Machine } from '../../../machine/index.ts';
import { signalTrampoline } from '../../stack/signal-trampoline.ts';
import type { TargetMonitor } from '../target.ts';

interface MonitorCommand {
  readonly help: string;
  run(kernel: Kernel, machine: Machine): string;
}

const COMMANDS: Readonly<Record<string, MonitorCommand>> = {
  help: { help: 'what can be asked for', run: () => help() },
  position: {
    help: 'steps since power-on, and the guest time in ns',
    run: (_, machine) => `position ${machine.position}  time ${machine.guestTime} ns\n`,
  },
  registers: {
    help: "the processor's registers, control registers and bases among them",
    run: (kernel) => dumpRegisters(kernel),
  },
  ps: { help: 'the process table', run: processTable },
  trace: {
    help: "the calls the processor is in, by puffer's own unwinder",
    run: (kernel) => formatBacktrace(backtrace(kernel)),
  },
  sigcode: {
    help: 'the signal trampoline of the process that runs, and how gdb learns to go through it',
    run: trampolineText,
  },
};

function help(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, command]) => `${name.padEnd(width)}  ${command.help}\n`);
  return lines.join('');
}

/** An object file of the kernel's whose read-only data begins with the trampoline and has its call-frame information. */
const TRAMPOLINE_OBJECT = 'guest/obj/guest/sys/arch/amd64/amd64/locore.S.o';

function trampolineText(kernel: Kernel): string {
  const process = kernel.currentProcess();
  const trampoline = signalTrampoline(kernel, process);
  if (process === undefined || trampoline === undefined) return 'no process runs that has one\n';
  const address = `0x${trampoline.start.toString(16)}`;
  const who = `pid ${process.number('ps_pid')} ${process.text('ps_comm') ?? ''}`;
  return `${who}: ${address}\nadd-symbol-file ${TRAMPOLINE_OBJECT} -s .rodata ${address}\n`;
}

const HEADINGS = ['PID', 'PPID', 'TID', 'STATE', 'WAIT', 'COMMAND'];

function processTable(kernel: Kernel): string {
  const rows = [HEADINGS];
  for (const process of [...kernel.processes(), ...kernel.zombies()]) {
    const pid = process.number('ps_pid');
    const parent = process.pointer('ps_pptr') === 0n ? '-' : `${process.number('ps_pptr.ps_pid')}`;
    const command = process.text('ps_comm') ?? '';
    const threads = [...kernel.threadsOf(process)];
    if (threads.length === 0) rows.push([`${pid}`, parent, '-', 'SZOMB', '-', command]);
    for (const thread of threads) {
      const state = threadStateName(thread.number('p_stat'));
      const reason = (state === 'SSLEEP' ? thread.text('p_wmesg') : undefined) ?? '-';
      rows.push([`${pid}`, parent, `${thread.number('p_tid')}`, state, reason, command]);
    }
  }
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** `monitor COMMAND` of gdb. A command that is none, or that this kernel cannot serve, says so in its output. */
export function machineMonitor(kernel: Kernel, machine: Machine): TargetMonitor {
  return (text) => {
    const name = text === '' ? 'help' : text;
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) return `there is no command '${name}'; there are:\n${help()}`;
    try {
      return command.run(kernel, machine);
    } catch (error) {
      if (error instanceof KernelError) return `${name}: ${error.message}\n`;
      throw error;
    }
  };
}
