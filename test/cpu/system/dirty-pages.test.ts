import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { D, MachineFixture, P, TABLE, W } from './fixture.ts';

const PAGE = 0x1_0000;
const FRAME = 0x2_0000;
const NEXT_FRAME = 0x3_0000;
const DEVICE = 0xfee0_0000;

const dirtyOf = (machine: MachineFixture): number[] => {
  const pages: number[] = [];
  machine.unit.mmu.tlb.dirtyPages.eachDirty((page) => pages.push(page));
  return pages;
};
const frames = (...addresses: number[]): number[] => addresses.map((address) => address / 4096);

describe('a page counts as dirty', () => {
  test('not when it is read, but when its translation is made writable', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | W | D);
    machine.unit.mmu.walker.walk(PAGE, 0, 0, true);
    machine.unit.mmu.tlb.dirtyPages.clear();
    machine.unit.inspector.readMemory(BigInt(PAGE), 8);
    expect(dirtyOf(machine)).toEqual([]);
    // The D bit is set, so that this read opens the page for stores that nobody sees.
    machine.unit.mmu.readSlow(PAGE, 0, 4, 0);
    expect(dirtyOf(machine)).toEqual(frames(FRAME));
  });

  test('when it is a page table whose A and D bits are set', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | W);
    machine.unit.mmu.readSlow(PAGE, 0, 4, 0);
    expect(dirtyOf(machine)).toEqual([0x1000, 0x2000, 0x3000, TABLE].map((address) => address / 4096));
    machine.unit.mmu.tlb.dirtyPages.clear();
    machine.unit.mmu.writeSlow(PAGE, 0, 4, 0);
    expect(dirtyOf(machine)).toEqual(frames(TABLE, FRAME));
  });

  test('on both sides of a store that crosses pages', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | W | D).map(PAGE + 4096, NEXT_FRAME, P | W | D);
    const { mmu } = machine.unit;
    mmu.writeSlow(PAGE + 4094, 0, 4, 0);
    mmu.commitBounce();
    expect(dirtyOf(machine)).toEqual(expect.arrayContaining(frames(FRAME, NEXT_FRAME)));
  });

  test('when it has decoded instructions and so never gets a write tag', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | W | D);
    const { mmu } = machine.unit;
    mmu.tlb.setCodePage(FRAME / 4096, true);
    mmu.readSlow(PAGE, 0, 4, 0);
    mmu.tlb.dirtyPages.clear();
    expect(dirtyOf(machine)).toEqual([]);
    mmu.writeSlow(PAGE, 0, 4, 0);
    expect(dirtyOf(machine)).toEqual(frames(FRAME));
  });

  test('when a debugger writes it', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P);
    machine.unit.inspector.writeMemory(BigInt(PAGE), Uint8Array.of(1), () => {});
    expect(dirtyOf(machine)).toEqual(frames(FRAME));
  });

  test('still, after all are cleared, while its write tag stands', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | W | D);
    const { mmu, tlb } = { mmu: machine.unit.mmu, tlb: machine.unit.mmu.tlb };
    mmu.writeSlow(PAGE, 0, 4, 0);
    tlb.dirtyPages.clear();
    expect(dirtyOf(machine)).toEqual(frames(FRAME));
    expect(machine.state.get64(tlb.entryOf(PAGE, false) + layout.TLB_WRITE_TAG)).toBe(BigInt(PAGE));
    tlb.flush(false);
    tlb.dirtyPages.clear();
    expect(dirtyOf(machine)).toEqual([]);
  });

  test('never for a device', () => {
    const machine = new MachineFixture().map(PAGE, DEVICE, P | W | D);
    const { mmu } = machine.unit;
    mmu.writeSlow(PAGE, 0, 4, 0);
    mmu.commitBounce();
    expect(machine.log.busWrites).toHaveLength(1);
    expect(dirtyOf(machine)).not.toContain(DEVICE / 4096);
  });
});
