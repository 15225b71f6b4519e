import * as layout from '../layout.ts';
import { LDTR, type State } from '../state.ts';
import {
  ATTRIBUTE_ACCESSED,
  ATTRIBUTE_UNUSABLE,
  attributesOf,
  baseOf,
  type Descriptor,
  limitOf,
  SELECTOR_ERROR_MASK,
  SELECTOR_LOCAL,
} from './descriptor.ts';
import { generalProtection } from './exception.ts';
import type { Mmu } from './mmu.ts';

const DESCRIPTOR_SIZE = 8;
/** Byte of a descriptor that holds its type, and the high dword's bit for "accessed" there. */
const TYPE_BYTE = 5;
const HIGH_ACCESSED = ATTRIBUTE_ACCESSED << 8;
/** Bits of a 16-byte system descriptor's last dword that must be zero. */
const EXTENDED_TYPE = 0x1f00;

/** Reads and writes entries of the GDT and the LDT, as the processor's implicit accesses. */
export class DescriptorTables {
  readonly #state: State;
  readonly #mmu: Mmu;

  constructor(state: State, mmu: Mmu) {
    this.#state = state;
    this.#mmu = mmu;
  }

  /** Linear address of a selector's descriptor, or undefined when `size` bytes there are beyond the table's limit. */
  addressOf(selector: number, size = DESCRIPTOR_SIZE): bigint | undefined {
    const state = this.#state;
    const index = selector & 0xfff8;
    if ((selector & SELECTOR_LOCAL) === 0) {
      if (index + size - 1 > state.get32(layout.GDTR)) return undefined;
      return BigInt.asUintN(64, state.get64(layout.GDTR + 8) + BigInt(index));
    }
    const local = state.segment(LDTR);
    if ((local.attributes & ATTRIBUTE_UNUSABLE) !== 0 || index + size - 1 > local.limit) return undefined;
    return BigInt.asUintN(64, local.base + BigInt(index));
  }

  /**
   * The descriptor of a selector. A selector beyond its table records #GP(selector | external); a page fault
   * on the table is recorded as such. Returns undefined then.
   */
  read(selector: number, external = 0): Descriptor | undefined {
    const address = this.addressOf(selector);
    if (address === undefined) {
      generalProtection(this.#state, (selector & SELECTOR_ERROR_MASK) | external);
      return undefined;
    }
    const offset = this.#mmu.loadSystem(address, DESCRIPTOR_SIZE);
    if (offset === 0) return undefined;
    const low = this.#mmu.view.getUint32(offset, true);
    const high = this.#mmu.view.getUint32(offset + 4, true);
    return { address, low, high, attributes: attributesOf(high) };
  }

  /**
   * Bits 63–32 of the base or offset in a 16-byte system descriptor, whose first half is at `address`.
   * Records #GP(selector | external) when the second half is beyond the table or has a type. Undefined then.
   */
  readUpper(descriptor: Descriptor, selector: number, external = 0): number | undefined {
    const address = this.addressOf(selector, DESCRIPTOR_SIZE * 2);
    if (address === undefined) {
      generalProtection(this.#state, (selector & SELECTOR_ERROR_MASK) | external);
      return undefined;
    }
    const offset = this.#mmu.loadSystem(descriptor.address + BigInt(DESCRIPTOR_SIZE), DESCRIPTOR_SIZE);
    if (offset === 0) return undefined;
    if ((this.#mmu.view.getUint32(offset + 4, true) & EXTENDED_TYPE) !== 0) {
      generalProtection(this.#state, (selector & SELECTOR_ERROR_MASK) | external);
      return undefined;
    }
    return this.#mmu.view.getUint32(offset, true);
  }

  /** Sets the accessed bit of a code or data descriptor in memory. False with a page fault recorded. */
  markAccessed(descriptor: Descriptor): boolean {
    if ((descriptor.high & HIGH_ACCESSED) !== 0) return true;
    return this.writeTypeByte(descriptor, ((descriptor.high | HIGH_ACCESSED) >>> 8) & 0xff);
  }

  /** Replaces the byte with type, S, DPL and P. False with a page fault recorded. */
  writeTypeByte(descriptor: Descriptor, value: number): boolean {
    const offset = this.#mmu.storeSystem(descriptor.address + BigInt(TYPE_BYTE), 1);
    if (offset === 0) return false;
    this.#mmu.view.setUint8(offset, value);
    this.#mmu.commitBounce();
    return true;
  }

  /** Loads a segment register's hidden part from a descriptor that passed its checks; the descriptor counts as accessed. */
  install(
    segment: number,
    selector: number,
    descriptor: Descriptor,
    base = BigInt(baseOf(descriptor.low, descriptor.high)),
  ): void {
    this.#state.setSegment(segment, {
      selector,
      attributes: descriptor.attributes | ATTRIBUTE_ACCESSED,
      limit: limitOf(descriptor.low, descriptor.high),
      base,
    });
  }

  /** Loads a segment register with a null selector; the base is kept when `base` says so. */
  installNull(segment: number, selector: number, base = 0n): void {
    this.#state.setSegment(segment, { selector, attributes: ATTRIBUTE_UNUSABLE, limit: 0, base });
  }
}
