import { describe, expect } from 'vitest';
import { changedCounts, kernelCounts } from '../../emu/kernel/census/index.ts';
import { checkConsistency, Structures } from '../../emu/kernel/consistency/index.ts';
import { type BootedGuest, call, forking, guestTest as it, pufferMatchers } from '../../emu/vitest/index.ts';

expect.extend(pufferMatchers);

/** The structures of a guest whose scratch process is in user mode. */
function structuresOf(guest: BootedGuest): Structures {
  guest.syscall('getpid');
  return new Structures(guest.kernel);
}

function write(guest: BootedGuest, address: bigint, ...bytes: number[]): void {
  guest.machine.writeMemory(address, Uint8Array.from(bytes));
}

/** The address of a member of the scratch process. */
function memberOf(guest: BootedGuest, path: string): bigint {
  return guest.scratch.process.member(path).address;
}

describe('a kernel that is in order', () => {
  it('should have nothing to complain of after boot', ({ guest }) => {
    expect(checkConsistency(structuresOf(guest))).toEqual([]);
  });

  it('should have nothing to complain of while children sleep, are stopped and are dead', ({ guest }) => {
    const second = guest.user.struct('timespec', { tv_sec: 5 });
    const sleeper = (): ReturnType<typeof forking> => forking('fork', [call('nanosleep', second, null)]);
    const stopped = sleeper();
    guest.program([
      sleeper(),
      stopped,
      forking('fork', []),
      call('pipe', guest.user.buffer(8)),
      call('kqueue'),
      call('kill', stopped, 17),
      call('nanosleep', guest.user.struct('timespec', { tv_nsec: 50_000_000 }), null),
    ]);
    expect(checkConsistency(structuresOf(guest))).toEqual([]);
  });
});

describe('damage', () => {
  const damages: readonly [string, (guest: BootedGuest) => void, string][] = [
    [
      'a link back in allprocess',
      (guest) => write(guest, memberOf(guest, 'ps_list.le_prev'), 1),
      'list allprocess',
    ],
    [
      'a process that is in no hash chain',
      (guest) => write(guest, memberOf(guest, 'ps_pid'), 0xfe, 0xff),
      'pidhash',
    ],
    [
      'a reference too few',
      (guest) => write(guest, memberOf(guest, 'ps_ucred.cr_ref'), 1),
      'references of ucred',
    ],
    ['a wrong parent', (guest) => write(guest, memberOf(guest, 'ps_pptr'), ...new Uint8Array(8)), 'family'],
    [
      'a file counted twice',
      (guest) => write(guest, guest.kernel.global('numfiles').address, 99),
      'numfiles',
    ],
    [
      'a descriptor marked free',
      (guest) => write(guest, guest.scratch.process.pointer('ps_fd.fd_lomap'), 0),
      'descriptor table',
    ],
    ['a wrong job count', (guest) => write(guest, memberOf(guest, 'ps_pgrp.pg_jobc'), 7), 'pg_jobc'],
    [
      'a map entry that overlaps',
      (guest) =>
        write(
          guest,
          guest.scratch.process.pointer('ps_vmspace.vm_map.addr.tqh_first') + 16n,
          0,
          0,
          0,
          0xff,
          0x7f,
        ),
      'vm_map entry',
    ],
    [
      'an anon with a reference too many',
      (guest) => write(guest, guest.kernel.global('uvmexp').member('anonpages').address, 1),
      'anonpages',
    ],
    [
      'a pool that gave out more',
      (guest) => write(guest, guest.kernel.global('proc_pool').member('pr_nout').address, 77),
      'pr_nout',
    ],
  ];
  for (const [what, damage, kind] of damages) {
    it(`should be found: ${what}`, ({ guest }) => {
      const structures = structuresOf(guest);
      damage(guest);
      expect(checkConsistency(structures).map((one) => one.kind)).toContain(kind);
    });
  }

  it('should show in the counts that a program changes', ({ guest }) => {
    const structures = structuresOf(guest);
    const before = kernelCounts(structures);
    guest.syscall('pipe', guest.user.buffer(8));
    structures.forget();
    const changed = changedCounts(before, kernelCounts(structures)).map(({ text }) => text);
    expect(changed).toContain('npipes: 2, was 0');
    expect(changed).toContain('pool filepl: 4, was 2');
  });
});

describe('toBeConsistent', () => {
  it('should hold between system calls, and tell what does not fit', ({ guest }) => {
    guest.syscall('pipe', guest.user.buffer(8));
    expect(guest).toBeConsistent();
    write(guest, memberOf(guest, 'ps_pgrp.pg_jobc'), 7);
    expect(guest).not.toBeConsistent();
    expect(() => expect(guest).toBeConsistent()).toThrow(/pg_jobc of group \d+ is 7, but there are 1/);
  });

  it('should be asked only between system calls', ({ guest }) => {
    expect(() => expect(guest).toBeConsistent()).toThrow(/between system calls/);
    expect(() => expect(1).toBeConsistent()).toThrow(/needs the guest/);
  });
});
