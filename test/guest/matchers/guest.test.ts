import { describe, expect } from 'vitest';
import { ForkRecorder } from '../../../emu/index.ts';
import { type BootedGuest, GuestTestError, guestTest as it } from '../../../emu/vitest/index.ts';

describe('the guest of a test', () => {
  it('should give the output and the status of a command', ({ guest }) => {
    expect(guest.sh('/bin/echo hello')).toEqual({ output: 'hello\n', status: 0 });
    expect(guest.sh("ksh -c 'exit 3'")).toEqual({ output: '', status: 3 });
  });

  it.for([1, 2])('should be the same for each test, whatever the one before did: %i', (_, { guest }) => {
    expect(guest.output).toBe('');
    expect(guest.sh('ls /tmp')).toEqual({ output: '', status: 0 });
    guest.sh('/bin/echo x > /tmp/file');
  });

  it('should say so when it comes back to the prompt without having been at a place', ({ guest }) => {
    guest.start('ls');
    expect(() => guest.runTo('sys_vfork')).toThrow(GuestTestError);
  });

  it('should stop at a place that is set while it stands at another that is gone', ({ guest }) => {
    guest.start('ls');
    guest.runTo('thread_new');
    const thread = guest.runToReturn();
    expect(guest.kernel.struct('proc').at(thread).number('p_stat')).toBe(1);
  });

  it('should stop at the return of the same call, not of one in between', ({ guest }) => {
    const { machine } = guest;
    guest.start('ls');
    guest.runTo('sys_fork');
    const stackPointer = machine.register('rsp');
    guest.runToReturn();
    expect(machine.register('rsp')).toBe(stackPointer + 8n);
  });
});

describe('watching', () => {
  /** Hash and position after some commands. */
  function outcome(guest: BootedGuest): { hash: string; position: number } {
    guest.sh('ls -l /bin');
    guest.sh("ksh -c '(exit 3); ls | wc; sleep 1'");
    return { hash: guest.machine.stateHash(), position: guest.machine.position };
  }

  it('should change nothing: tracer, report and probes give the run without them', ({ guest }) => {
    const { machine } = guest;
    const start = machine.snapshot();
    const alone = outcome(guest);

    machine.restore(start);
    const events = machine.events();
    const recorder = new ForkRecorder(machine.tracer, { from: 'power-on' });
    const detach = ['fork1', 'cpu_switchto', 'Xsyscall', 'uvm_fault'].map((name) =>
      machine.tracer.trace({ name }),
    );
    let seen = 0;
    detach.push(machine.on('kprobe:entry', () => seen++));
    const watched = outcome(guest);
    for (const one of detach) one();
    events.end();
    recorder.finish();

    expect(watched).toEqual(alone);
    expect(seen).toBeGreaterThan(100);
    expect(recorder.reports.length).toBeGreaterThan(2);
  });

  it('should change nothing: stops on the way give the run without them', ({ guest }) => {
    const { machine } = guest;
    const start = machine.snapshot();
    guest.start('ls');
    guest.finish();
    const alone = { hash: machine.stateHash(), position: machine.position };

    machine.restore(start);
    guest.start('ls');
    for (const place of ['fork1', 'cpu_fork', 'proc_trampoline', 'sys_execve']) guest.runTo(place);
    machine.step();
    guest.finish();
    expect({ hash: machine.stateHash(), position: machine.position }).toEqual(alone);
  });
});
