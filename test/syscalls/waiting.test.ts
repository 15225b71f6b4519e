import { describe, expect } from 'vitest';
import { type BootedGuest, call, forking, guestTest as it } from '../../emu/vitest/index.ts';
import {
  EV_ADD,
  EV_EOF,
  EV_ONESHOT,
  EVFILT_PROC,
  EVFILT_READ,
  EVFILT_SIGNAL,
  EVFILT_TIMER,
  EVFILT_WRITE,
  FIONBIO,
  FIONREAD,
  NOTE_EXIT,
  NOTE_FORK,
  PIPE_SIZE,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  PT_ATTACH,
  PT_CONTINUE,
  PT_DETACH,
  PT_KILL,
  PT_READ_D,
  PT_TRACE_ME,
  PT_WRITE_D,
  SIG_IGN,
  SIGKILL,
  SIGSTOP,
  SIGTTOU,
  SIGUSR1,
  stopped,
  TIOCGETA,
  TIOCGPGRP,
  TIOCGSID,
  TIOCGWINSZ,
  TIOCSETA,
  TIOCSPGRP,
  TIOCSWINSZ,
  USER,
} from './support/constants.ts';

const O_NONBLOCK = 4;
const F_SETFL = 4;
const ECHO = 0x8;

function pipe(guest: BootedGuest): readonly [number, number] {
  const ends = guest.user.buffer(8);
  expect(guest.syscall('pipe', ends).errno).toBe(0);
  return [ends.int(), ends.int(4)];
}
const soon = (guest: BootedGuest, ms = 100) => guest.user.struct('timespec', { tv_nsec: ms * 1_000_000 });

describe('a pipe', () => {
  it('should hand over what was written, in order', ({ guest }) => {
    const [from, to] = pipe(guest);
    guest.syscall('write', to, 'abc', 3);
    guest.syscall('write', to, 'def', 3);
    const into = guest.user.buffer(8);
    expect(guest.syscall('read', from, into, 4).value).toBe(4);
    expect(into.text()).toBe('abcd');
    expect(guest.syscall('read', from, into, 8).value).toBe(2);
  });

  it('should be at its end when nobody can write any more', ({ guest }) => {
    const [from, to] = pipe(guest);
    guest.syscall('write', to, 'x', 1);
    guest.syscall('close', to);
    expect(guest.syscall('read', from, guest.user.buffer(8), 8).value).toBe(1);
    expect(guest.syscall('read', from, guest.user.buffer(8), 8).value).toBe(0);
  });

  it('should let a reader wait', ({ guest }) => {
    const [from, to] = pipe(guest);
    guest.scratch.syscall(
      forking('fork', [call('nanosleep', soon(guest), null), call('write', to, 'late', 4)]),
    );
    const { guestTime } = guest.machine;
    expect(guest.syscall('read', from, guest.user.buffer(8), 8).value).toBe(4);
    expect(guest.machine.guestTime - guestTime).toBeGreaterThan(0.05e9);
  });

  it('should let a writer wait when it is full, and take the rest later', ({ guest }) => {
    const [from, to] = pipe(guest);
    const much = guest.user.buffer(PIPE_SIZE + 1);
    const { end } = guest.program([call('write', to, much, PIPE_SIZE + 1)], { untilAsleep: true });
    expect(end).toBe('asleep');
    expect(guest.scratch.thread.text('p_wmesg')).toBe('pipewr');
    expect(from).toBe(3);
  });

  it('should never wait with O_NONBLOCK', ({ guest }) => {
    const [from, to] = pipe(guest);
    guest.syscall('fcntl', from, F_SETFL, O_NONBLOCK);
    guest.syscall('ioctl', to, FIONBIO, guest.user.ints(1));
    expect(guest.syscall('read', from, guest.user.buffer(4), 4).errno).toBe('EAGAIN');
    const much = guest.user.buffer(PIPE_SIZE * 2);
    expect(guest.syscall('write', to, much, PIPE_SIZE * 2).value).toBe(PIPE_SIZE);
    expect(guest.syscall('write', to, much, 1).errno).toBe('EAGAIN');
  });

  it('should write up to 512 bytes whole or not at all', ({ guest }) => {
    const [, to] = pipe(guest);
    guest.syscall('fcntl', to, F_SETFL, O_NONBLOCK);
    const much = guest.user.buffer(PIPE_SIZE);
    guest.syscall('write', to, much, PIPE_SIZE - 100);
    expect(guest.syscall('write', to, much, 200).errno).toBe('EAGAIN');
    expect(guest.syscall('write', to, much, 100).value).toBe(100);
  });

  it('should tell how much is in it', ({ guest }) => {
    const [from, to] = pipe(guest);
    guest.syscall('write', to, 'abc', 3);
    const count = guest.user.ints(0);
    guest.syscall('ioctl', from, FIONREAD, count);
    expect(count.int()).toBe(3);
  });
});

