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
  exited,
  killed,
  PT_ATTACH,
  PT_CONTINUE,
  PT_TRACE_ME,
  SIGKILL,
  SIGSTOP,
  stopped,
  WUNTRACED,
} from './support/constants.ts';

expect.extend(pufferMatchers);

/** sys/signal.h, sys/ptrace.h */
const SIGTRAP = 5;
const SIGABRT = 6;
const PT_SET_EVENT_MASK = 12;
const PT_GET_PROCESS_STATE = 14;
const PTRACE_FORK = 2;
/** Where a traced process goes on from. */
const HERE = 1;

const PAUSE = call.bind(undefined, 'sigsuspend', 0);

/** Waits for a child: its pid and its status. */
function wait(guest: BootedGuest, pid = -1, options = 0): { pid: number; status: number } {
  const status = guest.user.buffer(4);
  const { value } = guest.syscall('wait4', pid, status, options, null);
  return { pid: value, status: status.int() };
}

/** A child that is traced by its parent, and then does something. */
const traced = (guest: BootedGuest, child: readonly Call[]): number =>
  guest.scratch.syscall(forking('fork', [call('ptrace', PT_TRACE_ME, 0, null, 0), ...child])).value;

describe('ktrace(2)', () => {
  it('should record calls and what they return, arguments, and what children do', ({ guest }) => {
    expect(guest.sh("ktrace -i -f /tmp/trace ksh -c 'true; ls /nowhere'").status).not.toBe(0);
    const { output } = guest.sh('kdump -f /tmp/trace');
    expect(output).toMatch(/ksh +CALL +fork\(\)/);
    expect(output).toMatch(/ksh +RET +fork \d+/);
    expect(output).toMatch(/ksh +RET +fork 0/);
    expect(output).toMatch(/ARGS\s+\[0\] = "ls"\s+\[1\] = "\/nowhere"/);
    expect(output).toMatch(/RET +\w+ -1 errno 2 No such file or directory/);
  });

  it('should record no call of a child when it is not inherited', ({ guest }) => {
    guest.sh("ktrace -f /tmp/trace ksh -c 'true; true'");
    expect(guest.sh('kdump -f /tmp/trace').output).not.toMatch(/ true +CALL/);
  });

  it('should record the parameter of a thread', ({ guest }) => {
    const KTROP_SET = 0;
    const KTRFAC_STRUCT = 1 << 8;
    guest.sh('echo -n >/tmp/trace');
    const { user, scratch } = guest;
    expect(guest.syscall('ktrace', '/tmp/trace', KTROP_SET, KTRFAC_STRUCT, scratch.pid).errno).toBe(0);
    const param = user.struct('__tfork', { tf_stack: 1n });
    expect(guest.syscall('__tfork', param, 8).errno).toBe('EINVAL');
    const KTROP_CLEARFILE = 2;
    expect(guest.syscall('ktrace', '/tmp/trace', KTROP_CLEARFILE, 0, 0).errno).toBe(0);
    expect(guest.sh('kdump -f /tmp/trace').status).toBe(0);
  });
});

describe('pledge(2)', () => {
  it('should end a process at a call that it has not promised, with SIGABRT', ({ guest }) => {
    const child = [call('pledge', 'stdio', null), call('getpid'), call('mkdir', '/tmp/made', 0o755)];
    const { value } = guest.scratch.syscall(forking('fork', child));
    expect(wait(guest)).toEqual({ pid: value, status: killed(SIGABRT) });
    expect(guest.sh('ls /tmp').output).toBe('');
  });

  it('should be another one after execve(2), when that was asked for', ({ guest }) => {
    const argv = guest.user.pointers(['mkdir', '/tmp/made']);
    const execute = call('execve', '/bin/mkdir', argv, null);
    const promise = (after: string): Call[] => [call('pledge', 'stdio rpath exec', after), execute];
    const { scratch } = guest;
    const refused = scratch.syscall(forking('fork', promise('stdio rpath'))).value;
    expect(wait(guest)).toEqual({ pid: refused, status: killed(SIGABRT) });
    const allowed = scratch.syscall(forking('fork', promise('stdio rpath cpath fattr'))).value;
    expect(wait(guest)).toEqual({ pid: allowed, status: exited(0) });
    expect(guest.sh('ls /tmp').output).toBe('made\n');
  });
});

