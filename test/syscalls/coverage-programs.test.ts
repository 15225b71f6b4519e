import { describe, expect } from 'vitest';
import { call, forking, guestTest as it, pufferMatchers } from '../../emu/vitest/index.ts';
import { exited, killed, USER } from './support/constants.ts';

expect.extend(pufferMatchers);

/** sys/signal.h */
const SIGABRT = 6;

describe('execve(2)', () => {
  it('should run a set-user-id program as its owner, and keep the real user', ({ guest }) => {
    expect(guest.sh('cp /usr/bin/id /tmp/id').status).toBe(0);
    expect(guest.syscall('chmod', '/tmp/id', 0o4755).errno).toBe(0);
    guest.become({ uid: USER });
    const before = guest.output.length;
    const argv = guest.user.pointers(['id']);
    const fork = forking('fork', [call('execve', '/tmp/id', argv, null)]);
    const status = guest.user.buffer(4);
    guest.program([fork, call('wait4', fork, status, 0, null)]);
    expect(status.int()).toBe(exited(0));
    expect(guest.output.slice(before)).toMatch(/uid=1000\(\w+\).* euid=0\(root\)/);
  });

  it('should run a script by its interpreter, with the script’s argument and its path before the others', ({
    guest,
  }) => {
    guest.sh("echo '#!/bin/echo one' >/tmp/script");
    guest.sh('chmod 755 /tmp/script');
    expect(guest.sh('/tmp/script two').output).toBe('one /tmp/script two\n');
  });

  it('should end a process with SIGABRT that has lost its old program and cannot get the new one', ({
    guest,
  }) => {
    const argv = guest.user.pointers(['true']);
    const status = guest.user.buffer(4);
    const fork = forking('fork', [call('execve', '/usr/bin/true', argv, null), call('exit', 9)]);
    const run = (): unknown => {
      const fault = guest.faults.failCall('copyout');
      guest.program([fork, call('wait4', fork, status, 0, null)]);
      return expect(fault.position).toBeDefined();
    };
    expect(guest.during(run)).toLeaveUnchanged();
    expect(status.int()).toBe(killed(SIGABRT));
  });
});

describe('limits of the system', () => {
  it('should refuse a thread, and leave nothing, when there is no stack for it', ({ guest }) => {
    const fault = guest.faults.failCall('uvm_uarea_alloc');
    const param = guest.user.struct('__tfork', { tf_stack: guest.user.buffer(4096).address + 4096n });
    const refused = (): unknown => {
      const { errno } = guest.scratch.syscall(forking('__tfork', [], param, 24));
      return expect(errno).toBe('ENOMEM');
    };
    expect(guest.during(refused)).toLeaveUnchanged();
    expect(fault.position).toBeDefined();
  });

  it.for(['maxproc', 'maxthread'] as const)(
    'should refuse forks from kern.%s on, and say so once',
    (name, { guest }) => {
      expect(guest.scratch.pid).toBeGreaterThan(1);
      const count = guest.kernel.global(name === 'maxproc' ? 'nprocesses' : 'nthreads').number();
      // The shell needs one more to set it.
      expect(guest.sh(`sysctl kern.${name}=${count + 1}`).status).toBe(0);
      const before = guest.output.length;
      const children = [0, 1, 2].map(() => forking('fork', [call('sigsuspend', 0)]));
      const { result } = guest.program(children);
      expect(children.map((_, index) => result(index).errno)).toEqual([0, 'EAGAIN', 'EAGAIN']);
      const told = guest.output.slice(before).match(/table is full/g) ?? [];
      expect(told).toHaveLength(1);
    },
  );
});
