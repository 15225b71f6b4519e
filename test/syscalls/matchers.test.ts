import { describe, expect, vi } from 'vitest';
import { call, forking, guestTest as it, pufferMatchers, runTo } from '../../emu/vitest/index.ts';
import { puffer } from '../cli/run-puffer.ts';
import { failure, useOwnResults } from '../guest/support/failed-expectation.ts';

expect.extend(pufferMatchers);

useOwnResults();

describe('toReturnErrno of a result', () => {
  it('should hold for the error that was returned, and for no other', ({ guest }) => {
    const result = guest.syscall('close', 77);
    expect(result).toReturnErrno('EBADF');
    expect(result).not.toReturnErrno('EINVAL');
    expect(failure(() => expect(result).toReturnErrno('EINVAL'))).toMatch(
      /^expected close\(2\) to return EINVAL, but it returned EBADF\n/,
    );
    expect(failure(() => expect(guest.syscall('getpid')).toReturnErrno('EINVAL'))).toMatch(
      /but it returned \d+\n/,
    );
  });

  it('should know no error that the kernel does not have', ({ guest }) => {
    expect(() => expect(guest.syscall('getpid')).not.toReturnErrno('EAGIAN')).toThrow(/no error EAGIAN/);
    expect(() => expect(7).toReturnErrno('EAGAIN')).toThrow(/needs what guest.syscall/);
  });
});

