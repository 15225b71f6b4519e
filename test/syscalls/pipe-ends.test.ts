import { describe, expect } from 'vitest';
import { type BootedGuest, call, forking, intAt, guestTest as it } from '../../emu/vitest/index.ts';
import {
  F_GETFD,
  F_GETFL,
  FD_CLOEXEC,
  ITIMER_REAL,
  killed,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  PIPE_BUF,
  PIPE_SIZE,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  SA_RESTART,
  SIG_IGN,
  SIGALRM,
  SIGPIPE,
} from './support/constants.ts';
import { expectRefusal, refuses } from './support/refusals.ts';
import { makePipe, ok, open, text } from './support/setting.ts';

const MILLISECOND = 1_000_000;
const ignore = (guest: BootedGuest, signal: number): number =>
  ok(
    guest,
    'sigaction',
    signal,
    guest.user.struct('sigaction', { '__sigaction_u.__sa_handler': SIG_IGN }),
    null,
  );
const pipes = (guest: BootedGuest): number => guest.kernel.global('npipes').number();

/** poll(2) of descriptors for events; gives what it returns and what it found. */
function poll(guest: BootedGuest, wanted: readonly (readonly [number, number])[], milliseconds = 0) {
  const list = guest.user.structs(
    'pollfd',
    wanted.map(([fd, events]) => ({ fd, events })),
  );
  const ready = ok(guest, 'poll', list[0] ?? null, list.length, milliseconds);
  return [ready, ...list.map((one) => one.number('revents'))];
}

