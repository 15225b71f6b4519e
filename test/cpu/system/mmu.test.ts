import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { A, D, GLOBAL, LARGE, MachineFixture, P, RAM_SIZE, U, W } from './fixture.ts';

const PAGE = 0x1_0000;
const FRAME = 0x2_0000;
const OTHER = 0x5_0000;
const DEVICE = 0xfee0_0000;
const TAG_NONE = 1n;

function entryOf(machine: MachineFixture, linear: number, user = false) {
  const entry = machine.unit.mmu.tlb.entryOf(linear, user);
  return {
    read: machine.state.get64(entry + layout.TLB_READ_TAG),
    write: machine.state.get64(entry + layout.TLB_WRITE_TAG),
    addend: machine.state.get32(entry + layout.TLB_ADDEND),
  };
}

function bytesAt(machine: MachineFixture, offset: number, size: number): number[] {
  return [...machine.state.u8.subarray(offset, offset + size)];
}

describe('data TLB', () => {
  test('a read fills the read tag and the addend; the write tag waits for the D bit', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | W);
    machine.unit.mmu.readSlow(PAGE + 4, 0, 4, 0);
    const filled = entryOf(machine, PAGE);
    expect(filled.read).toBe(BigInt(PAGE));
    expect(filled.write).toBe(TAG_NONE);
    expect((PAGE + 4 + filled.addend) >>> 0).toBe(layout.RAM + FRAME + 4);
    machine.unit.mmu.writeSlow(PAGE + 4, 0, 4, 0);
    expect(entryOf(machine, PAGE).write).toBe(BigInt(PAGE));
    expect(machine.entry(PAGE) & D).toBe(D);
  });

  test('a high linear address is tagged whole', () => {
    const machine = new MachineFixture();
    machine.write64(0x1000 + 511 * 8, 0x2000n | P | W);
    machine.map(PAGE, FRAME, P | W | D);
    machine.unit.mmu.readSlow(PAGE, 0xffff_ff80, 4, 0);
    const filled = entryOf(machine, PAGE);
    expect(filled.read).toBe(0xffff_ff80_0001_0000n);
    expect(filled.write).toBe(filled.read);
  });

  test('ring 3 fills a TLB of its own', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | U).ring(3);
    machine.unit.mmu.readSlow(PAGE, 0, 4, 0);
    expect(entryOf(machine, PAGE, true).read).toBe(BigInt(PAGE));
    expect(entryOf(machine, PAGE, false).read).toBe(TAG_NONE);
    expect(machine.state.get32(layout.TLB_BASE)).toBe(layout.TLB_USER);
  });

  test.each([
    { size: '2 MiB', entry: 0x3000 + 8, base: 0x20_0000, other: 0x10_0000 },
    { size: '1 GiB', entry: 0x2000 + 8, base: 0x4000_0000, other: 0x3fff_f000 },
  ])(
    'all pieces of a page of $size go when one of its addresses is invalidated',
    ({ entry, base, other }) => {
      const machine = new MachineFixture().map(PAGE, FRAME, P);
      machine.write64(entry, P | W | LARGE);
      const { mmu } = machine.unit;
      for (const address of [base, base + FRAME]) mmu.readSlow(address, 0, 4, 0);
      mmu.readSlow(PAGE, 0, 4, 0);
      mmu.invalidatePage(base + other, 0);
      for (const address of [base, base + FRAME]) expect(mmu.tlb.lookup(address, 0, false, false)).toBe(0);
      // What is no large page is dropped alone.
      mmu.readSlow(PAGE, 0, 4, 0);
      mmu.readSlow(base, 0, 4, 0);
      mmu.invalidatePage(PAGE, 0);
      expect(mmu.tlb.lookup(PAGE, 0, false, false)).toBe(0);
      expect(mmu.tlb.lookup(base, 0, false, false)).toBe(layout.RAM);
    },
  );

  test('a translation stays until it is invalidated, in both TLBs', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | U);
    const { mmu } = machine.unit;
    mmu.readSlow(PAGE, 0, 4, 0);
    machine.map(PAGE, OTHER, P | U);
    expect(mmu.readSlow(PAGE, 0, 4, 0)).toBe(layout.RAM + FRAME);
    mmu.invalidatePage(PAGE, 0);
    expect(machine.log.fetchFlushes).toBe(2);
    expect(mmu.readSlow(PAGE, 0, 4, 0)).toBe(layout.RAM + OTHER);
  });

  test('global pages survive a flush that keeps them', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | GLOBAL).map(PAGE + 4096, FRAME, P);
    const { mmu } = machine.unit;
    mmu.readSlow(PAGE, 0, 4, 0);
    mmu.readSlow(PAGE + 4096, 0, 4, 0);
    mmu.flushAll(true);
    expect(entryOf(machine, PAGE).read).toBe(BigInt(PAGE));
    expect(entryOf(machine, PAGE + 4096).read).toBe(TAG_NONE);
    mmu.readSlow(PAGE + 4096, 0, 4, 0);
    mmu.flushAll(true);
    expect(entryOf(machine, PAGE).read).toBe(BigInt(PAGE));
    expect(entryOf(machine, PAGE + 4096).read).toBe(TAG_NONE);
    mmu.flushAll(false);
    expect(entryOf(machine, PAGE).read).toBe(TAG_NONE);
  });

  test('pages of devices are never entered', () => {
    const machine = new MachineFixture().map(PAGE, DEVICE, P | W | D);
    machine.unit.mmu.readSlow(PAGE, 0, 4, 0);
    expect(entryOf(machine, PAGE).read).toBe(TAG_NONE);
  });

  test('when a page gets decoded records every alias loses its write tag, and stores report themselves', () => {
    const machine = new MachineFixture()
      .map(PAGE, FRAME, P | W | U)
      .map(OTHER, FRAME, P | W | U)
      .map(PAGE + 4096, FRAME + 4096, P | W);
    const { mmu } = machine.unit;
    mmu.writeSlow(PAGE, 0, 4, 0);
    mmu.writeSlow(PAGE + 4096, 0, 4, 0);
    machine.ring(3);
    mmu.writeSlow(OTHER, 0, 4, 0);
    machine.ring(0);
    mmu.tlb.setCodePage(FRAME >>> 12, true);
    expect(entryOf(machine, PAGE)).toMatchObject({ read: BigInt(PAGE), write: TAG_NONE });
    expect(entryOf(machine, OTHER, true)).toMatchObject({ read: BigInt(OTHER), write: TAG_NONE });
    expect(entryOf(machine, PAGE + 4096).write).toBe(BigInt(PAGE + 4096));

    expect(mmu.writeSlow(PAGE + 0x10, 0, 8, 0)).toBe(layout.RAM + FRAME + 0x10);
    expect(machine.log.codeWritten).toEqual([[FRAME, 0x10, 8]]);
    expect(entryOf(machine, PAGE).write).toBe(TAG_NONE);
    mmu.tlb.setCodePage(FRAME >>> 12, false);
    mmu.writeSlow(PAGE + 0x10, 0, 8, 0);
    expect(machine.log.codeWritten).toHaveLength(1);
    expect(entryOf(machine, PAGE).write).toBe(BigInt(PAGE));
  });

  test('A and D bits written into a page with records report themselves too', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | W);
    machine.unit.mmu.tlb.setCodePage(4, true);
    machine.unit.mmu.readSlow(PAGE, 0, 4, 0);
    expect(machine.log.codeWritten).toEqual([[0x4000, (PAGE >>> 12) * 8, 4]]);
  });
});

