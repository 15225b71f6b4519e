import {
  readMember,
  readValue,
  type StructType,
  sizeOf,
  stripType,
  type Type,
  type Value,
} from '../symbols/index.ts';
import { KernelError } from './errors.ts';
import type { GuestMemory } from './guest-memory.ts';
import { hex } from './hexadecimal.ts';

const PATH_STEP = /^(?:\.?([A-Za-z_$][\w$]*)|\[(\d+)\])/;

/** Where a path has led to. */
interface Place {
  readonly address: bigint;
  readonly type: Type;
  /** Set for a bit-field: where its bits are, counted from `address`. */
  readonly bits: { readonly offset: number; readonly size: number } | undefined;
}

/**
 * A typed object in guest memory, read through the kernel's debugging information. A path names members as C does, and goes
 * through pointers by itself: `p_p.ps_pid`, `ps_limit.pl_rlimit[7].rlim_cur`. The empty path is the object itself.
 * Each question reads the guest anew. All methods throw KernelError.
 */
export class View {
  readonly memory: GuestMemory;
  readonly address: bigint;
  readonly type: Type;

  constructor(memory: GuestMemory, address: bigint, type: Type) {
    this.memory = memory;
    this.address = BigInt.asUintN(64, address);
    this.type = type;
  }

  /** The value at a path: integers, pointers, arrays (of characters: text), structures. */
  get(path = ''): Value {
    const { address, type, bits } = this.#resolve(path);
    const options = { text: true };
    if (bits === undefined) return readValue(type, this.memory.read(address, sizeOf(type)), 0, options);
    const bytes = this.memory.read(address, Math.ceil((bits.offset + bits.size) / 8));
    return readMember({ offset: 0, type, bitOffset: bits.offset, bitSize: bits.size }, bytes, 0, options);
  }

  /** An integer or pointer as a bigint. */
  integer(path = ''): bigint {
    const value = this.get(path);
    if (typeof value === 'bigint') return value;
    if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
    if (typeof value === 'boolean') return value ? 1n : 0n;
    throw this.#wrongKind(path, 'an integer');
  }

  /** An integer that a number can hold exactly. */
  number(path = ''): number {
    const value = Number(this.integer(path));
    if (!Number.isSafeInteger(value)) throw this.#wrongKind(path, 'an integer below 2^53');
    return value;
  }

  /** A pointer's value, or the address an array begins at. */
  pointer(path = ''): bigint {
    const place = this.#resolve(path);
    const type = stripType(place.type);
    if (type.kind === 'array') return place.address;
    if (type.kind !== 'pointer') throw this.#wrongKind(path, 'a pointer');
    return this.memory.word(place.address);
  }

  /** Text: an array of characters, or the string a `char *` points to; undefined for a null pointer. */
  text(path = ''): string | undefined {
    const place = this.#resolve(path);
    const type = stripType(place.type);
    if (type.kind === 'array') {
      const value = this.get(path);
      if (typeof value === 'string') return value;
    }
    if (type.kind !== 'pointer') throw this.#wrongKind(path, 'text');
    const address = this.memory.word(place.address);
    return address === 0n ? undefined : this.memory.string(address);
  }

  /** The member at a path as a view of its own; a pointer is followed. */
  at(path: string): View {
    const place = this.#resolve(path);
    const type = stripType(place.type);
    if (type.kind !== 'pointer') return new View(this.memory, place.address, place.type);
    return new View(this.memory, this.#follow(place, path), type.target);
  }

  /** The member at a path as a view of its own; a pointer at its end stays one. */
  member(path: string): View {
    const { address, type } = this.#resolve(path);
    return new View(this.memory, address, type);
  }

  /** The names of the structure's named members in the order of declaration. */
  members(): readonly string[] {
    const type = stripType(this.type);
    if (type.kind !== 'struct' && type.kind !== 'union') throw this.#wrongKind('', 'a structure');
    return type.members.flatMap(({ name }) => (name === undefined ? [] : [name]));
  }

  #resolve(path: string): Place {
    let place: Place = { address: this.address, type: this.type, bits: undefined };
    let done = '';
    for (let rest = path; rest !== ''; ) {
      const [step, name, index] = PATH_STEP.exec(rest) ?? [];
      if (step === undefined) throw new KernelError('no-member', `"${path}" is no path: see "${rest}"`);
      place = this.#step(place, name, index === undefined ? 0 : Number(index), done);
      done += step;
      rest = rest.slice(step.length);
    }
    return place;
  }

  #step(place: Place, name: string | undefined, index: number, done: string): Place {
    let { address } = place;
    let type = stripType(place.type);
    if (name === undefined) {
      const element =
        type.kind === 'pointer' ? type.target : type.kind === 'array' ? type.element : undefined;
      if (element === undefined) throw this.#wrongKind(done, 'an array or a pointer');
      if (type.kind === 'pointer') address = this.#follow(place, done);
      return { address: address + BigInt(index * sizeOf(element)), type: element, bits: undefined };
    }
    if (type.kind === 'pointer') {
      address = this.#follow(place, done);
      type = stripType(type.target);
    }
    const member = type.kind === 'struct' || type.kind === 'union' ? type.member(name) : undefined;
    if (member === undefined) {
      throw new KernelError('no-member', `${nameOf(type)} has no member ${name} in this kernel`);
    }
    const { bitOffset, bitSize } = member;
    const bits =
      bitOffset === undefined || bitSize === undefined ? undefined : { offset: bitOffset, size: bitSize };
    return { address: address + BigInt(member.offset), type: member.type, bits };
  }

  #follow(place: Place, path: string): bigint {
    const target = this.memory.word(place.address);
    if (target === 0n) {
      throw new KernelError(
        'null-pointer',
        `${path === '' ? 'the pointer' : path} of ${this.#description()} is null`,
      );
    }
    return target;
  }

  #wrongKind(path: string, wanted: string): KernelError {
    const what = path === '' ? this.#description() : `${path} of ${this.#description()}`;
    return new KernelError('wrong-kind', `${what} is not ${wanted}`);
  }

  #description(): string {
    return `${nameOf(stripType(this.type))} at ${hex(this.address)}`;
  }
}

function nameOf(type: Type): string {
  if (type.kind === 'struct' || type.kind === 'union')
    return `${type.kind} ${type.name ?? '(without a name)'}`;
  return type.kind === 'base' ? type.name : `the ${type.kind}`;
}

/** A kind of structure, to be laid over addresses. */
export class StructViews {
  readonly type: StructType;
  readonly #memory: GuestMemory;

  constructor(memory: GuestMemory, type: StructType) {
    this.#memory = memory;
    this.type = type;
  }

  /** The structure at a linear address. Nothing is read yet. */
  at(address: bigint): View {
    return new View(this.#memory, address, this.type);
  }
}
