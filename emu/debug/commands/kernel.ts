import type { View } from '../../kernel/index.ts';
import { DebugError } from '../session/errors.ts';
import type { DebugSession } from '../session/session.ts';
import { memoryCounters, poolRows, renderMemoryCounters, renderPools } from '../views/memory-use.ts';
import { pageWalk, renderPageWalk } from '../views/page-walk.ts';
import { renderRunQueues, runQueues } from '../views/run-queues.ts';
import { processView, renderProcess, renderThreads, threadRows } from '../views/threads.ts';
import { renderVmMap, vmMapRows } from '../views/vm-map.ts';
import { needed, none } from './arguments.ts';
import { answer, type Command } from './command.ts';
import { isPagingOff } from './hints.ts';

/** The process with a pid; the selected thread's when none is given. Throws DebugError 'not-found'. */
function processOf(session: DebugSession, argument: string): View {
  const { kernel } = session.debuggee;
  if (argument === '') {
    const { process } = session.selection;
    if (process === undefined) throw new DebugError('not-now', 'no process runs yet');
    return process;
  }
  const pid = Number(argument);
  const found = [...kernel.processes(), ...kernel.zombies()].find((one) => one.number('ps_pid') === pid);
  if (found === undefined)
    throw new DebugError('not-found', `there is no process ${argument}; ps shows them`);
  return found;
}

function threadsCommand(names: readonly string[], usage: string): Command {
  return {
    names,
    section: 'kernel',
    usage,
    help: 'the guest’s threads: state, what they sleep on, their struct proc',
    run(session, { argument }) {
      none(argument);
      const rows = threadRows(session.debuggee.kernel);
      return answer(renderThreads(rows), rows);
    },
  };
}

export const KERNEL_COMMANDS: readonly Command[] = [
  threadsCommand(['ps'], 'ps'),
  {
    names: ['proc'],
    section: 'kernel',
    usage: 'proc [PID]',
    help: 'a process: its flags by name, family, group, threads; the selected one without a number',
    run(session, { argument }) {
      const view = processView(session.debuggee.kernel, processOf(session, argument));
      return answer(renderProcess(view), view);
    },
  },
  {
    names: ['pcb'],
    section: 'kernel',
    usage: 'pcb [PID]',
    help: 'the PCB of a process’s main thread: where it goes on when it is switched to',
    run(session, { argument }) {
      const thread =
        argument === '' ? session.selection.thread : processOf(session, argument).at('ps_mainproc');
      if (thread === undefined) throw new DebugError('not-now', 'no thread runs yet');
      const pcb = thread.at('p_addr').member('u_pcb');
      const fields = pcb.members().filter((name) => name !== 'pcb_savefpu');
      const rows = fields.map((name) => [name, BigInt.asUintN(64, pcb.integer(name))] as const);
      const lines = rows.map(([name, value]) => {
        const symbol = session.values.symbolOf(value);
        return `${name.padEnd(12)} 0x${value.toString(16)}${symbol === undefined ? '' : ` <${symbol}>`}\n`;
      });
      return answer(`struct pcb at 0x${pcb.address.toString(16)}\n${lines.join('')}`, {
        address: pcb.address,
        ...Object.fromEntries(rows),
      });
    },
  },
  {
    names: ['vmmap'],
    section: 'kernel',
    usage: 'vmmap [PID]',
    help: 'the address space of a process: its map entries, what is shared and copied on write',
    run(session, { argument }) {
      const rows = vmMapRows(session.debuggee.kernel, processOf(session, argument));
      return answer(renderVmMap(rows), rows);
    },
  },
  {
    names: ['ptwalk'],
    section: 'kernel',
    usage: 'ptwalk ADDRESS',
    help: 'how the page tables translate an address: every level, its flags spelt out',
    completes: 'expression',
    run(session, { argument }) {
      const linear = session.values.addressOf(needed(argument, 'an address'));
      const root = session.selection.root ?? session.debuggee.kernel.registers.get('cr3');
      const walk = pageWalk(session.debuggee.cpu.system.inspector, linear, root);
      const note = isPagingOff(session) ? 'paging is off: a linear address is the physical one\n' : '';
      return answer(note + renderPageWalk(walk), walk);
    },
  },
];

/** What `info` says of the kernel. */
export const KERNEL_INFO: readonly Command[] = [
  threadsCommand(['threads'], 'info threads'),
  {
    names: ['vm'],
    section: 'kernel',
    usage: 'info vm',
    help: 'the counters of struct uvmexp',
    run(session, { argument }) {
      none(argument);
      const counters = memoryCounters(session.debuggee.kernel);
      return answer(renderMemoryCounters(counters), counters);
    },
  },
  {
    names: ['pool', 'pools'],
    section: 'kernel',
    usage: 'info pool',
    help: 'the kernel’s pools: items out, pages held',
    run(session, { argument }) {
      none(argument);
      const rows = poolRows(session.debuggee.kernel);
      return answer(renderPools(rows), rows);
    },
  },
  {
    names: ['runq'],
    section: 'kernel',
    usage: 'info runq',
    help: 'who runs and who waits for the processor',
    run(session, { argument }) {
      none(argument);
      const view = runQueues(session.debuggee.kernel);
      if (view === undefined) throw new DebugError('not-now', 'the kernel has not set up its scheduler yet');
      return answer(renderRunQueues(view), view);
    },
  },
];
