import { GuestMemory, type Kernel, StructViews, type View } from '../../kernel/index.ts';
import type { Machine } from '../../puffer-machine.ts';
import { type Check, checkArgument, either, wholeNumber } from '../checks.ts';
import { GuestTestError } from '../errors.ts';
import type { UserAddress } from './calls.ts';
import {
  PAGE_SIZE,
  SCRATCH_CALLS,
  SCRATCH_DATA,
  SCRATCH_DATA_SIZE,
  SCRATCH_GUARDED,
  SCRATCH_READ_ONLY,
  SHARED,
  SIGNAL,
  SIGNALS_LOGGED,
} from './layout.ts';
import { type FieldValue, structBytes } from './struct-bytes.ts';

const ALIGNMENT = 16;
/** An address of the kernel's half that the kernel itself can read: its text. */
const KERNEL_TEXT = 'fork1';

const SIZE_OR_BYTES = either(wholeNumber(0), (value) => (value instanceof Uint8Array ? undefined : 'bytes'));
const TEXT_WITHOUT_NUL: Check = (value) =>
  typeof value === 'string' && !value.includes('\0') ? undefined : 'text without a NUL in it';

/** A piece of the scratch process's memory. It is read when it is asked for. */
export class UserBuffer implements UserAddress {
  readonly address: bigint;
  /** Bytes. */
  readonly size: number;
  readonly #memory: UserMemory;

  constructor(memory: UserMemory, address: bigint, size: number) {
    this.#memory = memory;
    this.address = address;
    this.size = size;
  }

  /** What it holds now. */
  bytes(): Uint8Array {
    return this.#memory.read(this.address, this.size);
  }

  /** The int at an offset in bytes. */
  int(offset = 0): number {
    return this.#view().getInt32(offset, true);
  }

  /** The long at an offset in bytes. */
  long(offset = 0): bigint {
    return this.#view().getBigInt64(offset, true);
  }

  /** The text up to the first NUL, or all of it. */
  text(): string {
    const bytes = this.bytes();
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  /** Writes it from an offset on. */
  write(bytes: Uint8Array, offset = 0): void {
    if (offset + bytes.length > this.size) {
      throw new GuestTestError(
        'bad-expectation',
        `${bytes.length} bytes at ${offset} of a buffer of ${this.size}`,
      );
    }
    this.#memory.write(this.address + BigInt(offset), bytes);
  }

  #view(): DataView {
    const bytes = this.bytes();
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/** A structure in the scratch process's memory: `rlimit.get('rlim_cur')`. */
export class UserStruct implements UserAddress {
  readonly address: bigint;
  /** Bytes. */
  readonly size: number;
  readonly #view: View;

  constructor(view: View, size: number) {
    this.#view = view;
    this.address = view.address;
    this.size = size;
  }

  /** A member as the process has it now: an integer. */
  number(path: string): number {
    return this.#view.number(path);
  }

  /** A member as the process has it now. */
  get(path = ''): ReturnType<View['get']> {
    return this.#view.get(path);
  }
}

/** A signal that the scratch program's handler was called with. */
export interface CaughtSignal {
  readonly signal: number;
  readonly code: number;
  readonly address: bigint;
  /** What getthrid(2) is in the thread that took it. */
  readonly thread: number;
}

/** What user memory needs of the process that it belongs to. */
export interface UserMemoryOwner {
  readonly machine: Machine;
  /** CR3 of the process, to look at it while another runs; undefined while it runs itself. */
  readonly root: () => bigint | undefined;
  /** Lets the process itself write a page, so that it has the page for itself. */
  readonly touch: (address: bigint) => void;
}

/**
 * The scratch process's memory, as tests use it. Writes go through the input log, so that a run replays. What is made here lies in
 * the process's data (64 KiB for a test) and is not given back.
 */
export class UserMemory {
  readonly #owner: UserMemoryOwner;
  /** The process's memory, whoever runs. */
  readonly #memory: GuestMemory;
  /** Bytes of the data that have been given out; to be set when the machine is put back. */
  used = 0;

  constructor(owner: UserMemoryOwner) {
    this.#owner = owner;
    const { inspector } = owner.machine.cpu.system;
    this.#memory = new GuestMemory({
      readMemory: (address, size) =>
        inspector.within(owner.root(), () => inspector.readMemory(address, size)),
      translateAny: (address) => inspector.within(owner.root(), () => inspector.translateAny(address)),
    });
  }

  /** A pointer to nothing that is mapped. */
  readonly unmapped: UserAddress = { address: SCRATCH_GUARDED + BigInt(PAGE_SIZE) };
  /** A page that can be read and not written. */
  readonly readOnly: UserAddress = { address: SCRATCH_READ_ONLY };
  /** The page before `unmapped`, that can be read and written. */
  readonly guarded: UserAddress = { address: SCRATCH_GUARDED };

