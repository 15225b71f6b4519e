import { describe, expect } from 'vitest';
import { forkTest as it, SYS_fork } from '../support/fork-scene.ts';
import { answer, KEPT_REGISTERS, RESUME, registers } from '../support/registers.ts';

const CARRY = 1n;

describe('the registers after a fork', () => {
  it('should give the parent the pid in rax, rdx 0 and carry clear', ({ fork }) => {
    fork.at('parent in user mode');
    expect(answer(fork.guest.machine)).toEqual({
      rax: fork.child.integer('ps_pid'),
      rdx: 0n,
      carry: false,
    });
  });

  it('should give the child rax 0, rdx 1 and carry clear', ({ fork }) => {
    fork.at('child in user mode');
    expect(answer(fork.guest.machine)).toEqual({ rax: 0n, rdx: 1n, carry: false });
  });

  it.for(['parent in user mode', 'child in user mode'] as const)(
    'should keep all registers but rax, rdx, rcx and r11: %s',
    (moment, { fork }) => {
      const [before, after] = fork.both('SYSCALL', moment, () =>
        registers(fork.guest.machine, KEPT_REGISTERS),
      );
      expect(after).toEqual(before);
      expect(before.rbx).toBe(0x7777_7777_7777_7777n);
    },
  );

  it.for(['parent in user mode', 'child in user mode'] as const)(
    'should leave the return address in rcx and the flags in r11: %s',
    (moment, { fork }) => {
      const [before, after] = fork.both('SYSCALL', moment, () =>
        registers(fork.guest.machine, ['rip', 'rcx', 'r11', 'rflags']),
      );
      expect(after.rip).toBe(before.rcx);
      expect(after.rcx).toBe(before.rcx);
      const flags = after.rflags & ~RESUME;
      expect(after.r11).toBe(flags);
      expect(before.r11 & CARRY).toBe(CARRY);
      expect(flags).toBe(before.r11 & ~CARRY);
    },
  );

  it('should keep the number of the call in the trapframe of the child until child_return', ({ fork }) => {
    fork.at('after cpu_fork');
    expect(fork.childsThread.integer('p_md.md_regs.tf_rax')).toBe(SYS_fork);
    fork.at('at child_return');
    expect(fork.childsThread.integer('p_md.md_regs.tf_rax')).toBe(SYS_fork);
    fork.guest.runToReturn();
    expect(fork.childsThread.integer('p_md.md_regs.tf_rax')).toBe(0n);
  });

  it('should run the child in user mode on its own page tables, with the parent’s FS base', ({ fork }) => {
    const [before, after] = fork.both('SYSCALL', 'child in user mode', () =>
      registers(fork.guest.machine, ['fs_base', 'cr3']),
    );
    expect(after.fs_base).toBe(before.fs_base);
    expect(after.cr3).not.toBe(before.cr3);
    expect(after.cr3).toBe(fork.childsThread.integer('p_addr.u_pcb.pcb_cr3'));
  });
});
