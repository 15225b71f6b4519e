import { type Argument, Call } from '../vitest/scratch/calls.ts';
import { PAGE_SIZE, SCRATCH_DATA, SCRATCH_GUARDED, SCRATCH_READ_ONLY } from '../vitest/scratch/layout.ts';
import { THREAD_STACK, THREAD_STACK_SIZE } from './layout.ts';
import { allCalls, type FuzzArgument, type FuzzCall, type FuzzProgram } from './program.ts';

/** Bytes of the scratch process's data that arguments lie in; the rest is the programs' own. */
const ARGUMENT_ROOM = 0x8000;
const ALIGNMENT = 16;
const O_RDWR = 2;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANON_STACK_FIXED = 0x5012;

/** What encoding needs to know of the guest. */
export interface EncodeContext {
  /** The scratch program's signal handler. */
  readonly handler: bigint;
  /** An address of the kernel that user mode must not use. */
  readonly kernel: bigint;
}

/** A program as calls of the kit, and the memory that they point at. */
export interface EncodedCalls {
  /** The calls of the process under test: those of the program after those that prepare it. */
  readonly calls: readonly Call[];
  /** Calls of the kit by the ids of the program's. */
  readonly byId: ReadonlyMap<number, Call>;
  /** What to write into the scratch process before, by address. */
  readonly memory: readonly { readonly address: bigint; readonly bytes: Uint8Array }[];
}

/** Lays out the arguments of a program. */
export function encodeCalls(program: FuzzProgram, context: EncodeContext): EncodedCalls {
  return new Encoder(program, context).encode();
}

class Encoder {
  readonly #program: FuzzProgram;
  readonly #context: EncodeContext;
  readonly #calls = new Map<number, { readonly call: Call; readonly arguments: Argument[] }>();
  /** Where the first argument of a call lies. */
  readonly #first = new Map<number, bigint>();
  readonly #data = new Uint8Array(ARGUMENT_ROOM);
  readonly #guarded: { readonly address: bigint; readonly bytes: Uint8Array }[] = [];
  #used = 0;
  #most = 0;

  constructor(program: FuzzProgram, context: EncodeContext) {
    this.#program = program;
    this.#context = context;
  }

  encode(): EncodedCalls {
    const { calls, session, user } = this.#program;
    const all = allCalls(calls);
    const made = calls.map((one) => this.#make(one));
    // A pipe's descriptors lie where its argument is: those come first.
    const values = all.map((one) => one.arguments.map((argument) => this.#place(argument)));
    all.forEach((one, index) => {
      const address = values[index]?.[0];
      if (typeof address === 'bigint') this.#first.set(one.id, address);
    });
    all.forEach((one, index) => {
      const list = this.#calls.get(one.id)?.arguments ?? [];
      one.arguments.forEach((argument, position) => {
        list.push(this.#argument(argument, values[index]?.[position]));
      });
    });
    return {
      calls: [...preparation(session, user, all), ...made],
      byId: new Map([...this.#calls].map(([id, { call }]) => [id, call])),
      memory: [{ address: SCRATCH_DATA, bytes: this.#data.subarray(0, this.#most) }, ...this.#guarded],
    };
  }

  #make(one: FuzzCall): Call {
    const list: Argument[] = [];
    const child = one.child?.map((each) => this.#make(each));
    const call = new Call(one.name, list, child);
    this.#calls.set(one.id, { call, arguments: list });
    return call;
  }

  #argument(argument: FuzzArgument, placed: bigint | undefined): Argument {
    if (placed !== undefined) return placed;
    if (typeof argument === 'object' && 'result' in argument) {
      return this.#calls.get(argument.result)?.call ?? 0;
    }
    if (typeof argument === 'object' && 'end' in argument) {
      const at = this.#first.get(argument.end);
      return at === undefined ? -1 : { load: 'int', address: at + BigInt(4 * argument.index) };
    }
    return 0;
  }

  /** The value of what is known before the calls are made; undefined for what other calls return. */
  #place(argument: FuzzArgument): bigint | undefined {
    if (typeof argument === 'number' || typeof argument === 'string') return BigInt(argument);
    if ('text' in argument) return this.#allocate(new TextEncoder().encode(`${argument.text}\0`));
    if ('bad' in argument) {
      return argument.bad === 'kernel' ? this.#context.kernel : SCRATCH_GUARDED + BigInt(PAGE_SIZE);
    }
    if ('handler' in argument) return this.#context.handler;
    if (!('bytes' in argument)) return undefined;
    const bytes = Uint8Array.from(argument.bytes.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
    const view = new DataView(bytes.buffer);
    for (const { offset, to } of argument.pointers ?? []) {
      if (offset + 8 <= bytes.length)
        view.setBigUint64(offset, BigInt.asUintN(64, this.#place(to) ?? 0n), true);
    }
    if (argument.at === 'readOnly') return SCRATCH_READ_ONLY;
    if (argument.at !== 'end' || bytes.length > PAGE_SIZE) return this.#allocate(bytes);
    const address = SCRATCH_GUARDED + BigInt(PAGE_SIZE - bytes.length);
    this.#guarded.push({ address, bytes });
    return address;
  }

  /** Room is used again when there is no more. */
  #allocate(bytes: Uint8Array): bigint {
    if (this.#used + bytes.length > ARGUMENT_ROOM) this.#used = 0;
    const at = this.#used;
    this.#data.set(bytes.subarray(0, ARGUMENT_ROOM), at);
    this.#most = Math.min(ARGUMENT_ROOM, Math.max(this.#most, at + bytes.length));
    this.#used = Math.ceil((at + bytes.length) / ALIGNMENT) * ALIGNMENT;
    return SCRATCH_DATA + BigInt(at);
  }
}

/** What the process does before the program's own calls: it leaves the shell's group, and takes its user and threads' stack. */
export function preparation(session: boolean, user: number, all: readonly FuzzCall[]): Call[] {
  const calls = session ? daemon() : [new Call('setpgid', [0, 0])];
  if (all.some(({ name }) => name === '__tfork')) {
    calls.push(
      new Call('mmap', [
        THREAD_STACK,
        THREAD_STACK_SIZE,
        PROT_READ_WRITE,
        MAP_PRIVATE_ANON_STACK_FIXED,
        -1,
        0,
        0,
      ]),
    );
  }
  if (user !== 0) calls.push(new Call('setuid', [user]));
  return calls;
}

/** A session without a terminal, and the null device in the terminal's place. */
function daemon(): Call[] {
  const nothing = new Call('open', ['/dev/null', O_RDWR]);
  const standard = [0, 1, 2].map((fd) => new Call('dup2', [nothing, fd]));
  return [new Call('setsid', []), nothing, ...standard, new Call('close', [nothing])];
}
