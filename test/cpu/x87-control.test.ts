import { beforeEach, describe, expect, it } from 'vitest';
import { FlatMachine } from '../../emu/cpu/flat.ts';
import * as layout from '../../emu/cpu/layout.ts';
import { Vector } from '../../emu/cpu/system/exception.ts';
import { CR0_EM, CR0_MP, CR0_TS } from '../../emu/cpu/system/registers.ts';
import { assemble, assemblerUnavailable } from '../oracles/assemble.ts';
import { describeWithOracle, oracle } from '../oracles/require.ts';

const assemblerOracle = oracle('GNU as', { package: 'binutils', works: () => !assemblerUnavailable() });

const CODE = 0x1000_0000n;
const DATA = 0x1001_0000n;
const PAGE = 0x1000;
const RSI = 6;
const RDI = 7;
/** FNSTENV's control word and status word: offsets. */
const ENVIRONMENT_STATUS = 4;
const CONTROL_DIVIDE_BY_ZERO_UNMASKED = 0x037b;
const DIVIDE_BY_ZERO = 1 << 2;
const SUMMARY_AND_BUSY = 0x8080;

const machine = new FlatMachine();
machine.map(CODE, PAGE, { user: true, executable: true });
machine.map(DATA, PAGE, { user: true, writable: true });
const { state } = machine.cpu;

/** Runs code in ring 3; answers the vector of the exception that it ends in and its address from the start of the code, or undefined. */
function faultOf(code: string, prepare: () => void = () => {}): { vector: number; at: bigint } | undefined {
  machine.setMode({ ring: 3, bits: 64 });
  const bytes = assemble([code])[0] as Uint8Array;
  machine.write(CODE, bytes);
  machine.rip = CODE;
  machine.registers[RSI] = DATA;
  machine.registers[RDI] = DATA + 0x800n;
  prepare();
  const outcome = machine.run({ until: CODE + BigInt(bytes.length), budget: 100 });
  return outcome.reason === 'fault' ? { vector: outcome.fault.vector, at: machine.rip - CODE } : undefined;
}
const vectorOf = (code: string, prepare: () => void): number | undefined => faultOf(code, prepare)?.vector;

const setControl0 = (bits: number) => () =>
  state.set32(layout.CR0, ((state.get32(layout.CR0) & ~(CR0_EM | CR0_MP | CR0_TS)) | bits) >>> 0);

/** One of each kind: numeric, control with and without waiting, state, and the ones that pop to memory. */
const ALL = [
  'fld1',
  'fadd st, st(1)',
  'fld tbyte ptr [rsi]',
  'fstp qword ptr [rdi]',
  'fcmovb st, st(1)',
  'fnop',
  'fninit',
  'fnclex',
  'fnstcw [rdi]',
  'fnstsw ax',
  'fldcw [rsi]',
  'fnstenv [rdi]',
  'fldenv [rsi]',
  'fnsave [rdi]',
  'frstor [rsi]',
  '.byte 0xdb, 0xe0',
];

/** 1/0, which is not masked: the exception waits for the next instruction that looks. */
const DIVISION = 'fninit; fldcw [rsi]; fld1; fldz; fdivp';