describe('a failure', () => {
  it('should show the console, the calls and a command that opens them in the debugger', ({ guest }) => {
    const message = failure(() => {
      guest.syscall('write', 1, 'words for the console\n', 22);
      expect(guest.syscall('fork')).toReturnErrno('EAGAIN');
    });
    expect(message).toMatch(/console's tail:\n(.*\n)* {2}words for the console\n/);
    expect(message).toMatch(/SYS_fork\(\) \{\n(.*\n)*.*fork1\(curp 0x[0-9a-f]+, flags 1, /);
    const [, path = '', goto = ''] = /npx puffer debug --open (\S+) --ex '(goto \d+)'$/.exec(message) ?? [];
    const { stdout, status } = puffer([
      'debug',
      '--open',
      path,
      '--ex',
      goto,
      '--ex',
      'p curproc->p_p->ps_comm',
      '--ex',
      'bt',
      '--ex',
      'break fork1',
      '--ex',
      'continue',
      '--ex',
      'bt',
      '--ex',
      'goto end',
    ]);
    expect(stdout).toContain('"scratch"');
    expect(stdout).toMatch(/Breakpoint 1, fork1/);
    // Where the recording ends, and in the call: the kit's program with its symbols and lines, down to where it began.
    const kit =
      /in main \(\) at guest\/kit\/scratch\/scratch\.c:\d+ \[scratch\]\n(?:.*\n)?#\d+ .* in __start \(\)/;
    const [end = '', call = ''] = stdout.split('Breakpoint 1, fork1');
    expect(end).toMatch(/^#0 .*scratch_\w+(?:\+0x\w+)? \(\) at guest\/kit\/scratch\/executor\.S:\d+/m);
    expect(call).toMatch(
      /Xsyscall .*\n#\d+ .* in scratch_execute \(\) at guest\/kit\/scratch\/executor\.S:\d+ \[scratch\]/,
    );
    for (const stack of [end, call]) expect(stack).toMatch(kit);
    expect(stdout).not.toContain('??');
    expect(status).toBe(0);
  });

  it('should leave the guest where it was', ({ guest }) => {
    const result = guest.syscall('getpid');
    guest.sh('echo more');
    const before = guest.machine.stateHash();
    failure(() => expect(result).toReturnErrno('EAGAIN'));
    expect(guest.machine.stateHash()).toBe(before);
    expect(guest.sh('echo and more').output).toBe('and more\n');
  });
});

describe('a failure that cannot be recorded', () => {
  it('should tell why the test fails all the same, and then why there is no recording', ({ guest }) => {
    const results = process.env.PUFFER_TEST_RESULTS;
    vi.stubEnv('PUFFER_TEST_RESULTS', '/dev/null/nowhere');
    try {
      const message = failure(() => expect(guest.syscall('close', 77)).toReturnErrno('EINVAL'));
      expect(message).toMatch(/^expected close\(2\) to return EINVAL, but it returned EBADF\n/);
      expect(message).toMatch(/SYS_close\(.*\n\nThe recording of this test could not be written: ENOTDIR.*$/);
    } finally {
      vi.stubEnv('PUFFER_TEST_RESULTS', results);
    }
  });
});

describe('toLeaveUnchanged', () => {
  it('should hold for a child that has come and gone', ({ guest }) => {
    const { scratch } = guest;
    const fork = forking('fork', []);
    const birthAndDeath = guest.during(() => scratch.program([fork, call('wait4', fork, null, 0, null)]));
    expect(birthAndDeath).toLeaveUnchanged('nprocesses', 'nthreads', 'ui_proccnt', 'pages', 'pools', 'fds');
  });

  it('should fail for a child that lives, and name what has changed', ({ guest }) => {
    const { scratch } = guest;
    const fork = forking('fork', [call('sigsuspend', 0)]);
    const message = failure(() =>
      expect(guest.during(() => scratch.program([fork]))).toLeaveUnchanged('nprocesses', 'ui_proccnt'),
    );
    expect(message).toMatch(/nprocesses: (\d+) → \d+\n {2}ui_proccnt\[0\]: \d+ → \d+\n/);
  });

  it('should take variables of the kernel', ({ guest }) => {
    const { scratch } = guest;
    const fork = (): unknown => scratch.program([forking('fork', [])]);
    expect(guest.during(fork)).not.toLeaveUnchanged('uvmexp.forks');
    expect(guest.during(fork)).not.toLeaveUnchanged('forkstat.cntfork');
    expect(guest.during(() => scratch.program([call('getpid')]))).toLeaveUnchanged('uvmexp.forks');
    expect(() => expect(guest.during(fork)).toLeaveUnchanged('nprocs')).toThrow(/nprocs is no variable/);
  });

  it('should see an open descriptor', ({ guest }) => {
    const { scratch } = guest;
    const open = guest.during(() => scratch.program([call('open', '/etc/passwd', 0)]));
    expect(failure(() => expect(open).toLeaveUnchanged('fds'))).toMatch(/fds\[\d+\]: 0 1 2 → 0 1 2 3/);
  });
});

describe('toHaveForked', () => {
  it('should know who forked, how, and how often', ({ guest }) => {
    const { scratch } = guest;
    const twice = (): unknown => scratch.program([forking('fork', []), forking('vfork', [])]);
    expect(guest.during(twice)).toHaveForked({ parent: 'scratch', times: 2 });
    expect(guest.during(twice)).toHaveForked({ flags: ['FORK_VFORK'], parent: scratch.pid, times: 1 });
    expect(guest.during(twice)).not.toHaveForked({ parent: 'ksh' });
    expect(guest.during(() => scratch.program([call('getpid')]))).not.toHaveForked();
    const says = (expectation: () => void): string => failure(expectation).split('\n')[0] ?? '';
    const none = guest.during(() => scratch.program([call('getpid')]));
    expect(says(() => expect(none).toHaveForked())).toBe('expected a fork {}; 0 of 0 are such. Forks seen:');
    expect(says(() => expect(none).not.toHaveForked({ times: 0 }))).toMatch(/^expected not 0 forks \{/);
    expect(says(() => expect(guest.during(twice)).not.toHaveForked())).toMatch(
      /^expected no fork \{\}; 2 of/,
    );
  });
});

describe('an action', () => {
  it('should be run anew by each matcher', ({ guest }) => {
    let runs = 0;
    const action = guest.during(() => {
      runs++;
      guest.syscall('getpid');
    });
    expect(runs).toBe(0);
    expect(action).toReach('sys_getpid');
    expect(action).not.toReach('fork1');
    expect(runs).toBe(2);
  });

  it('should not return a promise, which nobody waits for', ({ guest }) => {
    const later = guest.during(async () => guest.syscall('getpid'));
    expect(() => expect(later).toReach('sys_getpid')).toThrow(/returns a promise/);
  });
});

describe('a guest that does not come where it was to', () => {
  it('should tell what it executes', ({ guest }) => {
    guest.begin('fork');
    expect(() => runTo(guest.machine, 'sys_vfork', { budget: 1000 })).toThrow(
      /did not come to sys_vfork: budget at position \d+, in 0x[0-9a-f]+ <\w+\+0x[0-9a-f]+> at \S+, scratch \(\d+\)/,
    );
  });
});

describe('toMatchTranscript', () => {
  it('should compare what was printed, with lines left out', ({ guest }) => {
    const three = (): unknown => guest.sh('for i in 1 2 3; do echo line $i; done');
    expect(guest.during(three)).toMatchTranscript(`
      for i in 1 2 3; do echo line $i; done
      line 1
      …
      line 3
      #
    `);
    expect(guest.during(three)).not.toMatchTranscript('line 1\n…');
  });
});

describe('toPanic', () => {
  it('should hold when the kernel panics with such a message', ({ guest }) => {
    const { scratch } = guest;
    // The thread forgets whose it is.
    const { machine } = guest;
    const damage = (): void => {
      machine.writeMemory(scratch.thread.member('p_p').address, new Uint8Array(8));
      scratch.program([forking('fork', [])]);
    };
    expect(guest.during(damage)).toPanic(/trap type|fault/);
  });

  it('should not hold when it does not', ({ guest }) => {
    const { scratch } = guest;
    expect(guest.during(() => scratch.program([call('getpid')]))).not.toPanic();
  });
});
