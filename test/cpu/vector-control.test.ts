import { beforeEach, describe, expect, it } from 'vitest';
import { FlatMachine, type FlatOutcome } from '../../emu/cpu/flat.ts';
import * as layout from '../../emu/cpu/layout.ts';
import { Vector } from '../../emu/cpu/system/exception.ts';
import { CR0_EM, CR0_TS, CR4_OSFXSR, CR4_OSXMMEXCPT } from '../../emu/cpu/system/registers.ts';
import { assemble, assemblerUnavailable } from '../oracles/assemble.ts';
import { describeWithOracle, oracle } from '../oracles/require.ts';

const assemblerOracle = oracle('GNU as', { package: 'binutils', works: () => !assemblerUnavailable() });

/** Below 4 GiB, so that 32-bit code reaches them too. */
const CODE = 0x1000_0000n;
const DATA = 0x1001_0000n;
const PAGE = 0x1000;
const RSI = 6;
const RDI = 7;
const MXCSR_NOTHING_MASKED = 0;
const MXCSR_DIVIDE_BY_ZERO = 1 << 2;

const machine = new FlatMachine();
machine.map(CODE, PAGE, { user: true, executable: true });
machine.map(DATA, PAGE, { user: true, writable: true });
const { state } = machine.cpu;

/** Runs code of 64 or 32 bits in ring 3 until its end; `prepare` changes what it starts from. */
function run(
  code: string | readonly number[],
  prepare: () => void = () => {},
  bits: 64 | 32 = 64,
): FlatOutcome {
  machine.setMode({ ring: 3, bits });
  const bytes = typeof code === 'string' ? (assemble([code])[0] as Uint8Array) : Uint8Array.from(code);
  machine.write(CODE, bytes);
  machine.rip = CODE;
  machine.registers[RSI] = DATA;
  machine.registers[RDI] = DATA + 0x800n;
  prepare();
  return machine.run({ until: CODE + BigInt(bytes.length), budget: 100 });
}

/** The vector of the exception that a piece of code ends in, or undefined. */
function vectorOf(code: string, prepare: () => void): number | undefined {
  const outcome = run(code, prepare);
  return outcome.reason === 'fault' ? outcome.fault.vector : undefined;
}

const setControl0 = (bit: number) => () => state.set32(layout.CR0, (state.get32(layout.CR0) | bit) >>> 0);
const clearControl4 = (bit: number) => () => state.set32(layout.CR4, state.get32(layout.CR4) & ~bit);