describe('poll(2)', () => {
  function poll(
    guest: BootedGuest,
    fds: readonly (readonly [number, number])[],
    timeout = 0,
  ): readonly number[] {
    const list = guest.user.structs(
      'pollfd',
      fds.map(([fd, events]) => ({ fd, events })),
    );
    const { value } = guest.syscall('poll', list[0] ?? null, fds.length, timeout);
    return [value, ...list.map((one) => one.number('revents'))];
  }

  it('should know which pipe can be read, and which written', ({ guest }) => {
    const [from, to] = pipe(guest);
    expect(
      poll(guest, [
        [from, POLLIN],
        [to, POLLOUT],
      ]),
    ).toEqual([1, 0, POLLOUT]);
    guest.syscall('write', to, 'x', 1);
    expect(
      poll(guest, [
        [from, POLLIN],
        [to, POLLOUT],
      ]),
    ).toEqual([2, POLLIN, POLLOUT]);
  });

  it('should tell of a closed end, and of what is not open', ({ guest }) => {
    const [from, to] = pipe(guest);
    guest.syscall('close', to);
    const [count, revents = 0, invalid, ignored] = poll(guest, [
      [from, POLLIN],
      [77, POLLIN],
      [-1, POLLIN],
    ]);
    expect([count, revents & POLLHUP, invalid, ignored]).toEqual([2, POLLHUP, POLLNVAL, 0]);
  });

  it('should wait as long as it is told', ({ guest }) => {
    const [from] = pipe(guest);
    const { guestTime } = guest.machine;
    expect(poll(guest, [[from, POLLIN]], 500)).toEqual([0, 0]);
    const waited = guest.machine.guestTime - guestTime;
    expect(waited).toBeGreaterThanOrEqual(0.49e9);
    expect(waited).toBeLessThan(0.6e9);
  });

  it('should be woken by a writer', ({ guest }) => {
    const [from, to] = pipe(guest);
    guest.scratch.syscall(forking('fork', [call('nanosleep', soon(guest), null), call('write', to, 'x', 1)]));
    expect(poll(guest, [[from, POLLIN]], -1)).toEqual([1, POLLIN]);
  });
});

