import { describe, expect } from 'vitest';
import type { View } from '../../../emu/index.ts';
import { type BootedGuest, guestTest as it } from '../../../emu/vitest/index.ts';
import { childAddresses } from '../support/census.ts';

const PS_NOZOMBIE = 0x4000;
const PS_SYSTEM = 0x1_0000;
const P_SYSTEM = 0x200;
const NAMES = ['reaper', 'softclock', 'idle0'];

function kernelThreads(guest: BootedGuest): View[] {
  return [...guest.kernel.processes()].filter((process) => NAMES.includes(process.text('ps_comm') ?? ''));
}

describe('a kernel thread', () => {
  it('should be a system process that leaves no zombie', ({ guest }) => {
    const threads = kernelThreads(guest);
    expect(threads).toHaveLength(NAMES.length);
    for (const process of threads) {
      expect(process.number('ps_flags') & (PS_SYSTEM | PS_NOZOMBIE)).toBe(PS_SYSTEM | PS_NOZOMBIE);
      expect(process.number('ps_mainproc.p_flag') & P_SYSTEM).toBe(P_SYSTEM);
    }
  });

  it('should be a child of process 0 and share its memory and files', ({ guest }) => {
    const swapper = guest.kernel.global('process0');
    for (const process of kernelThreads(guest)) {
      expect(process.pointer('ps_pptr')).toBe(swapper.address);
      expect(childAddresses(swapper)).toContain(process.address);
      expect(process.pointer('ps_vmspace')).toBe(guest.kernel.global('vmspace0').address);
      expect(process.pointer('ps_fd')).toBe(swapper.pointer('ps_fd'));
    }
  });

  it('should count in the references and the statistics', ({ guest }) => {
    const { kernel } = guest;
    const shares = kernelThreads(guest).length;
    expect(kernel.global('vmspace0').number('vm_refcnt')).toBe(shares + 1);
    expect(kernel.global('process0').number('ps_fd.fd_refcnt')).toBe(shares + 1);
    expect(kernel.global('forkstat').number('cntkthread')).toBeGreaterThanOrEqual(shares);
    expect(kernel.global('uvmexp').number('forks_sharevm')).toBe(shares);
  });
});
