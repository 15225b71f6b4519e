import { describe, expect, it } from 'vitest';
import { Decoder } from '../../emu/cpu/decode/decoder.ts';
import { FAST_OPERATIONS } from '../../emu/cpu/families/float-fast.ts';
import { FAST_PACKED_OPERATIONS } from '../../emu/cpu/families/float-fast-packed.ts';
import { instructionTable } from '../../emu/cpu/families/index.ts';
import { generateStaticFunction } from '../../emu/cpu/interpreter/static-function.ts';
import * as layout from '../../emu/cpu/layout.ts';
import { readFlags } from '../../emu/cpu/system/flags.ts';
import { FormTable } from '../../emu/cpu/table/forms.ts';
import { floatOperationIndex } from '../../emu/cpu/vector/float-operations.ts';
import { FloatUnit } from '../../emu/cpu/vector/float-unit.ts';
import { Random } from '../oracles/user-case-random.ts';
import { anyMxcsr, doubleBits, MXCSR_DEFAULT, singleBits } from './families/fx-values.ts';
import { encodeInstruction } from './support/encode.ts';
import { flatProcessor } from './support/flat-processor.ts';

const CASES = 2_000;
const PRECISION_FLAG = 0x20;
/** Immediates of ROUNDPS: by themselves, by MXCSR, and without the precision exception. */
const ROUNDINGS = [0, 1, 2, 3, 4, 8, 9, 10, 11, 15];
const ROUND_BY_MXCSR = 4;
const VECTOR_BYTES = 16;
const GENERAL_BYTES = 8;
const OPERAND = { register: 3, rm: 5, displacement: 0 };

const forms = new FormTable(instructionTable);
const decoder = new Decoder(forms);
const cpu = flatProcessor();
const { state } = cpu;
const unit = new FloatUnit(state);
const names = [...FAST_OPERATIONS.keys(), ...FAST_PACKED_OPERATIONS.keys()];

/** What both ways may change. */
interface Observed {
  readonly status: number;
  readonly destination: string;
  readonly mxcsr: string;
  readonly flags: number;
  /** How the flags are kept: it is part of the state's hash. */
  readonly keptFlags: readonly string[];
}

/** An operation in generated code, and in the float unit alone. */
class BothWays {
  readonly #run: () => number;
  readonly #index: number;
  readonly destination: number;
  readonly source: number;
  readonly immediate: number;
  /** How often the generated code asked the float unit. */
  asked = 0;

  constructor(name: string, immediate: number) {
    this.immediate = immediate;
    this.#index = floatOperationIndex(name);
    const [, mnemonic, width] = /^(.*?)(32|64)?$/.exec(name) as unknown as [string, string, string?];
    const encoding = forms.encodings.find(({ row }) => row.mnemonic === mnemonic);
    if (encoding === undefined) throw new RangeError(`no row ${mnemonic}`);
    const choice = {
      size: width === '64' ? 8 : 4,
      addressSize: 8,
      long: true,
      memory: false,
      repeat: 'none' as const,
    };
    const bytes = encodeInstruction(encoding, choice, { ...OPERAND, immediate: BigInt(immediate) });
    expect(decoder.decode(bytes, 0, bytes.length, { codeSize: 8 })).toBe(true);
    const [destination, source] = decoder.decoded.registers;
    this.destination = destination;
    this.source = source;
    const imports = cpu.imports();
    const floatOperation = imports.floatOperation as (...operands: number[]) => number;
    const module = new WebAssembly.Module(generateStaticFunction(decoder.decoded, 0));
    const instance = new WebAssembly.Instance(module, {
      env: {
        ...imports,
        floatOperation: (...operands: number[]) => {
          this.asked++;
          return floatOperation(...operands);
        },
      },
    });
    this.#run = instance.exports.instruction as () => number;
  }

  /** Outcomes of both ways from the state as it is. */
  outcomes(): readonly [Observed, Observed] {
    const before = state.u8.slice(0, layout.STATE_END);
    const fast = this.#observe(this.#run());
    state.u8.set(before);
    const exact = this.#observe(unit.run(this.#index, this.destination, this.source, this.immediate));
    return [fast, exact];
  }

  #observe(status: number): Observed {
    const bytes = this.destination >= layout.XMM ? VECTOR_BYTES : GENERAL_BYTES;
    const destination = state.u8.subarray(this.destination, this.destination + bytes);
    return {
      status,
      destination: Array.from(destination, (byte) => byte.toString(16).padStart(2, '0')).join(' '),
      mxcsr: state.get32(layout.MXCSR).toString(16),
      flags: readFlags(state),
      keptFlags: [layout.FLAG_RESULT, layout.FLAG_AUX]
        .map((slot) => state.get64(slot).toString(16))
        .concat(state.get32(layout.FLAG_CARRY).toString(16)),
    };
  }
}

type Kind = 'single' | 'double' | 'integer';

/** What an operation's source holds. */
function sourceKind(name: string): Kind {
  if (/^CVTSI|^CVTDQ/.test(name)) return 'integer';
  const convertedFrom = /^CVTT?(PS|PD|SS|SD)2/.exec(name)?.[1];
  return (convertedFrom ?? name.replace(/^.*(?=..$)/, '')).endsWith('S') ? 'single' : 'double';
}