describeWithOracle([assemblerOracle], 'the control of x87 instructions', () => {
  beforeEach(() => {
    machine.page(DATA).fill(0);
    machine.page(DATA).set([CONTROL_DIVIDE_BY_ZERO_UNMASKED & 0xff, CONTROL_DIVIDE_BY_ZERO_UNMASKED >> 8]);
  });

  describe('availability (Intel SDM volume 3, table 2-2)', () => {
    it.each(ALL)('should raise #NM for %s when CR0.EM is set', (code) => {
      expect(vectorOf(code, setControl0(CR0_EM))).toBe(Vector.DeviceNotAvailable);
    });
    it.each(ALL)('should raise #NM for %s when CR0.TS is set, whatever MP says', (code) => {
      expect(vectorOf(code, setControl0(CR0_TS))).toBe(Vector.DeviceNotAvailable);
      expect(vectorOf(code, setControl0(CR0_TS | CR0_MP))).toBe(Vector.DeviceNotAvailable);
    });
    it.each(ALL)('should execute %s with MP alone', (code) => {
      expect(vectorOf(code, setControl0(CR0_MP))).toBeUndefined();
    });
    it('should raise #NM for FWAIT when TS and MP are set, and only then', () => {
      expect(vectorOf('fwait', setControl0(CR0_TS | CR0_MP))).toBe(Vector.DeviceNotAvailable);
      for (const bits of [0, CR0_TS, CR0_MP, CR0_EM, CR0_EM | CR0_TS, CR0_EM | CR0_MP])
        expect(vectorOf('fwait', setControl0(bits))).toBeUndefined();
    });
    it('should not look at the operand before that', () => {
      expect(vectorOf('fld qword ptr [0]', setControl0(CR0_TS))).toBe(Vector.DeviceNotAvailable);
      expect(vectorOf('fnsave [0]', setControl0(CR0_EM))).toBe(Vector.DeviceNotAvailable);
    });
    it('should raise #NM rather than #MF when both have a reason', () => {
      const pendingWith = (bits: number) => () => {
        setControl0(bits)();
        const view = new DataView(state.memory.buffer);
        view.setUint16(layout.X87_CONTROL, CONTROL_DIVIDE_BY_ZERO_UNMASKED, true);
        view.setUint16(layout.X87_STATUS, SUMMARY_AND_BUSY | DIVIDE_BY_ZERO, true);
      };
      expect(vectorOf('fld1', pendingWith(CR0_TS))).toBe(Vector.DeviceNotAvailable);
      expect(vectorOf('fld1', pendingWith(0))).toBe(Vector.FloatingPoint);
    });
  });

  describe('an unmasked exception with CR0.NE', () => {
    const clear = setControl0(0);
    const status = () => new DataView(state.memory.buffer).getUint16(layout.X87_STATUS, true);

    it('should wait after the instruction that met it, which has changed nothing', () => {
      expect(faultOf(DIVISION, clear)).toBeUndefined();
      expect(status() & (DIVIDE_BY_ZERO | SUMMARY_AND_BUSY)).toBe(DIVIDE_BY_ZERO | SUMMARY_AND_BUSY);
    });
    it.each(['fwait', 'fld1', 'fst dword ptr [rdi]', 'fldcw [rsi]', 'paddd mm1, mm2', 'emms'])(
      'should raise #MF at %s, past instructions that do not wait',
      (code) => {
        const before = `${DIVISION}; mov eax, 1; fnstsw ax; fnstcw [rdi]; paddd xmm1, xmm2`;
        const at = BigInt((assemble([before])[0] as Uint8Array).length);
        expect(faultOf(`${before}; ${code}`, clear)).toEqual({ vector: Vector.FloatingPoint, at });
      },
    );
    it('should leave it pending when it raises #MF', () => {
      expect(vectorOf(`${DIVISION}; fwait`, clear)).toBe(Vector.FloatingPoint);
      expect(status() & (DIVIDE_BY_ZERO | SUMMARY_AND_BUSY)).toBe(DIVIDE_BY_ZERO | SUMMARY_AND_BUSY);
    });
    it.each([
      ['FNCLEX', 'fnclex'],
      ['FNINIT', 'fninit'],
      ['FNSAVE', 'fnsave [rdi]'],
    ])('should not raise it after %s', (_name, code) => {
      expect(faultOf(`${DIVISION}; ${code}; fwait; fld1`, clear)).toBeUndefined();
    });
    it('should not raise it after FNSTENV, which masks everything and stores what was', () => {
      expect(faultOf(`${DIVISION}; fnstenv [rdi]; fwait; fld1`, clear)).toBeUndefined();
      const image = new DataView(machine.page(DATA).buffer, machine.page(DATA).byteOffset + 0x800);
      expect(image.getUint16(0, true)).toBe(CONTROL_DIVIDE_BY_ZERO_UNMASKED);
      expect(image.getUint16(ENVIRONMENT_STATUS, true) & SUMMARY_AND_BUSY).toBe(SUMMARY_AND_BUSY);
    });
    it('should raise it when FLDCW or FLDENV unmasks an exception that is already noted', () => {
      const masked = 'fninit; fld1; fldz; fdivp; fldcw [rsi]';
      expect(vectorOf(`${masked}; fwait`, clear)).toBe(Vector.FloatingPoint);
      const loaded = `${DIVISION}; fnstenv [rdi]; fninit; fldenv [rdi]`;
      expect(faultOf(loaded, clear)).toBeUndefined();
      expect(vectorOf(`${loaded}; fwait`, clear)).toBe(Vector.FloatingPoint);
    });
  });
});
