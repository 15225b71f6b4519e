import { describe, expect } from 'vitest';
import { type BootedGuest, type Call, call, forking, guestTest as it } from '../../emu/vitest/index.ts';
import {
  KTR_GENIO,
  KTR_NAMEI,
  KTR_START,
  KTR_STRUCT,
  KTR_SYSCALL,
  KTR_SYSRET,
  KTR_USER,
  KTRFLAG_DESCEND,
  KTROP_CLEAR,
  KTROP_CLEARFILE,
  KTROP_SET,
  killed,
  ktrfac,
  PIOD_READ_D,
  PIOD_WRITE_D,
  PT_ATTACH,
  PT_CONTINUE,
  PT_DETACH,
  PT_GET_EVENT_MASK,
  PT_GET_THREAD_FIRST,
  PT_GET_THREAD_NEXT,
  PT_GETFPREGS,
  PT_GETREGS,
  PT_IO,
  PT_READ_D,
  PT_SET_EVENT_MASK,
  PT_SETFPREGS,
  PT_SETREGS,
  PTRACE_FORK,
  R_OK,
  SIGTERM,
  stopped,
} from './support/constants.ts';
import { refuses } from './support/refusals.ts';
import { becomeUser, makeFile, ok, open } from './support/setting.ts';

const HERE = 1n;

/** A child that was attached and has stopped. */
function attached(guest: BootedGuest, ...calls: readonly Call[]): number {
  const pid = guest.program([forking('fork', [...calls, call('sigsuspend', 0)])]).result(0).value;
  guest.scratch.settle();
  ok(guest, 'ptrace', PT_ATTACH, pid, 0, 0);
  ok(guest, 'wait4', pid, null, 0, null);
  return pid;
}

describe('ptrace', () => {
  it('should mark and stop the traced process, and unmark it', ({ guest }) => {
    const pid = attached(guest);
    expect(guest.proc(pid).flags).toContain('PS_TRACED');
    expect(guest.proc(pid).state).toBe('SSTOP');
    ok(guest, 'ptrace', PT_DETACH, pid, HERE, 0);
    guest.scratch.settle();
    expect(guest.proc(pid).flags).not.toContain('PS_TRACED');
    expect(guest.proc(pid).state).toBe('SSLEEP');
    expect(guest.proc(pid).process.pointer('ps_ptstat')).toBe(0n);
  });

  it('should read and write all registers', ({ guest }) => {
    const pid = attached(guest);
    const registers = guest.user.struct('reg');
    ok(guest, 'ptrace', PT_GETREGS, pid, registers, 0);
    const frame = guest.proc(pid).trapframe;
    expect(registers.number('r_rip')).toBe(frame.number('tf_rip'));
    expect(registers.number('r_rsp')).toBe(frame.number('tf_rsp'));
    guest.user.write(registers, Uint8Array.of(0x5a));
    ok(guest, 'ptrace', PT_SETREGS, pid, registers, 0);
    const again = guest.user.struct('reg');
    ok(guest, 'ptrace', PT_GETREGS, pid, again, 0);
    expect(guest.user.read(again, again.size)).toEqual(guest.user.read(registers, registers.size));
  });

  it('should read and write registers of the FPU', ({ guest }) => {
    const pid = attached(guest);
    const registers = guest.user.struct('fpreg');
    ok(guest, 'ptrace', PT_GETFPREGS, pid, registers, 0);
    ok(guest, 'ptrace', PT_SETFPREGS, pid, registers, 0);
  });

  it('should move many bytes at once with PT_IO', ({ guest }) => {
    const theirs = guest.user.string('their text');
    const pid = attached(guest);
    const into = guest.user.buffer(11);
    const members = { piod_op: PIOD_READ_D, piod_offs: theirs, piod_addr: into, piod_len: 11n };
    const io = guest.user.struct('ptrace_io_desc', members);
    ok(guest, 'ptrace', PT_IO, pid, io, 0);
    expect(into.text()).toBe('their text');
    const out = { ...members, piod_op: PIOD_WRITE_D, piod_addr: guest.user.string('other text') };
    ok(guest, 'ptrace', PT_IO, pid, guest.user.struct('ptrace_io_desc', out), 0);
    ok(guest, 'ptrace', PT_IO, pid, io, 0);
    expect(into.text()).toBe('other text');
    // The tracer has its own.
    expect(theirs.text()).toBe('their text');
  });

  it('should keep a mask of events', ({ guest }) => {
    const pid = attached(guest);
    const set = guest.user.struct('ptrace_event', { pe_set_event: PTRACE_FORK });
    ok(guest, 'ptrace', PT_SET_EVENT_MASK, pid, set, set.size);
    const seen = guest.user.struct('ptrace_event');
    ok(guest, 'ptrace', PT_GET_EVENT_MASK, pid, seen, seen.size);
    expect(seen.number('pe_set_event')).toBe(PTRACE_FORK);
    expect(guest.proc(pid).process.number('ps_ptmask')).toBe(PTRACE_FORK);
  });

  it('should tell the threads one after the other', ({ guest }) => {
    const pid = attached(guest);
    const thread = guest.user.struct('ptrace_thread_state');
    ok(guest, 'ptrace', PT_GET_THREAD_FIRST, pid, thread, thread.size);
    const THREAD_PID_OFFSET = 100_000;
    expect(thread.number('pts_tid')).toBe(guest.proc(pid).thread.number('p_tid') + THREAD_PID_OFFSET);
    ok(guest, 'ptrace', PT_GET_THREAD_NEXT, pid, thread, thread.size);
    expect(thread.number('pts_tid')).toBe(-1);
  });

  it('should die of the signal that it is let go with', ({ guest }) => {
    const pid = attached(guest);
    ok(guest, 'ptrace', PT_DETACH, pid, HERE, SIGTERM);
    const status = guest.user.buffer(4);
    expect(ok(guest, 'wait4', pid, status, 0, null)).toBe(pid);
    expect(status.int()).toBe(killed(SIGTERM));
  });

  it('should throw the signal away when the tracer continues without it', ({ guest }) => {
    const pid = attached(guest);
    ok(guest, 'kill', pid, SIGTERM);
    ok(guest, 'ptrace', PT_CONTINUE, pid, HERE, 0);
    const status = guest.user.buffer(4);
    ok(guest, 'wait4', pid, status, 0, null);
    expect(status.int()).toBe(stopped(SIGTERM));
    ok(guest, 'ptrace', PT_CONTINUE, pid, HERE, 0);
    guest.scratch.settle();
    expect(guest.proc(pid).state).toBe('SSLEEP');
  });
});

