import { describe, expect } from 'vitest';
import { changedCounts, kernelCounts } from '../../emu/kernel/census/index.ts';
import { checkConsistency, Structures } from '../../emu/kernel/consistency/index.ts';
import { listElements } from '../../emu/kernel/index.ts';
import { type BootedGuest, call, forking, guestTest as it, pufferMatchers } from '../../emu/vitest/index.ts';
import { SCRATCH_DATA } from '../../emu/vitest/scratch/layout.ts';

expect.extend(pufferMatchers);

const PS_PPWAIT = 0x40;
const PS_ISPWAIT = 0x80;
const STACK = 0x5000_0000n;
const STACK_SIZE = 0x1000;
/** MAP_STACK | MAP_ANON | MAP_FIXED | MAP_PRIVATE. */
const MAP_STACK = 0x5012;
/** Bytes into the data of the scratch process. */
const IN_THE_MIDDLE = 0x8000n;
const MAP_INHERIT_NONE = 2;
const SIGPIPE = 13;
const SIG_IGN = 1;
const MORE_THAN_A_PIPE = 20_000;
const DESCRIPTOR_SIZE = 4n;

/** A pipe of the scratch process: descriptors to read from and to write to. */
function pipeEnds(guest: BootedGuest): number[] {
  const { address } = guest.user.buffer(8);
  guest.syscall('pipe', { address });
  return [address, address + DESCRIPTOR_SIZE].map((at) => guest.machine.readMemory(at, 1)[0] ?? 0);
}

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

  it('should have nothing to complain of while two threads wait for the children of their vfork', ({
    guest,
  }) => {
    const { user, machine, kernel } = guest;
    const read = 1;
    const write = 2;
    guest.syscall('mmap', STACK, STACK_SIZE, read | write, MAP_STACK, -1, 0, 0);
    const parameters = user.struct('__tfork', { tf_stack: STACK + BigInt(STACK_SIZE / 2) });
    const sleep = (tv_nsec: number) => call('nanosleep', user.struct('timespec', { tv_nsec }), null);
    const structures = structuresOf(guest);
    const found: unknown[] = [];
    // The first child has ended, and the parent's flag is clear; the other child is still there.
    const isHalf = (): boolean =>
      [...kernel.processes()].some(
        (process) =>
          (process.number('ps_flags') & PS_PPWAIT) !== 0 &&
          (process.number('ps_pptr.ps_flags') & PS_ISPWAIT) === 0,
      );
    const detach = machine.core.breakpoints.add(machine.image.address('exit1'), () => {
      if (isHalf()) found.push(checkConsistency(structures, { settled: false, inUserMode: false }));
      return 'continue';
    });
    guest.program([
      forking('fork', [
        forking('__tfork', [forking('vfork', [sleep(30_000_000)])], parameters, 24),
        forking('vfork', [sleep(10_000_000)]),
      ]),
      sleep(100_000_000),
    ]);
    detach();
    expect(found.length).toBeGreaterThan(0);
    expect(found.flat()).toEqual([]);
  });

  it('should have nothing to complain of while a child has what lies around memory that it did not inherit', ({
    guest,
  }) => {
    const structures = structuresOf(guest);
    const found: unknown[] = [];
    const detach = guest.machine.core.breakpoints.add(guest.machine.image.address('exit1'), () => {
      found.push(checkConsistency(structures, { settled: false, inUserMode: false }));
      return 'continue';
    });
    // A page of its own; then what is behind it cannot get an amap of its own, and fork leaves out the page between the two.
    guest.syscall('pipe', guest.user.buffer(8));
    guest.faults.failCall('amap_alloc');
    guest.syscall('minherit', SCRATCH_DATA + IN_THE_MIDDLE, 1, MAP_INHERIT_NONE);
    guest.program([forking('fork', [])]);
    guest.program([call('nanosleep', guest.user.struct('timespec', { tv_nsec: 50_000_000 }), null)]);
    detach();
    expect(found).toEqual([[]]);
  });

  it('should have nothing to complain of while a pipe is being closed that somebody writes to', ({
    guest,
  }) => {
    const [from = 0, to = 0] = pipeEnds(guest);
    const ignoring = guest.user.struct('sigaction', { '__sigaction_u.__sa_handler': SIG_IGN });
    guest.syscall('sigaction', SIGPIPE, ignoring, null);
    const structures = structuresOf(guest);
    const { machine, kernel } = guest;
    const found: unknown[] = [];
    const isClosing = (): boolean =>
      [...listElements(kernel.global('filehead'), kernel.struct('file'), 'f_list')].some(
        (file) => file.pointer('f_data') === 0n,
      );
    const detach = machine.core.breakpoints.add(machine.image.address('mi_syscall_return'), () => {
      if (isClosing()) found.push(checkConsistency(structures, { settled: false, inUserMode: false }));
      return 'continue';
    });
    // The child's is the last of the end to read from: its close waits until the writer has left.
    guest.program([
      forking('fork', [call('close', from)]),
      call('close', from),
      call('write', to, guest.user.buffer(MORE_THAN_A_PIPE), MORE_THAN_A_PIPE),
    ]);
    detach();
    expect(found).toEqual([[]]);
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
