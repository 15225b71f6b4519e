import { describe, expect } from 'vitest';
import {
  type BootedGuest,
  type Call,
  call,
  census,
  forking,
  guestTest as it,
} from '../../emu/vitest/index.ts';
import {
  FIONREAD,
  NGROUPS_MAX,
  O_RDWR,
  SIGWINCH,
  TIOCDRAIN,
  TIOCFLUSH,
  TIOCGPGRP,
  TIOCGSID,
  TIOCGWINSZ,
  TIOCNOTTY,
  TIOCOUTQ,
  TIOCSCTTY,
  TIOCSPGRP,
  TIOCSTI,
  TIOCSWINSZ,
  USER,
} from './support/constants.ts';
import { expectRefusal, refuses } from './support/refusals.ts';
import { contentOf, makeFile, ok, text } from './support/setting.ts';

/** What a child's calls came to, when the parent has waited for it. */
function inChild(guest: BootedGuest, ...calls: readonly Call[]) {
  const fork = forking('fork', calls);
  const { results } = guest.program([fork, call('wait4', fork, null, 0, null)]);
  return { pid: results.get(fork)?.value ?? 0, of: (one: Call) => results.get(one) };
}

/** A child that sleeps for ever; gives its pid. */
function sleeper(guest: BootedGuest, ...before: readonly Call[]): number {
  const pid = guest.program([forking('fork', [...before, call('sigsuspend', 0)])]).result(0).value;
  guest.scratch.settle();
  return pid;
}

const groupOf = (guest: BootedGuest, pid: number): number =>
  guest.proc(pid).process.at('ps_pgrp').number('pg_id');

describe('setsid', () => {
  it('should make a session without a terminal, of which the caller is the leader', ({ guest }) => {
    const pid = sleeper(guest, call('setsid'));
    const { process } = guest.proc(pid);
    const session = process.at('ps_pgrp').at('pg_session');
    expect(session.at('s_leader').number('ps_pid')).toBe(pid);
    expect(session.pointer('s_ttyp')).toBe(0n);
    expect(groupOf(guest, pid)).toBe(pid);
    expect(guest.proc(pid).flags).not.toContain('PS_CONTROLT');
  });

  it('should be alone in its session: others may not look at its group', ({ guest }) => {
    const pid = sleeper(guest, call('setsid'));
    expect(guest.syscall('getpgid', pid)).toReturnErrno('EPERM');
    expect(guest.syscall('getsid', pid)).toReturnErrno('EPERM');
    expect(guest.syscall('setpgid', pid, 0)).toReturnErrno('EPERM');
  });

  it('should find no terminal behind /dev/tty any more', ({ guest }) => {
    const opened = call('open', '/dev/tty', O_RDWR);
    expect(inChild(guest, call('setsid'), opened).of(opened)?.errno).toBe('ENXIO');
  });

  it('should not take a terminal that another session has', ({ guest }) => {
    const taken = call('ioctl', 0, TIOCSCTTY, null);
    expect(inChild(guest, call('setsid'), taken).of(taken)?.errno).toBe('EPERM');
  });

  it('should be freed with its last process', ({ guest }) => {
    const { scratch } = guest;
    const session = (): unknown => {
      const fork = forking('fork', [call('setsid')]);
      return scratch.program([fork, call('wait4', fork, null, 0, null)]);
    };
    expect(guest.during(session)).toLeaveUnchanged();
  });
});

describe('setpgid', () => {
  it('should put a child into a new group and into an old one', ({ guest }) => {
    const [first, second] = [sleeper(guest), sleeper(guest)];
    ok(guest, 'setpgid', first, 0);
    ok(guest, 'setpgid', second, first);
    expect([groupOf(guest, first), groupOf(guest, second)]).toEqual([first, first]);
    ok(guest, 'setpgid', second, guest.scratch.pid);
    expect(groupOf(guest, second)).toBe(guest.scratch.pid);
  });

  it('should refuse a child that has executed a program', ({ guest }) => {
    const sleep = guest.user.pointers(['sleep', '100']);
    const pid = sleeper(guest, call('execve', '/bin/sleep', sleep, guest.user.pointers([])));
    expect(guest.proc(pid).command).toBe('sleep');
    expectRefusal(guest, 'EACCES', 'setpgid', pid, 0);
  });

  it('should refuse the leader of a session', ({ guest }) => {
    const changed = call('setpgid', 0, 0);
    expect(inChild(guest, call('setsid'), changed).of(changed)?.errno).toBe('EPERM');
  });
});

