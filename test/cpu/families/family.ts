import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble, assemblerUnavailable } from '../../oracles/assemble.ts';
import { compareOutcomes, describeCase, describeFlags, hex } from '../../oracles/compare.ts';
import { HostCpu, hostCpuUnavailable } from '../../oracles/host.ts';
import { Puffer } from '../../oracles/puffer.ts';
import { describeWithOracle, oracle } from '../../oracles/require.ts';
import { undefinedFlagsOfText } from '../../oracles/undefined-flags.ts';
import { Unicorn, unicornUnavailable } from '../../oracles/unicorn.ts';
import { unicornDeviation } from '../../oracles/unicorn-deviations.ts';
import {
  CASE_FLAGS,
  DATA,
  DATA_32,
  DF,
  type MemoryChunk,
  type Outcome,
  type RegisterName,
  type Runner,
  registerIndex,
  registerNames,
  STACK_END,
  STACK_END_32,
  STATUS_FLAGS,
  type UserCase,
} from '../../oracles/user-case.ts';
import { Random } from '../../oracles/user-case-random.ts';

export type Registers = Partial<Record<RegisterName, bigint>>;

/** A chosen case: registers, flags, and what the manual says must come out. */
export interface Chosen extends Registers {
  readonly flags?: number;
  /** Registers and flags afterwards; what is not named is left to the oracle. */
  readonly result?: Registers & { readonly flags?: number };
}

/** One behaviour: a piece of assembly text, and what it is tried with. */
export interface Spec {
  /** Reads on from "it": "should execute ADC r64, r64 when carry is on". */
  readonly title: string;
  readonly code: string;
  /** 32-bit code: registers have 32 bits, and those of REX are zero. */
  readonly bits?: 32;
  /** Registers that have the same value in every case. What nobody gives is random, except RSP, RSI and RDI: see `DATA_*`. */
  readonly registers?: Registers;
  /** Flags at the start of every case; random status flags without it. */
  readonly flags?: number;
  readonly fsBase?: bigint;
  readonly gsBase?: bigint;
  /** The FXSAVE image that each case starts from: x87, MXCSR and XMM registers. */
  readonly fx?: (random: Random) => Uint8Array;
  /** Besides the random bytes at RSI, RDI and RSP. */
  readonly memory?: readonly MemoryChunk[];
  readonly cases?: readonly Chosen[];
  /** How many random cases follow the chosen ones; 12 without it. */
  readonly random?: number;
  /** Last touch on a case before it runs: bound a count, point an index into memory. */
  readonly adjust?: (registers: Record<RegisterName, bigint>, random: Random) => void;
  /** Instead of what the table says about the text's instructions. */
  readonly undefinedFlags?: number | ((test: UserCase) => number);
  /** Of a result in an x87 register that is an approximation: how many units in the last place it may lie from the exact one. */
  readonly ulps?: number;
  /** Why Unicorn is not asked: what it gets wrong or cannot tell. */
  readonly notOnUnicorn?: string;
}

/** Where RSI and RDI point, and the random bytes around them; RSP has some too. */
export const SOURCE = DATA + 0x400n;
export const DESTINATION = DATA + 0x800n;
export const STACK_POINTER = STACK_END - 0x400n;
/** The same places of 32-bit code. */
const PLACES_32 = { rsi: DATA_32 + 0x400n, rdi: DATA_32 + 0x800n, rsp: STACK_END_32 - 0x400n };
const PLACES_64 = { rsi: SOURCE, rdi: DESTINATION, rsp: STACK_POINTER };
const REGISTERS_32 = 8;
const hostCpuOracle = oracle("the host's processor", { package: 'gcc', works: () => !hostCpuUnavailable() });
const assemblerOracle = oracle('GNU as', { package: 'binutils', works: () => !assemblerUnavailable() });
const unicornOracle = oracle('Unicorn', { package: 'libunicorn2', works: () => !unicornUnavailable() });

const AROUND = 0x80n;
const RANDOM_CASES = 12;

interface PreparedSpec {
  readonly spec: Spec;
  readonly tests: UserCase[];
  readonly expected: Outcome[];
}

function prepareCase(spec: Spec, code: Uint8Array, chosen: Chosen, random: Random): UserCase {
  const places = spec.bits === 32 ? PLACES_32 : PLACES_64;
  const named: Record<string, bigint> = {};
  for (const name of registerNames) named[name] = random.interesting();
  const registers = Object.assign(named as Record<RegisterName, bigint>, places, spec.registers);
  for (const name of registerNames) registers[name] = chosen[name] ?? registers[name];
  spec.adjust?.(registers, random);
  const slots = new BigUint64Array(registerNames.length);
  registerNames.forEach((name, index) => {
    const width = spec.bits !== 32 ? 64 : index < REGISTERS_32 ? 32 : 0;
    slots[index] = BigInt.asUintN(width, registers[name]);
  });
  const randomFlags = random.u32() & STATUS_FLAGS;
  const around = [places.rsi, places.rdi, places.rsp].map((address) => ({
    address: address - AROUND,
    bytes: random.bytes(Number(2n * AROUND)),
  }));
  return {
    name: `${spec.title}: ${spec.code}`,
    ...(spec.bits !== undefined && { bits: spec.bits }),
    code,
    registers: slots,
    flags: (chosen.flags ?? spec.flags ?? randomFlags) & CASE_FLAGS,
    memory: [...around, ...(spec.memory ?? [])],
    ...(spec.fx !== undefined && { fx: spec.fx(random) }),
    ...(spec.fsBase !== undefined && { fsBase: spec.fsBase }),
    ...(spec.gsBase !== undefined && { gsBase: spec.gsBase }),
  };
}