  /** An address of the kernel's half that is mapped there: its text. */
  get ofKernel(): UserAddress {
    return { address: this.#kernel.image.address(KERNEL_TEXT) };
  }

  /** The scratch program's signal handler, which writes down what it is called with: see `signals`. */
  get handler(): UserAddress {
    return { address: this.#word(SCRATCH_CALLS + BigInt(SHARED.handler)) };
  }

  /** The signals that the handler has been called with, in the process and its children: the first to the last, at most 32. */
  signals(): CaughtSignal[] {
    const count = Number(this.#word(SCRATCH_CALLS + BigInt(SHARED.signals)));
    const first = Math.max(0, count - SIGNALS_LOGGED);
    return Array.from({ length: count - first }, (_, index) => {
      const at = SCRATCH_CALLS + BigInt(SHARED.log + ((first + index) % SIGNALS_LOGGED) * SIGNAL.size);
      const bytes = this.read(at, SIGNAL.size);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      return {
        signal: view.getInt32(SIGNAL.signal, true),
        code: view.getInt32(SIGNAL.code, true),
        address: view.getBigUint64(SIGNAL.address, true),
        thread: Number(view.getBigInt64(SIGNAL.thread, true)),
      };
    });
  }

  /** Zeros, or the given bytes. */
  buffer(content: number | Uint8Array): UserBuffer {
    checkArgument('guest.user.buffer', content, SIZE_OR_BYTES);
    const size = typeof content === 'number' ? content : content.length;
    const address = this.#allocate(size);
    if (typeof content !== 'number') this.write(address, content);
    return new UserBuffer(this, address, size);
  }

  /** Text with its NUL. */
  string(text: string): UserBuffer {
    checkArgument('guest.user.string', text, TEXT_WITHOUT_NUL);
    return this.buffer(new TextEncoder().encode(`${text}\0`));
  }

  /** Pointers, with a null pointer behind them: what execve(2) takes. */
  pointers(targets: readonly (string | UserAddress)[]): UserBuffer {
    const bytes = new Uint8Array((targets.length + 1) * 8);
    const view = new DataView(bytes.buffer);
    targets.forEach((target, index) => {
      const { address } = typeof target === 'string' ? this.string(target) : target;
      view.setBigUint64(8 * index, address, true);
    });
    return this.buffer(bytes);
  }

  /** ints one after the other. */
  ints(...values: readonly number[]): UserBuffer {
    return this.buffer(new Uint8Array(Int32Array.from(values).buffer));
  }

  /** A structure of the kernel's debugging information, by its tag; members that are not named are zero. */
  struct(name: string, members: { readonly [member: string]: FieldValue } = {}): UserStruct {
    return this.structs(name, [members])[0] as UserStruct;
  }

  /** Structures one after the other: pollfds, kevents, iovecs. */
  structs(name: string, elements: readonly { readonly [member: string]: FieldValue }[]): UserStruct[] {
    const { type } = this.#kernel.struct(name);
    const address = this.#allocate(type.size * elements.length);
    const views = new StructViews(this.#memory, type);
    return elements.map((members, index) => {
      const at = address + BigInt(type.size * index);
      if (Object.keys(members).length > 0) this.write(at, structBytes(type, members));
      return new UserStruct(views.at(at), type.size);
    });
  }

  /** Bytes that end where the mapped memory ends: whoever reads one byte more faults. */
  atEnd(content: number | Uint8Array): UserBuffer {
    checkArgument('guest.user.atEnd', content, SIZE_OR_BYTES);
    const size = typeof content === 'number' ? content : content.length;
    if (size > PAGE_SIZE)
      throw new GuestTestError('bad-expectation', `${size} bytes are more than the guarded page has`);
    const address = this.unmapped.address - BigInt(size);
    if (typeof content !== 'number') this.write(address, content);
    return new UserBuffer(this, address, size);
  }

  /** What the process has at an address. Throws GuestTestError 'bad-expectation' where nothing is mapped. */
  read(address: UserAddress | bigint, size: number): Uint8Array {
    const at = typeof address === 'bigint' ? address : address.address;
    const bytes = this.#memory.tryRead(at, size);
    if (bytes !== undefined) return bytes;
    throw new GuestTestError(
      'bad-expectation',
      `the scratch process has no ${size} bytes at 0x${at.toString(16)}`,
    );
  }

  /** Writes the process's memory, as far as it can itself. Throws GuestTestError 'bad-expectation' where it cannot. */
  write(address: UserAddress | bigint, bytes: Uint8Array): void {
    const { core } = this.#owner.machine;
    const start = typeof address === 'bigint' ? address : address.address;
    for (let done = 0; done < bytes.length; ) {
      const at = start + BigInt(done);
      const length = Math.min(bytes.length - done, PAGE_SIZE - Number(at % BigInt(PAGE_SIZE)));
      core.writeMemory(this.#own(at), bytes.subarray(done, done + length));
      done += length;
    }
  }

  /** Physical address of something that the process can write: a page shared after a fork is made its own first. */
  #own(address: bigint): number {
    const found = this.#writable(address);
    if (found !== undefined) return found;
    this.#owner.touch(address);
    const own = this.#writable(address);
    if (own !== undefined) return own;
    throw new GuestTestError(
      'bad-expectation',
      `the scratch process cannot write at 0x${address.toString(16)}`,
    );
  }

  #writable(address: bigint): number | undefined {
    const { inspector } = this.#owner.machine.cpu.system;
    const found = inspector.within(this.#owner.root(), () =>
      inspector.translate(address, { kind: 'write', user: true }),
    );
    return found.kind === 'mapped' ? found.physical : undefined;
  }

  #allocate(size: number): bigint {
    const address = SCRATCH_DATA + BigInt(this.used);
    if (this.used + size > SCRATCH_DATA_SIZE) {
      throw new GuestTestError(
        'bad-expectation',
        `a test has ${SCRATCH_DATA_SIZE} bytes of user memory; ${size} more do not fit`,
      );
    }
    this.used = Math.ceil((this.used + size) / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  #word(address: bigint): bigint {
    const bytes = this.read(address, 8);
    return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  }

  get #kernel(): Kernel {
    return this.#owner.machine.kernel;
  }
}
