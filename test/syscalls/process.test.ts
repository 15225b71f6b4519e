import { describe, expect } from 'vitest';
import {
  type BootedGuest,
  type Call,
  call,
  forking,
  guestTest as it,
  pufferMatchers,
} from '../../emu/vitest/index.ts';
import {
  CONTINUED,
  exited,
  killed,
  RUSAGE_CHILDREN,
  SIGCHLD,
  SIGCONT,
  SIGKILL,
  SIGSTOP,
  SIGTERM,
  SIGUSR1,
  stopped,
  USER,
  WCONTINUED,
  WNOHANG,
  WUNTRACED,
} from './support/constants.ts';

expect.extend(pufferMatchers);

const PAUSE = call.bind(undefined, 'sigsuspend', 0);
const PS_ZOMBIE = 0x4_0000;
const P_THREAD = 0x400_0000;

/** Makes a child that does something, and returns its pid. */
function fork(guest: BootedGuest, child: readonly Call[], name = 'fork'): number {
  return guest.scratch.syscall(forking(name, child)).value;
}

/** Waits for a child: its pid and its status. */
function wait(guest: BootedGuest, pid = -1, options = 0): { pid: number; status: number } {
  const status = guest.user.buffer(4);
  const { value } = guest.syscall('wait4', pid, status, options, null);
  return { pid: value, status: status.int() };
}

describe('fork(2)', () => {
  it('should return the child’s pid, and 0 and 1 in the child', ({ guest }) => {
    const value = fork(guest, [PAUSE()]);
    guest.scratch.settle();
    expect(guest.proc(value).process.at('ps_pptr').number('ps_pid')).toBe(guest.scratch.pid);
  });

  it('should clear rdx in the parent: the child has 1 there', ({ guest }) => {
    expect(guest.syscall('fork', 0, 0, 0x1234).rdx).toBe(0n);
    const { scratch } = guest;
    const one = forking('fork', []);
    scratch.begin([one, call('wait4', one, null, 0, null)]);
    const child = guest.until('user:return', { when: ({ thread }) => thread?.pid !== scratch.pid });
    expect(child.registers).toEqual({ rax: 0n, rdx: 1n, carry: false });
  });

  it('should share files and their offsets, and no descriptors', ({ guest }) => {
    const text = guest.user.buffer(4);
    const file = guest.syscall('open', '/etc/passwd', 0).value;
    const pid = fork(guest, [call('read', file, text, 4), call('close', file)]);
    wait(guest, pid);
    expect(guest.syscall('lseek', file, 0, 0, 1).value).toBe(4);
  });

  it('should give the child a copy of memory', ({ guest }) => {
    const word = guest.user.ints(1);
    const stat = guest.user.string('/etc/passwd');
    const pid = fork(guest, [
      call('readlink', stat, word, 4),
      call('open', stat, 0, 0),
      call('read', 3, word, 4),
    ]);
    wait(guest, pid);
    expect(word.int()).toBe(1);
  });

  it('should give the child no pending signals and no timers', ({ guest }) => {
    guest.syscall('sigprocmask', 1, 1 << (SIGUSR1 - 1));
    guest.syscall('kill', guest.scratch.pid, SIGUSR1);
    expect(guest.syscall('sigpending').value).toBe(1 << (SIGUSR1 - 1));
    const pid = fork(guest, [PAUSE()]);
    guest.scratch.settle();
    expect(guest.proc(pid).thread.number('p_siglist')).toBe(0);
  });

  it('should make a hundred children, each once', ({ guest }) => {
    expect(guest.syscall('getpid').errno).toBe(0);
    const before = guest.kernel.global('nprocesses').number();
    const forks = Array.from({ length: 100 }, () => forking('fork', [call('exit', 1)]));
    const { results } = guest.program(forks);
    const pids = new Set(forks.map((one) => results.get(one)?.value));
    expect(pids.size).toBe(100);
    const { result } = guest.program(Array.from({ length: 101 }, () => call('wait4', -1, null, 0, null)));
    const waited = new Set(Array.from({ length: 100 }, (_, index) => result(index).value));
    expect(waited).toEqual(pids);
    expect(result(100).errno).toBe('ECHILD');
    guest.scratch.settle();
    expect(guest.kernel.global('nprocesses').number()).toBe(before);
  });

  it('should count processes of the user that forks', ({ guest }) => {
    guest.become({ uid: USER });
    const { scratch } = guest;
    const grows = guest.during(() => scratch.program([forking('fork', [PAUSE()])]));
    expect(grows).not.toLeaveUnchanged('ui_proccnt');
  });

  it('should stop at the limit of processes, and start again below it', ({ guest }) => {
    guest.become({ limits: { nproc: 3 }, uid: USER });
    const pids = [fork(guest, [PAUSE()]), fork(guest, [PAUSE()])];
    expect(guest.syscall('fork')).toReturnErrno('EAGAIN');
    guest.syscall('kill', pids[0] ?? 0, SIGKILL);
    wait(guest, pids[0]);
    expect(guest.syscall('fork')).not.toReturnErrno('EAGAIN');
  });

  it('should be told as FORK_FORK', ({ guest }) => {
    const { scratch } = guest;
    const one = guest.during(() => scratch.program([forking('fork', [])]));
    expect(one).toHaveForked({ parent: 'scratch', flags: ['FORK_FORK'], times: 1 });
  });
});

