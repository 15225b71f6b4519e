import { layout } from '../../cpu/index.ts';
import { KERNEL_HALF } from '../../kernel/index.ts';
import { GENERAL_REGISTERS } from '../../machine/index.ts';
import { DWARF_REGISTER_NAMES, type LocalVariable, plainLocation, type Type } from '../../symbols/index.ts';
import { Evaluator, type Expression, integerOf, LONG, pointerTo } from '../expressions/index.ts';
import { attempt } from '../programs/programs.ts';
import { REGISTER_TYPES } from '../registers/register-types.ts';
import type { Debuggee } from '../session/debuggee.ts';
import type { Selection } from '../session/selection.ts';
import { PER_CPU_MEMBERS, REGISTER_ALIASES, type Values } from '../session/values.ts';
import {
  type Compiled,
  type CompilerScope,
  constant,
  type ExpressionCompiler,
  loadKind,
  number,
} from './compile-expression.ts';
import { type GuestWords, highHalf, lowHalf } from './guest-words.ts';
import type { Reading } from './word-arithmetic.ts';

const WORD_SIZE = 8;
const HALF_HIGH = highHalf(KERNEL_HALF);
/** Where the base of GS lies, and what SWAPGS exchanges it with. */
const GS_BASES: readonly number[] = [
  layout.SEGMENTS + 5 * layout.SEGMENT_SIZE + layout.SEGMENT_BASE,
  layout.KERNEL_GS_BASE,
];

export interface PlaceScopeOptions {
  readonly words: GuestWords;
  readonly debuggee: Debuggee;
  /** The machine stands at the place. */
  readonly selection: Selection;
  readonly values: Values;
  /** Makes objects in memory readable. */
  readonly object: ExpressionCompiler['object'];
}

/** The names that the code sees where the machine stands, for all later arrivals there. */
export class PlaceScope implements CompilerScope {
  readonly #options: PlaceScopeOptions;

  constructor(options: PlaceScopeOptions) {
    this.#options = options;
  }

  variable(name: string, scope: string | undefined): Compiled | undefined {
    const { selection, words } = this.#options;
    const local = scope === undefined ? selection.scope.locals().find((one) => one.name === name) : undefined;
    if (local !== undefined) return this.#local(local);
    const value = selection.scope.find(name, scope);
    if (value === undefined) return scope === undefined ? this.perCpu(name) : undefined;
    if (value.address !== undefined) return this.#static(value.type, value.address);
    return value.place === undefined ? constant(words, value.type, integerOf(value)) : undefined;
  }

  register(name: string): Compiled | undefined {
    const { values, words } = this.#options;
    // Values of before, and variables of the debugger, may be others at the next arrival.
    if (/^(?:\$?\d*)$/.test(name) || values.variableNames.includes(name)) return undefined;
    const whole = REGISTER_ALIASES[name] ?? name;
    const slot = slotOf(whole);
    if (slot === undefined) return undefined;
    return number(REGISTER_TYPES[whole] ?? LONG, () => {
      words.register(slot);
      return true;
    });
  }

  type(syntax: Expression & { kind: 'cast' }): Type {
    return new Evaluator(this.#options.values).type(syntax.type);
  }

  #static(type: Type, address: bigint): Compiled {
    const { words } = this.#options;
    const [low, high] = [lowHalf(address), highHalf(address)];
    return this.#options.object(type, () => {
      words.set(low, high);
      return true;
    });
  }

  #local(local: LocalVariable): Compiled | undefined {
    const { selection, words } = this.#options;
    const { level } = selection;
    if (level === undefined) return undefined;
    const address = level.frame.lookupPc;
    const location = plainLocation(local, address, level.program?.image.frames.rowAt(address)?.cfa);
    if (location === undefined) return undefined;
    if (location.kind === 'static') return this.#static(local.type, location.address);
    const slot = slotOf(DWARF_REGISTER_NAMES[location.register]);
    if (slot === undefined) return undefined;
    if (location.kind === 'register') return inRegister(words, local.type, slot);
    const { offset } = location;
    const high = offset < 0 ? -1 : 0;
    return this.#options.object(local.type, () => {
      words.register(slot);
      words.add(offset | 0, high);
      return true;
    });
  }

  /** `curproc` and its like: by GS, or by what SWAPGS is about to put there. */
  perCpu(name: string): Compiled | undefined {
    const { debuggee, words } = this.#options;
    const member = PER_CPU_MEMBERS[name];
    const info = attempt(() => debuggee.kernel.cpuInfo());
    if (member === undefined || info === undefined) return undefined;
    const self = info.member('ci_self').address - info.address;
    const locate = (): boolean => GS_BASES.some((base) => isProcessorAt(words, base, Number(self)));
    if (member === '') return number(pointerTo(info.type), locate);
    const place = info.member(member);
    const offset = Number(place.address - info.address);
    return this.#options.object(place.type, () => {
      if (!locate()) return false;
      words.add(offset, 0);
      return true;
    });
  }
}

/** Whether a base of GS is the kernel's structure for the processor; its address is then left in the words. */
function isProcessorAt(words: GuestWords, base: number, self: number): boolean {
  words.register(base);
  const { low, high } = words;
  if (high >>> 0 < HALF_HIGH >>> 0) return false;
  words.add(self, 0);
  return words.load(WORD_SIZE, false) && words.low === low && words.high === high;
}

/** The slot of a general register or of RIP. */
function slotOf(name: string | undefined): number | undefined {
  if (name === 'rip') return layout.RIP;
  const index = (GENERAL_REGISTERS as readonly (string | undefined)[]).indexOf(name);
  return index < 0 ? undefined : layout.GPR + WORD_SIZE * index;
}

/** A variable in a register, of which it takes the lower bytes. */
function inRegister(words: GuestWords, type: Type, slot: number): Compiled | undefined {
  const kind = loadKind(type);
  if (kind === undefined) return undefined;
  const spare = 32 - 8 * Math.min(4, kind.size);
  const read: Reading = () => {
    words.register(slot);
    if (kind.size < WORD_SIZE) {
      const { low } = words;
      words.low = kind.isSigned
        ? (low << spare) >> spare
        : spare === 0
          ? low
          : low & ((1 << (32 - spare)) - 1);
      words.high = kind.isSigned ? words.low >> 31 : 0;
    }
    return true;
  };
  return number(type, read);
}
