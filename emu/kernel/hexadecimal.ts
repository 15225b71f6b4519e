const ADDRESS_DIGITS = 16;

/** A 64-bit value as 16 hexadecimal digits; negative numbers wrap. */
export function hex64(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16).padStart(ADDRESS_DIGITS, '0');
}

/** A value as `0x…`; negative numbers keep their sign. */
export function hex(value: bigint | number): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}
