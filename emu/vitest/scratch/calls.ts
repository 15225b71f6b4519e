/** A piece of the scratch process's memory, made by `guest.user`. */
export interface UserAddress {
  readonly address: bigint;
}

/** The int that is in the process's memory when the call is made: a descriptor that pipe(2) has stored. */
export interface LoadedInt {
  readonly load: 'int';
  readonly address: bigint;
}

/**
 * An argument of a system call. Text and bytes are put into the process's memory and passed by address (text with its NUL), null is
 * a null pointer, and a call made earlier in the same program stands for what it returned.
 */
export type Argument =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | null
  | UserAddress
  | LoadedInt
  | Call;

/** A system call of a program. */
export class Call {
  /** A name of the guest's `syscallnames`, or a number. */
  readonly name: string | number;
  readonly arguments: readonly Argument[];
  /** What a child does that this call makes; it exits with 0 afterwards. */
  readonly child: readonly Call[] | undefined;

  constructor(name: string | number, args: readonly Argument[], child?: readonly Call[]) {
    this.name = name;
    this.arguments = args;
    this.child = child;
  }
}

/** A system call, by name or number: `call('open', '/etc/passwd', O_RDONLY)`. */
export function call(name: string | number, ...args: readonly Argument[]): Call {
  return new Call(name, args);
}

/** A call that makes a child (fork, vfork, __tfork), and what the child then does: `forking('fork', [call('exit', 7)])`. */
export function forking(name: string | number, child: readonly Call[], ...args: readonly Argument[]): Call {
  return new Call(name, args, child);
}

/** The int at an address when the call is made: `call('close', intAt(ends))`, `call('close', intAt(ends, 4))`. */
export function intAt(at: UserAddress | bigint, offset = 0): LoadedInt {
  const address = typeof at === 'bigint' ? at : at.address;
  return { load: 'int', address: address + BigInt(offset) };
}