describe('pipe', () => {
  it('should make two ends, and be gone with both', ({ guest }) => {
    const before = pipes(guest);
    const [from, to] = makePipe(guest);
    expect(pipes(guest)).toBe(before + 2);
    const end = guest.kernel
      .struct('file')
      .at(guest.scratch.process.pointer(`ps_fd.fd_ofiles[${from}]`))
      .pointer('f_data');
    expect(guest.view('pipe', end).pipe_peer).not.toBe(0n);
    ok(guest, 'close', to);
    expect(pipes(guest)).toBe(before + 1);
    expect(guest.view('pipe', end).pipe_peer).toBe(0n);
    ok(guest, 'close', from);
    expect(pipes(guest)).toBe(before);
  });

  it('should leave nothing behind when it has come and gone', ({ guest }) => {
    const { scratch } = guest;
    const ends = guest.user.buffer(8);
    const twoEnds = (): unknown =>
      scratch.program([call('pipe', ends), call('close', intAt(ends)), call('close', intAt(ends, 4))]);
    expect(guest.during(twoEnds)).toLeaveUnchanged();
  });

  it('should mark both ends for exec, and let neither wait, when asked to', ({ guest }) => {
    const [from, to] = makePipe(guest, O_CLOEXEC | O_NONBLOCK);
    for (const fd of [from, to]) {
      expect(ok(guest, 'fcntl', fd, F_GETFD)).toBe(FD_CLOEXEC);
      expect(ok(guest, 'fcntl', fd, F_GETFL) & O_NONBLOCK).toBe(O_NONBLOCK);
    }
  });

  it('should give what there is, and keep the rest', ({ guest }) => {
    const [from, to] = makePipe(guest);
    ok(guest, 'write', to, 'abcdef', 6);
    const into = guest.user.buffer(16);
    expect(text(into, ok(guest, 'read', from, into, 4))).toBe('abcd');
    expect(text(into, ok(guest, 'read', from, into, 16))).toBe('ef');
  });

  it('should go around the end of its buffer', ({ guest }) => {
    const [from, to] = makePipe(guest);
    const into = guest.user.buffer(PIPE_SIZE);
    ok(guest, 'write', to, guest.user.buffer(PIPE_SIZE - 4), PIPE_SIZE - 4);
    ok(guest, 'read', from, into, PIPE_SIZE - 8);
    ok(guest, 'write', to, 'around the end', 14);
    expect(ok(guest, 'read', from, into, PIPE_SIZE)).toBe(4 + 14);
    expect(text(into, 18).slice(4)).toBe('around the end');
  });

  it('should let a reader wait for a writer', ({ guest }) => {
    const [from, to] = makePipe(guest);
    const into = guest.user.buffer(8);
    const later = guest.user.struct('timespec', { tv_nsec: 50 * MILLISECOND });
    const fork = forking('fork', [call('nanosleep', later, null), call('write', to, 'late', 4)]);
    const before = guest.machine.guestTime;
    const { result } = guest.program([fork, call('read', from, into, 8)]);
    expect(text(into, result(1).value)).toBe('late');
    expect(guest.machine.guestTime - before).toBeGreaterThan(50 * MILLISECOND);
  });

  it('should sleep for what it lacks, by name', ({ guest }) => {
    const [from, to] = makePipe(guest);
    const read = guest.checkpoint();
    guest.program([call('read', from, guest.user.buffer(1), 1)], { untilAsleep: true });
    expect(guest.scratch.thread.text('p_wmesg')).toBe('piperd');
    guest.goBack(read);
    const much = guest.user.buffer(PIPE_SIZE + 1);
    guest.program([call('write', to, much, PIPE_SIZE + 1)], { untilAsleep: true });
    expect(guest.scratch.thread.text('p_wmesg')).toBe('pipewr');
  });

  it('should let a writer wait for room, and write all', ({ guest }) => {
    const [from, to] = makePipe(guest);
    const half = guest.user.buffer(PIPE_SIZE);
    const child = [call('read', from, half, PIPE_SIZE), call('read', from, half, PIPE_SIZE)];
    const fork = forking('fork', child);
    const much = guest.user.buffer(PIPE_SIZE + 100);
    const { result, results } = guest.program([
      fork,
      call('write', to, much, PIPE_SIZE + 100),
      call('wait4', fork, null, 0, null),
    ]);
    expect(result(1).value).toBe(PIPE_SIZE + 100);
    expect(child.map((one) => results.get(one)?.value).reduce((sum = 0, one = 0) => sum + one)).toBe(
      PIPE_SIZE + 100,
    );
  });

  it('should never split what is not longer than PIPE_BUF', ({ guest }) => {
    const [from, to] = makePipe(guest, O_NONBLOCK);
    const much = guest.user.buffer(PIPE_SIZE);
    ok(guest, 'write', to, much, PIPE_SIZE - PIPE_BUF + 1);
    expect(guest.syscall('write', to, much, PIPE_BUF)).toReturnErrno('EAGAIN');
    // A longer one goes in as far as it does.
    expect(ok(guest, 'write', to, much, PIPE_BUF + 1)).toBe(PIPE_BUF - 1);
    ok(guest, 'read', from, much, 1);
  });

  it('should send SIGPIPE to who writes when nobody reads', ({ guest }) => {
    const [from, to] = makePipe(guest);
    ok(guest, 'close', from);
    const handler = guest.user.struct('sigaction', { '__sigaction_u.__sa_handler': guest.user.handler });
    ok(guest, 'sigaction', SIGPIPE, handler, null);
    expect(guest.syscall('write', to, 'x', 1)).toReturnErrno('EPIPE');
    expect(guest.user.signals().map(({ signal }) => signal)).toEqual([SIGPIPE]);
  });

  it('should kill who writes when nobody reads', ({ guest }) => {
    const [from, to] = makePipe(guest);
    ok(guest, 'close', from);
    const status = guest.user.buffer(4);
    const fork = forking('fork', [call('write', to, 'x', 1)]);
    guest.program([fork, call('wait4', fork, status, 0, null)]);
    expect(status.int()).toBe(killed(SIGPIPE));
  });

  it('should wake a writer whose reader goes away', ({ guest }) => {
    const [from, to] = makePipe(guest);
    ignore(guest, SIGPIPE);
    const later = guest.user.struct('timespec', { tv_nsec: 20 * MILLISECOND });
    const fork = forking('fork', [call('nanosleep', later, null)]);
    const much = guest.user.buffer(PIPE_SIZE + 1);
    const { result } = guest.program([fork, call('close', from), call('write', to, much, PIPE_SIZE + 1)]);
    expect(result(2).errno).toBe('EPIPE');
  });

  it('should be at its end when all writers are gone, the children’s too', ({ guest }) => {
    const [from, to] = makePipe(guest);
    const into = guest.user.buffer(4);
    const later = guest.user.struct('timespec', { tv_nsec: 20 * MILLISECOND });
    const fork = forking('fork', [call('nanosleep', later, null)]);
    const before = guest.machine.guestTime;
    const { result } = guest.program([fork, call('close', to), call('read', from, into, 4)]);
    expect(result(2).value).toBe(0);
    expect(guest.machine.guestTime - before).toBeGreaterThan(20 * MILLISECOND);
  });

  it('should have nothing left over when there is no memory for its buffer', ({ guest }) => {
    guest.faults.failCall('malloc');
    expectRefusal(guest, 'ENOMEM', 'pipe', guest.user.buffer(8));
  });
});

