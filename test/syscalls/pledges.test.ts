import { describe, expect } from 'vitest';
import {
  type Argument,
  type BootedGuest,
  call,
  forking,
  guestTest as it,
  pufferMatchers,
} from '../../emu/vitest/index.ts';
import {
  CTL_KERN,
  exited,
  KERN_NPROCS,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  S_IFCHR,
  SIGABRT,
  TIOCGETA,
} from './support/constants.ts';
import { makeFile, ok } from './support/setting.ts';

expect.extend(pufferMatchers);

type Row = readonly [promise: string, name: string, args: (guest: BootedGuest) => readonly Argument[]];

/** A promise, and a call that needs it besides "stdio". */
const PROMISED: readonly Row[] = [
  ['rpath', 'open', () => ['/etc/passwd', O_RDONLY]],
  ['rpath', 'stat', ({ user }) => ['/etc/passwd', user.struct('stat')]],
  ['rpath', 'chdir', () => ['/tmp']],
  ['wpath', 'truncate', () => ['/tmp/file', 0, 0]],
  ['wpath', 'open', () => ['/tmp/file', O_WRONLY]],
  ['cpath', 'mkdir', () => ['/tmp/made', 0o755]],
  ['cpath', 'unlink', () => ['/tmp/file']],
  ['cpath', 'rmdir', () => ['/tmp/directory']],
  ['cpath rpath', 'link', () => ['/tmp/file', '/tmp/second']],
  ['cpath rpath', 'rename', () => ['/tmp/file', '/tmp/second']],
  ['dpath', 'mknod', () => ['/tmp/node', S_IFCHR | 0o600, 0]],
  ['fattr rpath', 'chmod', () => ['/tmp/file', 0o600]],
  ['fattr rpath', 'utimes', () => ['/tmp/file', null]],
  ['proc', 'fork', () => []],
  ['proc', 'setsid', () => []],
  ['proc', 'kill', () => [1, 0]],
  ['id', 'setuid', () => [0]],
  ['id', 'setgroups', () => [0, null]],
  ['exec', 'execve', ({ user }) => ['/bin/echo', user.pointers(['echo']), user.pointers([])]],
  ['tty', 'ioctl', ({ user }) => [0, TIOCGETA, user.buffer(64)]],
  [
    'ps',
    'sysctl',
    ({ user }) => [
      user.ints(CTL_KERN, KERN_NPROCS),
      2,
      user.buffer(4),
      user.buffer(Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0)),
      null,
      0,
    ],
  ],
];

/** What a child that has made promises comes to when it makes a call. */
function child(guest: BootedGuest, promises: string, name: string, args: readonly Argument[]) {
  const tried = call(name, ...args);
  const status = guest.user.buffer(4);
  const fork = forking('fork', [call('pledge', promises, null), tried, call('exit', 5)]);
  const { results } = guest.program([fork, call('wait4', fork, status, 0, null)]);
  return { status: status.int(), errno: results.get(tried)?.errno };
}

function prepare(guest: BootedGuest): void {
  makeFile(guest, '/tmp/file', 'content');
  ok(guest, 'mkdir', '/tmp/directory', 0o755);
}

describe.for(PROMISED)('"%s" for %s(2)', ([promise, name, args]) => {
  it('should permit the call', ({ guest }) => {
    prepare(guest);
    const { status, errno } = child(guest, `stdio ${promise}`, name, args(guest));
    // A program that was executed exits by itself.
    if (name === 'execve') expect(status).toBe(0);
    else expect([status, errno]).toEqual([exited(5), 0]);
  });

  it('should be missed: the process is killed, and the console told', ({ guest }) => {
    prepare(guest);
    const { status } = child(guest, 'stdio', name, args(guest));
    expect(status & 0o177).toBe(SIGABRT);
    expect(guest.output).toMatch(/pledge ".*", syscall \d+/);
  });

  it('should be missed with ENOSYS alone by who promised "error"', ({ guest }) => {
    prepare(guest);
    expect(child(guest, 'stdio error', name, args(guest))).toEqual({ status: exited(5), errno: 'ENOSYS' });
  });
});

describe('pledge', () => {
  it('should be written down, and be its children’s too', ({ guest }) => {
    guest.become({ pledge: 'stdio proc' });
    const pid = guest.program([forking('fork', [call('sigsuspend', 0)])]).result(0).value;
    const promised = guest.scratch.process.integer('ps_pledge');
    expect(guest.proc(pid).flags).toContain('PS_PLEDGE');
    expect(guest.proc(pid).process.integer('ps_pledge')).toBe(promised);
  });

  it('should let promises become fewer', ({ guest }) => {
    ok(guest, 'pledge', 'stdio rpath proc', null);
    const before = guest.scratch.process.integer('ps_pledge');
    ok(guest, 'pledge', 'stdio proc', null);
    const after = guest.scratch.process.integer('ps_pledge');
    expect(after & before).toBe(after);
    expect(after).not.toBe(before);
  });

  it('should permit what libc reads, without a path’s promise', ({ guest }) => {
    expect(child(guest, 'stdio', 'open', ['/dev/null', O_RDWR])).toEqual({ status: exited(5), errno: 0 });
    expect(child(guest, 'stdio getpw', 'open', ['/etc/passwd', O_RDONLY])).toEqual({
      status: exited(5),
      errno: 0,
    });
  });

  it('should not let a handler catch the end', ({ guest }) => {
    const handler = guest.user.struct('sigaction', { '__sigaction_u.__sa_handler': guest.user.handler });
    ok(guest, 'sigaction', SIGABRT, handler, null);
    const { status } = child(guest, 'stdio', 'fork', []);
    expect(status & 0o177).toBe(SIGABRT);
    expect(guest.user.signals()).toEqual([]);
  });
});
