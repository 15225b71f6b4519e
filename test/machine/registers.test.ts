import { describe, expect, it } from 'vitest';
import { layout, State } from '../../emu/cpu/index.ts';
import { GENERAL_REGISTERS, Registers } from '../../emu/machine/index.ts';

const MIB = 2 ** 20;

describe('Registers', () => {
  it('should copy the general registers in encoding order, as they are by name', () => {
    const state = new State(4 * MIB);
    const registers = new Registers(state);
    GENERAL_REGISTERS.forEach((_, index) => {
      state.set64(layout.GPR + index * 8, 0xfedc_ba98_7654_3200n + BigInt(index));
    });
    state.set64(layout.RIP, 0x1234n);

    const copy = new BigUint64Array(GENERAL_REGISTERS.length);
    registers.copyGeneral(copy);

    expect([...copy]).toEqual(GENERAL_REGISTERS.map((name) => registers.get(name)));
    expect(copy[15]).toBe(0xfedc_ba98_7654_320fn);
    expect(registers.get('rip')).toBe(0x1234n);
  });
});
