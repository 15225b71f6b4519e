import { beforeEach, describe, expect, it } from 'vitest';
import { FlatMachine } from '../../emu/cpu/flat.ts';
import * as layout from '../../emu/cpu/layout.ts';
import { Vector } from '../../emu/cpu/system/exception.ts';
import { CR0_EM, CR0_TS, CR4_OSXSAVE } from '../../emu/cpu/system/registers.ts';

/** Below 4 GiB, so that 32-bit code reaches them too. */
const CODE = 0x1000_0000n;
const DATA = 0x1001_0000n;
const PAGE = 0x1000;
const [RAX, RCX, RDX, RBX, RSI, RDI] = [0, 1, 2, 3, 6, 7];
const XSAVE = [0x0f, 0xae, 0x27];
const XSAVEOPT = [0x0f, 0xae, 0x37];
const XRSTOR = [0x0f, 0xae, 0x2f];
const XGETBV = [0x0f, 0x01, 0xd0];
const XSETBV = [0x0f, 0x01, 0xd1];
const CPUID = [0x0f, 0xa2];
const OSXSAVE = 1n << 27n;
const XMM7 = layout.XMM + 7 * 16;
const XMM8 = layout.XMM + 8 * 16;
const ALL_ONES = 2n ** 64n - 1n;

const machine = new FlatMachine();
machine.map(CODE, PAGE, { user: true, executable: true });
machine.map(DATA, PAGE, { user: true, writable: true });
const { state } = machine.cpu;

/** Runs one instruction; the vector of the exception that it raised, or undefined. */
function run(
  bytes: readonly number[],
  prepare: () => void = () => {},
  { ring = 3, bits = 64 }: { ring?: 0 | 3; bits?: 64 | 32 } = {},
): number | undefined {
  machine.setMode({ ring, bits });
  machine.write(CODE, Uint8Array.from(bytes));
  machine.rip = CODE;
  machine.registers[RAX] = 3n;
  machine.registers[RSI] = DATA;
  machine.registers[RDI] = DATA;
  prepare();
  const outcome = machine.run({ until: CODE + BigInt(bytes.length), budget: 10 });
  return outcome.reason === 'fault' ? outcome.fault.vector : undefined;
}

const setControl0 = (bits: number) => () => state.set32(layout.CR0, (state.get32(layout.CR0) | bits) >>> 0);
const disable = (): void => state.set32(layout.CR4, (state.get32(layout.CR4) & ~CR4_OSXSAVE) >>> 0);

