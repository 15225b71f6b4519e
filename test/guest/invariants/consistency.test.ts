import { describe, expect } from 'vitest';
import type { View } from '../../../emu/index.ts';
import { type BootedGuest, guestTest } from '../../../emu/vitest/index.ts';
import { regressPrograms } from '../../../scripts/guest/sources.ts';
import { Auditor, audit } from '../support/audit/index.ts';

const it = guestTest.extend({ guestSetup: { regress: true } });
/** Audits that the shortest program is worth. */
const FEW = 10;

describe('the kernel’s structures', () => {
  it.for(regressPrograms().map(({ path }) => path))('should agree at all times: /%s', (path, { guest }) => {
    const auditor = new Auditor(guest.machine);
    try {
      guest.start(`/${path}`);
      const stop = guest.machine.run({ text: '# ' });
      expect(auditor.wrong).toBeUndefined();
      expect(stop.reason).toBe('consoleText');
      expect(auditor.audits).toBeGreaterThan(FEW);
    } finally {
      auditor.stop();
    }
  });
});

/** Adds to an integer in the guest, as a kernel that miscounts would. */
function addTo(guest: BootedGuest, view: View, difference: number): void {
  const [low = 0] = guest.kernel.memory.read(view.address, 1);
  guest.machine.writeMemory(view.address, Uint8Array.of(low + difference));
}

describe('an audit', () => {
  it.for([
    ['a reference to an address space too many', 'ps_vmspace.vm_refcnt', 1, /^vm_refcnt of /],
    ['an entry of a map that is not counted', 'ps_vmspace.vm_map.nentries', -1, /^nentries of /],
    [
      'a page table’s page that is not counted',
      'ps_vmspace.vm_map.pmap.pm_stats.resident_count',
      1,
      /^resident_count /,
    ],
    [
      'an amap with a reference too many',
      'ps_vmspace.vm_map.addr.tqh_first.aref.ar_amap.am_ref',
      1,
      /^am_ref of /,
    ],
    [
      'an amap that counts a slot too few',
      'ps_vmspace.vm_map.addr.tqh_first.aref.ar_amap.am_nused',
      -1,
      /^am_nused of /,
    ],
    ['a wrong count of threads', 'ps_refcnt', 1, /^ps_refcnt of pid /],
    ['a group with one too many who could continue it', 'ps_pgrp.pg_jobc', 1, /^pg_jobc of group /],
    ['a session that counts a group too many', 'ps_pgrp.pg_session.s_count', 1, /^s_count /],
    ['a signal both ignored and not', 'ps_sigacts.ps_sigcatch', 1, /^ps_sigcatch of pid /],
    ['a descriptor that is in use and free', 'ps_fd.fd_openfd', 1, /^fd_openfd of pid /],
    [
      'a thread that is said to sleep in user mode',
      'ps_mainproc.p_flag',
      0x80,
      /^flags of the running thread/,
    ],
    ['a thread in no state', 'ps_mainproc.p_stat', 1, / is running is false/],
  ] as const)('should find %s', ([, path, difference, finding], { guest }) => {
    guest.start('ls');
    guest.runTo('Xsyscall', () => guest.kernel.currentIdentity()?.comm === 'ls');
    expect(audit(guest.kernel)).toEqual([]);
    const process = guest.kernel.currentProcess();
    if (process !== undefined) addTo(guest, process.member(path), difference);
    expect(audit(guest.kernel)).toEqual(expect.arrayContaining([expect.stringMatching(finding)]));
  });
});
