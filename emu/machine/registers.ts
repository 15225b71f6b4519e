import { CS, DS, ES, FS, GS, layout, SS, type State } from '../cpu/index.ts';
import { readFlags } from '../cpu/system/flags.ts';

/** The general registers in encoding order. */
export const GENERAL_REGISTERS = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
] as const;

export type GeneralRegister = (typeof GENERAL_REGISTERS)[number];

const GENERAL_REGISTER_SIZE = 8;

/** Registers with a 64-bit slot of their own. */
const SLOTS = {
  rip: layout.RIP,
  cr0: layout.CR0,
  cr2: layout.CR2,
  cr3: layout.CR3,
  cr4: layout.CR4,
  cr8: layout.CR8,
  efer: layout.EFER,
  kernel_gs_base: layout.KERNEL_GS_BASE,
} as const;

const SELECTORS = { es: ES, cs: CS, ss: SS, ds: DS, fs: FS, gs: GS } as const;
const BASES = { fs_base: FS, gs_base: GS } as const;

/** Where the registers with a 64-bit slot are: debuggers read them all after each step. */
const SLOT_BY_NAME: ReadonlyMap<string, number> = new Map([
  ...GENERAL_REGISTERS.map((name, index) => [name, layout.GPR + index * GENERAL_REGISTER_SIZE] as const),
  ...Object.entries(SLOTS),
]);

export type RegisterName =
  | GeneralRegister
  | keyof typeof SLOTS
  | keyof typeof SELECTORS
  | keyof typeof BASES
  | 'rflags';

/** The processor's registers by name, read between two steps. Nothing here changes them. */
export class Registers {
  readonly #state: State;
  /** The general registers themselves. */
  readonly #general: BigUint64Array;

  constructor(state: State) {
    this.#state = state;
    const first = layout.GPR / GENERAL_REGISTER_SIZE;
    this.#general = state.u64.subarray(first, first + GENERAL_REGISTERS.length);
  }

  /** A register's value; selectors are those of the visible part. */
  get(name: RegisterName): bigint {
    const state = this.#state;
    const slot = SLOT_BY_NAME.get(name);
    if (slot !== undefined) return state.get64(slot);
    if (name === 'rflags') return BigInt(readFlags(state));
    if (name in SELECTORS) return BigInt(state.segment(SELECTORS[name as keyof typeof SELECTORS]).selector);
    return state.segment(BASES[name as keyof typeof BASES]).base;
  }

  /** Copies the general registers, in encoding order, into `into`: many times faster than reading them one by one. */
  copyGeneral(into: BigUint64Array): void {
    into.set(this.#general);
  }

  /** Current privilege level, 0 to 3. */
  get privilege(): number {
    return this.#state.get32(layout.CPL);
  }
}
