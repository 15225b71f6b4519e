import { describe, expect } from 'vitest';
import { call, forking, guestTest as it } from '../../emu/vitest/index.ts';

const SIGSUSPEND = [call('sigsuspend', 0)];

describe('looking at the guest from a test', () => {
  it('should stop at a function in the middle of a call, and go on', ({ guest }) => {
    guest.begin('fork');
    guest.until('fork1');
    expect(guest.kernel.currentProcess()?.number('ps_pid')).toBe(guest.scratch.pid);
    expect(guest.machine.register('rdi')).toBe(guest.scratch.thread.address);
    expect(guest.scratch.finish().result(0).value).toBeGreaterThan(1);
  });

  it('should stop at an event that is wanted', ({ guest }) => {
    guest.scratch.begin([forking('vfork', []), forking('fork', [])]);
    const first = guest.until('sched:fork', { when: ({ flags }) => (flags & 2) !== 0 });
    expect(first.thread?.comm).toBe('scratch');
    const second = guest.until('sched:fork');
    expect(second.position).toBeGreaterThan(first.position);
    expect(guest.scratch.finish().end).toBe('parked');
  });

  it('should say so when an event does not come', ({ guest }) => {
    guest.begin('getpid');
    expect(() => guest.until('sched:fork')).toThrow(/no sched:fork came/);
  });

  it('should read the members of a process by their names: text, numbers and pointers', ({ guest }) => {
    const { process, thread, trapframe } = guest.proc(1);
    expect(process.ps_comm).toBe('init');
    expect(process).toMatchObject({ ps_comm: 'init', ps_pid: 1 });
    expect(process.ps_mainproc).toBe(thread.address);
    expect(process.number('ps_flags')).toBe(process.ps_flags);
    expect(thread.p_p).toBe(process.address);
    expect(trapframe.tf_rip).toBe(Number(trapframe.integer('tf_rip')));
    expect(guest.scratch.process.ps_comm).toBe('scratch');
    expect(() => process.ps_conm).toThrow(/struct process has no member ps_conm/);
  });

  it('should show a process by the kernel’s structures', ({ guest }) => {
    const fork = forking('fork', SIGSUSPEND);
    const pid = guest.program([fork]).results.get(fork)?.value ?? 0;
    guest.scratch.settle();
    const child = guest.proc(pid);
    expect(child).toMatchObject({ command: 'scratch', state: 'SSLEEP', waitsFor: 'pause' });
    expect(child.pcb.integer('pcb_cr3')).toBe(child.vmspace.integer('vm_map.pmap.pm_pdirpa'));
    expect(child.trapframe.number('tf_rax')).toBe(111);
    expect(child.credentials.number('cr_uid')).toBe(0);
    expect(guest.proc(guest.scratch.pid).children.map((one) => one.pid)).toEqual([pid]);
    expect(() => guest.proc(99_999)).toThrow(/no process 99999/);
  });

  it('should show any structure by its members', ({ guest }) => {
    const process = guest.view('process', guest.scratch.process.address);
    expect(process.ps_pid).toBe(guest.scratch.pid);
    expect(process.ps_comm).toBe('scratch');
    expect(process.ps_limit).toBe(guest.scratch.process.pointer('ps_limit'));
    expect(process.ps_pgrp).not.toBe(0n);
    expect(() => process.ps_no_such).toThrow(/no member ps_no_such/);
  });

  it('should trace the calls of an action', ({ guest }) => {
    const { scratch } = guest;
    const tree = guest.trace(() => scratch.program([forking('fork', [])]), {
      functions: ['fork1', 'sys_fork', 'uvm_uarea_alloc'],
    });
    expect(tree.toString()).toContain('sys_fork');
    const [fork1] = tree.of('fork1');
    expect(fork1?.arguments.flags).toBe(1n);
    expect(fork1?.calls.map(({ name }) => name)).toEqual(['uvm_uarea_alloc']);
    expect(fork1?.calls[0]).toMatchObject({ returned: true, arguments: {} });
    expect(fork1?.calls[0]?.result).toBeGreaterThan(0n);
    expect(tree.of('sys_fork')[0]?.calls).toEqual([fork1]);
  });
});
