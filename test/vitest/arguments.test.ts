import { describe, expect } from 'vitest';
import {
  type BootedGuest,
  call,
  forking,
  GuestTestError,
  guestTest as it,
  pufferMatchers,
} from '../../emu/vitest/index.ts';
import { failure, useOwnResults } from '../guest/support/failed-expectation.ts';

expect.extend(pufferMatchers);

useOwnResults();

/** For arguments that the types refuse, as they come from JavaScript and from values read elsewhere. */
type Anything = (...args: readonly unknown[]) => unknown;
const loosely = (method: unknown): Anything => method as Anything;

/** What a wrong use is told, which must be said by the kit and not come of a TypeError. */
function told(guest: BootedGuest, use: () => unknown): string {
  try {
    use();
  } catch (error) {
    expect(error).toBeInstanceOf(GuestTestError);
    expect((error as GuestTestError).code).toBe('bad-expectation');
    return (error as Error).message;
  } finally {
    guest.faults.cancel();
  }
  throw new Error('nothing was said');
}

describe('arguments of system calls', () => {
  it('should be refused when no register can hold them', ({ guest }) => {
    const syscall = loosely(guest.syscall.bind(guest));
    const said = (...args: readonly unknown[]): string => told(guest, () => syscall(...args));
    expect(said('close', 1n << 70n)).toBe(
      'close: argument 1 (1180591620717411303424n) has more than 64 bits',
    );
    expect(said('open', undefined, 0)).toBe('open: argument 1 is undefined, which no system call takes');
    expect(said('close', 1.5)).toBe('close: argument 1 is 1.5, which no system call takes');
    expect(said('open', 'a\0b', 0)).toBe('open: argument 1 has a NUL in it, where text ends: give bytes');
    expect(said('getpidd')).toBe('there is no system call getpidd; near it: getpid, getuid, getgid');
    expect(guest.syscall('close', 0xffff_ffff_ffff_ffffn).errno).toBe('EBADF');
  });

  it('should not be the result of a call that is made only later', ({ guest }) => {
    const later = call('getpid');
    const why = 'close: argument 1 is the result of a call (getpid) that is made only later';
    expect(told(guest, () => guest.program([call('close', later), later]))).toBe(why);
    const fork = forking('fork', [call('exit', 3)]);
    expect(guest.program([fork, call('wait4', fork, null, 0, null)]).result(1).errno).toBe(0);
  });

  it('should be calls, where a program is wanted', ({ guest }) => {
    const why = 'a program is a list of calls, such as call(\'getpid\'); "getpid" is none';
    expect(told(guest, () => loosely(guest.program.bind(guest))(['getpid']))).toBe(why);
  });

  it('should have a size from 0 on', ({ guest }) => {
    const why = 'guest.user.buffer takes a whole number from 0 on, or bytes; it was given -1';
    expect(told(guest, () => guest.user.buffer(-1))).toBe(why);
  });
});

describe('options', () => {
  it('should be known to whom they are given', ({ guest }) => {
    const become = loosely(guest.become.bind(guest));
    const failCall = loosely(guest.faults.failCall.bind(guest.faults));
    const said = (use: Anything, ...args: readonly unknown[]): string => told(guest, () => use(...args));
    expect(said(become, { uuid: 3 })).toMatch(/has no option uuid: it has .*uid.*; near it: uid/);
    expect(said(become, { limits: { nprocs: 3 } })).toMatch(/nprocs.*; near it: nproc/);
    expect(said(failCall, 'malloc', { cal: 2 })).toMatch(/no option cal: it has call, .*; near it: call/);
    const trace = loosely(guest.trace.bind(guest));
    expect(said(trace, () => undefined, { function: ['fork1'] })).toMatch(/near it: functions/);
    const until = loosely(guest.until.bind(guest));
    expect(said(until, 'fork1', { wen: () => true })).toMatch(/no option wen: it has when/);
  });

  it('should be of their kind and in their range', ({ guest }) => {
    const become = loosely(guest.become.bind(guest));
    expect(told(guest, () => become({ uid: 'nobody' }))).toMatch(
      /uid must be a whole number from 0 to 4294967294; it is "nobody"/,
    );
    const failCall = loosely(guest.faults.failCall.bind(guest.faults));
    for (const number of [0, -1, 1.5]) {
      expect(told(guest, () => failCall('malloc', { call: number }))).toMatch(
        /call must be a whole number from 1 on/,
      );
    }
    expect(told(guest, () => failCall('malloc', { returns: 'EAGAIN' }))).toMatch(
      /returns must be a whole number of 64 bits, such as 35n; it is "EAGAIN"/,
    );
    const trace = loosely(guest.trace.bind(guest));
    expect(told(guest, () => trace(() => undefined, { functions: 'fork1' }))).toMatch(
      /functions must be a list, each of it text/,
    );
  });

  it('should be a leap of the clock that there can be, of which the kernel counts one interrupt', ({
    guest,
  }) => {
    const { faults, machine } = guest;
    expect(told(guest, () => faults.jumpTime(1e18))).toMatch(
      /^jumpTime \(ns; at most 104 days\) takes a whole number from 0 to 9007199254740990; it was given 1000000000000000000$/,
    );
    const ticks = (): number => machine.kernel.global('ticks').number();
    const [before, time] = [ticks(), machine.guestTime];
    faults.jumpTime(3600e9);
    expect(machine.guestTime - time).toBe(3600e9);
    expect(guest.sh('true').status).toBe(0);
    expect(ticks() - before).toBeGreaterThan(0);
    expect(ticks() - before).toBeLessThan(machine.kernel.global('hz').number());
  });

  it('should take a number for what a function returns', ({ guest }) => {
    guest.faults.failCall('fork1', { returns: 35 });
    expect(guest.syscall('fork')).toReturnErrno('EAGAIN');
  });
});

