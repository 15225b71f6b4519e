import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { absolute } from '../../../scripts/guest/paths.ts';

type Row = readonly [invariant: string, file: string, test: string];

const FORK = 'test/guest/fork';
const LIFE = 'test/guest/life';
const LIMITS = 'test/guest/limits';
const REGRESS = 'guest/regress/sys/kern';

/**
 * What must hold around fork, exec, exit and wait, and the test that judges it: a test of its own, or a case of a regress program,
 * which test/guest/life/regress.test.ts runs here and test/guest-qemu/regress.test.ts on QEMU.
 */
const INVARIANTS: readonly Row[] = [
  ['nthreads and nprocesses + 1', `${FORK}/counters.test.ts`, 'should count one thread and one process more'],
  [
    'ui_proccnt of the real uid + 1',
    `${FORK}/counters.test.ts`,
    'should count one process more for the real user id, and for no other',
  ],
  [
    'forkstat.cntfork and sizfork alone',
    `${FORK}/counters.test.ts`,
    'should count one fork(2), the size of data and stack, and no other kind',
  ],
  [
    'uvmexp.syscalls of the parent',
    `${FORK}/counters.test.ts`,
    'should count one system call for the parent',
  ],
  [
    'and none of the child',
    `${FORK}/counters.test.ts`,
    'should count no system call for the child until it makes one',
  ],
  [
    'registers of the parent',
    `${FORK}/registers.test.ts`,
    'should give the parent the pid in rax, rdx 0 and carry clear',
  ],
  [
    'registers of the child',
    `${FORK}/registers.test.ts`,
    'should give the child rax 0, rdx 1 and carry clear',
  ],
  [
    'rax 2 in the child’s trapframe until child_return',
    `${FORK}/registers.test.ts`,
    'should keep the number of the call in the trapframe of the child until child_return',
  ],
  ['the same FPU state', 'guest/regress/sys/arch/amd64/fpu/fpu.c', 'fork copies the state'],
  ['ps_pid', `${FORK}/identity.test.ts`, 'should have a pid from 2 to 99999 that is not the parent’s'],
  [
    'ps_pid is not taken',
    `${FORK}/identity.test.ts`,
    'should have a pid that no process, zombie, group or recently freed id had before',
  ],
  ['p_tid', `${FORK}/identity.test.ts`, 'should have a thread id from 1 to 524288 that no other thread has'],
  [
    'ps_mainproc, ps_refcnt, p_p',
    `${FORK}/identity.test.ts`,
    'should have one thread, its main one, that points back to it',
  ],
  [
    'first of ps_children',
    `${FORK}/identity.test.ts`,
    'should have the process that forked as its parent, as the first of its children',
  ],
  [
    'next in ps_pglist, same ps_pgrp',
    `${FORK}/identity.test.ts`,
    'should stand directly behind its parent in the process group, whose pointer it has',
  ],
  [
    'first in allproc, allprocess',
    `${FORK}/identity.test.ts`,
    'should be first of all processes and of all threads',
  ],
  ['ps_comm', `${FORK}/identity.test.ts`, 'should have the parent’s command name until it executes another'],
  [
    'cr_ref + 2',
    `${FORK}/objects.test.ts`,
    'should have the parent’s credentials, with one reference for the thread and one for the process',
  ],
  ['plimit + 1', `${FORK}/objects.test.ts`, 'should share the resource limits, with one reference more'],
  ['ps_textvp', `${FORK}/objects.test.ts`, 'should run the same text, which has one user more'],
  [
    'open files + 1',
    `${FORK}/objects.test.ts`,
    'should share each open file, with one reference more for each descriptor',
  ],
  ['kqueues are absent', `${REGRESS}/kqueue/kqueue.c`, 'a kqueue is a descriptor'],
  ['close-on-exec flags', `${FORK}/objects.test.ts`, 'should keep each descriptor’s close-on-exec flag'],
  [
    'fd_cdir',
    `${FORK}/objects.test.ts`,
    'should have the current directory, which has one user more, and the umask',
  ],
  [
    'ps_sigacts',
    `${FORK}/objects.test.ts`,
    'should have signal actions of its own that are equal, with one reference',
  ],
  [
    'p_sigmask, no pending signal',
    `${FORK}/objects.test.ts`,
    'should inherit the blocked signals but no pending one',
  ],
  [
    'vmspace and pmap',
    `${FORK}/memory.test.ts`,
    'should have an address space and page tables of its own that nobody shares',
  ],
  [
    'copy on write',
    `${FORK}/memory.test.ts`,
    'should have the same private page, read-only on both sides, until one writes',
  ],
  ['MAP_SHARED', `${FORK}/memory.test.ts`, 'should show what the child writes to a page inherited as shared'],
  ['MAP_INHERIT_NONE', `${FORK}/memory.test.ts`, 'should leave out what is not to be inherited'],
  ['MAP_INHERIT_ZERO', `${FORK}/memory.test.ts`, 'should have zeros where zeros are to be inherited'],
  [
    'guard page',
    `${FORK}/uarea.test.ts`,
    'should have an unmapped page between struct user and the kernel stack',
  ],
  ['pcb_kstack', `${FORK}/uarea.test.ts`, 'should begin its stack a random multiple of 16 below the end'],
  [
    'md_regs, pcb_rsp',
    `${FORK}/uarea.test.ts`,
    'should hold the trapframe at the top and the switchframe below it',
  ],
  [
    'switchframe',
    `${FORK}/uarea.test.ts`,
    'should return from its first switch to proc_trampoline, with fork_return and the thread',
  ],
  ['pcb_rbp 0', `${FORK}/uarea.test.ts`, 'should end stack traces at the new thread'],
  ['ps_flags', `${FORK}/flags.test.ts`, 'should inherit what is to be inherited, and the terminal'],
  ['PS_EXEC clear', `${FORK}/flags.test.ts`, 'should not have executed a program, though its parent has'],
  [
    'PS_PROFIL',
    `${FORK}/inherited-flags.test.ts`,
    'should hold PS_PROFIL by a profiling clock that is started anew',
  ],
  ['AFORK', `${FORK}/flags.test.ts`, 'should be marked as forked but not executed for accounting'],
  ['timers, rusage, ktrace', `${FORK}/flags.test.ts`, 'should have no times, timers, usage or traces'],
  [
    'order: SIDL',
    `${FORK}/order.test.ts`,
    'should make a thread that is being created and belongs to no process',
  ],
  [
    'order: allprocess before PIDHASH',
    `${FORK}/order.test.ts`,
    'should put the new process on allprocess first, where no look-up by pid finds it',
  ],
  ['order: SRUN once', `${FORK}/order.test.ts`, 'should make it runnable once, in setrunqueue'],
  [
    'order: user mode last',
    `${FORK}/order.test.ts`,
    'should run the child from proc_trampoline on, and in user mode only when it is complete',
  ],
  [
    'KNOTE after the child can run',
    `${FORK}/order.test.ts`,
    'should tell who watches the parent when the child can run, with the child’s pid',
  ],
  ['parent stays SONPROC', `${FORK}/order.test.ts`, 'should run the parent all the while'],
  ['ktrace records', `${REGRESS}/ktrace/ktrace.c`, "fork's two returns, if children are traced"],
  ['NOTE_FORK', `${REGRESS}/kqueue/kqueue.c`, 'fork, exec and exit of a process'],
  ['vfork counts', `${LIFE}/vfork.test.ts`, 'should count a vfork and its size, with a parent that waits'],
  ['ppwait', `${LIFE}/vfork.test.ts`, 'should not let a signal interrupt the parent’s sleep'],
  ['vfork does not share', `${LIFE}/vfork.test.ts`, 'should not share the memory'],
  ['vfork ends', `${LIFE}/vfork.test.ts`, 'should let the parent go when the child executes a program'],
  ['__tfork counts', `${LIFE}/tfork.test.ts`, 'should count one thread more, but no process'],
  [
    '__tfork’s thread',
    `${LIFE}/tfork.test.ts`,
    'should begin the thread with rax 0 on its stack, with its control block',
  ],
  ['kthreads', `${LIFE}/kernel-threads.test.ts`, 'should be a system process that leaves no zombie'],
  [
    'kthreads’ references',
    `${LIFE}/kernel-threads.test.ts`,
    'should count in the references and the statistics',
  ],
];

