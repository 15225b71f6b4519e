import type { KernelImage } from '../../kernel/index.ts';

/** How the kernel prints where it was when it trapped. */
const PROGRAM_COUNTER = /\bpc=([0-9a-f]{16})\b/;

/** A panic's message, with the function and the line of the instruction that it names. */
export function withPlace(image: KernelImage, message: string): string {
  return message.replace(PROGRAM_COUNTER, (found, digits: string) => {
    const place = image.place(BigInt(`0x${digits}`));
    if (place.function === undefined) return found;
    const offset = place.offset === 0 ? '' : `+0x${place.offset.toString(16)}`;
    const source = place.file === undefined ? '' : ` at ${place.file}:${place.line ?? '?'}`;
    return `${found} <${place.function}${offset}>${source}`;
  });
}