describe('kqueue(2) and kevent(2)', () => {
  function queue(guest: BootedGuest, ...changes: readonly Record<string, number>[]) {
    const kq = guest.syscall('kqueue').value;
    const list = guest.user.structs('kevent', changes);
    expect(guest.syscall('kevent', kq, list[0] ?? null, list.length, null, 0, null).errno).toBe(0);
    return (wait = true) => {
      const [event] = guest.user.structs('kevent', [{}]);
      const zero = wait ? null : guest.user.struct('timespec');
      const { value } = guest.syscall('kevent', kq, null, 0, event ?? null, 1, zero);
      if (value === 0 || event === undefined) return undefined;
      return {
        ident: event.number('ident'),
        filter: event.number('filter'),
        flags: event.number('flags'),
        fflags: event.number('fflags'),
        data: event.number('data'),
      };
    };
  }

  it('should tell when a pipe can be read, how much, and when it ends', ({ guest }) => {
    const [from, to] = pipe(guest);
    const next = queue(guest, { ident: from, filter: EVFILT_READ, flags: EV_ADD });
    expect(next(false)).toBeUndefined();
    guest.syscall('write', to, 'abc', 3);
    expect(next()).toMatchObject({ ident: from, filter: EVFILT_READ, data: 3 });
    guest.syscall('close', to);
    expect((next()?.flags ?? 0) & EV_EOF).toBe(EV_EOF);
  });

  it('should tell when a pipe can be written', ({ guest }) => {
    const [, to] = pipe(guest);
    const next = queue(guest, { ident: to, filter: EVFILT_WRITE, flags: EV_ADD });
    expect(next()).toMatchObject({ ident: to, data: PIPE_SIZE });
  });

  it('should forget an event that was asked for once', ({ guest }) => {
    const [, to] = pipe(guest);
    const next = queue(guest, { ident: to, filter: EVFILT_WRITE, flags: EV_ADD | EV_ONESHOT });
    expect(next()).toBeDefined();
    expect(next(false)).toBeUndefined();
  });

  it('should tell of a process’s forks and exit', ({ guest }) => {
    const inner = forking('fork', []);
    const pid = guest.scratch.syscall(
      forking('fork', [call('nanosleep', soon(guest), null), inner, call('exit', 3)]),
    ).value;
    const next = queue(guest, {
      ident: pid,
      filter: EVFILT_PROC,
      flags: EV_ADD,
      fflags: NOTE_EXIT + NOTE_FORK,
    });
    let seen = 0;
    for (let event = next(); event !== undefined; event = next()) {
      seen |= event.fflags;
      if ((event.fflags & NOTE_EXIT) !== 0) break;
    }
    expect(seen >>> 0).toBe(NOTE_EXIT + NOTE_FORK);
  });

  it('should count signals, even ignored ones', ({ guest }) => {
    guest.syscall(
      'sigaction',
      SIGUSR1,
      guest.user.struct('sigaction', { '__sigaction_u.__sa_handler': SIG_IGN }),
      null,
    );
    const next = queue(guest, { ident: SIGUSR1, filter: EVFILT_SIGNAL, flags: EV_ADD });
    guest.syscall('kill', guest.scratch.pid, SIGUSR1);
    guest.syscall('kill', guest.scratch.pid, SIGUSR1);
    expect(next()).toMatchObject({ ident: SIGUSR1, data: 2 });
  });

  it('should be a clock', ({ guest }) => {
    const next = queue(guest, { ident: 1, filter: EVFILT_TIMER, flags: EV_ADD, data: 100 });
    const { guestTime } = guest.machine;
    expect(next()).toMatchObject({ filter: EVFILT_TIMER });
    expect(next()).toMatchObject({ filter: EVFILT_TIMER });
    expect(guest.machine.guestTime - guestTime).toBeGreaterThan(0.19e9);
  });

  it('should forget what belonged to a descriptor that is closed', ({ guest }) => {
    const [from, to] = pipe(guest);
    const next = queue(guest, { ident: from, filter: EVFILT_READ, flags: EV_ADD });
    guest.syscall('write', to, 'x', 1);
    guest.syscall('close', from);
    expect(next(false)).toBeUndefined();
  });
});

