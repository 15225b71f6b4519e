import { DATA, type MemoryChunk } from '../../oracles/user-case.ts';
import { Random } from '../../oracles/user-case-random.ts';
import { SOURCE, type Spec } from './family.ts';
import { memoryBytes, type X87Values, x87Image } from './x87-values.ts';

/** Why Unicorn is not asked about x87. */
const NO_X87_ON_UNICORN = 'its runner carries no x87 registers';
const CASES = 60;
/** Numbers of a format that lie side by side at RSI, SLOT bytes each; RCX chooses one. */
const OPERANDS = 64;
const SLOT = 16;

export function x87Spec(
  title: string,
  code: string,
  more: Partial<Spec> & { values?: X87Values } = {},
): Spec {
  const { values, ...rest } = more;
  return { title, code, fx: x87Image(values), random: CASES, notOnUnicorn: NO_X87_ON_UNICORN, ...rest };
}

/** Memory full of numbers of a kind, and what makes each case take another one: the operand's address is RCX. */
export function withOperands(kind: Parameters<typeof memoryBytes>[1], seed: string): Partial<Spec> {
  const random = new Random(seed);
  const memory: MemoryChunk[] = Array.from({ length: OPERANDS }, (_, index) => ({
    address: operandAddress(index),
    bytes: memoryBytes(random, kind),
  }));
  return {
    memory,
    adjust: (registers, cases) => {
      registers.rcx = operandAddress(cases.below(OPERANDS));
      registers.rsi = SOURCE;
    },
  };
}

const operandAddress = (index: number): bigint => DATA + BigInt(index * SLOT);
