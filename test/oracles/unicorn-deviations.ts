import { GENERAL_PROTECTION, type Outcome, PAGE_FAULT, STACK_FAULT, ZF } from './user-case.ts';

/** Bit of a page-fault error code. */
const WRITE = 2;
const PAGE = 4096n;

/** Something that Unicorn 2.0.1 gets wrong, or cannot know, where the host's processor and the manual agree. */
interface Deviation {
  readonly what: string;
  /** In the case's assembly text. */
  readonly text?: RegExp;
  /** In what the host's processor made of it. */
  readonly outcome?: (expected: Outcome) => boolean;
}

const deviations: readonly Deviation[] = [
  {
    what: 'raises #UD for POPCNT, MOVBE and the FS/GS base instructions, whatever processor model is set',
    text: /\b(popcnt|movbe|(rd|wr)(fs|gs)base)\b/,
  },
  {
    what: 'clears the upper half of a 32-bit destination of BSF and BSR when the source is zero; AMD leaves it alone',
    text: /\bbs[fr] [er]\w*,|\bbs[fr] r\d+d,/,
    outcome: (expected) => (expected.flags & ZF) !== 0,
  },
  {
    what: 'clears the upper half of EAX when CMPXCHG r/m32 finds it equal, and of a destination register that it does not write',
    text: /\bcmpxchg\b.*\b(e[a-d]x|r\d+d)$/,
  },
  {
    what: 'takes the flags of LOCK NEG from the wrong value',
    text: /\block neg\b/,
  },
  {
    what: 'executes instructions that may not have the LOCK prefix, or dies of them',
    text: /^\.byte 0xf0;/,
  },
  {
    what: 'writes part of a store that crosses into a page that faults',
    outcome: ({ fault }) =>
      fault?.vector === PAGE_FAULT &&
      ((fault.errorCode ?? 0) & WRITE) !== 0 &&
      (fault.address ?? 1n) % PAGE === 0n,
  },
  {
    what: 'reports the fault of an instruction that reads and writes as a read',
    text: /\b(add|adc|sub|sbb|and|or|xor|inc|dec|neg|not|xchg|xadd|cmpxchg|sh[lr]|sar|ro[lr]|rc[lr]|bt[src])\b/,
    outcome: ({ fault }) => fault?.vector === PAGE_FAULT && ((fault.errorCode ?? 0) & WRITE) !== 0,
  },
  {
    what: 'has lost RIP when CMPXCHG8B or CMPXCHG16B faults',
    text: /\bcmpxchg(8|16)b\b/,
    outcome: ({ end }) => end === 'fault',
  },
  {
    what: 'does not try to write where the frame of ENTER ends',
    text: /\benter\b/,
    outcome: ({ end }) => end === 'fault',
  },
  {
    what: 'knows neither rings, so that nothing is privileged, nor canonical addresses: no #GP or #SS',
    outcome: ({ fault }) => fault?.vector === GENERAL_PROTECTION || fault?.vector === STACK_FAULT,
  },
  {
    what: 'has no interrupt flag: PUSHF stores it as zero',
    text: /\bpushf/,
  },
];

/** Why Unicorn's outcome of a case counts for nothing, or undefined when it counts. `text` is the case's assembly text. */
export function unicornDeviation(text: string, expected: Outcome): string | undefined {
  const found = deviations.find(
    (deviation) => (deviation.text?.test(text) ?? true) && (deviation.outcome?.(expected) ?? true),
  );
  return found?.what;
}