describe('the controlling terminal', () => {
  it('should be given up by a child, and no more be behind /dev/tty', ({ guest }) => {
    const gone = call('ioctl', 0, TIOCNOTTY, null);
    const opened = call('open', '/dev/tty', O_RDWR);
    const { of } = inChild(guest, call('open', '/dev/tty', O_RDWR), gone, opened);
    expect([of(gone)?.errno, of(opened)?.errno]).toEqual([0, 'ENXIO']);
  });

  it('should come to the foreground with another group, and back', ({ guest }) => {
    const pid = sleeper(guest, call('setpgid', 0, 0));
    const group = guest.user.buffer(4);
    ok(guest, 'ioctl', 0, TIOCSPGRP, guest.user.ints(pid));
    ok(guest, 'ioctl', 0, TIOCGPGRP, group);
    expect(group.int()).toBe(pid);
  });

  it('should tell the foreground of a new size, and of the same one nobody', ({ guest }) => {
    const handler = { '__sigaction_u.__sa_handler': guest.user.handler };
    ok(guest, 'sigaction', SIGWINCH, guest.user.struct('sigaction', handler), null);
    ok(guest, 'ioctl', 0, TIOCSPGRP, guest.user.ints(guest.scratch.pid));
    const size = guest.user.struct('winsize', { ws_row: 24, ws_col: 132 });
    ok(guest, 'ioctl', 0, TIOCSWINSZ, size);
    ok(guest, 'ioctl', 0, TIOCSWINSZ, size);
    expect(guest.user.signals().map(({ signal }) => signal)).toEqual([SIGWINCH]);
    const seen = guest.user.struct('winsize');
    ok(guest, 'ioctl', 0, TIOCGWINSZ, seen);
    expect([seen.number('ws_row'), seen.number('ws_col')]).toEqual([24, 132]);
  });

  it('should take a character as if it had been typed', ({ guest }) => {
    for (const letter of 'hi\n') ok(guest, 'ioctl', 0, TIOCSTI, new TextEncoder().encode(letter));
    const line = guest.user.buffer(16);
    expect(text(line, ok(guest, 'read', 0, line, 16))).toBe('hi\n');
  });

  it('should forget what was typed when it is flushed', ({ guest }) => {
    for (const letter of 'hi\n') ok(guest, 'ioctl', 0, TIOCSTI, new TextEncoder().encode(letter));
    const waiting = guest.user.buffer(4);
    ok(guest, 'ioctl', 0, FIONREAD, waiting);
    expect(waiting.int()).toBe(3);
    ok(guest, 'ioctl', 0, TIOCFLUSH, guest.user.ints(1));
    ok(guest, 'ioctl', 0, FIONREAD, waiting);
    expect(waiting.int()).toBe(0);
  });

  it('should let its output come to an end', ({ guest }) => {
    ok(guest, 'write', 1, 'some words\n', 11);
    ok(guest, 'ioctl', 1, TIOCDRAIN, null);
    const queued = guest.user.buffer(4);
    ok(guest, 'ioctl', 1, TIOCOUTQ, queued);
    expect(queued.int()).toBe(0);
    expect(guest.output).toContain('some words');
  });
});

