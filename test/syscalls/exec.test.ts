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
  F_GETFD,
  F_SETFD,
  FD_CLOEXEC,
  killed,
  O_CREAT,
  O_RDONLY,
  O_WRONLY,
  SIG_IGN,
  SIGUSR1,
  SIGUSR2,
  USER,
} from './support/constants.ts';
import { ok } from './support/setting.ts';

expect.extend(pufferMatchers);

const SIGABRT = 6;
const PS_EXEC = 0x2;

/** A child that executes a program after some calls: its status, and what was printed. */
function executes(
  guest: BootedGuest,
  path: string,
  argv: readonly string[],
  options: { readonly env?: readonly string[]; readonly before?: readonly Call[] } = {},
): { status: number; output: string } {
  const { user } = guest;
  const status = user.buffer(4);
  const execve = call('execve', path, user.pointers(argv), user.pointers(options.env ?? []));
  const fork = forking('fork', [...(options.before ?? []), execve, call('exit', 99)]);
  const from = guest.output.length;
  guest.program([fork, call('wait4', fork, status, 0, null)]);
  return { status: status.int(), output: guest.output.slice(from).replaceAll('\r\n', '\n') };
}

describe('execve(2)', () => {
  it('should hand over arguments', ({ guest }) => {
    expect(executes(guest, '/bin/echo', ['echo', 'one', 'two words', ''])).toEqual({
      status: 0,
      output: 'one two words \n',
    });
  });

  it('should hand over the environment', ({ guest }) => {
    const { output } = executes(guest, '/bin/ksh', ['ksh', '-c', 'echo $A-$B'], {
      env: ['A=first', 'B=second'],
    });
    expect(output).toBe('first-second\n');
  });

  it('should return the program’s status', ({ guest }) => {
    expect(executes(guest, '/bin/ksh', ['ksh', '-c', 'exit 13']).status).toBe(exited(13));
    expect(executes(guest, '/usr/bin/false', ['false']).status).toBe(exited(1));
  });

  it('should name the process for the program', ({ guest }) => {
    const second = ['sleep', '1'];
    const { user } = guest;
    const fork = forking('fork', [call('execve', '/bin/sleep', user.pointers(second), null)]);
    const pid = guest.scratch.syscall(fork).value;
    guest.scratch.settle();
    expect(guest.proc(pid).command).toBe('sleep');
    expect(guest.proc(pid).process.number('ps_flags') & PS_EXEC).toBe(PS_EXEC);
  });

  it('should run a script with its interpreter', ({ guest }) => {
    guest.sh("echo '#!/bin/ksh' > /tmp/script; echo 'echo $0 $1' >> /tmp/script; chmod 755 /tmp/script");
    expect(executes(guest, '/tmp/script', ['script', 'argument']).output).toBe('/tmp/script argument\n');
  });

  it('should keep descriptors but for those that close themselves', ({ guest }) => {
    const before = [
      call('open', '/etc/passwd', O_RDONLY, 0),
      call('dup', 3),
      call('fcntl', 3, F_SETFD, FD_CLOEXEC),
    ];
    const script = 'read a <&3 || echo closed; read b <&4 && echo open';
    const { output } = executes(guest, '/bin/ksh', ['ksh', '-c', script], { before });
    expect(output).toMatch(/closed\n(.*\n)*open\n$|open\n$/);
    expect(guest.syscall('fcntl', 3, F_GETFD, 0).errno).toBe('EBADF');
  });

  it('should keep ignored signals, and drop handlers', ({ guest }) => {
    const { user } = guest;
    const before = [
      call('sigaction', SIGUSR1, user.struct('sigaction', { '__sigaction_u.__sa_handler': SIG_IGN }), null),
      call(
        'sigaction',
        SIGUSR2,
        user.struct('sigaction', { '__sigaction_u.__sa_handler': user.handler }),
        null,
      ),
    ];
    const kill = (signal: number): number =>
      executes(guest, '/bin/ksh', ['ksh', '-c', `kill -${signal} $$; exit 3`], { before }).status;
    expect(kill(SIGUSR1)).toBe(exited(3));
    expect(kill(SIGUSR2) & 0x7f).toBe(killed(SIGUSR2));
  });

  it('should take arguments up to a limit', ({ guest }) => {
    const many = Array.from({ length: 40 }, () => 'x'.repeat(100));
    expect(executes(guest, '/bin/echo', ['echo', ...many]).output).toBe(`${many.join(' ')}\n`);
  });

  it('should refuse more arguments than there is room for', ({ guest }) => {
    const { user } = guest;
    const [text] = [user.string('y'.repeat(4000))];
    const { errno } = guest.syscall(
      'execve',
      '/bin/echo',
      user.pointers(Array.from({ length: 200 }, () => text)),
      null,
    );
    expect(errno).toBe('E2BIG');
  });

  it('should become the file’s owner with its set-uid bit', ({ guest }) => {
    guest.sh('cp /usr/bin/id /tmp/id; chmod 4755 /tmp/id');
    const before = [call('setuid', USER)];
    expect(executes(guest, '/tmp/id', ['id'], { before }).output).toMatch(/uid=1000.*euid=0/);
    expect(executes(guest, '/usr/bin/id', ['id'], { before }).output).not.toMatch(/euid=0/);
  });

  it('should leave nothing behind when it fails', ({ guest }) => {
    const { scratch, user } = guest;
    const fails = guest.during(() =>
      scratch.program([call('execve', '/etc/passwd', user.pointers(['x']), user.pointers(['A=b']))]),
    );
    expect(fails).toLeaveUnchanged('pages', 'pools', 'wired', 'fds', 'vnodes');
  });

  it('should replace the process itself', ({ guest }) => {
    const { user } = guest;
    const { end } = guest.program([call('execve', '/bin/echo', user.pointers(['echo', 'replaced']), null)]);
    expect(end).toBe('gone');
    expect(guest.output).toContain('replaced\r\n');
  });

  it('should go through the functions that make a program of a file', ({ guest }) => {
    const { scratch } = guest;
    const { user } = guest;
    const fork = forking('fork', [call('execve', '/bin/echo', user.pointers(['echo']), null)]);
    const run = guest.during(() => scratch.program([fork, call('wait4', fork, null, 0, null)]));
    expect(run).toCallInOrder(['sys_execve', 'check_exec', 'exec_elf_makecmds', 'uvmspace_exec', 'setregs']);
  });
});