const onAttached =
  (request: number, address: number | bigint = HERE, data = 0) =>
  (guest: BootedGuest) =>
    [request, attached(guest), address, data] as const;
refuses('ptrace', [
  ['EBUSY', 'for attaching what is traced', onAttached(PT_ATTACH)],
  ['EINVAL', 'for continuing with a signal that there is not', onAttached(PT_CONTINUE, HERE, 33)],
  ['EINVAL', 'for detaching with a signal that there is not', onAttached(PT_DETACH, HERE, -1)],
  ['EFAULT', 'for reading where nothing is mapped', onAttached(PT_READ_D, 0x10n)],
  ['EINVAL', 'for a mask of another size', onAttached(PT_SET_EVENT_MASK, HERE, 1)],
  ['EINVAL', 'for a thread’s state of another size', onAttached(PT_GET_THREAD_FIRST, HERE, 1)],
  ['EPERM', 'for init', () => [PT_CONTINUE, 1, HERE, 0]],
  [
    'EBUSY',
    'for a child that runs',
    (guest) => {
      const pid = attached(guest);
      ok(guest, 'ptrace', PT_CONTINUE, pid, HERE, 0);
      guest.scratch.settle();
      return [PT_READ_D, pid, 0x2100_0000n, 0];
    },
  ],
]);

/** The kinds of the records in a trace. */
function recordsOf(guest: BootedGuest, path: string): { kind: number; pid: number }[] {
  const header = guest.kernel.struct('ktr_header').type;
  const at = (name: string): number => header.member(name)?.offset ?? 0;
  const fd = open(guest, path);
  const into = guest.user.buffer(16_384);
  const length = ok(guest, 'read', fd, into, 16_384);
  ok(guest, 'close', fd);
  const view = new DataView(into.bytes().slice(0, length).buffer);
  const records = [];
  for (let place = 0; place < length; ) {
    records.push({
      kind: view.getUint32(place + at('ktr_type'), true),
      pid: view.getInt32(place + at('ktr_pid'), true),
    });
    place += header.size + Number(view.getBigUint64(place + at('ktr_len'), true));
  }
  return records;
}

const TRACE = '/tmp/trace';

