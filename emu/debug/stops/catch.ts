import {
  type EventName,
  type Kernel,
  KernelError,
  type KernelEvent,
  type KernelTracer,
} from '../../kernel/index.ts';
import { DebugError } from '../session/errors.ts';
import type { Catchpoint } from './stop-points.ts';

/** What can be caught, and the events of the kernel that it is. */
const KINDS: Readonly<Record<string, readonly EventName[]>> = {
  syscall: ['raw_syscalls:sys_enter', 'raw_syscalls:sys_exit'],
  fork: ['sched:fork'],
  exec: ['proc:exec'],
  exit: ['proc:exit'],
  switch: ['sched:on__cpu'],
  fault: ['uvm:fault'],
  panic: ['kernel:panic'],
};
/** What each stops at. */
const HELP: Readonly<Record<string, string>> = {
  syscall:
    'stop at the entry and the return of system calls, or of those that are named: catch syscall fork execve',
  fork: 'stop where a new process or thread is complete, before it runs: fork, vfork and __tfork',
  exec: 'stop where a process has become another program, before its first instruction',
  exit: 'stop where a process ends; it is not yet a zombie',
  switch: 'stop where a thread begins to run, after a switch',
  fault: 'stop at page faults that the kernel handles: the address, the access, and who caused it',
  panic: 'stop where the kernel gives up, with its message',
};

/** What `catch KIND` does; undefined for a kind that is not there. */
export function catchHelp(kind: string): string | undefined {
  return HELP[kind];
}

/** More system calls than any kernel has. */
const NUMBER_LIMIT = 1024;

/** A catchpoint for `syscall fork`, `exec` and so on. Throws DebugError 'usage' and 'not-found'. */
export function catchpointFor(
  text: string,
  kernel: Kernel,
  tracer: KernelTracer,
): Pick<Catchpoint, 'what' | 'events' | 'matches'> {
  const [kind = '', ...words] = text.trim().split(/\s+/);
  const events = KINDS[kind];
  if (events === undefined)
    throw new DebugError('usage', `'${kind}' cannot be caught; there are ${Object.keys(KINDS).join(', ')}`);
  if (words.length > 0 && kind !== 'syscall')
    throw new DebugError('usage', `catch ${kind} takes nothing more`);
  for (const name of events) checkEvent(name, tracer);
  const numbers = new Set(words.map((word) => systemCallNumber(word, kernel)));
  const matches = (event: KernelEvent): boolean =>
    numbers.size === 0 || ('number' in event && numbers.has(event.number));
  return { what: text.trim().replace(/\s+/g, ' '), events, matches };
}

function checkEvent(name: EventName, tracer: KernelTracer): void {
  try {
    tracer.listen(name, () => {})();
  } catch (error) {
    if (error instanceof KernelError)
      throw new DebugError('not-found', `this kernel has no such event: ${error.message}`);
    throw error;
  }
}

function systemCallNumber(word: string, kernel: Kernel): number {
  if (/^\d+$/.test(word)) {
    if (kernel.systemCallName(Number(word)) === undefined)
      throw new DebugError('not-found', `there is no system call number ${word}`);
    return Number(word);
  }
  for (let number = 0; number < NUMBER_LIMIT; number++)
    if (kernel.systemCallName(number) === word) return number;
  throw new DebugError('not-found', `there is no system call ${word}`);
}
