import { Decoder } from '../../cpu/decode/decoder.ts';
import { isConditionalBranch } from '../../cpu/interpreter/count-executions.ts';
import { formTable } from '../../cpu/interpreter/module.ts';
import { type ElfFile, type LineRow, PF, PT } from '../../symbols/index.ts';

const LONG_CODE = 8;
let decoder: Decoder | undefined;

/** The rows of a line table from one address to where its code ends. */
export type RowSequence = readonly LineRow[];

/** The runs of rows that the linker kept, as the line table has them: the last row of each is its end. */
export function rowSequences(elf: ElfFile, rows: Iterable<LineRow>): RowSequence[] {
  const code = elf.segments.filter(({ type, flags }) => type === PT.load && (flags & PF.execute) !== 0);
  const isCode = (address: bigint): boolean =>
    code.some(
      ({ virtualAddress, data }) =>
        address >= virtualAddress && address < virtualAddress + BigInt(data.length),
    );
  const sequences: LineRow[][] = [];
  let sequence: LineRow[] = [];
  for (const row of rows) {
    sequence.push(row);
    if (!row.endSequence) continue;
    if (sequence.length > 1 && isCode((sequence[0] as LineRow).address)) sequences.push(sequence);
    sequence = [];
  }
  return sequences;
}

/**
 * Visits the instructions between two addresses. An instruction never lies across `high`: a row of the line table begins there, so that
 * decoding finds the way back after data in the code.
 */
export function eachInstruction(
  elf: ElfFile,
  low: bigint,
  high: bigint,
  visit: (address: bigint, length: number, isConditional: boolean) => void,
): void {
  const segment = elf.segments.find(
    ({ type, virtualAddress, data }) =>
      type === PT.load && low >= virtualAddress && high <= virtualAddress + BigInt(data.length),
  );
  if (segment === undefined) return;
  decoder ??= new Decoder(formTable());
  const start = Number(low - segment.virtualAddress);
  const end = Number(high - segment.virtualAddress);
  for (let at = start; at < end; ) {
    const decodes = decoder.decode(segment.data, at, end, { codeSize: LONG_CODE });
    const { length, form } = decoder.decoded;
    const size = decodes ? length : 1;
    visit(segment.virtualAddress + BigInt(at), size, decodes && isConditionalBranch(form));
    at += size;
  }
}