describe('ktrace', () => {
  const begin = (guest: BootedGuest, ...kinds: readonly number[]): void => {
    makeFile(guest, TRACE);
    const facilities = kinds.reduce((all, kind) => all | ktrfac(kind), 0);
    ok(guest, 'ktrace', TRACE, KTROP_SET, facilities, guest.scratch.pid);
  };
  const end = (guest: BootedGuest): number => ok(guest, 'ktrace', TRACE, KTROP_CLEARFILE, 0, 0);
  const kinds = (guest: BootedGuest): number[] => recordsOf(guest, TRACE).map(({ kind }) => kind);

  it('should write calls and returns, after a record that begins', ({ guest }) => {
    begin(guest, KTR_SYSCALL, KTR_SYSRET);
    ok(guest, 'getpid');
    end(guest);
    // The return of ktrace itself, getpid, and the call that ends the tracing.
    expect(kinds(guest)).toEqual([KTR_START, KTR_SYSRET, KTR_SYSCALL, KTR_SYSRET, KTR_SYSCALL]);
  });

  it.for([
    ['names', KTR_NAMEI, (guest: BootedGuest) => ok(guest, 'access', '/etc/passwd', R_OK)],
    ['bytes', KTR_GENIO, (guest: BootedGuest) => ok(guest, 'write', 1, 'x', 1)],
    ['structures', KTR_STRUCT, (guest: BootedGuest) => ok(guest, 'fstat', 1, guest.user.struct('stat'))],
    [
      'records of the process’s own',
      KTR_USER,
      (guest: BootedGuest) => ok(guest, 'utrace', 'mark', guest.user.buffer(8), 8),
    ],
  ] as const)('should write %s', ([, kind, action], { guest }) => {
    begin(guest, kind);
    action(guest);
    end(guest);
    expect(kinds(guest)).toContain(kind);
  });

  it('should hold the file and its credentials as long as it traces', ({ guest }) => {
    begin(guest, KTR_SYSCALL);
    expect(guest.scratch.process.pointer('ps_tracevp')).not.toBe(0n);
    expect(guest.scratch.process.number('ps_traceflag') & ktrfac(KTR_SYSCALL)).not.toBe(0);
    ok(guest, 'ktrace', null, KTROP_CLEAR, ktrfac(KTR_SYSCALL), guest.scratch.pid);
    expect(guest.scratch.process.pointer('ps_tracevp')).toBe(0n);
    expect(guest.scratch.process.pointer('ps_tracecred')).toBe(0n);
  });

  it('should trace the children that there are with KTRFLAG_DESCEND', ({ guest }) => {
    const pid = guest.program([forking('fork', [call('sigsuspend', 0)])]).result(0).value;
    makeFile(guest, TRACE);
    ok(guest, 'ktrace', TRACE, KTROP_SET | KTRFLAG_DESCEND, ktrfac(KTR_SYSCALL), guest.scratch.pid);
    expect(guest.proc(pid).process.number('ps_traceflag') & ktrfac(KTR_SYSCALL)).not.toBe(0);
    end(guest);
    expect(guest.proc(pid).process.number('ps_traceflag')).toBe(0);
  });

  it('should leave nothing behind', ({ guest }) => {
    makeFile(guest, TRACE, 'x'.repeat(10));
    const { scratch } = guest;
    const traced = (): unknown =>
      scratch.program([
        call('ktrace', TRACE, KTROP_SET, ktrfac(KTR_SYSRET), scratch.pid),
        call('ktrace', TRACE, KTROP_CLEARFILE, 0, 0),
      ]);
    expect(guest.during(traced)).toLeaveUnchanged('pools', 'fds', 'vnodes', 'processes');
  });
});

refuses('ktrace', [
  ['EINVAL', 'without a file', () => [null, KTROP_SET, ktrfac(KTR_SYSCALL), 1]],
  ['EINVAL', 'for nothing', () => ['/etc/passwd', KTROP_CLEAR, 0, 1]],
  ['ESRCH', 'for a process that is not there', () => [null, KTROP_CLEAR, ktrfac(KTR_SYSCALL), 31_999]],
  ['ESRCH', 'for a group that is not there', () => [null, KTROP_CLEAR, ktrfac(KTR_SYSCALL), -31_999]],
  ['EACCES', 'into a device', () => ['/dev/null', KTROP_SET, ktrfac(KTR_SYSCALL), 1]],
  [
    'EPERM',
    'for a process of another user',
    (guest) => {
      becomeUser(guest);
      return [null, KTROP_CLEAR, ktrfac(KTR_SYSCALL), 1];
    },
  ],
]);
