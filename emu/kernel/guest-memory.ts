import { KernelError } from './errors.ts';
import { hex } from './hexadecimal.ts';

/** Where guest bytes come from: linear addresses as the guest's page tables map them now. */
export interface LinearMemory {
  /** Up to `size` bytes; fewer when a page is not mapped to RAM. Without side effects. */
  readMemory(linear: bigint, size: number): Uint8Array;
  /** The physical address of a linear one, whatever its permissions; undefined when it is not mapped. */
  translateAny(linear: bigint): number | undefined;
}

const PAGE_SIZE = 4096;
const PAGE_MASK = BigInt(PAGE_SIZE - 1);
const WORD_SIZE = 8;
/** The longest string that is read. */
const STRING_LIMIT = 4096;

/** Guest memory by linear address, read only. */
export class GuestMemory {
  readonly #source: LinearMemory;

  constructor(source: LinearMemory) {
    this.#source = source;
  }

  /** The physical address of a linear one; undefined when it is not mapped. */
  physical(address: bigint): number | undefined {
    return this.#source.translateAny(BigInt.asUintN(64, address));
  }

  /** Exactly `size` bytes, or undefined when they are not all mapped. */
  tryRead(address: bigint, size: number): Uint8Array | undefined {
    const bytes = this.#source.readMemory(BigInt.asUintN(64, address), size);
    return bytes.length === size ? bytes : undefined;
  }

  /** Exactly `size` bytes. Throws KernelError 'unmapped'. */
  read(address: bigint, size: number): Uint8Array {
    const bytes = this.tryRead(address, size);
    if (bytes === undefined) {
      throw new KernelError('unmapped', `${size} bytes at ${hex(address)}: no memory is mapped there`);
    }
    return bytes;
  }

  /** An unsigned 64-bit word. Throws KernelError 'unmapped'. */
  word(address: bigint): bigint {
    const bytes = this.read(address, WORD_SIZE);
    return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  }

  /** A string of C up to its NUL, or the `limit` bytes before it. Throws KernelError 'unmapped' when no NUL comes before unmapped memory. */
  string(address: bigint, limit = STRING_LIMIT): string {
    const bytes: number[] = [];
    for (let at = BigInt.asUintN(64, address); bytes.length < limit; ) {
      const toPageEnd = PAGE_SIZE - Number(at & PAGE_MASK);
      const piece = this.read(at, Math.min(toPageEnd, limit - bytes.length));
      const end = piece.indexOf(0);
      bytes.push(...(end < 0 ? piece : piece.subarray(0, end)));
      if (end >= 0) break;
      at += BigInt(piece.length);
    }
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }
}
