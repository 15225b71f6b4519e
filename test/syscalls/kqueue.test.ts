import { describe, expect } from 'vitest';
import { type BootedGuest, call, forking, guestTest as it } from '../../emu/vitest/index.ts';
import {
  EV_ADD,
  EV_CLEAR,
  EV_DELETE,
  EV_DISABLE,
  EV_DISPATCH,
  EV_ENABLE,
  EV_EOF,
  EV_ERROR,
  EV_RECEIPT,
  EVFILT_PROC,
  EVFILT_READ,
  EVFILT_SIGNAL,
  EVFILT_TIMER,
  EVFILT_WRITE,
  NOTE_CHILD,
  NOTE_EXIT,
  NOTE_FORK,
  NOTE_TRACK,
  POLLIN,
  S_IFIFO,
} from './support/constants.ts';
import { refuses } from './support/refusals.ts';
import { becomeUser, makePipe, ok } from './support/setting.ts';

const MILLISECOND = 1_000_000;
type Change = Readonly<Record<string, number | bigint>>;

/** kevent(2): makes changes, and takes what there is without waiting. */
function kevent(guest: BootedGuest, kq: number, changes: readonly Change[], most = 4) {
  const made = guest.user.structs('kevent', changes);
  const events = guest.user.structs('kevent', new Array(most).fill({}));
  const now = guest.user.struct('timespec');
  const found = ok(guest, 'kevent', kq, made[0] ?? null, changes.length, events[0] ?? null, most, now);
  return events.slice(0, found).map((event) => ({
    ident: event.number('ident'),
    filter: event.number('filter'),
    flags: event.number('flags'),
    fflags: event.number('fflags') >>> 0,
    data: event.number('data'),
  }));
}

/** A kqueue that watches a pipe's end to read from. */
function watching(guest: BootedGuest, flags: number) {
  const [from, to] = makePipe(guest);
  const kq = ok(guest, 'kqueue');
  expect(kevent(guest, kq, [{ ident: from, filter: EVFILT_READ, flags: EV_ADD | flags }])).toEqual([]);
  return { from, to, kq };
}