describe('pledge(2)', () => {
  const allowed = (guest: BootedGuest, promises: string, ...calls: readonly Call[]): number => {
    const status = guest.user.buffer(4);
    const fork = forking('fork', [call('pledge', promises, null), ...calls, call('exit', 42)]);
    guest.program([fork, call('wait4', fork, status, 0, null)]);
    return status.int() & 0xff7f;
  };
  const FINE = exited(42);
  const KILLED = killed(SIGABRT);

  it.for([
    ['exit', '', 'stdio', () => []],
    ['getpid', 'stdio', '', () => []],
    ['getuid', 'stdio', 'rpath', () => []],
    ['fork', 'stdio proc', 'stdio', () => []],
    ['setsid', 'stdio proc', 'stdio', () => []],
    ['setuid', 'stdio id', 'stdio', () => [0]],
    ['access', 'stdio rpath', 'stdio', () => ['/etc/passwd', 0]],
    ['open', 'stdio rpath', 'stdio', () => ['/etc/passwd', O_RDONLY, 0]],
    ['open', 'stdio wpath cpath', 'stdio rpath', () => ['/tmp/new', O_WRONLY | O_CREAT, 0o600]],
    ['chdir', 'stdio rpath', 'stdio', () => ['/tmp']],
    ['mkdir', 'stdio cpath', 'stdio rpath', () => ['/tmp/d', 0o755]],
    ['chmod', 'stdio rpath fattr', 'stdio rpath', () => ['/tmp', 0o777]],
    [
      'setrlimit',
      'stdio proc',
      'stdio',
      (guest: BootedGuest) => [8, guest.user.struct('rlimit', { rlim_cur: 3, rlim_max: 3 })],
    ],
  ] as const)('should allow %s with "%s" and kill with "%s"', ([name, promises, other, args], { guest }) => {
    const one = (): Call => call(name, ...args(guest));
    if (name !== 'exit') {
      expect(allowed(guest, promises, one())).toBe(FINE);
      expect(allowed(guest, other, one())).toBe(KILLED);
    } else {
      expect(allowed(guest, promises)).toBe(FINE);
    }
  });

  it('should return ENOSYS instead of killing with "error"', ({ guest }) => {
    guest.become({ pledge: 'stdio error' });
    expect(guest.syscall('chdir', '/tmp')).toReturnErrno('ENOSYS');
  });

  it('should only ever be narrowed', ({ guest }) => {
    guest.become({ pledge: 'stdio rpath' });
    guest.become({ pledge: 'stdio' });
    expect(guest.syscall('pledge', 'stdio rpath', null)).toReturnErrno('EPERM');
  });

  it('should be inherited by a child', ({ guest }) => {
    guest.become({ pledge: 'stdio proc' });
    const status = guest.user.buffer(4);
    const fork = forking('fork', [call('chdir', '/tmp')]);
    guest.program([fork, call('wait4', fork, status, 0, null)]);
    expect(status.int() & 0x7f).toBe(KILLED);
  });

  it('should promise for the program that is executed next', ({ guest }) => {
    const { user } = guest;
    const status = user.buffer(4);
    const fork = forking('fork', [
      call('pledge', null, 'stdio'),
      call('execve', '/bin/ls', user.pointers(['ls', '/']), null),
    ]);
    guest.program([fork, call('wait4', fork, status, 0, null)]);
    expect(status.int() & 0x7f).toBe(KILLED);
  });
});

describe('a file system whose flags forbid', () => {
  /** sys/mount.h. */
  const MNT_NOEXEC = 0x4;
  const MNT_NOSUID = 0x8;
  const OWNER = 5;

  /** A copy of id(1) that runs as its owner, and what a user gets who executes it. */
  function asUser(guest: BootedGuest, flags: number): { status: number; output: string } {
    guest.sh('cp /usr/bin/id /tmp/id');
    ok(guest, 'chown', '/tmp/id', OWNER, OWNER);
    ok(guest, 'chmod', '/tmp/id', 0o4755);
    guest.become({ uid: USER, gid: USER });
    const mount = guest.kernel.global('mountlist').at('tqh_first');
    const value = mount.number('mnt_flag') | flags;
    guest.machine.writeMemory(mount.member('mnt_flag').address, Uint8Array.of(value & 0xff));
    return executes(guest, '/tmp/id', ['id', '-u']);
  }

  it('nothing should run a set-id program as its owner', ({ guest }) => {
    expect(asUser(guest, 0)).toEqual({ status: 0, output: `${OWNER}\n` });
  });

  it('set-id bits should run it as its caller', ({ guest }) => {
    expect(asUser(guest, MNT_NOSUID)).toEqual({ status: 0, output: `${USER}\n` });
  });

  it('execution should not run it', ({ guest }) => {
    expect(asUser(guest, MNT_NOEXEC).status).toBe(exited(99));
    expect(guest.syscall('execve', '/tmp/id', guest.user.pointers(['id']), null)).toReturnErrno('EACCES');
  });
});
