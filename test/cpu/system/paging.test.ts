import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { AC, writeFlags } from '../../../emu/cpu/system/flags.ts';
import { updateMode } from '../../../emu/cpu/system/mode.ts';
import {
  CR0_PE,
  CR0_PG,
  CR0_WP,
  CR4_PAE,
  CR4_PSE,
  CR4_SMAP,
  CR4_SMEP,
  EFER_NXE,
} from '../../../emu/cpu/system/registers.ts';
import { A, D, DIRECTORY, GLOBAL, LARGE, MachineFixture, NX, P, PDPT, PML4, TABLE, U, W } from './fixture.ts';

const PAGE = 0x1_0000;
const FRAME = 0x2_0000;
const PAGE_FAULT = 14;

function offsetOf(physical: number): number {
  return layout.RAM + physical;
}

describe('4-level paging', () => {
  for (const writable of [false, true]) {
    for (const user of [false, true]) {
      for (const noExecute of [false, true]) {
        for (const ring of [0, 3]) {
          for (const protect of [false, true]) {
            const bits = P | (writable ? W : 0n) | (user ? U : 0n) | (noExecute ? NX : 0n);
            const page = `W=${+writable} U=${+user} NX=${+noExecute}`;
            test(`a page with ${page} in ring ${ring}, WP=${+protect}`, () => {
              const machine = new MachineFixture().map(PAGE, FRAME, bits).ring(ring);
              const cr0 = machine.state.get32(layout.CR0);
              machine.state.set32(layout.CR0, protect ? cr0 : cr0 & ~CR0_WP);
              const mmu = machine.unit.mmu;
              const userBit = ring === 3 ? 4 : 0;
              const reachable = ring === 0 || user;

              const read = mmu.readSlow(PAGE + 8, 0, 4, 0);
              expect(read).toBe(reachable ? offsetOf(FRAME + 8) : 0);
              if (!reachable) expect(machine.fault()).toEqual({ vector: PAGE_FAULT, error: 1 | userBit });

              const mayWrite = reachable && (writable || (ring === 0 && !protect));
              expect(mmu.writeSlow(PAGE + 8, 0, 4, 0)).toBe(mayWrite ? offsetOf(FRAME + 8) : 0);
              if (!mayWrite) expect(machine.fault()).toEqual({ vector: PAGE_FAULT, error: 3 | userBit });

              const mayFetch = reachable && !noExecute;
              expect(mmu.fetchPhysical(PAGE + 8, 0)).toBe(mayFetch ? FRAME + 8 : -1);
              if (!mayFetch) {
                expect(machine.fault()).toEqual({ vector: PAGE_FAULT, error: 0x11 | userBit });
                expect(machine.cr2).toBe(BigInt(PAGE + 8));
              }
            });
          }
        }
      }
    }
  }

  test('permissions of every level count', () => {
    for (const table of [PML4, PDPT, DIRECTORY]) {
      for (const [removed, write] of [
        [U, false],
        [W, true],
      ] as const) {
        const machine = new MachineFixture().map(PAGE, FRAME, P | W | U).ring(3);
        machine.write64(table, machine.read64(table) & ~removed);
        const access = write ? 'writeSlow' : 'readSlow';
        expect(machine.unit.mmu[access](PAGE, 0, 1, 0)).toBe(0);
        expect(machine.fault().error).toBe(write ? 7 : 5);
      }
    }
  });

  test('a page that is not present faults with P clear, at any level', () => {
    for (const table of [PML4, PDPT, DIRECTORY, TABLE + 16 * 8]) {
      const machine = new MachineFixture().map(PAGE, FRAME, P | W);
      machine.write64(table, machine.read64(table) & ~P);
      expect(machine.unit.mmu.readSlow(PAGE + 0x123, 0, 1, 0)).toBe(0);
      expect(machine.fault()).toEqual({ vector: PAGE_FAULT, error: 0 });
      expect(machine.cr2).toBe(BigInt(PAGE + 0x123));
      expect(machine.unit.mmu.writeSlow(PAGE, 0, 1, 0)).toBe(0);
      expect(machine.fault().error).toBe(2);
    }
  });

  test('reserved bits fault with RSVD set', () => {
    const cases: [table: number, bits: bigint][] = [
      [PML4, LARGE],
      [PML4, 1n << 45n],
      [PDPT, LARGE | (1n << 13n)],
      [DIRECTORY, LARGE | (1n << 13n)],
      [TABLE + 16 * 8, 1n << 40n],
    ];
    for (const [table, bits] of cases) {
      const machine = new MachineFixture().map(PAGE, FRAME, P | W);
      machine.write64(table, machine.read64(table) | bits);
      expect(machine.unit.mmu.readSlow(PAGE, 0, 1, 0)).toBe(0);
      expect(machine.fault()).toEqual({ vector: PAGE_FAULT, error: 9 });
    }
  });

  test('NX is reserved while EFER.NXE is clear, and fetches do not show I/D then', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | NX).map(PAGE + 4096, FRAME, 0n);
    machine.state.set32(layout.EFER, machine.state.get32(layout.EFER) & ~EFER_NXE);
    expect(machine.unit.mmu.readSlow(PAGE, 0, 1, 0)).toBe(0);
    expect(machine.fault().error).toBe(9);
    expect(machine.unit.mmu.fetchPhysical(PAGE + 4096, 0)).toBe(-1);
    expect(machine.fault().error).toBe(0);
  });

  test('2 MiB and 1 GiB pages translate', () => {
    const machine = new MachineFixture();
    machine.write64(DIRECTORY + 8, 0n | P | W | LARGE);
    expect(machine.unit.mmu.fetchPhysical(0x20_0000 + 0x5_4321, 0)).toBe(0x5_4321);
    machine.write64(PDPT + 8, P | W | LARGE);
    expect(machine.unit.mmu.readSlow(0x4000_0000 + 0x7_6543, 0, 1, 0)).toBe(offsetOf(0x7_6543));
    const found = machine.unit.inspector.translate(0x4007_6543n);
    expect(found).toMatchObject({ kind: 'mapped', physical: 0x7_6543, pageSize: 2 ** 30 });
  });

  test('an access sets A on its way and D at the leaf of a write', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | W | U);
    machine.unit.mmu.readSlow(PAGE, 0, 1, 0);
    for (const table of [PML4, PDPT, DIRECTORY]) expect(machine.read64(table) & (A | D)).toBe(A);
    expect(machine.entry(PAGE) & (A | D)).toBe(A);
    machine.unit.mmu.writeSlow(PAGE, 0, 1, 0);
    expect(machine.entry(PAGE) & (A | D)).toBe(A | D);
    expect(machine.read64(DIRECTORY) & D).toBe(0n);
  });

  test('a refused access leaves the leaf untouched', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P).ring(3);
    machine.unit.mmu.writeSlow(PAGE, 0, 1, 0);
    expect(machine.entry(PAGE) & (A | D)).toBe(0n);
  });

  test('SMEP forbids supervisor fetches of user pages', () => {
    const machine = new MachineFixture(['SMEP']).map(PAGE, FRAME, P | U);
    machine.state.set32(layout.CR4, machine.state.get32(layout.CR4) | CR4_SMEP);
    expect(machine.unit.mmu.fetchPhysical(PAGE, 0)).toBe(-1);
    expect(machine.fault().error).toBe(0x11);
    expect(machine.ring(3).unit.mmu.fetchPhysical(PAGE, 0)).toBe(FRAME);
  });

  test('SMAP forbids supervisor data accesses to user pages while AC is clear, also after one with AC set', () => {
    const machine = new MachineFixture(['SMAP']).map(PAGE, FRAME, P | U);
    const { state, unit } = machine;
    state.set32(layout.CR4, state.get32(layout.CR4) | CR4_SMAP);
    writeFlags(state, AC, AC);
    expect(unit.mmu.readSlow(PAGE, 0, 1, 0)).toBe(offsetOf(FRAME));
    expect(unit.mmu.loadSystem(BigInt(PAGE), 1)).toBe(0);
    writeFlags(state, 0, AC);
    expect(unit.mmu.readSlow(PAGE, 0, 1, 0)).toBe(0);
    expect(machine.fault().error).toBe(1);
  });
});

