import { KERNEL_HALF, type Kernel } from '../../kernel/index.ts';
import { addressOfKey } from '../../symbols/index.ts';
import { loadBias } from '../coverage/load-bias.ts';
import type { Program } from '../programs/program.ts';
import type { Programs } from '../programs/programs.ts';
import { TraceError } from './errors.ts';
import { findFunction, functionsOf, globPattern, type TracedFunction, unknownFunction } from './functions.ts';

const PAGE_MASK = 0xffff_ffff_ffff_f000n;
/** `prog:ksh:main`: a function of a program, as breakpoints have it. */
const SCOPED = /^prog:([^:]+):(.+)$/;

/** Whether a glob means functions of a program. */
export const isUserGlob = (glob: string): boolean => SCOPED.test(glob);

/** The functions of user programs that globs name. Throws TraceError 'unknown-function'. */
export function chooseUserFunctions(
  programs: Programs | undefined,
  globs: readonly string[],
): TracedFunction[] {
  const chosen = new Map<string, TracedFunction>();
  for (const glob of globs) {
    const [, name = '', pattern = ''] = SCOPED.exec(glob) ?? [];
    const program = programs?.byName(name);
    if (program === undefined)
      throw new TraceError('unknown-function', `no program ${name} is known with its symbols`);
    const all = functionsOf(program.image).map((one) => ({ ...one, name: `${name}:${one.name}`, program }));
    const matching = globPattern(`${name}:${pattern}`);
    const found = all.filter((one) => matching.test(one.name));
    if (found.length === 0)
      throw new TraceError('unknown-function', unknownFunction(all, `${name}:${pattern}`, `program ${name}`));
    for (const one of found) chosen.set(one.name, one);
  }
  return [...chosen.values()];
}

/** Where the functions of one program are in a list of all. */
interface Numbered {
  readonly functions: readonly TracedFunction[];
  readonly numbers: readonly number[];
}

/**
 * Functions of user programs by the linear addresses at which they run. Asked while instructions are decoded: whose they are follows from the
 * process that runs then, and from the page, which must hold what the program's file has; position-independent programs may lie anywhere.
 */
export class UserFunctions {
  readonly #kernel: Kernel;
  readonly #programs: Programs;
  readonly #byProgram = new Map<Program, Numbered>();
  /** The page that was asked about last, and when: an instruction comes with many others. */
  #page = -1n;
  #position = -1;
  #found: { readonly numbered: Numbered; readonly bias: bigint } | undefined;

  /** `functions`: all that are traced; those of programs are looked for here. */
  constructor(kernel: Kernel, programs: Programs, functions: readonly TracedFunction[]) {
    this.#kernel = kernel;
    this.#programs = programs;
    const lists = new Map<Program, { readonly one: TracedFunction; readonly number: number }[]>();
    for (const [number, one] of functions.entries()) {
      if (one.program === undefined) continue;
      lists.set(one.program, [...(lists.get(one.program) ?? []), { one, number }]);
    }
    for (const [program, list] of lists) {
      list.sort((a, b) => (a.one.address < b.one.address ? -1 : 1));
      this.#byProgram.set(program, {
        functions: list.map(({ one }) => one),
        numbers: list.map(({ number }) => number),
      });
    }
  }

  entryAt(linear: bigint): number | undefined {
    return this.#at(linear, ({ address }, own) => address === own);
  }

  returnAt(linear: bigint): number | undefined {
    return this.#at(linear, () => true);
  }

  #at(linear: bigint, accept: (one: TracedFunction, own: bigint) => boolean): number | undefined {
    if (linear >= KERNEL_HALF) return undefined;
    const found = this.#pageOf(linear & PAGE_MASK);
    if (found === undefined) return undefined;
    const { functions, numbers } = found.numbered;
    const own = linear - found.bias;
    const index = findFunction(functions, own);
    return index !== undefined && accept(functions[index] as TracedFunction, own)
      ? numbers[index]
      : undefined;
  }

  #pageOf(page: bigint) {
    const { machine, memory } = this.#kernel;
    if (page === this.#page && machine.position === this.#position) return this.#found;
    this.#page = page;
    this.#position = machine.position;
    const program = this.#programs.of();
    const numbered = program && this.#byProgram.get(program);
    const bias =
      program && numbered && loadBias(program.image.elf, page, (at, size) => memory.tryRead(at, size));
    this.#found =
      numbered === undefined || bias === undefined ? undefined : { numbered, bias: addressOfKey(bias) };
    return this.#found;
  }
}