describe('matchers', () => {
  it('should take nothing that cannot be expected', async ({ guest }) => {
    const action = (): unknown => guest.syscall('getpid');
    const said = (matcher: string, ...args: readonly unknown[]): string => {
      const matchers = expect(guest.during(action)) as unknown as Record<string, Anything>;
      return told(guest, () => matchers[matcher]?.(...args));
    };
    expect(said('toHaveForked', { parnet: 'init', times: 7 })).toMatch(/no option parnet.*near it: parent/);
    expect(said('toHaveForked', { flags: ['FORK_FROK'] })).toMatch(/FORK_FORK.*near it: FORK_FORK/);
    expect(said('toHaveForked', { times: '1' })).toMatch(/times must be a whole number from 0 on; it is "1"/);
    expect(said('toHaveForked', { times: -1 })).toMatch(/times must be/);
    expect(said('toReach', ['fork1'])).toBe('toReach takes text; it was given ["fork1"]');
    expect(said('toReach', 'frok1')).toBe('this kernel has no symbol frok1; near it: fork1');
    expect(said('toCallInOrder', 'sys_fork')).toMatch(/toCallInOrder takes a list/);
    expect(said('toMatchTranscript', 7)).toBe('toMatchTranscript takes text; it was given 7');
    const why = async (options: object): Promise<string> => {
      try {
        await expect(guest.during(action)).toMatchGoldenPath('getpid', options);
      } catch (error) {
        return (error as Error).message;
      }
      return 'it held';
    };
    expect(await why({ leaveout: [] })).toMatch(/no option leaveout.*near it: leaveOut/);
    expect(await why({ file: '../../../x' })).toMatch(/file must be a file's name in __golden__/);
  });

  it('should tell what to do when the process that makes the calls is not as they need it', ({ guest }) => {
    void guest.scratch;
    const sh = guest.during(() => guest.sh('true'));
    expect(failure(() => expect(sh).toLeaveUnchanged())).toMatch(/the action ends the process .*guest\.sh/);
    expect(failure(() => expect(guest).toBeConsistent())).toMatch(/name guest\.scratch right before/);
    guest.begin('fork');
    guest.until('fork1');
    expect(failure(() => expect(guest).toBeConsistent())).toMatch(/guest\.scratch\.finish\(\)/);
  });
});

describe('guest.until', () => {
  it('should know the places that there are, and those near others', ({ guest }) => {
    const until = loosely(guest.until.bind(guest));
    expect(told(guest, () => until('frok1'))).toMatch(/no symbol frok1; near it: fork1/);
    expect(told(guest, () => until('sched:frok'))).toMatch(/no event sched:frok: .*near it: sched:fork/);
    expect(told(guest, () => until())).toMatch(/undefined is none/);
  });

  it('should tell that it came, but never as it was to', ({ guest }) => {
    guest.begin('fork');
    expect(failure(() => guest.until('fork1', { when: () => false }))).toMatch(
      /^the guest came to fork1 \(times: 1\), but `when` never held there: the system call that was begun returned, at position \d+/,
    );
  });
});

describe('guest.sh', () => {
  it('should refuse a command that nobody would read', ({ guest }) => {
    guest.begin('fork');
    guest.until('fork1');
    expect(told(guest, () => guest.sh('ls'))).toBe(
      "the shell cannot take 'ls': the system call in progress has not returned: guest.scratch.finish() lets it",
    );
    expect(guest.scratch.finish().result(0).errno).toBe(0);
    expect(guest.sh('echo here').output).toBe('here\n');
    const stopped = guest.checkpoint();
    guest.start('ls');
    guest.until('fork1');
    expect(told(guest, () => guest.sh('ls'))).toMatch(/the command in progress has not ended/);
    guest.goBack(stopped);
    expect(guest.sh('echo again').output).toBe('again\n');
  });

  it('should take one line, and be usable after a refusal', ({ guest }) => {
    expect(told(guest, () => guest.sh('echo a\necho b'))).toMatch(/takes one line/);
    expect(guest.sh('echo c')).toEqual({ output: 'c\n', status: 0 });
  });

  it('should give the status of a shell that exits, and go on with the next one', ({ guest }) => {
    expect(guest.sh('echo bye; exit 3')).toEqual({ output: 'bye\n', status: 3 });
    expect(guest.sh('echo here; false')).toEqual({ output: 'here\n', status: 1 });
    expect(guest.sh("echo 'init: ksh exited with status 5'").status).toBe(0);
  });
});