refuses('ioctl', [
  ['EINVAL', 'for flushing what there is not', (guest) => [0, TIOCFLUSH, guest.user.ints(4)]],
  [
    'ENOTTY',
    'for the session of a terminal that is not the caller’s',
    (guest) => {
      const zero = guest.scratch.process.member('ps_flags');
      guest.machine.writeMemory(zero.address, Uint8Array.of(zero.number() & 0xfe));
      return [0, TIOCGSID, guest.user.buffer(4)];
    },
  ],
  ['EPERM', 'for taking a terminal, for one who leads no session', () => [0, TIOCSCTTY, null]],
]);

describe('ids', () => {
  const ids = (guest: BootedGuest) => {
    const cred = guest.scratch.process.at('ps_ucred');
    return ['ruid', 'uid', 'svuid', 'rgid', 'gid', 'svgid'].map((id) => cred.number(`cr_${id}`));
  };

  it('should be saved by seteuid and setegid, and be lost for good by setuid', ({ guest }) => {
    ok(guest, 'setegid', USER);
    ok(guest, 'seteuid', USER);
    expect(ids(guest)).toEqual([0, USER, 0, 0, USER, 0]);
    expect([ok(guest, 'getuid'), ok(guest, 'geteuid'), ok(guest, 'getgid'), ok(guest, 'getegid')]).toEqual([
      0,
      USER,
      0,
      USER,
    ]);
    ok(guest, 'seteuid', 0);
    ok(guest, 'setuid', USER);
    expect(ids(guest).slice(0, 3)).toEqual([USER, USER, USER]);
    expectRefusal(guest, 'EPERM', 'seteuid', 0);
  });

  it('should move the count of processes to the new user', ({ guest }) => {
    const counts = (): unknown => census(guest.kernel, ['ui_proccnt']).ui_proccnt;
    void guest.scratch;
    const before = counts() as Record<string, number>;
    ok(guest, 'setuid', USER);
    expect(counts()).toMatchObject({ 0: (before[0] ?? 0) - 1, [USER]: 1 });
  });

  it('should not be tainted by the ids alone: issetugid is about exec', ({ guest }) => {
    ok(guest, 'seteuid', USER);
    expect(ok(guest, 'issetugid')).toBe(0);
    expect(guest.proc(guest.scratch.pid).flags).toContain('PS_SUGID');
  });

  it('should be shared with a child until one of both changes them', ({ guest }) => {
    const pid = sleeper(guest);
    const mine = guest.scratch.process.pointer('ps_ucred');
    expect(guest.proc(pid).process.pointer('ps_ucred')).toBe(mine);
    ok(guest, 'seteuid', USER);
    expect(guest.proc(pid).process.pointer('ps_ucred')).toBe(mine);
    expect(guest.proc(pid).credentials.number('cr_uid')).toBe(0);
  });

  it('should leave no credentials behind', ({ guest }) => {
    const { scratch } = guest;
    const change = (): unknown =>
      scratch.program([call('seteuid', 5), call('seteuid', 0), call('setgroups', 0, null)]);
    change();
    expect(guest.during(change)).toLeaveUnchanged();
  });

  it('should have up to sixteen groups', ({ guest }) => {
    const groups = Array.from({ length: NGROUPS_MAX }, (_, index) => 100 + index);
    ok(guest, 'setgroups', NGROUPS_MAX, guest.user.ints(...groups));
    const seen = guest.user.buffer(4 * NGROUPS_MAX);
    expect(ok(guest, 'getgroups', 0, null)).toBe(NGROUPS_MAX);
    expect(ok(guest, 'getgroups', NGROUPS_MAX, seen)).toBe(NGROUPS_MAX);
    expect(groups.map((_, index) => seen.int(4 * index))).toEqual(groups);
  });

  it('should let a member of the group read what the group may read', ({ guest }) => {
    makeFile(guest, '/tmp/group', 'for the group', 0o640);
    ok(guest, 'chown', '/tmp/group', 0, 77);
    ok(guest, 'setgroups', 1, guest.user.ints(77));
    ok(guest, 'setgid', USER);
    ok(guest, 'setuid', USER);
    expect(contentOf(guest, '/tmp/group')).toBe('for the group');
  });
});