describe('accesses that cross a page', () => {
  const fixture = (second = P | W) =>
    new MachineFixture().map(PAGE, FRAME, P | W).map(PAGE + 4096, OTHER, second);

  test('a read gathers both parts in the bounce buffer', () => {
    const machine = fixture();
    machine.state.ram.set([1, 2, 3], FRAME + 4093);
    machine.state.ram.set([4, 5, 6, 7, 8], OTHER);
    expect(machine.unit.mmu.readSlow(PAGE + 4093, 0, 8, 0)).toBe(layout.BOUNCE);
    expect(bytesAt(machine, layout.BOUNCE, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(machine.state.get32(layout.BOUNCE_SIZE)).toBe(0);
  });

  test('a write is committed to both pages', () => {
    const machine = fixture();
    expect(machine.unit.mmu.writeSlow(PAGE + 4094, 0, 4, 0)).toBe(layout.BOUNCE);
    expect(machine.state.get32(layout.BOUNCE_SIZE)).toBe(4);
    machine.state.u8.set([9, 8, 7, 6], layout.BOUNCE);
    expect(bytesAt(machine, layout.RAM + FRAME + 4094, 2)).toEqual([0, 0]);
    machine.unit.mmu.commitBounce();
    expect(bytesAt(machine, layout.RAM + FRAME + 4094, 2)).toEqual([9, 8]);
    expect(bytesAt(machine, layout.RAM + OTHER, 2)).toEqual([7, 6]);
    expect(machine.state.get32(layout.BOUNCE_SIZE)).toBe(0);
    machine.state.u8.set([0, 0, 0, 0], layout.BOUNCE);
    machine.unit.mmu.commitBounce();
    expect(bytesAt(machine, layout.RAM + OTHER, 2)).toEqual([7, 6]);
  });

  test('a read-modify-write finds the present bytes', () => {
    const machine = fixture();
    machine.state.ram.set([3, 4], FRAME + 4094);
    machine.state.ram.set([5, 6], OTHER);
    expect(machine.unit.mmu.modifySlow(PAGE + 4094, 0, 4, 0)).toBe(layout.BOUNCE);
    expect(bytesAt(machine, layout.BOUNCE, 4)).toEqual([3, 4, 5, 6]);
    expect(machine.state.get32(layout.BOUNCE_SIZE)).toBe(4);
  });

  test('a write probes both pages before it can change one; CR2 is where the second begins', () => {
    const machine = fixture(P);
    expect(machine.unit.mmu.writeSlow(PAGE + 4094, 0, 4, 0)).toBe(0);
    expect(machine.fault()).toEqual({ vector: 14, error: 3 });
    expect(machine.cr2).toBe(BigInt(PAGE + 4096));
    expect(machine.state.get32(layout.BOUNCE_SIZE)).toBe(0);
  });

  test('a write into two pages with records reports each part', () => {
    const machine = fixture();
    machine.unit.mmu.tlb.setCodePage(FRAME >>> 12, true);
    machine.unit.mmu.tlb.setCodePage(OTHER >>> 12, true);
    machine.unit.mmu.writeSlow(PAGE + 4091, 0, 8, 0);
    expect(machine.log.codeWritten).toEqual([
      [FRAME, 4091, 5],
      [OTHER, 0, 3],
    ]);
  });

  test('half RAM and half device', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | W).map(PAGE + 4096, DEVICE, P | W);
    machine.unit.mmu.writeSlow(PAGE + 4092, 0, 8, 0);
    machine.state.u8.set([1, 2, 3, 4, 5, 6, 7, 8], layout.BOUNCE);
    machine.unit.mmu.commitBounce();
    expect(bytesAt(machine, layout.RAM + FRAME + 4092, 4)).toEqual([1, 2, 3, 4]);
    expect(machine.log.busWrites).toEqual([[DEVICE, 4, 0x0807_0605]]);
  });
});

