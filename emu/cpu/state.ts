import * as layout from './layout.ts';

/** Index of a segment register in `SEGMENTS`, in encoding order; LDTR and TR follow. */
export const ES = 0;
export const CS = 1;
export const SS = 2;
export const DS = 3;
export const FS = 4;
export const GS = 5;
export const LDTR = 6;
export const TR = 7;

/** A segment register as the processor holds it: the visible selector and the hidden descriptor. */
export interface Segment {
  selector: number;
  /** Descriptor bits 40–55 (type, S, DPL, P, AVL, L, D/B, G) in bits 0–15; bit 16 set when the register is unusable. */
  attributes: number;
  /** Last valid offset, in bytes. */
  limit: number;
  base: bigint;
}

/**
 * The linear memory that generated code and TypeScript share, with views on it. Plain data: whoever copies the bytes
 * below `layout.STATE_END` and the RAM has copied the processor. 64-bit slots are read as pairs of unsigned 32-bit
 * halves where speed matters and as bigint elsewhere.
 */
export class State {
  readonly memory: WebAssembly.Memory;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly u64: BigUint64Array;
  /** Guest RAM; index 0 is physical address 0. Whoever writes it tells the processor (`memoryWritten`): snapshots look at written pages only. */
  readonly ram: Uint8Array;

  /** `ramSize`: bytes of RAM, a multiple of 64 KiB. Throws RangeError when the host cannot provide it. */
  constructor(ramSize: number) {
    const pages = (layout.RAM + ramSize) / 0x1_0000;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const buffer = this.memory.buffer;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.ram = new Uint8Array(buffer, layout.RAM, ramSize);
  }

  /** 32-bit slot, unsigned. */
  get32(offset: number): number {
    return this.u32[offset >>> 2] as number;
  }

  set32(offset: number, value: number): void {
    this.u32[offset >>> 2] = value;
  }

  /** High half of a 64-bit slot, unsigned. */
  high(offset: number): number {
    return this.u32[(offset >>> 2) + 1] as number;
  }

  setPair(offset: number, low: number, high: number): void {
    this.u32[offset >>> 2] = low;
    this.u32[(offset >>> 2) + 1] = high;
  }

  get64(offset: number): bigint {
    return this.u64[offset >>> 3] as bigint;
  }

  set64(offset: number, value: bigint): void {
    this.u64[offset >>> 3] = value;
  }

  segment(index: number): Segment {
    const at = layout.SEGMENTS + index * layout.SEGMENT_SIZE;
    return {
      selector: this.u16[at >>> 1] as number,
      attributes: this.get32(at + layout.SEGMENT_ATTRIBUTES),
      limit: this.get32(at + layout.SEGMENT_LIMIT),
      base: this.get64(at + layout.SEGMENT_BASE),
    };
  }

  setSegment(index: number, segment: Segment): void {
    const at = layout.SEGMENTS + index * layout.SEGMENT_SIZE;
    this.u16[at >>> 1] = segment.selector;
    this.set32(at + layout.SEGMENT_ATTRIBUTES, segment.attributes);
    this.set32(at + layout.SEGMENT_LIMIT, segment.limit);
    this.set64(at + layout.SEGMENT_BASE, segment.base);
  }
}
