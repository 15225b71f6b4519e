import { type ArrayType, type StructType, sizeOf, stripType, type Type } from '../../symbols/index.ts';
import { KernelError } from '../errors.ts';
import { hex } from '../hexadecimal.ts';
import type { Kernel } from '../kernel.ts';

const PAGE_SHIFT = 12n;
const PAGE_MASK = 0xfffn;
const PAGE_SIZE = 4096;
const PATH_STEP = /^(?:\.?([A-Za-z_$][\w$]*)|\[(\d+)\])/;
const POINTER_SIZE = 8;

/** Where a member lies in its structure, and how it is read. */
export interface Field {
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  readonly signed: boolean;
}

/**
 * The kernel's structures read by offset, for those who look at all of them at once: members are found in the debugging
 * information once, addresses are translated once for each page. `forget` must be called when the guest has moved.
 */
export class Structures {
  readonly kernel: Kernel;
  readonly #view: DataView;
  readonly #words: Uint32Array;
  readonly #fields = new Map<string, Map<string, Field>>();
  readonly #pages = new Map<bigint, number>();
  readonly #texts = new Map<bigint, string>();

  constructor(kernel: Kernel) {
    const { ram } = kernel.machine.state;
    this.kernel = kernel;
    this.#view = new DataView(ram.buffer, ram.byteOffset, ram.byteLength);
    this.#words = new Uint32Array(ram.buffer, ram.byteOffset, ram.byteLength >>> 2);
  }

  /** Translations are made anew from now on. */
  forget(): void {
    this.#pages.clear();
  }

  /** A member of a structure, by a path of names and indices that goes through no pointer. Throws KernelError 'no-member', 'no-type'. */
  field(structure: string, path: string): Field {
    let fields = this.#fields.get(structure);
    if (fields === undefined) {
      fields = new Map();
      this.#fields.set(structure, fields);
    }
    let found = fields.get(path);
    if (found === undefined) {
      found = resolve(this.kernel.image.struct(structure), path);
      fields.set(path, found);
    }
    return found;
  }

  /** Bytes of a structure. */
  sizeOf(structure: string): number {
    return this.kernel.image.struct(structure).size;
  }

  /** The address of a global variable. Throws KernelError 'no-symbol'. */
  global(name: string): bigint {
    return this.kernel.image.address(name);
  }

  /** A member that is an integer; beyond 2^53 it is rounded. Throws KernelError 'unmapped'. */
  number(address: bigint, field: Field): number {
    const at = this.physical(address + BigInt(field.offset));
    const { size, signed } = field;
    if (size === 4) return signed ? this.#view.getInt32(at, true) : this.#view.getUint32(at, true);
    if (size === 8) {
      return Number(signed ? this.#view.getBigInt64(at, true) : this.#view.getBigUint64(at, true));
    }
    if (size === 2) return signed ? this.#view.getInt16(at, true) : this.#view.getUint16(at, true);
    return signed ? this.#view.getInt8(at) : this.#view.getUint8(at);
  }

  /** A member that is a pointer or another word of 64 bits. Throws KernelError 'unmapped'. */
  pointer(address: bigint, field: Field): bigint {
    return this.word(address + BigInt(field.offset));
  }

  /** 64 bits at an address. Throws KernelError 'unmapped'. */
  word(address: bigint): bigint {
    return this.#view.getBigUint64(this.physical(address), true);
  }

  /** 32 bits at an address. Throws KernelError 'unmapped'. */
  int(address: bigint): number {
    return this.#view.getInt32(this.physical(address), true);
  }

  /** 64 bits of RAM at a physical address: page tables. */
  physicalWord(address: number): bigint {
    return this.#view.getBigUint64(address, true);
  }

  /** 32 bits of RAM at a physical address that is a multiple of 4. */
  physicalInt(address: number): number {
    return this.#words[address >>> 2] as number;
  }

  /** The indices of the words of 64 bits that are not 0, of a table within a page at a physical address. */
  occupied(address: number, count: number, indices: number[] = [], first = 0): number[] {
    const words = this.#words;
    for (let index = 0, at = address >>> 2; index < count; index++, at += 2) {
      if (words[at] !== 0 || words[at + 1] !== 0) indices.push(first + index);
    }
    return indices;
  }

  /** The indices of the words of 64 bits that are not 0, of a table at a linear address: the chains of a hash that have members. */
  occupiedAt(address: bigint, count: number): number[] {
    const indices: number[] = [];
    for (let done = 0; done < count; ) {
      const at = this.physical(address + BigInt(done * POINTER_SIZE));
      const length = Math.min(count - done, (PAGE_SIZE - (at % PAGE_SIZE)) / POINTER_SIZE);
      this.occupied(at, length, indices, done);
      done += length;
    }
    return indices;
  }

  /** Text in an array of characters or behind a pointer. Throws KernelError 'unmapped'. */
  text(address: bigint): string {
    return this.kernel.memory.string(address);
  }

  /** Text that never changes: it is read once. Throws KernelError 'unmapped'. */
  constantText(address: bigint): string {
    let text = this.#texts.get(address);
    if (text === undefined) {
      text = this.text(address);
      this.#texts.set(address, text);
    }
    return text;
  }

  /** Physical address of a linear one. Throws KernelError 'unmapped'. */
  physical(address: bigint): number {
    const page = address >> PAGE_SHIFT;
    let base = this.#pages.get(page);
    if (base === undefined) {
      base = this.kernel.memory.physical(page << PAGE_SHIFT);
      if (base === undefined || base + Number(PAGE_MASK) >= this.#view.byteLength) {
        throw new KernelError('unmapped', `${hex(address)} is not mapped to memory`);
      }
      this.#pages.set(page, base);
    }
    return base + Number(address & PAGE_MASK);
  }
}

function resolve(structure: StructType, path: string): Field {
  let type: Type = structure;
  let offset = 0;
  for (let rest = path; rest !== ''; ) {
    const [step, name, index] = PATH_STEP.exec(rest) ?? [];
    const plain = stripType(type);
    if (step === undefined) throw new KernelError('no-member', `"${path}" is no path: see "${rest}"`);
    if (name !== undefined) {
      const member = plain.kind === 'struct' || plain.kind === 'union' ? plain.member(name) : undefined;
      if (member === undefined) {
        throw new KernelError('no-member', `struct ${structure.name} has no member ${path} in this kernel`);
      }
      offset += member.offset;
      type = member.type;
    } else {
      if (plain.kind !== 'array') {
        throw new KernelError('no-member', `${path} of struct ${structure.name}: no array at "${rest}"`);
      }
      offset += Number(index) * sizeOf((plain as ArrayType).element);
      type = plain.element;
    }
    rest = rest.slice(step.length);
  }
  const plain = stripType(type);
  const size = plain.kind === 'pointer' ? POINTER_SIZE : sizeOf(plain);
  return { offset, size, signed: plain.kind === 'base' && plain.isSigned };
}