describe('devices and the end of RAM', () => {
  test('reads and writes reach the bus in aligned pieces of at most 4 bytes', () => {
    const machine = new MachineFixture().map(PAGE, DEVICE, P | W);
    const { mmu } = machine.unit;
    expect(mmu.readSlow(PAGE + 0x20, 0, 8, 0)).toBe(layout.BOUNCE);
    expect(machine.log.busReads).toEqual([
      [DEVICE + 0x20, 4],
      [DEVICE + 0x24, 4],
    ]);
    expect(bytesAt(machine, layout.BOUNCE, 8)).toEqual(new Array(8).fill(0xff));
    mmu.writeSlow(PAGE + 0x31, 0, 4, 0);
    machine.state.u8.set([0x11, 0x22, 0x33, 0x44], layout.BOUNCE);
    expect(machine.log.busWrites).toEqual([]);
    mmu.commitBounce();
    expect(machine.log.busWrites).toEqual([
      [DEVICE + 0x31, 1, 0x11],
      [DEVICE + 0x32, 2, 0x3322],
      [DEVICE + 0x34, 1, 0x44],
    ]);
  });

  test('the first page after RAM is the bus', () => {
    const machine = new MachineFixture().map(PAGE, RAM_SIZE - 4096, P).map(PAGE + 4096, RAM_SIZE, P);
    expect(machine.unit.mmu.readSlow(PAGE + 4088, 0, 8, 0)).toBe(layout.RAM + RAM_SIZE - 8);
    machine.unit.mmu.readSlow(PAGE + 4096, 0, 1, 0);
    expect(machine.log.busReads).toEqual([[RAM_SIZE, 1]]);
  });
});

describe('canonical addresses', () => {
  test('a non-canonical address is #GP(0), through SS #SS(0)', () => {
    const machine = new MachineFixture();
    const { mmu } = machine.unit;
    expect(mmu.readSlow(0, 0x8000, 8, 0)).toBe(0);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
    expect(mmu.writeSlow(0, 0xffff_7fff, 8, 1)).toBe(0);
    expect(machine.fault()).toEqual({ vector: 12, error: 0 });
    expect(mmu.fetchPhysical(0, 0x8000)).toBe(-1);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
  });

  test('an access may not reach across the edge', () => {
    const machine = new MachineFixture();
    expect(machine.unit.mmu.readSlow(0xffff_fffc, 0x7fff, 8, 0)).toBe(0);
    expect(machine.fault()).toEqual({ vector: 13, error: 0 });
    expect(machine.unit.mmu.readSlow(0xffff_fff8, 0x7fff, 8, 0)).toBe(0);
    expect(machine.fault().vector).toBe(14);
  });

  test('wasm hands over signed halves', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | W);
    machine.write64(0x1000 + 511 * 8, 0x2000n | P | W);
    expect(machine.unit.mmu.readSlow(PAGE, -128, 4, 0)).toBe(layout.RAM + FRAME);
    expect(machine.unit.mmu.readSlow(-4096, -1, 4, 0)).toBe(0);
    expect(machine.cr2).toBe(0xffff_ffff_ffff_f000n);
  });
});

test('implicit accesses are supervisor accesses in ring 3', () => {
  const machine = new MachineFixture().map(PAGE, FRAME, P | W | A | D).ring(3);
  expect(machine.unit.mmu.loadSystem(BigInt(PAGE), 8)).toBe(layout.RAM + FRAME);
  expect(machine.unit.mmu.readSlow(PAGE, 0, 8, 0)).toBe(0);
  machine.map(PAGE, FRAME, 0n).unit.mmu.flushAll(false);
  expect(machine.unit.mmu.storeSystem(BigInt(PAGE), 8)).toBe(0);
  expect(machine.fault()).toEqual({ vector: 14, error: 2 });
});
