import {
  AFTER_UNMAPPED,
  AFTER_UNMAPPED_32,
  CODE,
  CODE_32,
  DATA,
  DATA_32,
  LOW,
  PAGE_BYTES,
  READ_ONLY,
  READ_ONLY_32,
  STACK,
  STACK_32,
  STACK_END,
  STACK_END_32,
  UNMAPPED,
  UNMAPPED_32,
} from '../../test/oracles/user-case.ts';
import type { Random } from '../../test/oracles/user-case-random.ts';

/** Where a case of one code size finds its memory. */
export interface Places {
  readonly code: bigint;
  readonly data: bigint;
  readonly readOnly: bigint;
  readonly unmapped: bigint;
  readonly afterUnmapped: bigint;
  readonly stack: bigint;
  readonly stackEnd: bigint;
}

const places64: Places = {
  code: CODE,
  data: DATA,
  readOnly: READ_ONLY,
  unmapped: UNMAPPED,
  afterUnmapped: AFTER_UNMAPPED,
  stack: STACK,
  stackEnd: STACK_END,
};
const places32: Places = {
  code: CODE_32,
  data: DATA_32,
  readOnly: READ_ONLY_32,
  unmapped: UNMAPPED_32,
  afterUnmapped: AFTER_UNMAPPED_32,
  stack: STACK_32,
  stackEnd: STACK_END_32,
};

export const placesOf = (bits: 32 | 64): Places => (bits === 32 ? places32 : places64);

const PAGE = BigInt(PAGE_BYTES);

export function isCanonical(address: bigint): boolean {
  return BigInt.asUintN(64, BigInt.asIntN(48, address)) === BigInt.asUintN(64, address);
}

/** What an access should find where it goes. */
export interface TargetWish {
  readonly bits: 32 | 64;
  /** Bytes that will be accessed. */
  readonly size: number;
  /** The address must be a multiple of `size` mostly, because it faults otherwise. */
  readonly aligned: boolean;
  /** Only 32 bits of an address can be reached. */
  readonly low: boolean;
  /** Nothing but mapped, writable memory. */
  readonly safe?: boolean;
}

/** An address worth accessing: mostly mapped and writable, sometimes across an edge. */
export function targetAddress(random: Random, wish: TargetWish): bigint {
  const address = anyTarget(random, wish);
  const step = BigInt(wish.size);
  return wish.aligned && !random.oneIn(24) ? address - (address % step) : address;
}

function anyTarget(random: Random, { bits, size, low, safe }: TargetWish): bigint {
  const { code, data, readOnly, unmapped, afterUnmapped } = placesOf(bits);
  const span = Math.max(16, Math.min(2 * size, 64));
  const near = (address: bigint) => address + BigInt(random.below(span + 4) - span);
  const inside = (start: bigint, pages: number) =>
    start + BigInt(random.below(pages * PAGE_BYTES - Math.min(size, 1024)));
  if (bits === 64 && low) return inside(LOW, 2);
  if (safe) return inside(data, 2);
  switch (random.below(24)) {
    case 0:
    case 1:
      return near(data + PAGE);
    case 2:
      return near(readOnly);
    case 3:
      return inside(readOnly, 1);
    case 4:
      return near(unmapped);
    case 5:
      return near(afterUnmapped);
    case 6:
      return bits === 64 ? near(1n << 47n) : near(0xffff_0000n);
    case 7:
      return bits === 64 && random.oneIn(2) ? near(0xffff_8000_0000_0000n) : BigInt(random.below(16));
    case 8:
      return inside(LOW, 2);
    case 9:
      return near(code + PAGE);
    default:
      return inside(data, 2);
  }
}

/** Where the stack pointer of a case starts: inside the stack, mostly aligned; seldom at its edges or nowhere. */
export function stackPointer(random: Random, bits: 32 | 64): bigint {
  const { stack, stackEnd, readOnly } = placesOf(bits);
  if (random.oneIn(16)) {
    const nowhere = bits === 64 ? [0x1000n, 1n << 47n, 1n << 63n] : [0x2000n, 0xffff_0000n];
    return random.pick([
      stack,
      stack + 4n,
      stack + 8n,
      stackEnd,
      stackEnd - 4n,
      readOnly + 0x80n,
      ...nowhere,
    ]);
  }
  if (random.oneIn(10)) return stack + PAGE + BigInt(random.below(16) - 8);
  return stack + 0x800n + BigInt(random.below(0x1000) & (random.oneIn(4) ? -1 : ~7));
}

/** Bytes that are laid around an address which an instruction may access. */
const CHUNK = 256;
const CHUNK_ALIGNMENT = 64n;

/** Where to lay `length` bytes so that an access near `address` finds some; undefined where nothing is mapped. */
export function chunkStart(bits: 32 | 64, address: bigint, length: number = CHUNK): bigint | undefined {
  const { data, readOnly, afterUnmapped, stack } = placesOf(bits);
  const regions: readonly (readonly [bigint, number])[] = [
    [data, 2],
    [readOnly, 1],
    [afterUnmapped, 1],
    [stack, 2],
    [LOW, 2],
  ];
  for (const [start, pages] of regions) {
    const end = start + BigInt(pages * PAGE_BYTES);
    if (address + CHUNK_ALIGNMENT < start || address >= end + CHUNK_ALIGNMENT) continue;
    const wanted = (address - BigInt(CHUNK / 2)) & ~(CHUNK_ALIGNMENT - 1n);
    if (wanted < start) return start;
    return wanted + BigInt(length) > end ? end - BigInt(length) : wanted;
  }
  return undefined;
}
export const CHUNK_BYTES = CHUNK;
