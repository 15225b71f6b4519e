import { SYS___tfork, SYS_fork, SYS_vfork } from '../constants.ts';
import { KernelError } from '../errors.ts';
import type { EventName, EventOf, KernelEvent } from '../events.ts';
import type { Kernel } from '../kernel.ts';
import type { CodePlace } from '../kernel-image.ts';
import type { Detach } from '../probes.ts';
import type { KernelTracer } from '../tracer.ts';
import {
  childReturnFacts,
  listFacts,
  pcbCopyFacts,
  REPORTED_FUNCTIONS,
  type ReportedFunction,
  returnFacts,
  statusFact,
} from './facts.ts';
import { OpenFork } from './open-fork.ts';
import type { ForkOutcome, ForkReport, ForkRole } from './report.ts';

export interface ForkRecorderOptions {
  /** 'prompt': forks after the console has first printed a prompt; 'power-on': all, those of the kernel included. 'prompt' if not given. */
  readonly from?: 'prompt' | 'power-on' | undefined;
  /** What counts as a prompt at the end of the output; the shell's if not given. */
  readonly prompts?: readonly string[] | undefined;
  /** Called with each report as soon as it is complete. */
  readonly onReport?: ((report: ForkReport) => void) | undefined;
  /** Function and line of an address of user code, when the program's file is at hand. */
  readonly userPlace?: ((comm: string, address: bigint) => CodePlace | undefined) | undefined;
}

const SHELL_PROMPTS = ['# ', '$ '];
const FORK_FAMILY: readonly number[] = [SYS_fork, SYS___tfork, SYS_vfork];
const FUNCTIONS = new Map<string, ReportedFunction>(REPORTED_FUNCTIONS.map((one) => [one.name, one]));
/** Without these a report of fork(2) has a hole. */
const EXPECTED_IN_FORK = [
  'syscall',
  'mi_syscall',
  'sys_fork',
  'fork1',
  'fork_check_maxthread',
  'chgproccnt',
  'uvm_uarea_alloc',
  'thread_new',
  'process_new',
  'cpu_fork',
  'alloctid',
  'fork_thread_start',
  'setrunqueue',
  'proc_trampoline',
  'child_return',
];

/**
 * Records forks, each from the SYSCALL of the parent to its wait4 for the child, out of the tracer's events. Several forks may be
 * under way at once.
 */
export class ForkRecorder {
  /** Complete reports, in the order of their completion. */
  readonly reports: ForkReport[] = [];
  readonly #tracer: KernelTracer;
  readonly #kernel: Kernel;
  readonly #options: ForkRecorderOptions;
  readonly #open = new Set<OpenFork>();
  readonly #detach: Detach[] = [];
  readonly #absent: string[] = [];
  #output = '';

  constructor(tracer: KernelTracer, options: ForkRecorderOptions = {}) {
    this.#tracer = tracer;
    this.#kernel = tracer.kernel;
    this.#options = options;
    if (options.from === 'power-on') this.#attach();
    else this.#attachAtPrompt(options.prompts ?? SHELL_PROMPTS);
  }

