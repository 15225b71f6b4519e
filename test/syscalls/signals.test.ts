import { describe, expect } from 'vitest';
import {
  type BootedGuest,
  call,
  forking,
  guestTest as it,
  type UserAddress,
} from '../../emu/vitest/index.ts';
import {
  exited,
  ITIMER_REAL,
  killed,
  maskOf,
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
  SA_NODEFER,
  SA_ONSTACK,
  SA_RESETHAND,
  SA_RESTART,
  SA_SIGINFO,
  SIG_BLOCK,
  SIG_DFL,
  SIG_IGN,
  SIG_SETMASK,
  SIG_UNBLOCK,
  SIGALRM,
  SIGCHLD,
  SIGCONT,
  SIGHUP,
  SIGINT,
  SIGKILL,
  SIGPIPE,
  SIGSTOP,
  SIGTERM,
  SIGUSR1,
  SIGUSR2,
  USER,
} from './support/constants.ts';

function action(guest: BootedGuest, handler: number | UserAddress, flags = 0, mask = 0): UserAddress {
  return guest.user.struct('sigaction', {
    '__sigaction_u.__sa_handler': handler,
    sa_flags: flags,
    sa_mask: mask,
  });
}

/** Catches a signal with the handler that writes down what it is called with. */
function catches(guest: BootedGuest, signal: number, flags = SA_SIGINFO, mask = 0): void {
  expect(guest.syscall('sigaction', signal, action(guest, guest.user.handler, flags, mask), null).errno).toBe(
    0,
  );
}

const raise = (guest: BootedGuest, signal: number): void => {
  expect(guest.syscall('kill', guest.scratch.pid, signal).errno).toBe(0);
};
const caught = (guest: BootedGuest): number[] => guest.user.signals().map(({ signal }) => signal);
const second = (guest: BootedGuest): UserAddress => guest.user.struct('timespec', { tv_sec: 1 });

describe('sigaction(2)', () => {
  it('should let a handler be called, which is told the signal and its thread', ({ guest }) => {
    catches(guest, SIGUSR1);
    raise(guest, SIGUSR1);
    expect(guest.user.signals()).toEqual([
      expect.objectContaining({ signal: SIGUSR1, code: 0, thread: guest.syscall('getthrid').value }),
    ]);
  });

  it('should give back what was set', ({ guest }) => {
    const { user } = guest;
    catches(guest, SIGUSR1, SA_SIGINFO | SA_RESTART | SA_NODEFER, maskOf(SIGUSR2));
    const old = user.struct('sigaction');
    guest.syscall('sigaction', SIGUSR1, null, old);
    expect(old.number('sa_flags')).toBe(SA_SIGINFO | SA_RESTART | SA_NODEFER);
    expect(old.number('sa_mask')).toBe(maskOf(SIGUSR2));
    expect(BigInt(old.number('__sigaction_u.__sa_handler'))).toBe(user.handler.address);
  });

  it('should throw a signal away that is ignored, even one that waits', ({ guest }) => {
    guest.syscall('sigprocmask', SIG_BLOCK, maskOf(SIGUSR1));
    raise(guest, SIGUSR1);
    guest.syscall('sigaction', SIGUSR1, action(guest, SIG_IGN), null);
    expect(guest.syscall('sigpending').value).toBe(0);
    guest.syscall('sigprocmask', SIG_UNBLOCK, maskOf(SIGUSR1));
    expect(guest.syscall('getpid').errno).toBe(0);
  });

  it('should forget the handler after one call with SA_RESETHAND', ({ guest }) => {
    catches(guest, SIGUSR1, SA_SIGINFO | SA_RESETHAND);
    raise(guest, SIGUSR1);
    const old = guest.user.struct('sigaction');
    guest.syscall('sigaction', SIGUSR1, null, old);
    expect(old.number('__sigaction_u.__sa_handler')).toBe(SIG_DFL);
    expect(caught(guest)).toEqual([SIGUSR1]);
  });

  it('should make no zombies with SA_NOCLDWAIT', ({ guest }) => {
    guest.syscall('sigaction', SIGCHLD, action(guest, SIG_DFL, SA_NOCLDWAIT), null);
    guest.scratch.syscall(forking('fork', []));
    guest.scratch.settle();
    expect(guest.syscall('wait4', -1, null, 0, null).errno).toBe('ECHILD');
  });

  it('should not tell of stops with SA_NOCLDSTOP', ({ guest }) => {
    catches(guest, SIGCHLD, SA_SIGINFO | SA_NOCLDSTOP);
    const pid = guest.scratch.syscall(forking('fork', [call('sigsuspend', 0)])).value;
    guest.syscall('kill', pid, SIGSTOP);
    guest.scratch.settle();
    expect(caught(guest)).toEqual([]);
    guest.syscall('kill', pid, SIGKILL);
    guest.scratch.settle();
    expect(caught(guest)).toEqual([SIGCHLD]);
  });
});