/** The smallest normal number and the factors that make something tiny of it that rounds back to it; the ends of conversions' ranges. */
const EDGES_DOUBLE = [
  ...[0x0010_0000_0000_0000n, 0x3fef_ffff_ffff_ffffn, 0x3ff0_0000_0000_0001n, 0x4000_0000_0000_0000n],
  ...[0x41df_ffff_ffe0_0000n, 0x41df_ffff_ffdf_ffffn, 0xc1e0_0000_0020_0000n, 0x43df_ffff_ffff_ffffn],
];
const EDGES_SINGLE = [0x0080_0000, 0x3f7f_ffff, 0x3f80_0001, 0x4000_0000, 0x4eff_ffff, 0x5eff_ffff];
/** Integers of every length. */
const integer = (random: Random): bigint =>
  random.oneIn(4) ? random.interesting() : BigInt.asIntN(64, random.u64()) >> BigInt(random.below(64));

function fill(at: number, kind: Kind, random: Random, ordinary: boolean): void {
  const view = new DataView(state.memory.buffer, at, at >= layout.XMM ? VECTOR_BYTES : GENERAL_BYTES);
  for (let offset = 0; offset < view.byteLength; offset += 8) {
    if (kind === 'integer') {
      view.setBigInt64(offset, BigInt.asIntN(64, integer(random)), true);
    } else if (kind === 'double') {
      if (ordinary) view.setFloat64(offset, (1 + random.below(2 ** 20)) / 7, true);
      else view.setBigUint64(offset, random.oneIn(4) ? random.pick(EDGES_DOUBLE) : doubleBits(random), true);
    } else {
      for (const half of [0, 4]) {
        if (ordinary) view.setFloat32(offset + half, (1 + random.below(2 ** 20)) / 7, true);
        else
          view.setUint32(
            offset + half,
            random.oneIn(4) ? random.pick(EDGES_SINGLE) : singleBits(random),
            true,
          );
      }
    }
  }
}

/** Turns the signs of a register's elements. */
function negate(at: number, kind: Kind): void {
  for (let sign = kind === 'single' ? 3 : 7; sign < VECTOR_BYTES; sign += kind === 'single' ? 4 : 8) {
    state.u8[at + sign] = (state.u8[at + sign] as number) ^ 0x80;
  }
}

/** MXCSRs with the precision flag set, as it is in programs that compute; the default; and any. */
function mxcsrOf(random: Random): number {
  return random.pick([MXCSR_DEFAULT | PRECISION_FLAG, MXCSR_DEFAULT, anyMxcsr(random)]);
}

describe('the fast paths of floating point', () => {
  const variants = names.flatMap((name) =>
    (name.startsWith('CMP') ? [0, 1, 2, 3, 4, 5, 6, 7] : name.startsWith('ROUND') ? ROUNDINGS : [0]).map(
      (immediate) => [name, immediate] as const,
    ),
  );

  it.each(variants)('should do the same as the float unit: %s %i', (name, immediate) => {
    const random = new Random(`${name} ${immediate}`);
    const both = new BothWays(name, immediate);
    for (let i = 0; i < CASES; i++) {
      fill(both.destination, sourceKind(name), random, false);
      fill(both.source, sourceKind(name), random, false);
      if (random.oneIn(10)) {
        // Equal and opposite operands.
        state.u8.copyWithin(both.destination, both.source, both.source + VECTOR_BYTES);
        if (random.oneIn(2)) negate(both.destination, sourceKind(name));
      }
      state.set32(layout.MXCSR, mxcsrOf(random));
      const inputs = [both.destination, both.source].map((at) =>
        Buffer.from(state.u8.slice(at, at + VECTOR_BYTES)).toString('hex'),
      );
      const mxcsr = state.get32(layout.MXCSR).toString(16);
      const [fast, exact] = both.outcomes();
      expect(fast, `${name} of ${inputs.join(' and ')}, MXCSR ${mxcsr}`).toEqual(exact);
    }
  });

  const ordinary = variants.filter(
    ([name, immediate]) => !name.startsWith('ROUND') || (immediate & ROUND_BY_MXCSR) === 0,
  );
  it.each(ordinary)('should not ask the float unit about ordinary values: %s %i', (name, immediate) => {
    const random = new Random(`ordinary ${name}`);
    const both = new BothWays(name, immediate);
    for (let i = 0; i < 100; i++) {
      fill(both.destination, sourceKind(name), random, true);
      fill(both.source, sourceKind(name), random, true);
      state.set32(layout.MXCSR, MXCSR_DEFAULT | PRECISION_FLAG);
      const [fast, exact] = both.outcomes();
      expect(fast).toEqual(exact);
    }
    expect(both.asked).toBe(0);
  });

  it.each(['ADDSD', 'SUBSD', 'MULSD', 'ADDPD', 'SUBPS', 'CVTTSD2SI32', 'CVTTPS2DQ'])(
    'should not ask it about exact results of %s while the precision flag is clear',
    (name) => {
      const both = new BothWays(name, 0);
      const kind = sourceKind(name);
      const view = new DataView(state.memory.buffer);
      for (let i = 0; i < 100; i++) {
        for (const at of [both.destination, both.source]) {
          if (kind === 'single')
            for (const lane of [0, 4, 8, 12]) view.setFloat32(at + lane, i * 5 + lane, true);
          else for (const lane of [0, 8]) view.setFloat64(at + lane, i * 3 - lane, true);
        }
        state.set32(layout.MXCSR, MXCSR_DEFAULT);
        const [fast, exact] = both.outcomes();
        expect(fast).toEqual(exact);
        expect(state.get32(layout.MXCSR)).toBe(MXCSR_DEFAULT);
      }
      expect(both.asked).toBe(0);
    },
  );
});