describe('kqueue', () => {
  it('should be on the list of its table, and gone when it is closed', ({ guest }) => {
    const { scratch } = guest;
    const { from } = watching(guest, 0);
    ok(guest, 'close', from + 2);
    expect(scratch.process.pointer('ps_fd.fd_kqlist.lh_first')).toBe(0n);
    const birthAndDeath = (): unknown => {
      const kqueue = call('kqueue');
      return scratch.program([kqueue, call('close', kqueue)]);
    };
    expect(guest.during(birthAndDeath)).toLeaveUnchanged();
  });

  it('should not pass to a child', ({ guest }) => {
    const kq = ok(guest, 'kqueue');
    const closed = call('close', kq);
    const fork = forking('fork', [closed]);
    const { results } = guest.program([fork, call('wait4', fork, null, 0, null)]);
    expect(results.get(closed)?.errno).toBe('EBADF');
  });

  it('should report as long as the event lasts', ({ guest }) => {
    const { kq, to, from } = watching(guest, 0);
    ok(guest, 'write', to, 'abc', 3);
    const event = { ident: from, filter: EVFILT_READ, data: 3 };
    expect(kevent(guest, kq, [])).toMatchObject([event]);
    expect(kevent(guest, kq, [])).toMatchObject([event]);
    ok(guest, 'read', from, guest.user.buffer(3), 3);
    expect(kevent(guest, kq, [])).toEqual([]);
  });

  it('should report a change once with EV_CLEAR', ({ guest }) => {
    const { kq, to } = watching(guest, EV_CLEAR);
    ok(guest, 'write', to, 'abc', 3);
    expect(kevent(guest, kq, [])).toHaveLength(1);
    expect(kevent(guest, kq, [])).toEqual([]);
    ok(guest, 'write', to, 'd', 1);
    expect(kevent(guest, kq, [])).toMatchObject([{ data: 4 }]);
  });

  it('should keep quiet after EV_DISPATCH, and speak again when enabled', ({ guest }) => {
    const { kq, to, from } = watching(guest, EV_DISPATCH);
    ok(guest, 'write', to, 'abc', 3);
    expect(kevent(guest, kq, [])).toHaveLength(1);
    expect(kevent(guest, kq, [])).toEqual([]);
    expect(kevent(guest, kq, [{ ident: from, filter: EVFILT_READ, flags: EV_ENABLE }])).toHaveLength(1);
  });

  it('should say nothing of what is disabled', ({ guest }) => {
    const { kq, to, from } = watching(guest, EV_DISABLE);
    ok(guest, 'write', to, 'abc', 3);
    expect(kevent(guest, kq, [])).toEqual([]);
    expect(kevent(guest, kq, [{ ident: from, filter: EVFILT_READ, flags: EV_ENABLE }])).toHaveLength(1);
    expect(kevent(guest, kq, [{ ident: from, filter: EVFILT_READ, flags: EV_DISABLE }])).toEqual([]);
  });

  it('should answer each change with EV_RECEIPT', ({ guest }) => {
    const { kq, from } = watching(guest, 0);
    const flags = EV_ADD | EV_RECEIPT;
    const answers = kevent(guest, kq, [
      { ident: from, filter: EVFILT_READ, flags },
      { ident: 77, filter: EVFILT_READ, flags },
    ]);
    expect(answers).toMatchObject([
      { ident: from, flags: EV_ERROR, data: 0 },
      { ident: 77, flags: EV_ERROR, data: 9 },
    ]);
  });

  it('should watch another kqueue, but not itself', ({ guest }) => {
    const { kq, to } = watching(guest, 0);
    const outer = ok(guest, 'kqueue');
    kevent(guest, outer, [{ ident: kq, filter: EVFILT_READ, flags: EV_ADD }]);
    expect(kevent(guest, outer, [])).toEqual([]);
    ok(guest, 'write', to, 'x', 1);
    expect(kevent(guest, outer, [])).toMatchObject([{ ident: kq, data: 1 }]);
    const itself = guest.user.struct('kevent', { ident: outer, filter: EVFILT_READ, flags: EV_ADD });
    expect(guest.syscall('kevent', outer, itself, 1, null, 0, null)).toReturnErrno('EINVAL');
  });

  it('should be readable for poll when there is an event', ({ guest }) => {
    const { kq, to } = watching(guest, 0);
    const list = guest.user.struct('pollfd', { fd: kq, events: POLLIN });
    expect(ok(guest, 'poll', list, 1, 0)).toBe(0);
    ok(guest, 'write', to, 'x', 1);
    expect(ok(guest, 'poll', list, 1, 0)).toBe(1);
    expect(list.number('revents')).toBe(POLLIN);
  });

  it('should tell its kind and count by fstat, and refuse to be read', ({ guest }) => {
    const { kq, to } = watching(guest, 0);
    ok(guest, 'write', to, 'x', 1);
    const status = guest.user.struct('stat');
    ok(guest, 'fstat', kq, status);
    expect([status.number('st_mode'), status.number('st_size')]).toEqual([S_IFIFO, 1]);
    expect(guest.syscall('read', kq, guest.user.buffer(1), 1)).toReturnErrno('ENXIO');
    expect(guest.syscall('write', kq, 'x', 1)).toReturnErrno('ENXIO');
  });

  it('should follow the children of a process with NOTE_TRACK', ({ guest }) => {
    const { pid } = guest.scratch;
    const kq = ok(guest, 'kqueue');
    const fflags = NOTE_FORK | NOTE_EXIT | NOTE_TRACK;
    kevent(guest, kq, [{ ident: pid, filter: EVFILT_PROC, flags: EV_ADD, fflags }]);
    const fork = forking('fork', [call('exit', 3)]);
    const child = guest.program([fork, call('wait4', fork, null, 0, null)]).result(0).value;
    const events = kevent(guest, kq, []);
    expect(events.find(({ ident }) => ident === pid)?.fflags).toBe(NOTE_FORK);
    const ofChild = events.find(({ ident }) => ident === child);
    expect((ofChild?.fflags ?? 0) & NOTE_EXIT).not.toBe(0);
    expect(((ofChild?.fflags ?? 0) & NOTE_CHILD) !== 0).toBe(true);
    expect(ofChild?.flags).toBe((ofChild?.flags ?? 0) | EV_EOF);
  });

  it('should be woken by a timer, and count the periods that have passed', ({ guest }) => {
    const kq = ok(guest, 'kqueue');
    kevent(guest, kq, [{ ident: 1, filter: EVFILT_TIMER, flags: EV_ADD, data: 20 }]);
    guest.syscall('nanosleep', guest.user.struct('timespec', { tv_nsec: 110 * MILLISECOND }), null);
    const [event] = kevent(guest, kq, []);
    expect(event?.data).toBeGreaterThanOrEqual(5);
    expect(guest.kernel.global('kq_ntimeouts').number()).toBe(1);
    kevent(guest, kq, [{ ident: 1, filter: EVFILT_TIMER, flags: EV_DELETE }]);
    expect(guest.kernel.global('kq_ntimeouts').number()).toBe(0);
  });

  it('should wait no longer than it is told', ({ guest }) => {
    const { kq } = watching(guest, 0);
    const event = guest.user.struct('kevent');
    const before = guest.machine.guestTime;
    const timeout = guest.user.struct('timespec', { tv_nsec: 100 * MILLISECOND });
    expect(ok(guest, 'kevent', kq, null, 0, event, 1, timeout)).toBe(0);
    expect(guest.machine.guestTime - before).toBeGreaterThan(100 * MILLISECOND);
  });
});

const change = (guest: BootedGuest, members: Change) =>
  [ok(guest, 'kqueue'), guest.user.struct('kevent', members), 1, null, 0, null] as const;
refuses('kevent', [
  [
    'EINVAL',
    'for a signal that there is not',
    (guest) => change(guest, { ident: 33, filter: EVFILT_SIGNAL, flags: EV_ADD }),
  ],
  [
    'EINVAL',
    'for a timeout of too many nanoseconds',
    (guest) => [
      ok(guest, 'kqueue'),
      null,
      0,
      null,
      0,
      guest.user.struct('timespec', { tv_nsec: 1_000_000_000 }),
    ],
  ],
  [
    'EPIPE',
    'for writing to a pipe whose reader is gone',
    (guest) => {
      const [from, to] = makePipe(guest);
      ok(guest, 'close', from);
      return change(guest, { ident: to, filter: EVFILT_WRITE, flags: EV_ADD });
    },
  ],
  [
    'EACCES',
    'for a process of another user',
    (guest) => {
      becomeUser(guest);
      return change(guest, { ident: 1, filter: EVFILT_PROC, flags: EV_ADD, fflags: NOTE_EXIT });
    },
  ],
  [
    'ENOENT',
    'for a change of what is not watched',
    (guest) => change(guest, { ident: 1, filter: EVFILT_TIMER, flags: EV_DISABLE }),
  ],
]);