describe('ptrace(2)', () => {
  it('should stop a traced program at its first instruction', ({ guest }) => {
    const argv = guest.user.pointers(['false']);
    const pid = traced(guest, [call('execve', '/usr/bin/false', argv, null)]);
    expect(wait(guest, pid)).toEqual({ pid, status: stopped(SIGTRAP) });
    expect(guest.proc(pid).process.text('ps_comm')).toBe('false');
    expect(guest.syscall('ptrace', PT_CONTINUE, pid, HERE, 0).errno).toBe(0);
    expect(wait(guest, pid)).toEqual({ pid, status: exited(1) });
  });

  it('should stop both when a traced process forks, and tell each of the other', ({ guest }) => {
    const { user } = guest;
    const self = call('getpid');
    const pid = traced(guest, [
      self,
      call('kill', self, SIGSTOP),
      forking('fork', [call('exit', 5)]),
      call('exit', 6),
    ]);
    expect(wait(guest, pid)).toEqual({ pid, status: stopped(SIGSTOP) });
    const mask = user.struct('ptrace_event', { pe_set_event: PTRACE_FORK });
    expect(guest.syscall('ptrace', PT_SET_EVENT_MASK, pid, mask, 4).errno).toBe(0);
    expect(guest.syscall('ptrace', PT_CONTINUE, pid, HERE, 0).errno).toBe(0);
    const stops = [wait(guest), wait(guest)];
    expect(stops.map(({ status }) => status)).toEqual([stopped(SIGTRAP), stopped(SIGTRAP)]);
    const born = stops.map((one) => one.pid).find((one) => one !== pid) ?? 0;
    for (const [one, other] of [
      [pid, born],
      [born, pid],
    ] as const) {
      const state = user.struct('ptrace_state');
      expect(guest.syscall('ptrace', PT_GET_PROCESS_STATE, one, state, 12).errno).toBe(0);
      expect([state.get('pe_report_event'), state.get('pe_other_pid')]).toEqual([PTRACE_FORK, other]);
      expect(guest.syscall('ptrace', PT_CONTINUE, one, HERE, 0).errno).toBe(0);
    }
    const ends = [wait(guest), wait(guest)];
    expect(ends.map(({ status }) => status).sort((a, b) => a - b)).toEqual([exited(5), exited(6)]);
  });

  it('should give a process back to its parent when it ends', ({ guest }) => {
    // The scratch process traces its grandchild, whose parent waits for it.
    const { scratch } = guest;
    const grandchild = forking('fork', [PAUSE()]);
    const parent = scratch.syscall(forking('fork', [grandchild, call('wait4', -1, null, 0, null)])).value;
    scratch.settle();
    const [born] = [...guest.kernel.childrenOf(guest.proc(parent).process)];
    const pid = born?.number('ps_pid') ?? 0;
    expect(guest.syscall('ptrace', PT_ATTACH, pid, null, 0).errno).toBe(0);
    expect(wait(guest, pid, WUNTRACED)).toEqual({ pid, status: stopped(SIGSTOP) });
    expect(guest.syscall('kill', pid, SIGKILL).errno).toBe(0);
    expect(guest.syscall('ptrace', PT_CONTINUE, pid, HERE, SIGKILL).errno).toBe(0);
    expect(wait(guest, pid)).toEqual({ pid, status: killed(SIGKILL) });
    expect(wait(guest, parent)).toEqual({ pid: parent, status: exited(0) });
  });

  it('should kill what is traced when the tracer ends', ({ guest }) => {
    const self = call('getpid');
    const inner = forking('fork', [
      call('ptrace', PT_TRACE_ME, 0, null, 0),
      self,
      call('kill', self, SIGSTOP),
    ]);
    const state = guest.user.buffer(4);
    const run = (): unknown => {
      const outer = guest.scratch.syscall(
        forking('fork', [inner, call('wait4', inner, state, WUNTRACED, null), call('exit', 0)]),
      ).value;
      expect(wait(guest, outer)).toEqual({ pid: outer, status: exited(0) });
      return guest.scratch.settle();
    };
    // init has waited for it.
    expect(guest.during(run)).toLeaveUnchanged('nprocesses');
    expect(guest.during(run)).toReach('process_untrace');
  });
});
