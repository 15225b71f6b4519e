import { addressOfKey } from './address.ts';
import type { Die } from './die.ts';
import { DW_AT, DW_TAG } from './dwarf-constants.ts';
import { declarationFile, firstNumber } from './functions.ts';
import type { LineTable } from './line-table.ts';
import { nameOf } from './name-index.ts';
import { rangesOf } from './ranges.ts';

/** A call that the compiler has replaced by the function's code. */
export interface InlinedCall {
  /** The function that was inlined. */
  readonly name: string;
  /** The first instruction of the code that stands for the call. */
  readonly entry: bigint;
  readonly declFile: string | undefined;
  readonly declLine: number | undefined;
}

/** The calls inlined into a function, and into those, and so on. Throws DwarfError on damage. */
export function* inlinedCalls(parent: Die, lines: LineTable): Generator<InlinedCall, void, undefined> {
  for (const die of parent.unit.children(parent)) {
    if (die.tag === DW_TAG.inlinedSubroutine) {
      const entry = entryOf(die);
      if (entry !== undefined) {
        yield {
          name: nameOf(die) ?? '',
          entry: addressOfKey(entry),
          declFile: declarationFile(die, lines),
          declLine: firstNumber(die, DW_AT.declLine),
        };
      }
    }
    if (die.tag === DW_TAG.inlinedSubroutine || die.tag === DW_TAG.lexicalBlock) {
      yield* inlinedCalls(die, lines);
    }
  }
}

/** DW_AT_entry_pc is an address, or as a constant an offset from the start; without it the lowest address counts (DWARF 5, 2.18). */
function entryOf(die: Die): number | undefined {
  const lowest = rangesOf(die)[0]?.low;
  const offset = die.number(DW_AT.entryPc);
  if (offset !== undefined) return lowest === undefined ? undefined : lowest + offset;
  return die.address(DW_AT.entryPc) ?? lowest;
}
