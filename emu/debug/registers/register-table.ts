import type { RegisterName } from '../../machine/index.ts';
import type { RegisterRow } from '../gdb/target.ts';

/** Where a register's value is. */
export type RegisterPlace =
  | { readonly kind: 'named'; readonly register: RegisterName }
  /** Bytes of FXSAVE's image (AMD APM vol. 2, section 11.4.4). */
  | { readonly kind: 'image'; readonly offset: number; readonly bytes: number; readonly writable: boolean }
  /** The x87 tag word with two bits a register; the image has one bit. */
  | { readonly kind: 'tagWord' };

export interface MachineRegisterRow extends RegisterRow {
  readonly place: RegisterPlace;
}

export interface RegisterFeature {
  /** A name that gdb knows (GDB manual, section G.5.16), or one of puffer's own. */
  readonly name: string;
  readonly rows: readonly MachineRegisterRow[];
}

/** The order in which GDB numbers the general registers; not that of their encoding. */
const GENERAL = [
  'rax',
  'rbx',
  'rcx',
  'rdx',
  'rsi',
  'rdi',
  'rbp',
  'rsp',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
] as const;
const SELECTORS = ['cs', 'ss', 'ds', 'es', 'fs', 'gs'] as const;

function named(name: string, register: RegisterName, bits: number, type: string): MachineRegisterRow {
  return { name, bits, type, place: { kind: 'named', register } };
}

function image(
  row: RegisterRow,
  offset: number,
  { bytes = row.bits / 8, writable = false } = {},
): MachineRegisterRow {
  return { ...row, place: { kind: 'image', offset, bytes, writable } };
}

const general = GENERAL.map((name) =>
  named(name, name, 64, name === 'rbp' || name === 'rsp' ? 'data_ptr' : 'int64'),
);
const selectors = SELECTORS.map((name) => named(name, name, 32, 'int32'));

const STACK_REGISTERS = 8;
const ST0 = 32;
const XMM0 = 160;
const SLOT = 16;
const st = Array.from({ length: STACK_REGISTERS }, (_, index) =>
  image({ name: `st${index}`, bits: 80, type: 'i387_ext' }, ST0 + SLOT * index, { writable: true }),
);

const float = (name: string) => ({ name, bits: 32, type: 'int', group: 'float' });
/** With the 64-bit form of the image the selectors of the last instruction and operand are not kept; their places belong to the offsets. */
const x87Control: readonly MachineRegisterRow[] = [
  image(float('fctrl'), 0, { bytes: 2 }),
  image(float('fstat'), 2, { bytes: 2 }),
  { ...float('ftag'), place: { kind: 'tagWord' } },
  image(float('fiseg'), 12),
  image(float('fioff'), 8),
  image(float('foseg'), 20),
  image(float('fooff'), 16),
  image(float('fop'), 6, { bytes: 2 }),
];

const MXCSR = 24;
const xmm = Array.from({ length: 16 }, (_, index) =>
  image({ name: `xmm${index}`, bits: 128, type: 'vec128' }, XMM0 + SLOT * index, { writable: true }),
);
const mxcsr = image({ name: 'mxcsr', bits: 32, type: 'i386_mxcsr', group: 'vector' }, MXCSR);

/** The features, in the order of their registers' numbers. */
export const REGISTER_FEATURES: readonly RegisterFeature[] = [
  {
    name: 'org.gnu.gdb.i386.core',
    rows: [
      ...general,
      named('rip', 'rip', 64, 'code_ptr'),
      named('eflags', 'rflags', 32, 'i386_eflags'),
      ...selectors,
      ...st,
      ...x87Control,
    ],
  },
  { name: 'org.gnu.gdb.i386.sse', rows: [...xmm, mxcsr] },
  {
    name: 'org.gnu.gdb.i386.segments',
    rows: [named('fs_base', 'fs_base', 64, 'int'), named('gs_base', 'gs_base', 64, 'int')],
  },
  {
    name: 'puffer.amd64.control',
    rows: [
      named('cr0', 'cr0', 64, 'cr0_bits'),
      named('cr2', 'cr2', 64, 'int'),
      named('cr3', 'cr3', 64, 'int'),
      named('cr4', 'cr4', 64, 'cr4_bits'),
      named('cr8', 'cr8', 64, 'int'),
      named('efer', 'efer', 64, 'efer_bits'),
      named('k_gs_base', 'kernel_gs_base', 64, 'int'),
    ].map((row) => ({ ...row, group: 'system' })),
  },
];

export const REGISTER_ROWS: readonly MachineRegisterRow[] = REGISTER_FEATURES.flatMap(({ rows }) => rows);

/** A register's number in packets. */
export function registerNumber(name: string): number {
  return REGISTER_ROWS.findIndex((row) => row.name === name);
}