function prepare(specs: readonly Spec[]): PreparedSpec[] {
  // A file whose oracles are missing is still collected, to be reported as skipped.
  const codes = assemblerOracle.available
    ? assemble(specs.map(({ bits, code }) => (bits === 32 ? `.code32\n${code}\n.code64` : code)))
    : specs.map(() => new Uint8Array());
  return specs.map((spec, index) => {
    const random = new Random(spec.title);
    const chosen: Chosen[] = [...(spec.cases ?? [])];
    const randomCases = spec.random ?? RANDOM_CASES;
    for (let i = 0; i < randomCases; i++) chosen.push({});
    const tests = chosen.map((one) => prepareCase(spec, codes[index] as Uint8Array, one, random));
    return { spec, tests, expected: [] };
  });
}

function undefinedFlags(spec: Spec, test: UserCase): number {
  if (typeof spec.undefinedFlags === 'function') return spec.undefinedFlags(test);
  return spec.undefinedFlags ?? undefinedFlagsOfText(spec.code);
}

/**
 * Fails with the first difference and the whole case. Before that the host is asked again: when its system takes the processor away between two
 * instructions, AMD's lose the pointers to the last x87 instruction (AMD APM volume 2, 11.4.4.3), and what the case sees of them.
 */
async function expectSame(
  test: UserCase,
  expected: Outcome,
  got: Outcome,
  spec: Spec,
  { host, who }: { host: Runner; who: string },
): Promise<void> {
  const options = { undefinedFlags: undefinedFlags(spec, test), ulps: spec.ulps };
  if (compareOutcomes(expected, got, options) === undefined) return;
  const [again] = await host.run([test]);
  const difference = compareOutcomes(again as Outcome, got, options);
  if (difference) expect.fail(`${who} differs from ${host.name}: ${difference}\n${describeCase(test)}`);
}

/** Checks what the spec itself says must come out. */
function expectChosen(spec: Spec, tests: readonly UserCase[], outcomes: readonly Outcome[]): void {
  spec.cases?.forEach(({ result }, index) => {
    const got = outcomes[index] as Outcome;
    const test = tests[index] as UserCase;
    if (!result) return;
    for (const name of registerNames) {
      const want: bigint | undefined = result[name];
      const have = got.registers[registerIndex(name)] as bigint;
      if (want !== undefined && want !== have) {
        expect.fail(`${name}: should be ${hex(want)}, is ${hex(have)}\n${describeCase(test)}`);
      }
    }
    const compared = CASE_FLAGS & ~DF & ~undefinedFlags(spec, test);
    if (result.flags !== undefined && (result.flags ^ got.flags) & compared) {
      const [want, have] = [result.flags & compared, got.flags & compared].map(describeFlags);
      expect.fail(`flags: should be ${want}, are ${have}\n${describeCase(test)}`);
    }
  });
}

/**
 * The specs of one instruction family. The host's processor says what must come out of each case; Unicorn and puffer must
 * agree with it wherever the manual defines the result.
 */
export function describeFamily(name: string, specs: readonly Spec[]): void {
  describeWithOracle([hostCpuOracle, assemblerOracle], name, () => {
    const prepared = prepare(specs);
    let host: Runner | undefined;

    beforeAll(async () => {
      host = new HostCpu();
      const outcomes = await host.run(prepared.flatMap(({ tests }) => tests));
      let at = 0;
      for (const { tests, expected } of prepared) {
        expected.push(...outcomes.slice(at, at + tests.length));
        at += tests.length;
      }
    });
    afterAll(() => host?.close());

    const asked = prepared.filter(({ spec }) => !spec.notOnUnicorn);
    const withResult = prepared.filter(({ spec }) => spec.cases?.some(({ result }) => result));
    describe.runIf(withResult.length > 0)('on the host CPU', () => {
      for (const { spec, tests, expected } of withResult) {
        it(spec.title, () => expectChosen(spec, tests, expected));
      }
    });

    if (asked.length > 0) {
      describeWithOracle(unicornOracle, 'on Unicorn', () => {
        itAgrees(
          () => new Unicorn(),
          asked,
          () => host as Runner,
          unicornDeviation,
        );
      });
    }
    describe('on puffer', () =>
      itAgrees(
        () => new Puffer(),
        prepared,
        () => host as Runner,
        () => undefined,
      ));
  });
}

/** One test a spec: a runner's outcomes of its cases are those of the host's processor, but where `deviation` says why not. */
function itAgrees(
  start: () => Runner,
  prepared: readonly PreparedSpec[],
  host: () => Runner,
  deviation: (text: string, expected: Outcome) => string | undefined,
): void {
  let runner: Runner | undefined;
  beforeAll(() => {
    runner = start();
  });
  afterAll(() => runner?.close());
  for (const { spec, tests, expected } of prepared) {
    it(spec.title, async () => {
      const asked = tests.flatMap((test, index) => {
        const reference = expected[index] as Outcome;
        return deviation(spec.code, reference) ? [] : [{ test, reference }];
      });
      const outcomes = await (runner as Runner).run(asked.map(({ test }) => test));
      const who = (runner as Runner).name;
      for (const [index, { test, reference }] of asked.entries()) {
        await expectSame(test, reference, outcomes[index] as Outcome, spec, { host: host(), who });
      }
    });
  }
}