describe('the control of extended state', () => {
  beforeEach(() => {
    machine.page(DATA).fill(0);
  });

  describe.each([
    ['XSAVE', XSAVE],
    ['XSAVEOPT', XSAVEOPT],
    ['XRSTOR', XRSTOR],
  ])('%s', (_, bytes) => {
    it('should raise #UD when CR4.OSXSAVE is clear, whatever CR0.TS is', () => {
      expect(run(bytes, disable)).toBe(Vector.InvalidOpcode);
      expect(
        run(bytes, () => {
          disable();
          setControl0(CR0_TS)();
        }),
      ).toBe(Vector.InvalidOpcode);
    });

    it('should raise #NM when CR0.TS is set, before it looks at its address', () => {
      const misaligned = (): void => {
        setControl0(CR0_TS)();
        machine.registers[RSI] = DATA + 1n;
        machine.registers[RDI] = DATA + 1n;
      };
      expect(run(bytes, misaligned)).toBe(Vector.DeviceNotAvailable);
    });

    it('should not mind CR0.EM', () => {
      expect(run(bytes, setControl0(CR0_EM))).toBeUndefined();
    });

    it('should leave XMM8 and above alone in legacy code', () => {
      machine.page(DATA).fill(0xff, 0, 24);
      machine.page(DATA).fill(0, 24, 32);
      const fill = (): void => {
        state.u8.fill(0xff, XMM7, XMM8 + 16);
      };
      expect(run(bytes, fill, { bits: 32 })).toBeUndefined();
      const memory = new DataView(machine.page(DATA).buffer, machine.page(DATA).byteOffset);
      const isStore = bytes !== XRSTOR;
      expect(memory.getBigUint64(160 + 7 * 16, true)).toBe(isStore ? ALL_ONES : 0n);
      expect(memory.getBigUint64(160 + 8 * 16, true)).toBe(0n);
      expect(state.get64(XMM7)).toBe(isStore ? ALL_ONES : 0n);
      expect(state.get64(XMM8)).toBe(ALL_ONES);
    });
  });

  it('should save and restore only what XCR0 enables', () => {
    const x87Only = (): void => {
      state.setPair(layout.XCR0, 1, 0);
      state.u8.fill(0xff, layout.XMM, layout.XMM + 16);
    };
    expect(run(XSAVE, x87Only)).toBeUndefined();
    expect(machine.page(DATA)[160]).toBe(0);
    expect((machine.page(DATA)[512] as number) & 2).toBe(0);
    machine.page(DATA)[512] = 2;
    expect(run(XRSTOR, x87Only)).toBe(Vector.GeneralProtection);
  });

  it.each([
    ['x87 and SSE', 3n, 0n, 0n, undefined],
    ['x87', 1n, 0n, 0n, undefined],
    ['nothing', 0n, 0n, 0n, Vector.GeneralProtection],
    ['SSE without x87', 2n, 0n, 0n, Vector.GeneralProtection],
    ['YMM, which does not exist', 7n, 0n, 0n, Vector.GeneralProtection],
    ['a high bit', 3n, 1n, 0n, Vector.GeneralProtection],
    ['XCR1', 3n, 0n, 1n, Vector.GeneralProtection],
  ])('should let XSETBV set %s or refuse it', (_, low, high, register, vector) => {
    const prepare = (): void => {
      state.setPair(layout.XCR0, 1, 0);
      machine.registers[RAX] = low;
      machine.registers[RDX] = high;
      machine.registers[RCX] = register;
    };
    expect(run(XSETBV, prepare, { ring: 0 })).toBe(vector);
    expect(state.get64(layout.XCR0)).toBe(vector === undefined ? low : 1n);
  });

  it('should refuse XSETBV outside ring 0, and XGETBV of another register', () => {
    expect(run(XSETBV)).toBe(Vector.GeneralProtection);
    expect(run(XSETBV, disable)).toBe(Vector.InvalidOpcode);
    expect(run(XGETBV, disable)).toBe(Vector.InvalidOpcode);
    expect(
      run(XGETBV, () => {
        machine.registers[RCX] = 1n;
      }),
    ).toBe(Vector.GeneralProtection);
  });

  it('should read XCR0 with XGETBV in any ring', () => {
    expect(run(XGETBV)).toBeUndefined();
    expect([machine.registers[RAX], machine.registers[RDX]]).toEqual([3n, 0n]);
  });

  describe('CPUID', () => {
    const leaf = (eax: bigint, ecx: bigint, prepare: () => void = () => {}): bigint[] => {
      run(CPUID, () => {
        machine.registers[RAX] = eax;
        machine.registers[RCX] = ecx;
        prepare();
      });
      return [RAX, RBX, RCX, RDX].map((index) => machine.registers[index as number] as bigint);
    };

    it('should show OSXSAVE as CR4 has it', () => {
      expect((leaf(1n, 0n)[2] as bigint) & OSXSAVE).toBe(OSXSAVE);
      expect((leaf(1n, 0n, disable)[2] as bigint) & OSXSAVE).toBe(0n);
    });

    it('should give the components and the size of an area, which nothing makes larger than x87 and SSE', () => {
      expect(leaf(0xdn, 0n)).toEqual([3n, 576n, 576n, 0n]);
      expect(leaf(0xdn, 0n, () => state.setPair(layout.XCR0, 1, 0))).toEqual([3n, 576n, 576n, 0n]);
      expect(leaf(0xdn, 1n)).toEqual([1n, 0n, 0n, 0n]);
      for (const subleaf of [2n, 3n, 62n, 63n]) expect(leaf(0xdn, subleaf)).toEqual([0n, 0n, 0n, 0n]);
      expect(leaf(0n, 0n)[0]).toBe(0xdn);
    });
  });
});
