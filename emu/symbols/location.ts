import type { ValueType } from './expression-arithmetic.ts';
import type { MemoryReader } from './registers.ts';

/** What an expression may ask for. Anything may be unknown; the result is then "unavailable". */
export interface ExpressionContext {
  /** A register by DWARF number. */
  readonly register: (index: number) => bigint | undefined;
  readonly readMemory: MemoryReader;
  /** The frame base of the function (DW_AT_frame_base). */
  readonly frameBase?: (() => bigint | undefined) | undefined;
  /** The canonical frame address. */
  readonly cfa?: (() => bigint | undefined) | undefined;
  /** What is to be added to addresses that expressions hold: where the file was loaded. */
  readonly loadBias?: bigint | undefined;
  /** An entry of the unit's address table. */
  readonly indexedAddress?: ((index: number) => bigint) | undefined;
  /** The base type at a unit-relative offset. */
  readonly baseType?: ((offset: number) => ValueType | undefined) | undefined;
  /** What an expression had as value when the function was entered. */
  readonly entryValue?: ((expression: Uint8Array) => bigint | undefined) | undefined;
  /** Values on the stack at the start (CFI rules begin with the CFA). */
  readonly initialStack?: readonly bigint[] | undefined;
  /** 4 in 32-bit DWARF. */
  readonly offsetSize?: number | undefined;
  readonly version?: number | undefined;
}

/** Where a value is, or the value itself. */
export type Location =
  | { readonly kind: 'memory'; readonly address: bigint }
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'value'; readonly value: bigint }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'pieces'; readonly pieces: readonly Piece[] }
  /** The compiler kept no such value, or what it depends on is not known here. */
  | { readonly kind: 'optimised-out'; readonly reason: string };

/** A part of a value, lowest address first. */
export interface Piece {
  readonly location: Location;
  readonly bitSize: number;
  /** Bits to skip inside the location. */
  readonly bitOffset: number;
}
