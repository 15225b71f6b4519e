import { Decoder } from '../../cpu/decode/decoder.ts';
import { isConditionalBranch } from '../../cpu/interpreter/count-executions.ts';
import { formTable } from '../../cpu/interpreter/module.ts';
import { type ElfFile, keyOfAddress, PT } from '../../symbols/index.ts';

const LONG_CODE = 8;
let decoder: Decoder | undefined;

/** Goes through the code of a file, instruction by instruction. Addresses are keys (see `keyOfAddress`). */
export class CodeReader {
  readonly #segments: readonly { readonly low: number; readonly high: number; readonly data: Uint8Array }[];

  constructor(elf: ElfFile) {
    this.#segments = elf.segments
      .filter(({ type }) => type === PT.load)
      .map(({ virtualAddress, data }) => {
        const low = keyOfAddress(virtualAddress);
        return { low, high: low + data.length, data };
      });
  }

  /**
   * Visits the instructions between two addresses. An instruction never lies across `high`: a row of the line table begins there, so
   * that decoding finds the way back after data in the code.
   */
  each(low: number, high: number, visit: (key: number, isConditional: boolean) => void): void {
    const segment = this.#segments.find((one) => low >= one.low && high <= one.high);
    if (segment === undefined) return;
    decoder ??= new Decoder(formTable());
    const end = high - segment.low;
    for (let at = low - segment.low; at < end; ) {
      const decodes = decoder.decode(segment.data, at, end, { codeSize: LONG_CODE });
      const { length, form } = decoder.decoded;
      visit(segment.low + at, decodes && isConditionalBranch(form));
      at += decodes ? length : 1;
    }
  }
}
