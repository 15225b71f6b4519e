import { BINARY32, isNaNKind, signed, unpack } from './format.ts';

const bytes = new DataView(new ArrayBuffer(4));
const DENORMALS_ARE_ZERO = true;

function numberOf(bits: bigint): number {
  bytes.setUint32(0, Number(bits));
  return bytes.getFloat32(0);
}

/** The bits of a result rounded to binary32; one below the normal numbers is a zero of its sign. */
function bitsOf(value: number): bigint {
  bytes.setFloat32(0, value);
  return unpack(BigInt(bytes.getUint32(0)), BINARY32, DENORMALS_ARE_ZERO).bits;
}

/**
 * RCPPS and RSQRTPS: approximations that the manual bounds by a relative error of 1.5 × 2^-12 and whose bits differ between processors.
 * This one rounds the exact result to binary32. MXCSR counts for nothing: denormals are zero and no exception is met.
 */
export function reciprocal(bits: bigint): bigint {
  const a = unpack(bits, BINARY32, DENORMALS_ARE_ZERO);
  if (isNaNKind(a)) return bits | BINARY32.quietBit;
  if (a.kind === 'zero') return signed(a.sign, BINARY32.infinity, BINARY32);
  if (a.kind === 'infinity') return signed(a.sign, 0n, BINARY32);
  return bitsOf(1 / numberOf(bits));
}

export function reciprocalSquareRoot(bits: bigint): bigint {
  const a = unpack(bits, BINARY32, DENORMALS_ARE_ZERO);
  if (isNaNKind(a)) return bits | BINARY32.quietBit;
  if (a.kind === 'zero') return signed(a.sign, BINARY32.infinity, BINARY32);
  if (a.sign === 1) return BINARY32.defaultNaN;
  if (a.kind === 'infinity') return 0n;
  return bitsOf(1 / Math.sqrt(numberOf(bits)));
}