describe('the mask', () => {
  it('should keep a signal waiting, once, until it is unblocked', ({ guest }) => {
    catches(guest, SIGUSR1);
    expect(guest.syscall('sigprocmask', SIG_BLOCK, maskOf(SIGUSR1)).value).toBe(0);
    raise(guest, SIGUSR1);
    raise(guest, SIGUSR1);
    expect(guest.syscall('sigpending').value).toBe(maskOf(SIGUSR1));
    expect(caught(guest)).toEqual([]);
    expect(guest.syscall('sigprocmask', SIG_SETMASK, 0).value).toBe(maskOf(SIGUSR1));
    expect(caught(guest)).toEqual([SIGUSR1]);
    expect(guest.syscall('sigpending').value).toBe(0);
  });

  it('should never hold SIGKILL and SIGSTOP', ({ guest }) => {
    guest.syscall('sigprocmask', SIG_SETMASK, 0xffff_ffff);
    const all = guest.syscall('sigprocmask', SIG_SETMASK, 0).value >>> 0;
    expect(all & maskOf(SIGKILL, SIGSTOP)).toBe(0);
    expect(all & maskOf(SIGTERM, SIGHUP)).toBe((maskOf(SIGTERM, SIGHUP) | 0) & all);
  });

  it('should be what it was after a handler', ({ guest }) => {
    catches(guest, SIGUSR1, SA_SIGINFO, maskOf(SIGUSR2));
    guest.syscall('sigprocmask', SIG_SETMASK, maskOf(SIGHUP));
    raise(guest, SIGUSR1);
    expect(guest.syscall('sigprocmask', SIG_BLOCK, 0).value).toBe(maskOf(SIGHUP));
  });

  it('should be replaced while sigsuspend(2) waits', ({ guest }) => {
    catches(guest, SIGUSR1);
    guest.syscall('sigprocmask', SIG_SETMASK, maskOf(SIGUSR1));
    raise(guest, SIGUSR1);
    expect(guest.syscall('sigsuspend', 0).errno).toBe('EINTR');
    expect(caught(guest)).toEqual([SIGUSR1]);
    expect(guest.syscall('sigprocmask', SIG_BLOCK, 0).value).toBe(maskOf(SIGUSR1));
  });
});

describe('kill(2)', () => {
  it('should only look with signal 0', ({ guest }) => {
    expect(guest.syscall('kill', guest.scratch.pid, 0).errno).toBe(0);
    expect(guest.syscall('kill', 1, 0).errno).toBe(0);
  });

  it('should reach a process group', ({ guest }) => {
    const child = (): number =>
      guest.scratch.syscall(forking('fork', [call('setpgid', 0, 0), call('sigsuspend', 0)])).value;
    const first = child();
    guest.scratch.settle();
    const status = guest.user.buffer(4);
    expect(guest.syscall('kill', -first, SIGTERM).errno).toBe(0);
    guest.syscall('wait4', first, status, 0, null);
    expect(status.int()).toBe(killed(SIGTERM));
  });

  it('should reach processes of the same user', ({ guest }) => {
    guest.become({ uid: USER });
    const pid = guest.scratch.syscall(forking('fork', [call('sigsuspend', 0)])).value;
    expect(guest.syscall('kill', pid, SIGTERM).errno).toBe(0);
  });

  it('should succeed for a zombie', ({ guest }) => {
    const pid = guest.scratch.syscall(forking('fork', [])).value;
    guest.scratch.settle();
    expect(guest.syscall('kill', pid, SIGTERM).errno).toBe(0);
  });

  it('should continue a stopped process, whatever SIGCONT does otherwise', ({ guest }) => {
    const pid = guest.scratch.syscall(
      forking('fork', [call('nanosleep', second(guest), null), call('exit', 6)]),
    ).value;
    guest.syscall('kill', pid, SIGSTOP);
    guest.scratch.settle();
    expect(guest.proc(pid).state).toBe('SSTOP');
    guest.syscall('kill', pid, SIGCONT);
    const status = guest.user.buffer(4);
    guest.syscall('wait4', pid, status, 0, null);
    expect(status.int()).toBe(exited(6));
  });

  it('should kill a stopped process', ({ guest }) => {
    const pid = guest.scratch.syscall(forking('fork', [call('sigsuspend', 0)])).value;
    guest.syscall('kill', pid, SIGSTOP);
    guest.scratch.settle();
    guest.syscall('kill', pid, SIGKILL);
    const status = guest.user.buffer(4);
    guest.syscall('wait4', pid, status, 0, null);
    expect(status.int()).toBe(killed(SIGKILL));
  });

  it('should end the process itself by default', ({ guest }) => {
    expect(guest.program([call('kill', guest.scratch.pid, SIGTERM), call('getpid')]).end).toBe('gone');
    expect(guest.sh('echo $?').output).toBe(`${128 + SIGTERM}\n`);
  });

  it('should be one thread’s with thrkill(2)', ({ guest }) => {
    catches(guest, SIGUSR2);
    const thread = guest.syscall('getthrid').value;
    expect(guest.syscall('thrkill', thread, SIGUSR2, null).errno).toBe(0);
    expect(caught(guest)).toEqual([SIGUSR2]);
  });
});

