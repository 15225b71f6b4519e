import { describe, expect, it } from 'vitest';
import { Decoder } from '../../emu/cpu/decode/decoder.ts';
import { instructionTable } from '../../emu/cpu/families/index.ts';
import { generateStaticFunction } from '../../emu/cpu/interpreter/static-function.ts';
import * as layout from '../../emu/cpu/layout.ts';
import { readFlags } from '../../emu/cpu/system/flags.ts';
import { Status } from '../../emu/cpu/system/status.ts';
import type { Encoding } from '../../emu/cpu/table/encoding.ts';
import type { Form } from '../../emu/cpu/table/form.ts';
import { type FormChoice, FormTable } from '../../emu/cpu/table/forms.ts';
import { encodeInstruction } from './support/encode.ts';
import { CODE, DATA, flatProcessor, resetFlat, STACK } from './support/flat-processor.ts';

const table = new FormTable(instructionTable);

/** One encoding and choice for each hot form. */
function exampleOfEachHotForm(): Map<Form, { encoding: Encoding; choice: FormChoice }> {
  const examples = new Map<Form, { encoding: Encoding; choice: FormChoice }>();
  for (const encoding of table.encodings) {
    if (encoding.row.mode === 'legacy') continue;
    for (const size of [2, 4, 8]) {
      for (const memory of encoding.hasModrm ? [false, true] : [false]) {
        if (memory ? encoding.form === 'register' : encoding.form === 'memory') continue;
        for (const repeat of encoding.row.repeat === undefined
          ? (['none'] as const)
          : (['none', 'rep', 'repne'] as const)) {
          const choice = { size, addressSize: 8, long: true, memory, repeat };
          const form = table.form(encoding, choice);
          if (form.hot && !examples.has(form)) examples.set(form, { encoding, choice });
        }
      }
    }
  }
  return examples;
}

const cpu = flatProcessor();
/** Registers that a case sets differently. */
let overrides: Record<number, bigint> = {};
const decoder = new Decoder(table);
const REGISTERS = 16;
const VECTOR_BYTES = 16 * REGISTERS;

/** Registers and memory that every case starts from: no zero divisor, pointers into the data page. */
function prepare(): void {
  // A case that faults leaves the processor shut down: there is no IDT.
  resetFlat(cpu);
  const { state } = cpu;
  for (let i = 0; i < REGISTERS; i++) state.set64(layout.GPR + 8 * i, BigInt(DATA + 0x100 * i));
  state.set64(layout.GPR, 0x1234_5678n);
  state.set64(layout.GPR + 8, 0x5n);
  state.set64(layout.GPR + 2 * 8, 0x3n);
  state.set64(layout.GPR + 4 * 8, BigInt(STACK));
  state.set64(layout.GPR + 5 * 8, BigInt(STACK + 0x40));
  for (const [register, value] of Object.entries(overrides))
    state.set64(layout.GPR + 8 * Number(register), value);
  state.set64(layout.FLAG_RESULT, 0n);
  state.set64(layout.FLAG_AUX, 0n);
  state.set32(layout.FLAG_CARRY, 1);
  for (let i = 0; i < VECTOR_BYTES; i++) state.u8[layout.XMM + i] = (i * 29 + 3) & 0xff;
  for (let i = 0; i < 0x2000; i++) state.ram[DATA + i] = (i * 37 + 11) & 0xff;
  for (let i = -0x100; i < 0x100; i++) state.ram[STACK + i] = (i * 13 + 5) & 0xff;
  state.set64(layout.RIP, BigInt(CODE));
  state.set64(layout.PAGE_BASE, BigInt(CODE));
  state.set32(layout.BUDGET, 1);
}

/** What an instruction can have changed. */
interface Observed {
  readonly registers: readonly string[];
  readonly flags: number;
  readonly vectors: readonly number[];
  readonly mxcsr: number;
  readonly data: readonly number[];
  readonly stack: readonly number[];
}

/** The state after an instruction. */
function observe(): Observed {
  const { state } = cpu;
  return {
    registers: Array.from({ length: REGISTERS }, (_, i) => state.get64(layout.GPR + 8 * i).toString(16)),
    flags: readFlags(state),
    vectors: Array.from(state.u8.subarray(layout.XMM, layout.XMM + VECTOR_BYTES)),
    mxcsr: state.get32(layout.MXCSR),
    data: Array.from(state.ram.subarray(DATA, DATA + 0x2000)),
    stack: Array.from(state.ram.subarray(STACK - 0x100, STACK + 0x100)),
  };
}

function runInterpreted(bytes: Uint8Array): Observed & { rip: bigint } {
  prepare();
  cpu.state.ram.set(bytes, CODE);
  cpu.memoryWritten(CODE, bytes.length);
  cpu.run(1);
  return { ...observe(), rip: cpu.linearInstructionPointer() };
}

function runStatic(bytes: Uint8Array): Observed & { rip: bigint } {
  prepare();
  expect(decoder.decode(bytes, 0, bytes.length, { codeSize: 8 })).toBe(true);
  const { state } = cpu;
  const module = new WebAssembly.Module(generateStaticFunction(decoder.decoded, 0));
  const instance = new WebAssembly.Instance(module, { env: cpu.imports() });
  const status = (instance.exports.instruction as () => number)();
  const next = BigInt(CODE + decoder.decoded.length);
  const rip =
    status === Status.Lookup ? state.get64(layout.RIP) : status === Status.Next ? next : BigInt(CODE);
  return { ...observe(), rip };
}

describe('static operands', () => {
  const examples = exampleOfEachHotForm();

  it('should have an example of every hot form', () => {
    expect(examples.size).toBe(table.forms.filter((form) => form.hot).length);
    expect(examples.size).toBeGreaterThan(400);
  });

  it.each([...examples].map(([form, example]) => [form.key, example] as const))(
    'should do the same as the interpreter for %s',
    (_key, { encoding, choice }) => {
      const bytes = encodeInstruction(encoding, choice, {
        register: 9,
        rm: 10,
        displacement: 24,
        immediate: 7n,
      });
      expect(runStatic(bytes)).toEqual(runInterpreted(bytes));
    },
  );
});

describe('a faulting instruction with static operands', () => {
  // ADD, ADC, XCHG, PUSH and MOVS reach memory beyond the mapped 64 MiB.
  const cases: [string, number[]][] = [
    ['ADD [rbx], rax', [0x48, 0x01, 0x03]],
    ['ADC [rbx], rax', [0x48, 0x11, 0x03]],
    ['XCHG [rbx], rax', [0x48, 0x87, 0x03]],
    ['MOVSB', [0xa4]],
    ['PUSH [rbx]', [0xff, 0x33]],
  ];

  it.each(cases)('should change nothing, as in the interpreter: %s', (_name, code) => {
    const bytes = Uint8Array.from(code);
    const unmapped = 0x800_0000n;
    for (const run of [runStatic, runInterpreted]) {
      overrides = { 3: unmapped, 7: unmapped };
      const observed = run(bytes);
      overrides = {};
      expect(observed.registers[0]).toBe('12345678');
      expect(observed.registers[4]).toBe(STACK.toString(16));
      expect(cpu.state.get64(layout.CR2)).toBe(unmapped);
      // The interpreter has gone on to deliver the fault; without an IDT that ends in a shutdown at the same instruction.
      expect(observed.rip).toBe(BigInt(CODE));
    }
  });
});