describe('the terminal', () => {
  it('should know its size, its session and its foreground group', ({ guest }) => {
    const { user } = guest;
    guest.syscall('ioctl', 0, TIOCSWINSZ, user.struct('winsize', { ws_row: 40, ws_col: 132 }));
    const size = user.struct('winsize');
    guest.syscall('ioctl', 0, TIOCGWINSZ, size);
    expect([size.number('ws_row'), size.number('ws_col')]).toEqual([40, 132]);
    const [group, session] = [user.ints(0), user.ints(0)];
    guest.syscall('ioctl', 0, TIOCGPGRP, group);
    expect(group.int()).toBe(guest.syscall('getpgrp').value);
    guest.syscall('ioctl', 0, TIOCGSID, session);
    expect(session.int()).toBe(guest.syscall('getsid', 0).value);
  });

  it('should stop a background process that changes it', ({ guest }) => {
    const group = guest.user.ints(0);
    const pid = guest.scratch.syscall(
      forking('fork', [call('setpgid', 0, 0), call('ioctl', 0, TIOCSPGRP, group)]),
    ).value;
    const status = guest.user.buffer(4);
    guest.syscall('wait4', pid, status, 2, null);
    expect(status.int()).toBe(stopped(SIGTTOU));
  });

  it('should give a line, with what was typed, to a reader', ({ guest }) => {
    const into = guest.user.buffer(16);
    guest.program([call('read', 0, into, 16)], { untilAsleep: true });
    guest.machine.console.write('typed\n');
    expect(guest.scratch.finish().result(0).value).toBe(6);
    expect(into.text()).toBe('typed\n');
  });

  it('should not show what is typed without ECHO', ({ guest }) => {
    const { user } = guest;
    const mode = user.struct('termios');
    guest.syscall('ioctl', 0, TIOCGETA, mode);
    const flags = mode.number('c_lflag');
    expect(flags & ECHO).toBe(ECHO);
    const bytes = user.read(mode, mode.size).slice();
    new DataView(bytes.buffer).setUint32(12, flags & ~ECHO, true);
    guest.syscall('ioctl', 0, TIOCSETA, user.buffer(bytes));
    const from = guest.output.length;
    guest.program([call('read', 0, user.buffer(16), 16)], { untilAsleep: true });
    guest.machine.console.write('secret\n');
    expect(guest.scratch.finish().result(0).value).toBe(7);
    expect(guest.output.slice(from)).not.toContain('secret');
  });
});

describe('ptrace(2)', () => {
  const traced = (guest: BootedGuest): number => {
    const pid = guest.scratch.syscall(forking('fork', [call('sigsuspend', 0)])).value;
    guest.scratch.settle();
    expect(guest.syscall('ptrace', PT_ATTACH, pid, 0, 0).errno).toBe(0);
    const status = guest.user.buffer(4);
    guest.syscall('wait4', pid, status, 0, null);
    expect(status.int()).toBe(stopped(SIGSTOP));
    return pid;
  };

  it('should stop a process that is attached, and let it go', ({ guest }) => {
    const pid = traced(guest);
    expect(guest.proc(pid).state).toBe('SSTOP');
    expect(guest.syscall('ptrace', PT_DETACH, pid, 1, 0).errno).toBe(0);
    guest.scratch.settle();
    expect(guest.proc(pid).state).toBe('SSLEEP');
  });

  it('should read and write its memory', ({ guest }) => {
    const word = guest.user.ints(0x1234_5678);
    const pid = traced(guest);
    expect(guest.syscall('ptrace', PT_READ_D, pid, word, 0).value).toBe(0x1234_5678);
    expect(guest.syscall('ptrace', PT_WRITE_D, pid, word, 0x0bad_cafe).errno).toBe(0);
    expect(guest.syscall('ptrace', PT_READ_D, pid, word, 0).value).toBe(0x0bad_cafe);
    expect(word.int()).toBe(0x1234_5678);
  });

  it('should kill', ({ guest }) => {
    const pid = traced(guest);
    expect(guest.syscall('ptrace', PT_KILL, pid, 0, 0).errno).toBe(0);
    const status = guest.user.buffer(4);
    guest.syscall('wait4', pid, status, 0, null);
    expect(status.int() & 0x7f).toBe(SIGKILL);
  });

  it('should stop a child that wants it at each signal', ({ guest }) => {
    const { scratch } = guest;
    const child = forking('fork', [
      call('ptrace', PT_TRACE_ME, 0, 0, 0),
      call('thrkill', 0, SIGUSR1, null),
      call('exit', 4),
    ]);
    const pid = scratch.syscall(child).value;
    const status = guest.user.buffer(4);
    guest.syscall('wait4', pid, status, 0, null);
    expect(status.int()).toBe(stopped(SIGUSR1));
    guest.syscall('ptrace', PT_CONTINUE, pid, 1, 0);
    guest.syscall('wait4', pid, status, 0, null);
    expect(status.int()).toBe(4 << 8);
  });
});