describe('a call that sleeps', () => {
  it('should end with EINTR when a handler was called', ({ guest }) => {
    catches(guest, SIGALRM);
    const timer = guest.user.struct('itimerval', { it_value: { tv_usec: 100_000 } });
    guest.syscall('setitimer', ITIMER_REAL, timer, null);
    const rest = guest.user.struct('timespec');
    expect(guest.syscall('nanosleep', guest.user.struct('timespec', { tv_sec: 5 }), rest).errno).toBe(
      'EINTR',
    );
    expect(rest.number('tv_sec')).toBe(4);
  });

  it('should go on with SA_RESTART', ({ guest }) => {
    catches(guest, SIGUSR1, SA_SIGINFO | SA_RESTART);
    const ends = guest.user.buffer(8);
    guest.syscall('pipe', ends);
    const sleep = second(guest);
    guest.scratch.syscall(
      forking('fork', [
        call('kill', guest.scratch.pid, SIGUSR1),
        call('nanosleep', sleep, null),
        call('write', ends.int(4), 'x', 1),
      ]),
    );
    expect(guest.syscall('read', ends.int(), guest.user.buffer(4), 4).value).toBe(1);
    expect(caught(guest)).toEqual([SIGUSR1]);
  });

  it('should end with EINTR without it', ({ guest }) => {
    catches(guest, SIGUSR1);
    const ends = guest.user.buffer(8);
    guest.syscall('pipe', ends);
    const soon = guest.user.struct('timespec', { tv_nsec: 100_000_000 });
    guest.scratch.syscall(
      forking('fork', [call('nanosleep', soon, null), call('kill', guest.scratch.pid, SIGUSR1)]),
    );
    expect(guest.syscall('read', ends.int(), guest.user.buffer(4), 4).errno).toBe('EINTR');
  });

  it('should be interrupted by ^C at the terminal', ({ guest }) => {
    catches(guest, SIGINT);
    guest.program([call('sigsuspend', 0)], { untilAsleep: true });
    guest.machine.console.write('\x03');
    expect(guest.scratch.finish().result(0).errno).toBe('EINTR');
    expect(caught(guest)).toEqual([SIGINT]);
  });
});

describe('signals of the kernel', () => {
  it('should come for writing a pipe that nobody reads', ({ guest }) => {
    catches(guest, SIGPIPE);
    const ends = guest.user.buffer(8);
    guest.syscall('pipe', ends);
    guest.syscall('close', ends.int());
    expect(guest.syscall('write', ends.int(4), 'x', 1).errno).toBe('EPIPE');
    expect(caught(guest)).toEqual([SIGPIPE]);
  });

  it('should come for a call that there is not', ({ guest }) => {
    catches(guest, 12);
    expect(guest.syscall(27).errno).toBe('ENOSYS');
    expect(caught(guest)).toEqual([12]);
  });

  it('should come again and again from an interval timer', ({ guest }) => {
    catches(guest, SIGALRM, SA_SIGINFO | SA_RESTART);
    const every = { tv_usec: 100_000 };
    guest.syscall(
      'setitimer',
      ITIMER_REAL,
      guest.user.struct('itimerval', { it_value: every, it_interval: every }),
      null,
    );
    guest.program([call('sigsuspend', 0), call('sigsuspend', 0), call('sigsuspend', 0)]);
    expect(caught(guest)).toEqual([SIGALRM, SIGALRM, SIGALRM]);
  });
});

describe('sigaltstack(2)', () => {
  it('should be what handlers with SA_ONSTACK run on', ({ guest }) => {
    const { user } = guest;
    const base = 0x5000_0000n;
    guest.syscall('mmap', base, 0x8000, 3, 0x5012, -1, 0, 0);
    const stack = user.struct('sigaltstack', { ss_sp: base, ss_size: 0x8000 });
    expect(guest.syscall('sigaltstack', stack, null).errno).toBe(0);
    catches(guest, SIGUSR1, SA_SIGINFO | SA_ONSTACK);
    raise(guest, SIGUSR1);
    expect(caught(guest)).toEqual([SIGUSR1]);
    expect(user.read(base + 0x7000n, 0x1000).some((byte) => byte !== 0)).toBe(true);
    const old = user.struct('sigaltstack');
    guest.syscall('sigaltstack', null, old);
    expect(BigInt(old.number('ss_sp'))).toBe(base);
    expect(old.number('ss_flags')).toBe(0);
  });
});