describe('vfork(2)', () => {
  it('should let the parent wait until the child has exited', ({ guest }) => {
    const later = guest.user.struct('timespec', { tv_sec: 1 });
    const { guestTime } = guest.machine;
    const pid = fork(guest, [call('nanosleep', later, null), call('exit', 5)], 'vfork');
    expect(guest.machine.guestTime - guestTime).toBeGreaterThan(1e9);
    expect(wait(guest, pid)).toEqual({ pid, status: exited(5) });
  });

  it('should copy memory, as OpenBSD does', ({ guest }) => {
    const text = guest.user.string('mine');
    const pid = fork(guest, [call('open', '/etc/passwd', 0, 0), call('read', 3, text, 4)], 'vfork');
    wait(guest, pid);
    expect(text.text()).toBe('mine');
  });

  it('should let the parent go when the child executes a program', ({ guest }) => {
    const { user } = guest;
    const second = user.pointers(['sleep', '1']);
    const { guestTime } = guest.machine;
    const pid = fork(guest, [call('execve', '/bin/sleep', second, null)], 'vfork');
    expect(guest.machine.guestTime - guestTime).toBeLessThan(0.5e9);
    expect(wait(guest, pid)).toEqual({ pid, status: 0 });
  });
});

describe('__tfork(2)', () => {
  const STACK = 4096;
  function thread(guest: BootedGuest, calls: readonly Call[]): { tid: number; stored: number } {
    const { user } = guest;
    const stack = 0x5000_0000n;
    guest.syscall('mmap', stack, STACK, 3, 0x1012 | 0x4000, -1, 0, 0);
    const tid = user.buffer(4);
    const param = user.struct('__tfork', { tf_tid: tid, tf_stack: stack + BigInt(STACK - 64) });
    const { value } = guest.scratch.syscall(forking('__tfork', calls, param, 24));
    return { tid: value, stored: tid.int() };
  }

  it('should make a thread of the same process, and store its id', ({ guest }) => {
    const { tid, stored } = thread(guest, [PAUSE()]);
    guest.scratch.settle();
    expect(stored).toBe(tid);
    const threads = guest.proc(guest.scratch.pid).threads;
    expect(threads).toHaveLength(2);
    expect(threads.filter((one) => (one.number('p_flag') & P_THREAD) !== 0)).toHaveLength(1);
  });

  it('should count a thread and no process', ({ guest }) => {
    const { scratch } = guest;
    const nthreads = guest.kernel.global('nthreads').number();
    const nprocesses = guest.kernel.global('nprocesses').number();
    thread(guest, [PAUSE()]);
    expect(guest.kernel.global('nthreads').number()).toBe(nthreads + 1);
    expect(guest.kernel.global('nprocesses').number()).toBe(nprocesses);
    expect(scratch.process.number('ps_refcnt')).toBe(2);
  });

  it('should share memory and descriptors', ({ guest }) => {
    const text = guest.user.buffer(8);
    const { tid } = thread(guest, [call('open', '/etc/passwd', 0, 0), call('read', 3, text, 4)]);
    expect(tid).toBeGreaterThan(0);
    guest.scratch.settle();
    expect(text.text()).toBe('root');
    expect(guest.syscall('lseek', 3, 0, 0, 1).value).toBe(4);
  });

  it('should zero the word that __threxit(2) is given', ({ guest }) => {
    const word = guest.user.ints(7);
    thread(guest, [call('__threxit', word)]);
    guest.scratch.settle();
    expect(word.int()).toBe(0);
    expect(guest.proc(guest.scratch.pid).threads).toHaveLength(1);
  });

  it('should end with the process', ({ guest }) => {
    thread(guest, [PAUSE()]);
    const nthreads = guest.kernel.global('nthreads').number();
    expect(guest.program([call('exit', 0)]).end).toBe('gone');
    guest.sh('sleep 1');
    expect(guest.kernel.global('nthreads').number()).toBe(nthreads - 2);
  });

  it('should end the whole process with exit(2) of a thread', ({ guest }) => {
    const { user } = guest;
    const stack = 0x5000_0000n;
    guest.syscall('mmap', stack, STACK, 3, 0x1012 | 0x4000, -1, 0, 0);
    const param = user.struct('__tfork', { tf_stack: stack + BigInt(STACK - 64) });
    const { end } = guest.program([forking('__tfork', [call('exit', 4)], param, 24), PAUSE()]);
    expect(end).toBe('gone');
    expect(guest.sh('echo $?').output).toBe('4\n');
  });
});