const ERRORS: readonly Row[] = [
  [
    'thread and process limits, for users and root',
    `${LIMITS}/limits.test.ts`,
    'should refuse %s with EAGAIN',
  ],
  [
    'one line every 10 s',
    `${LIMITS}/limits.test.ts`,
    'should come at the first refusal and then at most every ten seconds',
  ],
  [
    'limited on their own',
    `${LIMITS}/limits.test.ts`,
    'should be limited on its own for threads and for processes',
  ],
  [
    'no line for RLIMIT_NPROC',
    `${LIMITS}/limits.test.ts`,
    'should not come for RLIMIT_NPROC or for want of memory',
  ],
  ['root over RLIMIT_NPROC', `${LIMITS}/limits.test.ts`, 'should not hold root to RLIMIT_NPROC'],
  [
    'nothing changes',
    `${LIMITS}/unchanged.test.ts`,
    'should leave counts, lists, pools, pages, references, registers and memory as they were',
  ],
  ['libc returns -1', `${LIMITS}/unchanged.test.ts`, 'should make libc’s fork return -1 and set errno'],
  [
    'bad FORK_ bits, no function',
    `${LIFE}/corners.test.ts`,
    'should panic by an assertion when it is given %s',
  ],
  ['thread_fork: no uarea', `${LIFE}/corners.test.ts`, 'should be refused with ENOMEM and count nothing'],
  [
    'thread_fork: no stack; __tfork: size, copyin, TCB',
    `${LIFE}/tfork.test.ts`,
    'should refuse %s with %s: %s',
  ],
  [
    '__tfork: copyout of the tid',
    `${LIFE}/tfork.test.ts`,
    'should make the thread all the same when its id cannot be stored, and send SIGSEGV',
  ],
];

