import { GENERAL_PROTECTION, type Outcome, STACK_FAULT, ZF } from './user-case.ts';

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
    what: 'knows no canonical addresses: a page fault instead of #GP or #SS',
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