describeWithOracle([assemblerOracle], 'the control of vector instructions', () => {
  beforeEach(() => {
    machine.page(DATA).fill(0);
  });

  describe('availability (Intel SDM volume 3, table 13-1 and 12-1)', () => {
    const xmm = [
      'paddd xmm1, xmm2',
      'movaps xmm1, [rsi]',
      'addps xmm1, xmm2',
      'ldmxcsr [rsi]',
      'cvtps2pi mm1, xmm1',
      'haddps xmm1, xmm2',
      'pshufb xmm1, xmm2',
      'pextrb [rsi], xmm1, 3',
      'roundsd xmm1, xmm2, 1',
      'pcmpistri xmm1, xmm2, 0',
      'aesenc xmm1, xmm2',
      'pclmulqdq xmm1, xmm2, 0',
      'sha1msg1 xmm1, xmm2',
      'extrq xmm1, 3, 4',
    ];
    const mmx = ['paddd mm1, mm2', 'phaddw mm1, mm2', 'movq mm1, [rsi]', 'emms'];

    it.each(xmm)('should raise #UD for %s when CR0.EM is set', (code) => {
      expect(vectorOf(code, setControl0(CR0_EM))).toBe(Vector.InvalidOpcode);
    });
    it.each(xmm)('should raise #UD for %s when CR4.OSFXSR is clear', (code) => {
      expect(vectorOf(code, clearControl4(CR4_OSFXSR))).toBe(Vector.InvalidOpcode);
    });
    it.each(xmm)('should raise #NM for %s when CR0.TS is set', (code) => {
      expect(vectorOf(code, setControl0(CR0_TS))).toBe(Vector.DeviceNotAvailable);
    });
    it.each(xmm)('should raise #UD rather than #NM for %s when both have a reason', (code) => {
      expect(vectorOf(code, setControl0(CR0_TS | CR0_EM))).toBe(Vector.InvalidOpcode);
    });
    it.each(mmx)('should raise #UD for %s when CR0.EM is set', (code) => {
      expect(vectorOf(code, setControl0(CR0_EM))).toBe(Vector.InvalidOpcode);
    });
    it.each(mmx)('should raise #NM for %s when CR0.TS is set', (code) => {
      expect(vectorOf(code, setControl0(CR0_TS))).toBe(Vector.DeviceNotAvailable);
    });
    it.each(mmx)('should not ask CR4.OSFXSR for %s', (code) => {
      expect(run(code, clearControl4(CR4_OSFXSR)).reason).toBe('until');
    });
    it.each(['fxsave64 [rdi]', 'fxrstor64 [rdi]'])(
      'should raise #NM for %s when CR0.EM or TS is set',
      (code) => {
        expect(vectorOf(code, setControl0(CR0_EM))).toBe(Vector.DeviceNotAvailable);
        expect(vectorOf(code, setControl0(CR0_TS))).toBe(Vector.DeviceNotAvailable);
      },
    );
    it('should not touch memory or look at its address before that', () => {
      expect(vectorOf('movaps xmm1, [rsi + 1]', setControl0(CR0_TS))).toBe(Vector.DeviceNotAvailable);
      expect(vectorOf('movaps xmm1, [0]', clearControl4(CR4_OSFXSR))).toBe(Vector.InvalidOpcode);
    });
  });

  describe('an unmasked floating-point exception', () => {
    const divideByZero = 'cvtsi2sd xmm1, esi; divsd xmm1, xmm2';
    const unmask = () => state.set32(layout.MXCSR, MXCSR_NOTHING_MASKED);

    it('should raise #XM, with the flag in MXCSR and the destination as it was', () => {
      expect(vectorOf(divideByZero, unmask)).toBe(Vector.SimdFloatingPoint);
      expect(state.get32(layout.MXCSR)).toBe(MXCSR_DIVIDE_BY_ZERO);
      const view = new DataView(state.memory.buffer);
      expect(view.getFloat64(layout.XMM + 16, true)).toBe(Number(DATA));
    });
    it('should raise #UD when CR4.OSXMMEXCPT is clear', () => {
      const prepare = () => {
        unmask();
        clearControl4(CR4_OSXMMEXCPT)();
      };
      expect(vectorOf(divideByZero, prepare)).toBe(Vector.InvalidOpcode);
    });
  });

  describe('32-bit code', () => {
    const XMM8 = layout.XMM + 8 * 16;
    /** The same bytes are the same instructions in both code sizes. */
    const FXSAVE_EDI = [0x0f, 0xae, 0x07];
    const FXRSTOR_ESI = [0x0f, 0xae, 0x0e];
    const PADDD_XMM1_ESI = [0x66, 0x0f, 0xfe, 0x0e];
    const MASKMOVDQU_XMM1_XMM2 = [0x66, 0x0f, 0xf7, 0xca];

    it('should save XMM0–XMM7 and no more', () => {
      const fill = () => state.u8.fill(0x77, layout.XMM, layout.XMM + 256);
      expect(run(FXSAVE_EDI, fill, 32).reason).toBe('until');
      const image = machine.page(DATA).subarray(0x800, 0xa00);
      expect([image[160], image[287], image[288], image[415]]).toEqual([0x77, 0x77, 0, 0]);
    });
    it('should restore XMM0–XMM7 and no more', () => {
      const fill = () => state.u8.fill(0x77, layout.XMM, layout.XMM + 256);
      expect(run(FXRSTOR_ESI, fill, 32).reason).toBe('until');
      expect([state.u8[layout.XMM], state.u8[XMM8 - 1], state.u8[XMM8]]).toEqual([0, 0, 0x77]);
    });
    it('should execute vector instructions with memory operands', () => {
      machine.page(DATA).fill(3, 0, 16);
      expect(run(PADDD_XMM1_ESI, () => state.u8.fill(2, layout.XMM + 16, layout.XMM + 32), 32).reason).toBe(
        'until',
      );
      expect(state.get32(layout.XMM + 16)).toBe(0x0505_0505);
    });
    it('should store through DS:EDI with MASKMOVDQU', () => {
      const prepare = () => {
        state.u8.fill(0x11, layout.XMM + 16, layout.XMM + 32);
        state.set32(layout.XMM + 32, 0x8000_8000);
      };
      expect(run(MASKMOVDQU_XMM1_XMM2, prepare, 32).reason).toBe('until');
      expect([...machine.page(DATA).subarray(0x800, 0x806)]).toEqual([0, 0x11, 0, 0x11, 0, 0]);
    });
  });
});