describe('legacy paging', () => {
  function legacy(cr4: number): MachineFixture {
    const machine = new MachineFixture();
    const { state } = machine;
    state.setPair(layout.CR0, (CR0_PE | CR0_PG | CR0_WP) >>> 0, 0);
    state.setPair(layout.EFER, 0, 0);
    state.setPair(layout.CR4, cr4, 0);
    state.setPair(layout.CR3, 0x9000, 0);
    updateMode(state);
    return machine;
  }

  test('32-bit tables translate 4 KiB and, with PSE, 4 MiB pages', () => {
    const machine = legacy(CR4_PSE);
    machine.state.u32[(layout.RAM + 0x9000) >>> 2] = 0xa000 | 7;
    machine.state.u32[(layout.RAM + 0x9004) >>> 2] = 0x83;
    machine.state.u32[(layout.RAM + 0xa000 + 0x10 * 4) >>> 2] = FRAME | 7;
    const mmu = machine.unit.mmu;
    expect(mmu.writeSlow(PAGE + 4, 0, 4, 0)).toBe(offsetOf(FRAME + 4));
    expect(machine.state.get32(layout.RAM + 0xa000 + 0x10 * 4)).toBe(FRAME | 0x67);
    expect(mmu.readSlow(0x40_0000 + 0x4_5678, 0, 4, 0)).toBe(offsetOf(0x4_5678));
    expect(mmu.fetchPhysical(PAGE, 0)).toBe(FRAME);
    expect(mmu.readSlow(0x80_0000, 0, 4, 0)).toBe(0);
    expect(machine.fault()).toEqual({ vector: PAGE_FAULT, error: 0 });
  });

  test('without PSE the PS bit means nothing', () => {
    const machine = legacy(0);
    machine.state.u32[(layout.RAM + 0x9000) >>> 2] = 0xa000 | 0x87;
    machine.state.u32[(layout.RAM + 0xa000) >>> 2] = FRAME | 7;
    expect(machine.unit.mmu.readSlow(0, 0, 1, 0)).toBe(offsetOf(FRAME));
  });

  test('PAE tables translate, and their pointer entries have reserved bits', () => {
    const machine = legacy(CR4_PAE);
    machine.state.setPair(layout.CR3, 0x9020, 0);
    machine.write64(0x9020, 0xa000n | P);
    machine.write64(0xa000, 0xb000n | P | W | U);
    machine.write64(0xb000 + 16 * 8, BigInt(FRAME) | P | W | U);
    expect(machine.unit.mmu.readSlow(PAGE, 0, 1, 0)).toBe(offsetOf(FRAME));
    machine.write64(0x9020, 0xa000n | P | W);
    machine.unit.mmu.flushAll(false);
    expect(machine.unit.mmu.readSlow(PAGE, 0, 1, 0)).toBe(0);
    expect(machine.fault().error).toBe(9);
  });
});

