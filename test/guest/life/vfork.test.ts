import { describe, expect } from 'vitest';
import { type BootedGuest, guestTest } from '../../../emu/vitest/index.ts';
import { counts, forkStatistics } from '../support/census.ts';
import { PROGRAM } from '../support/fork-scene.ts';
import { answer } from '../support/registers.ts';
import { VforkScene } from '../support/vfork-scene.ts';

const it = guestTest.extend({ guestSetup: { programs: [PROGRAM] } });

const PS_PPWAIT = 0x40;
const PS_ISPWAIT = 0x80;
const P_SINTR = 0x80;
const SSLEEP = 3;
const SIGUSR2 = 1 << 30;

const scenes = new Map<string, VforkScene>();
function play(guest: BootedGuest, how: 'vfork' | 'vexec'): VforkScene {
  const scene = scenes.get(how) ?? new VforkScene(guest, how);
  scenes.set(how, scene);
  return scene;
}

describe('vfork(2)', () => {
  it('should count a vfork and its size, with a parent that waits', ({ guest }) => {
    const scene = play(guest, 'vfork');
    const [before, after] = scene.both('SYSCALL', 'child in user mode', forkStatistics);
    const size = scene.child.number('ps_vmspace.vm_dsize') + scene.child.number('ps_vmspace.vm_ssize');
    expect(after).toEqual({
      ...before,
      cntvfork: (before.cntvfork ?? 0) + 1,
      sizvfork: (before.sizvfork ?? 0) + size,
      forks: (before.forks ?? 0) + 1,
      forks_ppwait: (before.forks_ppwait ?? 0) + 1,
    });
  });

  it('should count one process and one thread more', ({ guest }) => {
    const [before, after] = play(guest, 'vfork').both('SYSCALL', 'child in user mode', counts);
    expect(after.nprocesses).toBe(before.nprocesses + 1);
    expect(after.nthreads).toBe(before.nthreads + 1);
  });

  it.for(['child in user mode', 'child ends'] as const)(
    'should have the parent asleep until the child has ended: %s',
    (moment, { guest }) => {
      const scene = play(guest, 'vfork');
      scene.at(moment);
      expect(scene.child.number('ps_flags') & PS_PPWAIT).toBe(PS_PPWAIT);
      expect(scene.parent.number('ps_flags') & PS_ISPWAIT).toBe(PS_ISPWAIT);
      expect(scene.parentsThread.number('p_stat')).toBe(SSLEEP);
      expect(scene.parentsThread.pointer('p_wchan')).toBe(scene.parent.address);
      expect(scene.parentsThread.text('p_wmesg')).toBe('ppwait');
    },
  );

  it('should not let a signal interrupt the parent’s sleep', ({ guest }) => {
    const scene = play(guest, 'vfork');
    scene.at('child ends');
    const pending = scene.parent.number('ps_siglist') | scene.parentsThread.number('p_siglist');
    expect(pending & SIGUSR2).toBe(SIGUSR2);
    expect(scene.parentsThread.number('p_flag') & P_SINTR).toBe(0);
    expect(scene.parentsThread.number('p_stat')).toBe(SSLEEP);
  });

  it('should not share the memory', ({ guest }) => {
    const scene = play(guest, 'vfork');
    scene.at('child in user mode');
    expect(scene.child.pointer('ps_vmspace')).not.toBe(scene.parent.pointer('ps_vmspace'));
    scene.at('parent in user mode');
    expect(guest.finish()).toContain('status 7, copied 1, shared 2, caught 1\n');
  });

  it.for(['vfork', 'vexec'] as const)(
    'should give the parent the child’s pid at last: %s',
    (how, { guest }) => {
      const scene = play(guest, how);
      scene.at('child in user mode');
      const rax = scene.child.integer('ps_pid');
      expect(answer(guest.machine)).toEqual({ rax: 0n, rdx: 1n, carry: false });
      scene.at('parent in user mode');
      expect(answer(guest.machine)).toEqual({ rax, rdx: 0n, carry: false });
      expect(scene.parent.number('ps_flags') & PS_ISPWAIT).toBe(0);
    },
  );

  it('should let the parent go when the child executes a program', ({ guest }) => {
    const scene = play(guest, 'vexec');
    scene.at('child ends');
    expect(scene.child.number('ps_flags') & PS_PPWAIT).toBe(PS_PPWAIT);
    scene.at('executed');
    expect(scene.child.number('ps_flags') & PS_PPWAIT).toBe(0);
    expect(scene.parent.number('ps_flags') & PS_ISPWAIT).toBe(0);
    expect(scene.parentsThread.number('p_stat')).not.toBe(SSLEEP);
  });
});
