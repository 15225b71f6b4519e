import { describe, expect, test } from 'vitest';
import * as layout from '../../../emu/cpu/layout.ts';
import { CS, SS } from '../../../emu/cpu/state.ts';
import { SYSTEM_HELPER_ARITY, type SystemHelperName } from '../../../emu/cpu/system/contract.ts';
import { readFlags } from '../../../emu/cpu/system/flags.ts';
import { setFlat32, setFlat64 } from '../../../emu/cpu/system/reset.ts';
import { MachineFixture } from './fixture.ts';

test('every helper takes as many parameters as its import type says', () => {
  const { helpers } = new MachineFixture().unit;
  expect(Object.keys(helpers).sort()).toEqual(Object.keys(SYSTEM_HELPER_ARITY).sort());
  for (const [name, helper] of Object.entries(helpers)) {
    expect(helper.length, name).toBe(SYSTEM_HELPER_ARITY[name as SystemHelperName]);
  }
});

describe('states to start from', () => {
  test('reset', () => {
    const machine = new MachineFixture();
    machine.unit.reset();
    const { state } = machine;
    expect(state.get64(layout.CR0)).toBe(0x6000_0010n);
    expect(state.segment(CS)).toMatchObject({ selector: 0xf000, base: 0xffff_0000n });
    expect(state.get64(layout.RIP)).toBe(0xfff0n);
    expect(readFlags(state)).toBe(2);
    expect(state.get32(layout.CODE_SIZE)).toBe(2);
    expect(state.get64(layout.PAT)).toBe(0x0007_0406_0007_0406n);
  });

  test('flat 32-bit', () => {
    const { state } = new MachineFixture();
    setFlat32(state, 0x8000_0010);
    expect(state.get64(layout.RIP)).toBe(0x8000_0010n);
    expect(state.get32(layout.CODE_SIZE)).toBe(4);
    expect(state.segment(SS)).toMatchObject({ limit: 0xffff_ffff, attributes: 0xc093 });
    expect(state.get64(layout.FETCH_TAG)).toBe(BigInt(1 | (4 << 2)));
  });

  test('flat 64-bit in ring 3', () => {
    const { state } = new MachineFixture();
    setFlat64(state, { ring: 3, cr3: 0x1000, rip: 1n, rsp: 2n });
    expect(state.get32(layout.CPL)).toBe(3);
    expect(state.get64(layout.FETCH_TAG)).toBe(BigInt(1 | 2 | (8 << 2)));
    expect(state.get32(layout.TLB_BASE)).toBe(layout.TLB_USER);
    expect(state.segment(CS)).toMatchObject({ selector: 0x0b, attributes: 0xa0fb });
  });
});