refuses('read', [
  [
    'EAGAIN',
    'from an empty pipe that must not wait',
    (guest) => [makePipe(guest, O_NONBLOCK)[0], guest.user.buffer(1), 1],
  ],
]);
refuses('write', [
  [
    'EPIPE',
    'to a pipe that nobody reads',
    (guest) => {
      ignore(guest, SIGPIPE);
      const [from, to] = makePipe(guest);
      ok(guest, 'close', from);
      return [to, 'x', 1];
    },
  ],
  [
    'EAGAIN',
    'to a full pipe that must not wait',
    (guest) => {
      const [, to] = makePipe(guest, O_NONBLOCK);
      ok(guest, 'write', to, guest.user.buffer(PIPE_SIZE), PIPE_SIZE);
      return [to, 'x', 1];
    },
  ],
]);

describe('poll', () => {
  it('should tell who can be read and written', ({ guest }) => {
    const [from, to] = makePipe(guest);
    expect(
      poll(guest, [
        [from, POLLIN],
        [to, POLLOUT],
      ]),
    ).toEqual([1, 0, POLLOUT]);
    ok(guest, 'write', to, 'x', 1);
    expect(
      poll(guest, [
        [from, POLLIN],
        [to, POLLIN],
      ]),
    ).toEqual([1, POLLIN, 0]);
  });

  it('should tell of an end that has been closed, and of numbers that are not open', ({ guest }) => {
    const [from, to] = makePipe(guest);
    ok(guest, 'close', to);
    expect(
      poll(guest, [
        [from, POLLIN],
        [to, POLLOUT],
        [-1, POLLIN],
      ]),
    ).toEqual([2, POLLIN | POLLHUP, POLLNVAL, 0]);
  });

  it('should find no room in a pipe without place for an atomic write', ({ guest }) => {
    const [, to] = makePipe(guest);
    ok(guest, 'write', to, guest.user.buffer(PIPE_SIZE), PIPE_SIZE - PIPE_BUF + 1);
    expect(poll(guest, [[to, POLLOUT]])).toEqual([0, 0]);
  });

  it('should find files and /dev/null always ready', ({ guest }) => {
    const both = POLLIN | POLLOUT;
    expect(
      poll(guest, [
        [open(guest, '/etc/passwd'), both],
        [open(guest, '/dev/null', O_RDWR), both],
      ]),
    ).toEqual([2, both, both]);
  });

  it('should wait as long as it is told to', ({ guest }) => {
    const [from] = makePipe(guest);
    const before = guest.machine.guestTime;
    expect(poll(guest, [[from, POLLIN]], 200)).toEqual([0, 0]);
    expect(guest.machine.guestTime - before).toBeGreaterThan(200 * MILLISECOND);
    expect(guest.machine.guestTime - before).toBeLessThan(300 * MILLISECOND);
  });

  it('should be woken by what it waits for', ({ guest }) => {
    const [from, to] = makePipe(guest);
    const list = guest.user.struct('pollfd', { fd: from, events: POLLIN });
    const later = guest.user.struct('timespec', { tv_nsec: 30 * MILLISECOND });
    const fork = forking('fork', [call('nanosleep', later, null), call('write', to, 'x', 1)]);
    const { result } = guest.program([fork, call('poll', list, 1, -1)]);
    expect(result(1).value).toBe(1);
    expect(list.number('revents')).toBe(POLLIN);
  });

  it('should be ended by a signal, and not begin again', ({ guest }) => {
    const handler = { '__sigaction_u.__sa_handler': guest.user.handler, sa_flags: SA_RESTART };
    ok(guest, 'sigaction', SIGALRM, guest.user.struct('sigaction', handler), null);
    ok(
      guest,
      'setitimer',
      ITIMER_REAL,
      guest.user.struct('itimerval', { it_value: { tv_usec: 30_000 } }),
      null,
    );
    expect(guest.syscall('poll', null, 0, -1)).toReturnErrno('EINTR');
    expect(guest.user.signals().map(({ signal }) => signal)).toEqual([SIGALRM]);
  });

  it('should take more descriptors than lie on the stack, and keep no memory', ({ guest }) => {
    const many = guest.user.structs('pollfd', new Array(40).fill({ fd: -1 }));
    const { scratch } = guest;
    const polled = guest.during(() =>
      expect(scratch.syscall(call('poll', many[0] ?? null, 40, 0)).value).toBe(0),
    );
    expect(polled).toLeaveUnchanged();
  });
});
