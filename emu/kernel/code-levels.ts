import type { KernelImage } from './kernel-image.ts';

/** A function that executes at a place: of one that is inlined into others there are several. */
export interface CodeLevel {
  /** As the source has it, without what the compiler adds (`shell.constprop.0`); undefined where no symbol covers the address. */
  readonly function: string | undefined;
  /** Bytes from the function's start; undefined for an inlined call. */
  readonly offset: number | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** Inlined into the next. */
  readonly isInlined: boolean;
}

/**
 * The function that has the code of a frame, and before it those that are inlined there. `lookupPc` is `Frame.lookupPc`: in a caller it
 * lies inside the call, and its line is the call's.
 */
export function codeLevels(image: KernelImage, address: bigint, lookupPc: bigint): readonly CodeLevel[] {
  // A frame that nobody called begins with its function: nothing ends just before it.
  const lookup = image.symbols.at(lookupPc) === undefined ? address : lookupPc;
  const hit = image.symbols.at(lookup);
  const offset = hit === undefined ? undefined : hit.offset + Number(address - lookup);
  const statement = image.lines.aboutToExecute(lookup);
  const sources = image.debug.framesAt(lookup);
  if (sources.length === 0) {
    const { file, line } = statement ?? image.place(lookup);
    return [{ function: hit?.symbol.name, offset, file, line, isInlined: false }];
  }
  return sources.map(({ name, file, line, isInlined }, level) => ({
    function: name,
    offset: isInlined ? undefined : offset,
    file: level === 0 ? (statement?.file ?? file) : file,
    line: level === 0 ? (statement?.line ?? line) : line,
    isInlined,
  }));
}
