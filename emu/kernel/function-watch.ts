import { stripType, type Type } from '../symbols/index.ts';
import { KernelError } from './errors.ts';
import type { EventArgument, EventValue } from './events.ts';
import type { Kernel } from './kernel.ts';
import { View } from './view.ts';

/**
 * A function to be traced, with the values that are to be read at its entry and after its return. A value is named by a path
 * (see `View`) that starts at a global variable (`uvmexp.forks`), at an argument (`$p.p_stat`), at what the function returned
 * (`$result.ps_pid`) or at the running thread (`$curproc.p_p.ps_pid`).
 */
export interface TracedFunction {
  readonly name: string;
  readonly before?: readonly string[] | undefined;
  readonly after?: readonly string[] | undefined;
  /** The code is not called, and does not return: a thread's first instruction, or a function that ends it. */
  readonly entryOnly?: boolean | undefined;
}

/** What `$name` stands for in a path. */
export interface WatchScope {
  readonly arguments: readonly EventArgument[];
  readonly result?: bigint | undefined;
}

/** Types of a function's arguments by name, and of its result, from the debugging information. */
export interface FunctionShape {
  readonly parameters: readonly { readonly name: string; readonly type: Type }[];
  readonly returns: Type | undefined;
}

/** The most integer arguments that come in registers. */
const REGISTER_ARGUMENTS = 6;
const PATH_ROOT = /^(\$?[A-Za-z_]\w*)\.?/;

/** The shape of a function; undefined for assembly. */
export function shapeOf(kernel: Kernel, name: string): FunctionShape | undefined {
  const info = kernel.image.function(name);
  if (info === undefined) return undefined;
  return { parameters: info.parameters.slice(0, REGISTER_ARGUMENTS), returns: info.returnType };
}

/** The arguments of a call, cut to the size of their types. */
export function nameArguments(
  shape: FunctionShape | undefined,
  registers: readonly bigint[],
): EventArgument[] {
  if (shape === undefined) return [];
  return shape.parameters.map(({ name, type }, index) => ({
    name,
    value: cut(type, registers[index] ?? 0n),
  }));
}

/** A register as a value of a type: its upper part means nothing for a smaller integer. */
export function cut(type: Type, register: bigint): bigint {
  const bare = stripType(type);
  const bits = bare.size * 8;
  if (bare.kind !== 'base' && bare.kind !== 'enum') return register;
  return bare.isSigned ? BigInt.asIntN(bits, register) : BigInt.asUintN(bits, register);
}

/** Reads the value a path names. Throws KernelError. */
export function readWatch(
  kernel: Kernel,
  path: string,
  shape: FunctionShape | undefined,
  scope: WatchScope,
): EventValue {
  const [head = '', root = ''] = PATH_ROOT.exec(path) ?? [];
  const rest = path.slice(head.length);
  if (root === '') throw new KernelError('no-member', `"${path}" does not begin with a name`);
  if (!root.startsWith('$')) return plain(kernel.global(root), rest);
  if (root === '$curproc') {
    const thread = kernel.currentThread();
    if (thread === undefined) throw new KernelError('null-pointer', 'there is no running thread');
    return rest === '' ? thread.address : plain(thread, rest);
  }
  const { value, type } = rooted(root.slice(1), shape, scope);
  if (rest === '') return value;
  const pointer = stripType(type);
  if (pointer.kind !== 'pointer') throw new KernelError('wrong-kind', `${root} is no pointer`);
  if (value === 0n) throw new KernelError('null-pointer', `${root} is null`);
  return plain(new View(kernel.memory, value, pointer.target), rest);
}

function rooted(
  name: string,
  shape: FunctionShape | undefined,
  scope: WatchScope,
): { value: bigint; type: Type } {
  if (name === 'result' && scope.result !== undefined && shape?.returns !== undefined) {
    return { value: scope.result, type: shape.returns };
  }
  const value = scope.arguments.find((argument) => argument.name === name)?.value;
  const type = shape?.parameters.find((parameter) => parameter.name === name)?.type;
  if (value === undefined || type === undefined) {
    throw new KernelError('no-member', `the function has no argument ${name}`);
  }
  return { value, type };
}

/** A value that an event can hold: integers, pointers, text. */
function plain(view: View, path: string): EventValue {
  const value = view.get(path);
  if (typeof value === 'object') throw new KernelError('wrong-kind', `${path} is a structure or an array`);
  return value;
}
