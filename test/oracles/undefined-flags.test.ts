import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble } from './assemble.ts';
import { describeCase } from './compare.ts';
import { HostCpu } from './host.ts';
import { describeWithOracle, oracle } from './require.ts';
import { type Behaviour, undefinedFlagsAfter, zen4Profile } from './undefined-flags.ts';
import { CF, OF, type Outcome, PF, SF, STACK_END, STATUS_FLAGS, type UserCase, ZF } from './user-case.ts';
import { Random } from './user-case-random.ts';

const RAX = 0;
const RCX = 1;
const RDX = 2;
const RBX = 3;
const RSP = 4;
const CASES = 200;

const operands = {
  8: ['al', 'bl'],
  16: ['ax', 'bx'],
  32: ['eax', 'ebx'],
  64: ['rax', 'rbx'],
} as const;
type Width = keyof typeof operands;

const shifts = new Set(['shl', 'shr', 'sar', 'rol', 'ror', 'rcl', 'rcr']);
const oneOperand = new Set(['mul', 'imul', 'div', 'idiv']);
const doubleShifts = new Set(['shld', 'shrd']);
const noBytes = new Set(['bsf', 'bsr', 'bt', 'bts', 'btr', 'btc', 'tzcnt', 'lzcnt', 'shld', 'shrd']);

function textOf(mnemonic: string, width: Width): string {
  const [a, b] = operands[width];
  if (oneOperand.has(mnemonic)) return `${mnemonic} ${b}`;
  if (shifts.has(mnemonic)) return `${mnemonic} ${a}, cl`;
  if (doubleShifts.has(mnemonic)) return `${mnemonic} ${a}, ${b}, cl`;
  return `${mnemonic} ${a}, ${b}`;
}

function randomCase(code: Uint8Array, mnemonic: string, width: Width, random: Random): UserCase {
  const registers = BigUint64Array.from({ length: 16 }, () => BigInt.asUintN(64, random.interesting()));
  registers[RSP] = STACK_END - 0x100n;
  registers[RCX] = BigInt(random.below(70));
  if (mnemonic === 'div' || mnemonic === 'idiv') {
    // A dividend of one word mostly does not overflow.
    registers[RAX] = BigInt(random.u32()) & (width === 8 ? 0x7fn : 0x7fffn);
    registers[RDX] = 0n;
  }
  return { code, registers, flags: random.u32() & STATUS_FLAGS, memory: [] };
}

const evenParity = (value: bigint) =>
  [...(value & 0xffn).toString(2)].filter((bit) => bit === '1').length % 2 === 0;

/** What `behaviour` makes of a flag, given the operand before and after. */
function predicted(
  behaviour: Behaviour,
  flag: number,
  test: UserCase,
  outcome: Outcome,
  name: string,
  width: Width,
): boolean {
  const mask = (1n << BigInt(width)) - 1n;
  const bit = (value: bigint, position: number) => ((value >> BigInt(position)) & 1n) === 1n;
  const before = (test.registers[RAX] as bigint) & mask;
  const result = (outcome.registers[RAX] as bigint) & mask;
  const source = (test.registers[RBX] as bigint) & mask;
  const sign = bit(result, width - 1);
  switch (behaviour) {
    case 'unchanged':
      return (test.flags & flag) !== 0;
    case 'cleared':
      return false;
    case 'set':
      return true;
    case 'of the result':
      return { [PF]: evenParity(result), [ZF]: result === 0n, [SF]: sign }[flag] as boolean;
    case 'source zero or parity':
      return source === 0n || evenParity(result);
    case 'sign ^ CF':
      return sign !== ((outcome.flags & CF) !== 0);
    case 'two upper bits':
      return sign !== bit(result, width - 2);
    case 'bit shifted out': {
      const count = Number((test.registers[RCX] as bigint) & (width === 64 ? 63n : 31n));
      return name === 'shl' ? count <= width && bit(before, width - count) : bit(before, count - 1);
    }
  }
}

const zen4 = oracle('the profile of undefined flags: an AMD processor with AVX-512', {
  package: 'gcc',
  works: () => {
    const text = readFileSync('/proc/cpuinfo', 'utf8');
    return text.includes('AuthenticAMD') && text.includes('avx512');
  },
});

describe('flags that the manual leaves undefined', () => {
  it('should be none when a shift has a count of zero', () => {
    expect(undefinedFlagsAfter('shl', { width: 32, count: 32 })).toBe(0);
  });

  it('should leave out OF when a shift has a count of one', () => {
    expect(undefinedFlagsAfter('rcl', { width: 64, count: 1 }) & OF).toBe(0);
    expect(undefinedFlagsAfter('rcl', { width: 64, count: 2 }) & OF).toBe(OF);
  });

  describeWithOracle(zen4, 'on Zen 4', () => {
    let host: HostCpu | undefined;
    beforeAll(() => {
      host = new HostCpu();
    });
    afterAll(() => host?.close());

    for (const [mnemonic, profile] of Object.entries(zen4Profile)) {
      for (const width of [8, 16, 32, 64] as const) {
        if (width === 8 && noBytes.has(mnemonic)) continue;
        if (width === 16 && doubleShifts.has(mnemonic)) continue;
        const text = textOf(mnemonic, width);
        it(`should be as recorded after ${text}`, async () => {
          const [code] = assemble([text]);
          const random = new Random(text);
          const tests = Array.from({ length: CASES }, () =>
            randomCase(code as Uint8Array, mnemonic, width, random),
          );
          const outcomes = await (host as HostCpu).run(tests);
          tests.forEach((test, index) => {
            const outcome = outcomes[index] as Outcome;
            if (outcome.end !== 'end') return;
            const count = Number((test.registers[RCX] as bigint) & 0xffn);
            const undefinedFlags = undefinedFlagsAfter(mnemonic, { width, count });
            for (const [key, behaviour] of Object.entries(profile)) {
              const flag = Number(key);
              if ((undefinedFlags & flag) === 0) continue;
              const want = predicted(behaviour, flag, test, outcome, mnemonic, width);
              if (want !== ((outcome.flags & flag) !== 0)) {
                expect.fail(`flag 0x${flag.toString(16)} is not "${behaviour}"\n${describeCase(test)}`);
              }
            }
          });
        });
      }
    }
  });
});
