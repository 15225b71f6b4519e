import type { Decoded } from '../../emu/cpu/decode/decoder.ts';
import * as layout from '../../emu/cpu/layout.ts';
import { type DataSegments, LDT_DATA, LDT_DATA_BASE } from '../../test/oracles/user-case.ts';
import type { Random } from '../../test/oracles/user-case-random.ts';
import { type Encoded, patch, type Way } from './encoder.ts';
import { isCanonical, placesOf, type TargetWish, targetAddress } from './places.ts';

/** Registers whose value at the start of the case is chosen already. */
export type Pinned = Map<number, bigint>;

/** Segment numbers in encoding order. */
const ES = 0;
const DS = 3;
const FS = 4;
const GS = 5;

/** What the case's segments add to an offset. */
export interface SegmentState {
  readonly segments: DataSegments;
  readonly fsBase: bigint;
  readonly gsBase: bigint;
}

/** Base of a segment for a case of 32-bit code, or an FS or GS override in 64-bit code. */
export function segmentBase(segment: number, { segments, fsBase, gsBase }: SegmentState): bigint {
  const based = (selector: number) => (selector === LDT_DATA ? LDT_DATA_BASE : 0n);
  if (segment === ES) return based(segments.es);
  if (segment === DS) return based(segments.ds);
  if (segment === FS) return fsBase;
  return segment === GS ? gsBase : 0n;
}

/** A memory operand as the decoder sees it, with the registers by number. */
export interface Address {
  readonly base: number | undefined;
  readonly index: number | undefined;
  readonly scale: number;
  readonly displacement: bigint;
  readonly ripRelative: boolean;
  /** Base of its segment. */
  readonly segmentBase: bigint;
  /** In bits. */
  readonly width: number;
}

/** Number of the general register at a slot of the state, or undefined. */
export const registerOf = (slot: number): number | undefined =>
  slot >= layout.GPR && slot < layout.ZERO ? (slot - layout.GPR) >> 3 : undefined;

export function addressOf(decoded: Decoded, state: SegmentState): Address {
  return {
    base: registerOf(decoded.base),
    index: registerOf(decoded.index),
    scale: decoded.scale,
    displacement: decoded.displacement,
    ripRelative: decoded.ripRelative,
    segmentBase: decoded.segment < 0 ? 0n : segmentBase(decoded.segment, state),
    width: decoded.addressSize * 8,
  };
}

/** The linear address of an operand with the registers that a case starts with. */
export function linearAddress(
  address: Address,
  registers: BigUint64Array,
  bits: 32 | 64,
): bigint | undefined {
  if (address.ripRelative) return undefined;
  const { base, index, width, scale, displacement } = address;
  const value = (register: number | undefined) =>
    register === undefined ? 0n : (registers[register] as bigint);
  const offset = BigInt.asUintN(width, value(base) + (value(index) << BigInt(scale)) + displacement);
  return BigInt.asUintN(bits, offset + address.segmentBase);
}

export interface Aim {
  readonly random: Random;
  readonly way: Way;
  readonly address: Address;
  readonly encoded: Encoded;
  /** Of the instruction in the code. */
  readonly offset: number;
  readonly pinned: Pinned;
  readonly wish: Omit<TargetWish, 'bits' | 'low'>;
}

/**
 * Makes a memory operand point at something: by start values of its registers, where they are still free, or by patching its
 * displacement. Returns the linear address when it is known.
 */
export function aimAt({ random, way, address, encoded, offset, pinned, wish }: Aim): bigint | undefined {
  const { base, index, width } = address;
  // An absolute or 32-bit address in 64-bit code reaches the lowest 4 GiB only.
  const absolute = base === undefined && !address.ripRelative;
  const low = way.bits === 64 && (width < 64 || absolute);
  let linear = targetAddress(random, { ...wish, bits: way.bits, low: low && address.segmentBase === 0n });
  // Not an offset that only its segment's base makes canonical: the host's processor refuses it, others do not.
  if (way.bits === 64 && !isCanonical(linear - address.segmentBase)) linear = placesOf(64).data + 0x100n;
  const wanted = linear - address.segmentBase;
  if (address.ripRelative) {
    const end = placesOf(way.bits).code + BigInt(offset + encoded.bytes.length);
    patch(encoded.bytes, encoded.displacementAt, wanted - end, encoded.displacementSize);
    return linear;
  }
  if (index !== undefined && !pinned.has(index)) {
    const value = random.oneIn(8) ? random.interesting() : BigInt(random.below(64) - 32);
    pinned.set(index, BigInt.asUintN(64, absolute ? BigInt(random.below(8)) : value));
  }
  const indexed = index === undefined ? 0n : (pinned.get(index) as bigint) << BigInt(address.scale);
  if (absolute) {
    patch(encoded.bytes, encoded.displacementAt, wanted - indexed, encoded.displacementSize);
    return linear;
  }
  if (base === undefined || pinned.has(base)) return undefined;
  const value = BigInt.asUintN(width, wanted - address.displacement - (index === base ? 0n : indexed));
  // What is above the address size counts for nothing.
  const above =
    way.bits === 64 && width === 32
      ? random.u64() << 32n
      : width === 16
        ? BigInt(random.below(2 ** 16)) << 16n
        : 0n;
  pinned.set(base, BigInt.asUintN(way.bits, value | above));
  return linear;
}
