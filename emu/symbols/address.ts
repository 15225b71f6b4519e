/**
 * Addresses inside this room.
 *
 * The public API speaks `bigint`. Tables are searched with doubles: an amd64 address is canonical, that is, a
 * sign-extended 48-bit integer (Intel SDM vol. 1, 3.3.7.1), so its signed value is exact in a double and a kernel
 * address such as 0xffffffff81000000 is simply a small negative number. Such a number is called an address key.
 * Values too wide to be exact (never canonical) stay outside the tables.
 */

const TWO_TO_32 = 0x1_0000_0000;
const ADDRESS_BITS = 64;

/** The key of an address; not a safe integer when the address is far from canonical. */
export function keyOfAddress(address: bigint): number {
  return Number(BigInt.asIntN(ADDRESS_BITS, address));
}

/** The unsigned 64-bit address of a key. */
export function addressOfKey(key: number): bigint {
  return BigInt.asUintN(ADDRESS_BITS, BigInt(key));
}

/** The key of the address whose halves are `low` and `high`. */
export function keyOfWords(low: number, high: number): number {
  return (high | 0) * TWO_TO_32 + (low >>> 0);
}

/** Whether a key stands for exactly one address, and so may be searched for. */
export function isExactKey(key: number): boolean {
  return Number.isSafeInteger(key);
}

/** A half-open range of address keys. */
export interface KeyRange {
  readonly low: number;
  readonly high: number;
}

/**
 * The index of the last of `count` ascending values that is not above `value`, or -1.
 * `valueAt` reads one of them.
 */
export function lastNotAbove(count: number, value: number, valueAt: (index: number) => number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueAt(middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** An address as C programmers write it. */
export function formatAddress(address: bigint): string {
  return `0x${address.toString(16)}`;
}
