import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import { generalProtection, raiseWithError, Vector } from '../system/exception.ts';
import type { Mmu } from '../system/mmu.ts';
import { Privilege } from '../system/mmu.ts';
import { is64BitCode } from '../system/mode.ts';
import { isCanonical } from '../system/registers.ts';
import { Status } from '../system/status.ts';

/** FXSAVE's image in memory (Intel SDM volume 1, 10.5.1, and volume 2, FXSAVE): sizes and offsets in bytes. */
const IMAGE = 512;
const ALIGNMENT = 16;
/** What FXSAVE writes: up to XMM7 or XMM15. What follows is left alone. */
const USED_LEGACY = 288;
const USED_LONG = 416;
const CHUNK = 64;
const X87_POINTERS = 8;
const POINTER = 8;
const POINTER_SELECTOR = 4;
const REGISTER_SLOT = 16;
const X87_REGISTER = 10;
const X87_REGISTERS = 8;

const MXCSR_RESERVED = 0xffff_0000;
/** Bits of the control word that are always one, and those that can be either. */
const CONTROL_FIXED = 0x0040;
const CONTROL_DEFINED = 0x1f3f;
const OPCODE_DEFINED = 0x07ff;
/** TOP in the status word. */
const TOP_SHIFT = 11;
const TOP_MASK = 7 << TOP_SHIFT;

/** FXSAVE and FXRSTOR, and the order of the x87 registers in the image that the processor keeps. */
export class FxImage {
  readonly #state: State;
  readonly #mmu: Mmu;
  readonly #image: Uint8Array;

  constructor(state: State, mmu: Mmu) {
    this.#state = state;
    this.#mmu = mmu;
    this.#image = state.u8.subarray(layout.FX, layout.FX + IMAGE);
  }

  save(low: number, high: number, stack: number, wide: number): number {
    const address = this.#address(low, high, stack, 'write');
    if (address === undefined) return Status.Fault;
    const out = this.#image.slice(0, is64BitCode(this.#state) ? USED_LONG : USED_LEGACY);
    if (wide === 0) {
      // The 32-bit format has 4 bytes of each pointer and its selector, which no processor of this kind keeps any more.
      for (const at of [X87_POINTERS, X87_POINTERS + POINTER]) {
        out.fill(0, at + POINTER_SELECTOR, at + POINTER);
      }
    }
    this.#each(address, out.length, (part, offset, size) => {
      const to = this.#mmu.prepareWrite(part.low, part.high, size, Privilege.Current, stack !== 0);
      this.#state.u8.set(out.subarray(offset, offset + size), to);
      if (to === layout.BOUNCE) this.#mmu.commitBounce();
    });
    return Status.Next;
  }

  restore(low: number, high: number, stack: number, wide: number): number {
    const address = this.#address(low, high, stack, 'read');
    if (address === undefined) return Status.Fault;
    const state = this.#state;
    const from = new Uint8Array(IMAGE);
    this.#each(address, IMAGE, (part, offset, size) => {
      const at = this.#mmu.prepareRead(part.low, part.high, size, Privilege.Current, stack !== 0);
      from.set(state.u8.subarray(at, at + size), offset);
    });
    const view = new DataView(from.buffer);
    const mxcsr = view.getUint32(layout.MXCSR - layout.FX, true);
    if ((mxcsr & MXCSR_RESERVED) !== 0) return generalProtection(state);
    const pointers = from.slice(X87_POINTERS, X87_POINTERS + 2 * POINTER);
    if (wide === 0) {
      for (const at of [0, POINTER]) pointers.fill(0, at + POINTER_SELECTOR, at + POINTER);
    }
    const image = this.#image;
    image.set(from.subarray(0, 5), 0);
    image[5] = 0;
    state.u16[layout.X87_CONTROL >>> 1] = (view.getUint16(0, true) & CONTROL_DEFINED) | CONTROL_FIXED;
    state.u16[(layout.FX + 6) >>> 1] = view.getUint16(6, true) & OPCODE_DEFINED;
    image.set(pointers, X87_POINTERS);
    state.set32(layout.MXCSR, mxcsr);
    for (let i = 0; i < X87_REGISTERS; i++) {
      const at = layout.X87 - layout.FX + i * REGISTER_SLOT;
      image.set(from.subarray(at, at + X87_REGISTER), at);
      image.fill(0, at + X87_REGISTER, at + REGISTER_SLOT);
    }
    const vectors = layout.XMM - layout.FX;
    const end = is64BitCode(state) ? USED_LONG : USED_LEGACY;
    image.set(from.subarray(vectors, end), vectors);
    return Status.Next;
  }

  /** Turns ST(0)–ST(7) so that TOP is zero: then ST(n) and MMn are the same register. */
  align(): number {
    const status = layout.X87_STATUS >>> 1;
    const word = this.#state.u16[status] as number;
    const top = (word & TOP_MASK) >>> TOP_SHIFT;
    const registers = layout.X87 - layout.FX;
    const size = X87_REGISTERS * REGISTER_SLOT;
    const old = this.#image.slice(registers, registers + size);
    for (let i = 0; i < X87_REGISTERS; i++) {
      const physical = ((i + top) % X87_REGISTERS) * REGISTER_SLOT;
      this.#image.set(old.subarray(i * REGISTER_SLOT, (i + 1) * REGISTER_SLOT), registers + physical);
    }
    this.#state.u16[status] = word & ~TOP_MASK;
    return Status.Next;
  }

  /** The checked address of an image, all of whose bytes can be accessed; undefined with the fault recorded. */
  #address(low: number, high: number, stack: number, access: 'read' | 'write'): bigint | undefined {
    const state = this.#state;
    if (!isCanonical(high >>> 0)) {
      if (stack !== 0) raiseWithError(state, Vector.StackFault, 0);
      else generalProtection(state);
      return undefined;
    }
    if ((low & (ALIGNMENT - 1)) !== 0) {
      generalProtection(state);
      return undefined;
    }
    const first = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    // AMD's processors try the last byte first.
    for (const address of [first + BigInt(IMAGE - 1), first]) {
      const { low: l, high: h } = halves(address);
      const found =
        access === 'read'
          ? this.#mmu.prepareRead(l, h, 1, Privilege.Current, stack !== 0)
          : this.#mmu.prepareWrite(l, h, 1, Privilege.Current, stack !== 0);
      if (found === 0) return undefined;
    }
    state.set32(layout.BOUNCE_SIZE, 0);
    return first;
  }

  #each(
    address: bigint,
    length: number,
    act: (part: { low: number; high: number }, offset: number, size: number) => void,
  ): void {
    for (let offset = 0; offset < length; offset += CHUNK) {
      act(halves(address + BigInt(offset)), offset, Math.min(CHUNK, length - offset));
    }
  }
}

function halves(address: bigint): { low: number; high: number } {
  return {
    low: Number(BigInt.asUintN(32, address)),
    high: Number(BigInt.asUintN(32, address >> 32n)),
  };
}