describe('ids', () => {
  const ids = (guest: BootedGuest) =>
    ['getuid', 'geteuid', 'getgid', 'getegid'].map((name) => guest.syscall(name).value);

  it('should all change with setuid(2) and setgid(2) of root', ({ guest }) => {
    guest.syscall('setgid', 7);
    guest.syscall('setuid', USER);
    expect(ids(guest)).toEqual([USER, USER, 7, 7]);
    expect(guest.syscall('setuid', 0).errno).toBe('EPERM');
    expect(guest.syscall('issetugid').value).toBe(0);
  });

  it('should come back with seteuid(2)', ({ guest }) => {
    guest.syscall('seteuid', USER);
    expect(ids(guest)).toEqual([0, USER, 0, 0]);
    expect(guest.syscall('seteuid', 0).errno).toBe(0);
    expect(ids(guest)).toEqual([0, 0, 0, 0]);
  });

  it('should be a list of groups', ({ guest }) => {
    expect(guest.syscall('setgroups', 3, guest.user.ints(5, 6, 7)).errno).toBe(0);
    const into = guest.user.buffer(64);
    expect(guest.syscall('getgroups', 16, into).value).toBe(3);
    expect([into.int(), into.int(4), into.int(8)]).toEqual([5, 6, 7]);
    expect(guest.syscall('getgroups', 0, null).value).toBe(3);
  });

  it('should make a session for a child', ({ guest }) => {
    const pid = guest.scratch.syscall(forking('fork', [call('setsid'), call('sigsuspend', 0)])).value;
    guest.scratch.settle();
    expect(guest.proc(pid).process.at('ps_pgrp.pg_session.s_leader').number('ps_pid')).toBe(pid);
    expect(guest.proc(pid).process.number('ps_pgrp.pg_id')).toBe(pid);
    expect(guest.syscall('getsid', pid).errno).toBe('EPERM');
    expect(guest.syscall('getpgid', pid).errno).toBe('EPERM');
  });

  it('should put a child into a group of its own, and back', ({ guest }) => {
    const pid = guest.scratch.syscall(forking('fork', [call('sigsuspend', 0)])).value;
    expect(guest.syscall('setpgid', pid, pid).errno).toBe(0);
    expect(guest.syscall('getpgid', pid).value).toBe(pid);
    expect(guest.syscall('setpgid', pid, guest.syscall('getpgrp').value).errno).toBe(0);
    expect(guest.syscall('getpgid', pid).value).toBe(guest.syscall('getpgid', 0).value);
  });

  it('should know the parent', ({ guest }) => {
    const fork = forking('fork', [call('getppid')]);
    const { results } = guest.program([fork, call('wait4', fork, null, 0, null)]);
    const parent = [...results.values()].find(({ name }) => name === 'getppid');
    expect(parent?.value).toBe(guest.scratch.pid);
  });
});

describe('numbers that are no system calls', () => {
  it.for([27, 131, 200_000, -1, 331])('should be refused with ENOSYS, %d too', (number, { guest }) => {
    guest.syscall(
      'sigaction',
      12,
      guest.user.struct('sigaction', { '__sigaction_u.__sa_handler': SIG_IGN }),
      null,
    );
    expect(guest.syscall(number).errno).toBe('ENOSYS');
    expect(guest.syscall('getpid').errno).toBe(0);
  });
});