describe('inspection', () => {
  test('translates without touching A and D bits, CR2 or the recorded fault', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P | U | NX | GLOBAL);
    const { inspector } = machine.unit;
    expect(inspector.translate(BigInt(PAGE + 5), { kind: 'read', user: true })).toMatchObject({
      kind: 'mapped',
      physical: FRAME + 5,
      writable: false,
      user: true,
      executable: false,
      global: true,
    });
    expect(machine.entry(PAGE) & A).toBe(0n);
    const refused = inspector.translate(BigInt(PAGE), { kind: 'fetch', user: true });
    expect(refused).toMatchObject({ kind: 'page-fault', errorCode: 0x15 });
    expect(refused.kind === 'page-fault' && refused.entries.map(({ level }) => level)).toEqual([4, 3, 2, 1]);
    expect(inspector.translate(1n << 47n)).toEqual({ kind: 'non-canonical' });
    expect(machine.cr2).toBe(0n);
    expect(machine.fault().vector).toBe(0);
  });

  test('reads and writes across pages and stops where nothing is mapped', () => {
    const machine = new MachineFixture().map(PAGE, FRAME, P).map(PAGE + 4096, FRAME - 4096, P | U);
    const ranges: [number, number][] = [];
    const written = machine.unit.inspector.writeMemory(
      BigInt(PAGE + 4094),
      Uint8Array.of(1, 2, 3, 4),
      (physical, length) => ranges.push([physical, length]),
    );
    expect(written).toBe(4);
    expect(ranges).toEqual([
      [FRAME + 4094, 2],
      [FRAME - 4096, 2],
    ]);
    expect([...machine.unit.inspector.readMemory(BigInt(PAGE + 4093), 6)]).toEqual([0, 1, 2, 3, 4, 0]);
    expect(machine.unit.inspector.readMemory(BigInt(PAGE + 8190), 6)).toHaveLength(2);
    expect(machine.entry(PAGE)).toBe(BigInt(FRAME) | P);
  });
});