describe('exit(2) and wait4(2)', () => {
  it.for([0, 1, 7, 127, 255])('should hand over the status %d', (status, { guest }) => {
    const pid = fork(guest, [call('exit', status)]);
    expect(wait(guest, pid)).toEqual({ pid, status: exited(status) });
  });

  it('should cut the status to 8 bits', ({ guest }) => {
    const pid = fork(guest, [call('exit', 0x1234)]);
    expect(wait(guest, pid).status).toBe(exited(0x34));
  });

  it('should leave a zombie until it is waited for', ({ guest }) => {
    const pid = fork(guest, []);
    guest.scratch.settle();
    expect(guest.proc(pid).process.number('ps_flags') & PS_ZOMBIE).toBe(PS_ZOMBIE);
    wait(guest, pid);
    expect(() => guest.proc(pid)).toThrow(/no process/);
  });

  it.for([SIGKILL, SIGTERM, SIGUSR1])('should tell that signal %d has killed', (signal, { guest }) => {
    const pid = fork(guest, [PAUSE()]);
    guest.syscall('kill', pid, signal);
    expect(wait(guest, pid)).toEqual({ pid, status: killed(signal) });
  });

  it('should not wait with WNOHANG', ({ guest }) => {
    const pid = fork(guest, [PAUSE()]);
    expect(wait(guest, pid, WNOHANG).pid).toBe(0);
    guest.syscall('kill', pid, SIGKILL);
    expect(wait(guest, pid).pid).toBe(pid);
  });

  it('should tell of a stop once, and only when asked', ({ guest }) => {
    const pid = fork(guest, [PAUSE()]);
    guest.syscall('kill', pid, SIGSTOP);
    guest.scratch.settle();
    expect(wait(guest, pid, WNOHANG).pid).toBe(0);
    expect(wait(guest, pid, WUNTRACED)).toEqual({ pid, status: stopped(SIGSTOP) });
    expect(wait(guest, pid, WUNTRACED | WNOHANG).pid).toBe(0);
  });

  it('should tell of a continuation', ({ guest }) => {
    const pid = fork(guest, [PAUSE()]);
    guest.syscall('kill', pid, SIGSTOP);
    wait(guest, pid, WUNTRACED);
    guest.syscall('kill', pid, SIGCONT);
    guest.scratch.settle();
    expect(wait(guest, pid, WCONTINUED | WNOHANG)).toEqual({ pid, status: CONTINUED });
  });

  it('should find a child by its process group', ({ guest }) => {
    const pid = fork(guest, [call('setpgid', 0, 0), call('exit', 2)]);
    guest.scratch.settle();
    expect(wait(guest, 0, WNOHANG).pid).toBe(-1);
    expect(wait(guest, -pid)).toEqual({ pid, status: exited(2) });
  });

  it('should keep the child when the status cannot be stored', ({ guest }) => {
    const pid = fork(guest, []);
    expect(guest.syscall('wait4', pid, guest.user.unmapped, 0, null)).toReturnErrno('EFAULT');
  });

  it('should fill in what the child has used', ({ guest }) => {
    const usage = guest.user.struct('rusage');
    const pid = fork(guest, [call('nanosleep', guest.user.struct('timespec', { tv_nsec: 1_000_000 }), null)]);
    guest.syscall('wait4', pid, null, 0, usage);
    expect(usage.number('ru_nvcsw')).toBeGreaterThan(0);
    const children = guest.user.struct('rusage');
    guest.syscall('getrusage', RUSAGE_CHILDREN, children);
    expect(children.number('ru_nvcsw')).toBe(usage.number('ru_nvcsw'));
  });

  it('should send SIGCHLD to the parent', ({ guest }) => {
    const { user } = guest;
    const act = user.struct('sigaction', { '__sigaction_u.__sa_handler': user.handler, sa_flags: 0x40 });
    guest.syscall('sigaction', SIGCHLD, act, null);
    const pid = fork(guest, [call('exit', 3)]);
    wait(guest, pid);
    expect(user.signals().map(({ signal }) => signal)).toEqual([SIGCHLD]);
  });

  it('should give children to init when their parent ends', ({ guest }) => {
    const sleep = guest.user.struct('timespec', { tv_sec: 1 });
    const pid = fork(guest, [forking('fork', [call('nanosleep', sleep, null)])]);
    wait(guest, pid);
    const orphan = [...guest.kernel.processes()].find(
      (one) => one.text('ps_comm') === 'scratch' && one.number('ps_pid') !== guest.scratch.pid,
    );
    expect(orphan?.at('ps_pptr').number('ps_pid')).toBe(1);
    guest.syscall('nanosleep', guest.user.struct('timespec', { tv_sec: 2 }), null);
    expect([...guest.kernel.processes()].filter((one) => one.text('ps_comm') === 'scratch')).toHaveLength(1);
  });

  it('should wake a parent that waits', ({ guest }) => {
    const sleep = guest.user.struct('timespec', { tv_nsec: 50_000_000 });
    const pid = fork(guest, [call('nanosleep', sleep, null), call('exit', 9)]);
    expect(wait(guest, pid)).toEqual({ pid, status: exited(9) });
  });

  it('should leave nothing behind', ({ guest }) => {
    const { scratch } = guest;
    const one = forking('fork', [call('open', '/etc/passwd', 0, 0), call('pipe', guest.user.buffer(8))]);
    fork(guest, []);
    wait(guest);
    const life = guest.during(() => scratch.program([one, call('wait4', one, null, 0, null)]));
    expect(life).toLeaveUnchanged(
      'nprocesses',
      'nthreads',
      'ui_proccnt',
      'pages',
      'pools',
      'fds',
      'processes',
    );
  });
});
