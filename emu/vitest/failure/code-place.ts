import type { KernelImage } from '../../kernel/index.ts';

/** How the kernel prints where it was when it trapped. */
const PROGRAM_COUNTER = /\bpc=([0-9a-f]{16})\b/;

/** A panic's message, with the function and the line of the instruction that it names. */
export function withPlace(image: KernelImage, message: string): string {
  return message.replace(
    PROGRAM_COUNTER,
    (found, digits: string) => `${found}${placeSuffix(image, BigInt(`0x${digits}`))}`,
  );
}

/** An address with its function and line: `0xffffffff81021a5d <memcpy+0xd> at guest/sys/lib/libkern/libkern.c:17`. */
export function placeName(image: KernelImage, address: bigint): string {
  return `0x${address.toString(16)}${placeSuffix(image, address)}`;
}

function placeSuffix(image: KernelImage, address: bigint): string {
  const place = image.place(address);
  if (place.function === undefined) return '';
  const offset = place.offset === 0 ? '' : `+0x${place.offset.toString(16)}`;
  const source = place.file === undefined ? '' : ` at ${place.file}:${place.line ?? '?'}`;
  return ` <${place.function}${offset}>${source}`;
}