const LIVES: readonly Row[] = [
  [
    'what survives exec',
    `${LIFE}/exec.test.ts`,
    'should keep pid, parent, group, directory, blocked and pending signals',
  ],
  ['PS_EXEC, AFORK', `${LIFE}/exec.test.ts`, 'should mark the process as one that has executed a program'],
  ['signals after exec', `${LIFE}/exec.test.ts`, 'should set caught signals to their default'],
  ['close-on-exec', `${LIFE}/exec.test.ts`, 'should close the descriptors that are marked so, and no others'],
  ['fresh trapframe', `${LIFE}/exec.test.ts`, 'should begin with clean registers: all zero but rsp and rip'],
  ['exec fails before commit', `${LIFE}/exec.test.ts`, 'should leave no trace of the attempt'],
  [
    'exec fails after commit',
    `${LIFE}/corners.test.ts`,
    'should kill the process with SIGABRT and lose nothing, when it is %s that fails',
  ],
  [
    'exit1: lists',
    `${FORK}/exit.test.ts`,
    'should take the thread off all lists and the process to the zombies',
  ],
  [
    'exit1: SDEAD',
    `${FORK}/exit.test.ts`,
    'should leave a dead thread and an exiting process with its status',
  ],
  [
    'exit1: still counted',
    `${FORK}/exit.test.ts`,
    'should go on counting the process until it is waited for',
  ],
  ['exit1: children to init', `${REGRESS}/exit/exit.c`, "orphans become init's children"],
  [
    'reaper',
    `${FORK}/exit.test.ts`,
    'should have the reaper free the uarea and the memory before the parent is told',
  ],
  ['SIGCHLD', `${FORK}/exit.test.ts`, 'should have the reaper send SIGCHLD to the parent'],
  [
    'wait4: counts',
    `${FORK}/exit.test.ts`,
    'should count one process and one thread less, also for the user',
  ],
  ['wait4: references', `${FORK}/exit.test.ts`, 'should drop the references of the child'],
  ['pids rest', `${REGRESS}/wait/wait.c`, 'a pid is not used again soon'],
  ['second wait4', `${REGRESS}/wait/wait.c`, 'waiting for no child is ECHILD'],
  ['conservation', `${FORK}/exit.test.ts`, 'should restore all counts, lists and references'],
  [
    'conservation over thousands',
    `${LIFE}/generations.test.ts`,
    'should leave every count, list, pool item and page as before',
  ],
];

/** The quotes that a name may stand in, in C and in TypeScript. */
const quoted = (text: string): string[] => [`'${text}'`, `"${text}"`, `\`${text}\``];

describe.each([
  ['a successful fork, vfork, __tfork or kthread', INVARIANTS],
  ['a fork that fails', ERRORS],
  ['exec, exit and wait', LIVES],
] as const)('each invariant of %s', (_title, rows) => {
  it.each(rows.map((row) => [...row] as const))('has its test: %s', (_invariant, file, test) => {
    const source = readFileSync(absolute(file), 'utf8');
    expect(quoted(test).some((name) => source.includes(name))).toBe(true);
    // A test that is skipped judges nothing.
    expect(source).not.toMatch(/\b(it|test|describe)\.(skip|todo|only)\b/);
  });
});
