import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import type { Mmu } from './mmu.ts';
import { ACCESS_FETCH, ACCESS_READ, ACCESS_USER, ACCESS_WRITE, type PageTableEntry } from './paging.ts';
import { CR0_PG, EFER_LMA, isCanonical } from './registers.ts';

const PAGE_SIZE = 4096;
const USER_PRIVILEGE = 3;

/** An access whose translation is asked for. */
export interface InspectedAccess {
  readonly kind: 'read' | 'write' | 'fetch';
  /** Check as user code; without it the current privilege level decides. */
  readonly user?: boolean;
}

/** Why a linear address has no translation for an access. */
export type TranslationFault =
  | { readonly kind: 'non-canonical' }
  /** `errorCode` and the entries are those of the #PF the access would raise. */
  | { readonly kind: 'page-fault'; readonly errorCode: number; readonly entries: readonly PageTableEntry[] };

export interface Translation {
  readonly kind: 'mapped';
  readonly physical: number;
  /** Bytes. */
  readonly pageSize: number;
  readonly writable: boolean;
  readonly user: boolean;
  readonly executable: boolean;
  readonly global: boolean;
  /** From the root to the leaf; empty when paging is off. */
  readonly entries: readonly PageTableEntry[];
}

/** Guest memory by linear address for debuggers: nothing here changes A or D bits, the TLBs or the recorded fault. */
export class MemoryInspector {
  readonly #state: State;
  readonly #mmu: Mmu;

  constructor(state: State, mmu: Mmu) {
    this.#state = state;
    this.#mmu = mmu;
  }

  /** Translates a linear address as the given access would, without side effects. */
  translate(
    linear: bigint,
    access: InspectedAccess = { kind: 'read', user: false },
  ): Translation | TranslationFault {
    const low = Number(linear & 0xffff_ffffn);
    const high = Number((linear >> 32n) & 0xffff_ffffn);
    if (!isCanonical(high)) return { kind: 'non-canonical' };
    const user = access.user ?? this.#state.get32(layout.CPL) === USER_PRIVILEGE;
    let bits = user ? ACCESS_USER : ACCESS_READ;
    if (access.kind === 'write') bits |= ACCESS_WRITE;
    if (access.kind === 'fetch') bits |= ACCESS_FETCH;
    const walker = this.#mmu.walker;
    const entries: PageTableEntry[] = [];
    walker.trace = entries;
    const mapped = walker.walk(low, high, bits, false);
    walker.trace = undefined;
    if (!mapped) return { kind: 'page-fault', errorCode: walker.errorCode, entries };
    return {
      kind: 'mapped',
      physical: walker.physicalPage + (low & (PAGE_SIZE - 1)),
      pageSize: walker.pageSize,
      writable: walker.writable,
      user: walker.user,
      executable: walker.executable,
      global: walker.global,
      entries,
    };
  }

  /** Looks at memory as another address space has it: `root` is its CR3. Only for 4-level paging. */
  within<T>(root: bigint | undefined, look: () => T): T {
    const { walker } = this.#mmu;
    const before = walker.root;
    walker.root = root;
    try {
      return look();
    } finally {
      walker.root = before;
    }
  }

  /**
   * Copies guest memory at a linear address, whatever its permissions. Returns fewer bytes than asked for
   * when it meets a page that is not mapped to RAM.
   */
  readMemory(linear: bigint, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    const done = this.#eachPiece(linear, size, (physical, offset, length) => {
      bytes.set(this.#state.ram.subarray(physical, physical + length), offset);
    });
    return bytes.subarray(0, done);
  }

  /**
   * Writes guest memory at a linear address, whatever its permissions, and tells `written` each physical range so that decoded
   * instructions can be dropped. Returns how many bytes were written: fewer when it meets a page that is not mapped to RAM.
   */
  writeMemory(
    linear: bigint,
    bytes: Uint8Array,
    written: (physical: number, length: number) => void,
  ): number {
    return this.#eachPiece(linear, bytes.length, (physical, offset, length) => {
      this.#state.ram.set(bytes.subarray(offset, offset + length), physical);
      this.#mmu.tlb.dirtyPages.mark(Math.floor(physical / PAGE_SIZE));
      written(physical, length);
    });
  }

  #eachPiece(
    linear: bigint,
    size: number,
    visit: (physical: number, offset: number, length: number) => void,
  ): number {
    const wide = (this.#state.get32(layout.EFER) & EFER_LMA) !== 0;
    let done = 0;
    while (done < size) {
      const address = wide
        ? BigInt.asUintN(64, linear + BigInt(done))
        : BigInt.asUintN(32, linear + BigInt(done));
      const found = this.translateAny(address);
      if (found === undefined || found >= this.#state.ram.length) break;
      const length = Math.min(size - done, PAGE_SIZE - (found % PAGE_SIZE));
      visit(found, done, length);
      done += length;
    }
    return done;
  }

  /**
   * Physical address of a linear one, given by its halves as signed 32-bit numbers, whatever its permissions; -1 when it is not mapped to RAM,
   * and outside of long mode. For who asks a million times a second.
   */
  longModeAddress(low: number, high: number): number {
    const state = this.#state;
    const isLong = (state.get32(layout.CR0) & CR0_PG) !== 0 && (state.get32(layout.EFER) & EFER_LMA) !== 0;
    if (!isLong || !isCanonical(high)) return -1;
    const physical = this.#mmu.walker.findLong(low, high);
    return physical < state.ram.length ? physical : -1;
  }

  /** Physical address of a linear one whatever its permissions, or undefined when it is not mapped. */
  translateAny(linear: bigint): number | undefined {
    if ((this.#state.get32(layout.CR0) & CR0_PG) === 0) return Number(linear & 0xffff_ffffn);
    // With SMAP a user page is readable only as a user.
    const supervisor = this.translate(linear, { kind: 'read', user: false });
    const found =
      supervisor.kind === 'mapped' ? supervisor : this.translate(linear, { kind: 'read', user: true });
    return found.kind === 'mapped' ? found.physical : undefined;
  }
}