  /** Ends the recording; forks under way are reported as unfinished. */
  finish(): void {
    for (const detach of this.#detach.splice(0)) detach();
    for (const fork of [...this.#open]) this.#close(fork, 'unfinished');
  }

  #attachAtPrompt(prompts: readonly string[]): void {
    const longest = Math.max(...prompts.map((prompt) => prompt.length));
    const decoder = new TextDecoder();
    const stop = this.#kernel.machine.console.onOutput((bytes) => {
      this.#output = (this.#output + decoder.decode(bytes, { stream: true })).slice(-longest);
      if (!prompts.some((prompt) => this.#output.endsWith(prompt))) return;
      stop();
      this.#attach();
    });
    this.#detach.push(stop);
  }

  #attach(): void {
    this.#on('user:syscall', (event) => this.#systemCall(event));
    this.#on('user:return', (event) => this.#userReturn(event));
    this.#on('kprobe:entry', (event) => this.#entered(event));
    this.#on('kprobe:return', (event) => this.#left(event));
    for (const traced of REPORTED_FUNCTIONS) this.#try(() => this.#tracer.trace(traced));
    // After the functions: these add to what their lines say.
    this.#on('uvm:uarea_alloc', (event) => {
      const pages = event.pages === undefined ? 'pages not known' : `${event.pages} pages`;
      this.#learn(event, 'uvm_uarea_alloc', [{ label: '→', value: event.address, note: pages }]);
    });
    this.#on('proc:pcb_copy', (event) => this.#learn(event, 'cpu_fork', pcbCopyFacts(event)));
    this.#on('sched:fork', (event) => this.#schedulerFork(event));
    this.#on('sched:off__cpu', (event) => this.#switched(event));
    this.#on('proc:child_return', (event) => this.#learn(event, 'child_return', childReturnFacts(event)));
    this.#on('proc:exec', (event) => this.#executed(event));
    this.#on('proc:exit', (event) => {
      this.#ofChild(event)?.note(event, 'child', { name: 'exit1', place: this.#place('exit1') }, [
        statusFact(event.status),
      ]);
    });
    this.#on('proc:wait', (event) => this.#waited(event));
  }

  #on<N extends EventName>(name: N, listener: (event: EventOf<N>) => void): void {
    this.#try(() => this.#tracer.on(name, listener));
  }

  /** Attaches, or remembers what this kernel does not have. */
  #try(attach: () => Detach): void {
    try {
      this.#detach.push(attach());
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      if (!this.#absent.includes(error.message)) this.#absent.push(error.message);
    }
  }

  #place(name: string): CodePlace | undefined {
    const address = this.#kernel.image.addressOf(name);
    return address === undefined ? undefined : this.#kernel.image.place(address);
  }

  #find(accept: (fork: OpenFork) => boolean): OpenFork | undefined {
    for (const fork of this.#open) if (accept(fork)) return fork;
    return undefined;
  }

  /** The fork whose parent or child the event's thread is, while it is inside the call. */
  #inside({ thread }: KernelEvent): { fork: OpenFork; role: ForkRole } | undefined {
    for (const fork of this.#open) {
      if (fork.parentInside && thread?.tid === fork.parent?.tid) return { fork, role: 'parent' };
      if (fork.childInside && fork.child !== undefined && thread?.tid === fork.child.tid) {
        return { fork, role: 'child' };
      }
    }
    return undefined;
  }

  #ofChild({ thread }: KernelEvent): OpenFork | undefined {
    return this.#find(({ child }) => child !== undefined && child.pid === thread?.pid);
  }

  #systemCall(event: EventOf<'user:syscall'>): void {
    // Who comes from user mode has left the call before, whatever was seen of that.
    for (let left = this.#inside(event); left !== undefined; left = this.#inside(event)) {
      if (left.role === 'parent') left.fork.parentInside = false;
      else left.fork.childInside = false;
    }
    if (!FORK_FAMILY.includes(event.number)) return;
    const fork = new OpenFork(event.systemCall ?? `system call ${event.number}`, event.thread);
    this.#open.add(fork);
    const comm = event.thread?.comm ?? '';
    const place = this.#options.userPlace?.(comm, event.instruction);
    // SYSCALL is the step that has just been taken.
    const name = place?.function === undefined ? `SYSCALL in ${comm}` : `${place.function}: SYSCALL`;
    fork.note(event, 'parent', { kind: 'user', name, place, position: event.position - 1 }, [
      { label: 'rip', value: event.instruction },
      { label: 'rax', value: event.number, note: event.systemCall ?? '' },
      { label: 'rsp', value: event.stackPointer },
    ]);
    const { entry, entryName, file, line } = event;
    fork.note(
      event,
      'parent',
      { name: entryName ?? 'LSTAR', place: { address: entry, function: entryName, offset: 0, file, line } },
      [
        { label: 'rip', value: entry },
        { label: 'rcx', value: event.returnAddress, note: 'where it returns to' },
      ],
    );
  }

  #entered(event: EventOf<'kprobe:entry'>): void {
    const reported = FUNCTIONS.get(event.function);
    if (reported === undefined) return;
    let found = this.#inside(event);
    if (found === undefined && (event.function === 'fork1' || event.function === 'thread_fork')) {
      // The kernel makes a process by itself: no SYSCALL was there to see.
      const fork = new OpenFork(event.function, event.thread);
      this.#open.add(fork);
      found = { fork, role: 'parent' };
    }
    if (found === undefined || found.role !== reported.role) return;
    const { fork, role } = found;
    if (reported.about !== undefined) {
      const subject = event.arguments.find(({ name }) => name === reported.about)?.value;
      if (subject !== fork.childProc) return;
    }
    if (event.function === 'fork1') fork.fork1 = event;
    const facts = reported.facts?.(event, undefined, { kernel: this.#kernel, fork1: fork.fork1 }) ?? [];
    fork.enter(event, role, facts, reported.entryOnly !== true);
  }

  #left(event: EventOf<'kprobe:return'>): void {
    const reported = FUNCTIONS.get(event.function);
    const found = this.#inside(event);
    if (reported === undefined || found === undefined || found.role !== reported.role) return;
    const { fork, role } = found;
    const call = fork.leave(role, event.function);
    if (call === undefined) return;
    const context = { kernel: this.#kernel, fork1: fork.fork1 };
    // What was known at the entry is said again, now with what the return has added.
    if (reported.facts !== undefined) call.step.said = reported.facts(call.values, event, context);
    call.step.missing.push(...(event.missing ?? []));
    if (event.function === 'thread_new' && event.result !== undefined) fork.childProc = event.result;
    if (event.function === 'process_new') {
      const pid = event.watched['$result.ps_pid'];
      if (typeof pid === 'number') fork.childPid = pid;
    }
    if (reported.leaves === true) {
      const { address, file, line } = event;
      const place = { address, function: event.function, offset: 0, file, line };
      const facts = reported.leaveFacts?.(call.values, event, context) ?? [];
      fork.note(event, role, { kind: 'leave', name: event.function, place }, facts);
    }
    const failed = event.function === 'fork1' && event.result !== 0n;
    if (failed && fork.call === 'fork1') this.#close(fork, 'failed');
    else if (event.function === fork.call) fork.parentInside = false;
  }

  #learn(event: KernelEvent, name: string, facts: Parameters<OpenFork['learn']>[4]): void {
    const found = this.#inside(event);
    found?.fork.learn(event, found.role, name, this.#place(name), facts);
  }

  #schedulerFork(event: EventOf<'sched:fork'>): void {
    const found = this.#inside(event);
    if (found?.role !== 'parent') return;
    found.fork.child = event.child;
    found.fork.childProc ??= event.childAddress;
    this.#learn(event, 'fork_thread_start', listFacts(event));
  }

  /** The first switch to the child; later ones say nothing about its birth. */
  #switched(event: EventOf<'sched:off__cpu'>): void {
    const fork = this.#find((one) => one.childProc === event.to && !one.saw('cpu_switchto'));
    if (fork === undefined) return;
    const { thread, next, from, to } = event;
    const role: ForkRole = thread?.tid === fork.parent?.tid ? 'parent' : 'other';
    const name = (one: typeof thread): string => (one === undefined ? 'none' : `${one.pid} (${one.comm})`);
    fork.note(event, role, { name: 'cpu_switchto', place: this.#place('cpu_switchto') }, [
      { label: 'curproc', from, value: to },
      { label: 'pid', from: name(thread), value: name(next) },
      { label: 'goes on at', value: event.resumesIn ?? event.resumesAt },
    ]);
  }

  #userReturn(event: EventOf<'user:return'>): void {
    const found = this.#inside(event);
    if (found === undefined) return;
    const { fork, role } = found;
    const comm = event.thread?.comm ?? '';
    const place = this.#options.userPlace?.(comm, event.instruction);
    fork.note(event, role, { kind: 'user', name: `user mode, ${comm} (${role})`, place }, [
      { label: 'rip', value: event.instruction },
      ...returnFacts(event.registers),
    ]);
    if (role === 'child') fork.childInside = false;
    else fork.parentInside = false;
    if (role === 'parent' && event.registers.carry) this.#close(fork, 'failed');
  }

  #executed(event: EventOf<'proc:exec'>): void {
    const fork = this.#ofChild(event);
    const error = event.error === 0 ? [] : [{ label: 'returns', value: event.error }];
    fork?.note(
      event,
      'child',
      { name: 'sys_execve', place: this.#place('sys_execve'), position: event.began },
      [
        { label: 'path', value: event.path },
        { label: 'argv', value: event.argv?.join(' ') },
        ...(error.length > 0 ? error : [{ label: 'ps_comm', value: event.thread?.comm }]),
      ],
    );
  }

  #waited(event: EventOf<'proc:wait'>): void {
    const fork = this.#find(
      ({ child, parent }) => child?.pid === event.pid && parent?.pid === event.thread?.pid,
    );
    if (fork === undefined) return;
    fork.note(event, 'parent', { kind: 'leave', name: 'dowait4', place: this.#place('dowait4') }, [
      { label: 'pid', value: event.pid },
      statusFact(event.status),
    ]);
    this.#close(fork, 'waited');
  }

  #close(fork: OpenFork, outcome: ForkOutcome): void {
    this.#open.delete(fork);
    const unseen =
      fork.call === 'fork' && outcome === 'waited'
        ? EXPECTED_IN_FORK.filter(
            (name) => !fork.saw(name) && this.#kernel.image.addressOf(name) !== undefined,
          )
        : [];
    const report = fork.report(outcome, [
      ...this.#absent,
      ...unseen.map((name) => `${name} exists, but this fork did not call it (it may have been inlined)`),
    ]);
    this.reports.push(report);
    this.#options.onReport?.(report);
  }
}
