import { describe, expect } from 'vitest';
import { type ForkScene, forkTest as it } from '../support/fork-scene.ts';

const PAGE_SIZE = 4096n;
/** UPAGES * PAGE_SIZE (machine/param.h). */
const USPACE = 6n * PAGE_SIZE;
const STACK_GAP = 16n;
/** The random part of the kernel stack's top, at most. */
const STACK_RANDOM = 4080n;
const TRAPFRAME_SIZE = 176n;
const SWITCHFRAME_SIZE = 56n;

function pcb(fork: ForkScene, field: string): bigint {
  return fork.childsThread.integer(`p_addr.u_pcb.${field}`);
}

describe('the uarea of a forked thread', () => {
  it('should be its own and overlap with no other thread’s', ({ fork }) => {
    const kernel = fork.at('parent in user mode');
    const mine = fork.childsThread.pointer('p_addr');
    const others = [...kernel.threads()]
      .filter((thread) => thread.address !== fork.childThread)
      .map((thread) => thread.pointer('p_addr'));
    expect(others.length).toBeGreaterThanOrEqual(4);
    for (const other of others) {
      const distance = mine > other ? mine - other : other - mine;
      expect(distance).toBeGreaterThanOrEqual(USPACE);
    }
  });

  it('should be zero when it is handed out, although its pages have been used', ({ guest }) => {
    guest.sh('ls | cat | wc');
    guest.sh('sleep 1');
    guest.start('ls');
    guest.runTo('thread_new');
    const uarea = guest.machine.register('rsi');
    const struct = guest.kernel.memory.read(uarea, Number(PAGE_SIZE));
    const stack = guest.kernel.memory.read(uarea + 2n * PAGE_SIZE, Number(USPACE - 2n * PAGE_SIZE));
    expect([...struct, ...stack].every((byte) => byte === 0)).toBe(true);
  });

  it('should have an unmapped page between struct user and the kernel stack', ({ fork }) => {
    const kernel = fork.at('parent in user mode');
    const uarea = fork.childsThread.pointer('p_addr');
    expect(() => kernel.memory.read(uarea + PAGE_SIZE, 1)).toThrow(/0x/);
    expect(() => kernel.memory.read(uarea + 2n * PAGE_SIZE - 1n, 1)).toThrow(/0x/);
    expect(kernel.memory.read(uarea + PAGE_SIZE - 1n, 1)).toHaveLength(1);
    expect(kernel.memory.read(uarea + 2n * PAGE_SIZE, 1)).toHaveLength(1);
  });

  it('should begin its stack a random multiple of 16 below the end', ({ fork }) => {
    fork.at('after cpu_fork');
    const top = pcb(fork, 'pcb_kstack');
    const end = fork.childsThread.pointer('p_addr') + USPACE - STACK_GAP;
    expect(top % 16n).toBe(0n);
    expect(top).toBeLessThanOrEqual(end);
    expect(top).toBeGreaterThanOrEqual(end - STACK_RANDOM);
  });

  it('should hold the trapframe at the top and the switchframe below it', ({ fork }) => {
    const kernel = fork.at('after cpu_fork');
    expect(kernel.struct('trapframe').type.size).toBe(Number(TRAPFRAME_SIZE));
    expect(kernel.struct('switchframe').type.size).toBe(Number(SWITCHFRAME_SIZE));
    const frame = fork.childsThread.pointer('p_md.md_regs');
    expect(frame).toBe(pcb(fork, 'pcb_kstack') - TRAPFRAME_SIZE);
    expect(pcb(fork, 'pcb_rsp')).toBe(frame - SWITCHFRAME_SIZE);
  });

  it('should return from its first switch to proc_trampoline, with fork_return and the thread', ({
    fork,
  }) => {
    const kernel = fork.at('after cpu_fork');
    const frame = kernel.struct('switchframe').at(pcb(fork, 'pcb_rsp'));
    expect(frame.integer('sf_rip')).toBe(BigInt.asIntN(64, kernel.image.address('proc_trampoline')));
    expect(frame.integer('sf_r12')).toBe(BigInt.asIntN(64, kernel.image.address('fork_return')));
    expect(frame.integer('sf_r13')).toBe(BigInt.asIntN(64, fork.childThread));
  });

  it('should end stack traces at the new thread', ({ fork }) => {
    fork.at('after cpu_fork');
    expect(pcb(fork, 'pcb_rbp')).toBe(0n);
  });

  it('should have the page tables of the child', ({ fork }) => {
    fork.at('after cpu_fork');
    const pmap = fork.child.pointer('ps_vmspace.vm_map.pmap');
    expect(pcb(fork, 'pcb_pmap')).toBe(pmap);
    expect(pcb(fork, 'pcb_cr3')).toBe(fork.child.integer('ps_vmspace.vm_map.pmap.pm_pdirpa'));
  });

  it('should have the user registers of the parent in its trapframe', ({ fork }) => {
    const kernel = fork.at('after cpu_fork');
    const read = (address: bigint): Uint8Array => kernel.memory.read(address, Number(TRAPFRAME_SIZE));
    expect(read(fork.childsThread.pointer('p_md.md_regs'))).toEqual(
      read(fork.parentsThread.pointer('p_md.md_regs')),
    );
  });

  it('should be the place where the child enters the kernel from user mode', ({ fork }) => {
    const kernel = fork.at('child in user mode');
    const info = kernel.cpuInfo();
    expect(info?.integer('ci_kern_rsp')).toBe(fork.childsThread.pointer('p_md.md_regs'));
    expect(info?.integer('ci_tss.tss_rsp0')).toBe(pcb(fork, 'pcb_kstack'));
  });
});
