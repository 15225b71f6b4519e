import { describe, expect } from 'vitest';
import { type BootedGuest, guestTest as it, pufferMatchers } from '../../../emu/vitest/index.ts';
import { reason, useOwnResults } from '../support/failed-expectation.ts';

expect.extend(pufferMatchers);

useOwnResults();

/** A command that forks once. */
const echo = (guest: BootedGuest) => () => guest.sh('/bin/echo hello');

describe('toReach', () => {
  it('should hold for a function that is called', ({ guest }) => {
    expect(guest.during(echo(guest))).toReach('cpu_fork');
  });

  it('should fail for a function that is not called, and name it', ({ guest }) => {
    const message = reason(() => expect(guest.during(echo(guest))).toReach('sys_vfork'));
    expect(message).toBe('expected sys_vfork to be called, but it was not');
  });

  it('should hold for a function that is not called, with not', ({ guest }) => {
    expect(guest.during(echo(guest))).not.toReach('sys_vfork');
  });

  it('should fail with not for a function that is called, and tell where', ({ guest }) => {
    const message = reason(() => expect(guest.during(echo(guest))).not.toReach('cpu_fork'));
    expect(message).toMatch(/^expected cpu_fork not to be called, but it was, first at position \d+$/);
  });

  it('should know no function that the kernel does not have', ({ guest }) => {
    expect(reason(() => expect(guest.during(echo(guest))).not.toReach('fork2'))).toMatch(/no symbol fork2/);
  });

  it('should take nothing but what the guest does', () => {
    expect(reason(() => expect('ls').toReach('fork1'))).toBe(
      'toReach needs what guest.during(() => …) returns',
    );
  });
});

describe('toCallInOrder', () => {
  it('should hold for calls in this order, with others between them', ({ guest }) => {
    expect(guest.during(echo(guest))).toCallInOrder(['sys_fork', 'thread_new', 'cpu_fork', 'setrunqueue']);
  });

  it('should fail for another order, tell what did not come, and show the calls', ({ guest }) => {
    const message = reason(() =>
      expect(guest.during(() => guest.start('ls') ?? guest.finish())).toCallInOrder([
        'cpu_fork',
        'alloctid',
        'process_new',
      ]),
    );
    expect(message).toMatch(
      /^expected the calls cpu_fork, alloctid, process_new in this order; process_new did not come after alloctid\. Calls seen:\n {2}\d+ {2}process_new\n {2}\d+ {2}cpu_fork\n {2}\d+ {2}alloctid$/,
    );
  });

  it('should tell when the first did not come at all', ({ guest }) => {
    const message = reason(() => expect(guest.during(echo(guest))).toCallInOrder(['sys_vfork']));
    expect(message).toBe(
      'expected the calls sys_vfork in this order; sys_vfork did not come after the start. Calls seen:\n  (none)',
    );
  });

  it('should hold with not for another order', ({ guest }) => {
    expect(guest.during(() => guest.start('ls') ?? guest.finish())).not.toCallInOrder([
      'cpu_fork',
      'process_new',
    ]);
  });

  it('should fail with not for this order', ({ guest }) => {
    const message = reason(() =>
      expect(guest.during(echo(guest))).not.toCallInOrder(['process_new', 'cpu_fork']),
    );
    expect(message).toBe('expected the calls not to come in the order process_new, cpu_fork');
  });

  it('should count a call as often as it is named', ({ guest }) => {
    const once = (): unknown => guest.start('ls') ?? guest.finish();
    expect(guest.during(once)).toCallInOrder(['sys_fork']);
    expect(guest.during(once)).not.toCallInOrder(['sys_fork', 'sys_fork']);
  });

  it('should not take an order of nothing', ({ guest }) => {
    expect(reason(() => expect(guest.during(echo(guest))).toCallInOrder([]))).toMatch(
      /takes the names of functions/,
    );
  });
});

describe('toReturnErrno', () => {
  it('should hold for a system call that ends with the error', ({ guest }) => {
    expect(guest.during(() => guest.sh('ls /nosuch'))).toReturnErrno('lstat', 'ENOENT');
  });

  it('should fail for one that does not, and show how its calls ended', ({ guest }) => {
    const message = reason(() => expect(guest.during(echo(guest))).toReturnErrno('fork', 'EAGAIN'));
    expect(message).toMatch(
      /^expected a fork\(2\) to return EAGAIN\. Calls seen:\n( {2}\d+ {2}fork: no error\n?)+$/,
    );
  });

  it('should tell when there was no such call', ({ guest }) => {
    const message = reason(() => expect(guest.during(echo(guest))).toReturnErrno('vfork', 'EAGAIN'));
    expect(message).toBe('expected a vfork(2) to return EAGAIN. Calls seen:\n  (none)');
  });

  it('should hold with not when no call ends so', ({ guest }) => {
    expect(guest.during(echo(guest))).not.toReturnErrno('fork', 'EAGAIN');
  });

  it('should fail with not when one does', ({ guest }) => {
    const message = reason(() =>
      expect(guest.during(() => guest.sh('ls /nosuch'))).not.toReturnErrno('lstat', 'ENOENT'),
    );
    expect(message).toBe('expected no lstat(2) to return ENOENT');
  });

  it('should not take errors and system calls that do not exist', ({ guest }) => {
    const nothing = guest.during(() => undefined);
    expect(reason(() => expect(nothing).not.toReturnErrno('fork', 'EAGIAN'))).toBe(
      'there is no error EAGIAN',
    );
    expect(reason(() => expect(nothing).not.toReturnErrno('frok', 'EAGAIN'))).toBe(
      'there is no system call frok',
    );
  });
});
