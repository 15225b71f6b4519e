import type { Form } from '../../emu/cpu/table/form.ts';
import type { FlatCase } from '../../test/oracles/qemu-flat.ts';
import { NULL_SEGMENTS, registerNames } from '../../test/oracles/user-case.ts';
import { Random } from '../../test/oracles/user-case-random.ts';
import type { Way } from './encoder.ts';
import { type Instruction, makeInstruction } from './instruction.ts';
import { decodeWhole } from './ways.ts';

/** A generated case for the flat image: one system instruction with what it needs around it. */
export interface SystemCase extends FlatCase {
  readonly form: Form;
  /** The instruction as bytes, for a listing. */
  readonly bytes: readonly number[];
}

/** Where a case's code runs. */
type Place = 'ring 0' | 'ring 3' | 'ring 0, 32-bit' | 'ring 3, 32-bit';

/** What is written around an instruction; the parts are assembly text. */
interface Surroundings {
  readonly before?: string;
  readonly after?: string;
}

interface Context {
  readonly random: Random;
  readonly instruction: Instruction;
  readonly place: Place;
  /** The instruction's memory operand as text. */
  readonly memory: string;
}

const RSP = 4;
const TRIES = 200;
const FS_BASE = 0x1000n;
const GS_BASE = 0x2000n;
const STATUS_FLAGS = 0x8d5;
const IOPL_3 = 0x3000;

/** A frame of memory that an operand points into. */
const OPERAND = 'frame1 + 0x100';

const number = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

/** Names of the general registers by operand size. */
function registerName(index: number, size: number): string {
  const name = registerNames[index] as string;
  if (size === 8) return name;
  return index < 8 ? `e${name.slice(1)}` : `${name}d`;
}

const is32 = (place: Place): boolean => place.endsWith('32-bit');

/** Loads the registers of a memory operand so that it points at `OPERAND`. */
function point({ address, way }: Instruction): string {
  if (address === undefined) return '';
  const wide = way.bits === 64 ? 8 : 4;
  const { base, index, scale, displacement, segmentBase } = address;
  const lines: string[] = [];
  let rest = displacement + segmentBase;
  if (index !== undefined) {
    lines.push(`mov ${registerName(index, wide)}, 3`);
    rest += 3n << BigInt(scale);
  }
  lines.push(`mov ${registerName(base as number, wide)}, offset ${OPERAND} - (${rest})`);
  return lines.join('\n');
}

/** Whether an operand can be pointed anywhere without moving the stack. */
function pointable({ address, registers }: Instruction): boolean {
  if (registers.includes(RSP)) return false;
  if (address === undefined) return true;
  const { base, index, width } = address;
  return base !== undefined && base !== RSP && index !== base && index !== RSP && width >= 32;
}

function instructionFor(form: Form, way: Way, random: Random): Instruction {
  const state = { segments: NULL_SEGMENTS, fsBase: FS_BASE, gsBase: GS_BASE, offset: 0, random };
  for (let i = 0; i < TRIES; i++) {
    const one = makeInstruction(way, form, { ...state, pinned: new Map() });
    if (!one.refused && pointable(one)) return one;
  }
  throw new RangeError(`${form.key}: no operand found that a flat case can point`);
}

const enter: Readonly<Record<Place, (flags: number) => string>> = {
  'ring 0': (flags) => `push ${flags}\npopfq`,
  'ring 3': (flags) =>
    `push USER_DATA | 3\npush offset user_stack_top\npush ${flags}\npush USER_CODE | 3\npush offset 7f\niretq\n7:`,
  'ring 0, 32-bit': (flags) =>
    `push ${flags}\npopfq\npush KERNEL_CODE32\npush offset 7f\nrex.W retf\n.code32\n7:`,
  'ring 3, 32-bit': (flags) =>
    `push USER_DATA | 3\npush offset user_stack_top\npush ${flags}\npush USER_CODE32 | 3\npush offset 7f\niretq\n.code32\n7:`,
};

type Recipe = (context: Context) => Surroundings;

/** Selectors that LTR refuses; QEMU takes the null selector, too. */
const REFUSED_BY_ALL = ['KERNEL_DATA', '0x100', 'SPARE', 'LDT_SELECTOR'];

const selectorText = (
  random: Random,
  valid: string,
  others = ['0', 'TSS_SELECTOR', ...REFUSED_BY_ALL],
): string => (random.oneIn(3) ? random.pick(others) : valid);

/** Puts a 16-bit value where operand 0 is. */
function putWord({ instruction, memory }: Context, value: string): string {
  if (instruction.address !== undefined) return `mov word ptr [${memory}], ${value}`;
  const register = registerNames[instruction.registers[0] ?? 0] as string;
  return `mov ${register}, ${value}`;
}

/** Reads a descriptor-table register back without leaving the wrong one for the end of the case. */
const tableRegister =
  (store: string, restore: string): Recipe =>
  ({ random, memory, instruction }) => ({
    // QEMU cuts the base to 24 bits with an operand-size prefix in 64-bit code, too.
    before: `mov word ptr [${memory}], ${random.below(0x1000)}\nmov rax, ${number(random.u64() >> (instruction.form.size === 2 ? 40n : 17n))}\nmov [${memory} + 2], rax`,
    after: `${store} [frame2]\n${restore}\nmov rax, [frame2]\nmovzx ecx, word ptr [frame2 + 8]`,
  });

const loadBack: Recipe = ({ memory }) => ({
  before: `mov qword ptr [${memory}], -1\nmov qword ptr [${memory} + 8], -1`,
  after: `mov rax, [${memory}]\nmov rcx, [${memory} + 8]`,
});

/** Model-specific registers that take any canonical address, or any value. */
const MSRS = [
  'MSR_STAR',
  'MSR_SFMASK',
  'MSR_FSBASE',
  'MSR_GSBASE',
  'MSR_KGSBASE',
  'MSR_CSTAR',
  '0x175',
  '0x176',
];

const writeMsr: Recipe = ({ random }) => {
  const msr = random.pick(MSRS);
  // QEMU lets SFMASK have an upper half.
  const high = msr === 'MSR_SFMASK' ? 0 : random.below(0x8000);
  const before = `mov ecx, ${msr}\nmov eax, ${random.u32()}\nmov edx, ${high}`;
  return { before, after: 'xor eax, eax\nxor edx, edx\nrdmsr' };
};

const port: Recipe = ({ random, instruction }) => {
  const { mnemonic, operands } = instruction.form.row;
  // The UART's scratch register keeps what is written; nobody answers at the other.
  const scratch = operands.includes('AL') && operands.includes('DX') && random.oneIn(2);
  const after = scratch && mnemonic === 'OUT' ? 'xor eax, eax\nin al, dx' : '';
  // What unused ports below 100h read as, four at a time, is a machine's own business.
  const hidden = operands === 'rAX,Ib' ? 'mov eax, 0' : '';
  return {
    before: `mov edx, ${scratch ? '0x3ff' : '0x500'}\nmov eax, ${random.u32()}`,
    after: after + hidden,
  };
};

const portString: Recipe = ({ random, place, instruction }) => {
  const { addressSize } = instruction.form;
  const where = addressSize === 2 ? '0x7100' : 'offset frame2 + 0x80';
  const wide = is32(place) ? 'e' : 'r';
  const high = addressSize === 2 && random.oneIn(2) ? '0x120000 + ' : '';
  const lines = [
    'mov edx, 0x500',
    `mov ${wide}si, ${high}${where}`,
    `mov ${wide}di, ${high}${where}`,
    `mov ecx, ${random.below(6)}`,
    random.oneIn(3) ? 'std' : 'cld',
  ];
  const loads = is32(place)
    ? 'mov eax, [frame2 + 0x80]\nmov ebx, [frame2 + 0x7c]'
    : 'mov rax, [frame2 + 0x80]\nmov rbx, [frame2 + 0x78]';
  return { before: lines.join('\n'), after: addressSize === 2 ? '' : loads };
};

const CR0_SAFE = 0x80010033n;
const CR4_SAFE = 0x6a0n;

/** The number of the control or debug register that an instruction names. */
function specialNumber({ bytes, way }: Instruction): number {
  const decoded = decodeWhole(bytes, way.bits);
  const at = way.encoding.operands.findIndex(({ where }) => where === 'C' || where === 'D');
  return decoded?.registers[at] ?? 0;
}

/** A value that a control register takes without the machine coming apart. */
function controlValue(index: number, random: Random): string {
  if (index === 0)
    return number(CR0_SAFE | BigInt(random.below(16) & 0xa) | (random.oneIn(2) ? 0x40000n : 0n));
  if (index === 3) return 'offset pml4';
  if (index === 4) return number(CR4_SAFE | BigInt(random.below(16) & 0xc) | (random.oneIn(2) ? 0x100n : 0n));
  return index === 8 ? number(BigInt(random.below(16))) : number(random.u64() >> 17n);
}

const moveToControl: Recipe = ({ random, instruction }) => {
  const index = specialNumber(instruction);
  const source = registerNames[instruction.registers[1] ?? 0] as string;
  const value = controlValue(index, random);
  const readable = [0, 2, 3, 4, 8].includes(index);
  const restore = index === 8 ? '\nxor ecx, ecx\nmov cr8, rcx' : '';
  return { before: `mov ${source}, ${value}`, after: readable ? `mov rax, cr${index}${restore}` : '' };
};

const moveToDebug: Recipe = ({ random, instruction }) => {
  const index = specialNumber(instruction);
  const source = registerNames[instruction.registers[1] ?? 0] as string;
  // DR7 enables nothing; DR6 keeps its fixed bits.
  const value =
    index >= 6 || index === 4 || index === 5 ? (index & 1 ? 0x400n : 0xffff_0ff0n) : random.u64() >> 17n;
  const readable = index < 8;
  return {
    before: `mov ${source}, ${number(value)}`,
    after: readable ? `mov rax, dr${index}\nxor ecx, ecx\nmov dr${index < 4 ? index : 0}, rcx` : '',
  };
};

const taskPriority: Recipe = ({ random, instruction }) => {
  const register = registerNames[instruction.registers[0] ?? 0] as string;
  return {
    before: `mov ${register}, ${random.below(16)}`,
    after: 'mov rax, cr8\nxor ecx, ecx\nmov cr8, rcx',
  };
};

const readDebug: Recipe = () => ({ before: 'mov eax, 0x12345\nmov dr0, rax\nmov dr2, rax', after: '' });

const sysret: Recipe = ({ random, instruction }) => {
  const flags = (random.u32() & 0x3c_7ed7) | 2;
  const compat = instruction.form.size !== 8;
  return {
    before: `mov rcx, offset 1f\nmov r11, ${flags}`,
    after: compat ? '.code32\n1: DONE\n.code64' : '1: DONE',
  };
};

const recipes: Readonly<Record<string, Recipe>> = {
  SYSRET: sysret,
  SWAPGS: () => ({ after: 'mov ecx, MSR_GSBASE\nrdmsr\nmov ebx, eax\nmov ecx, MSR_KGSBASE\nrdmsr' }),
  SGDT: loadBack,
  SIDT: loadBack,
  SLDT: loadBack,
  STR: loadBack,
  SMSW: loadBack,
  LGDT: tableRegister('sgdt', 'lgdt [gdt_pointer]'),
  LIDT: tableRegister('sidt', 'lidt [idt_pointer]'),
  LMSW: (context) => ({
    before: putWord(context, `${(context.random.below(16) & 0xa) | 1}`),
    after: 'mov rax, cr0\nclts',
  }),
  LLDT: (context) => ({
    before: putWord(context, selectorText(context.random, 'LDT_SELECTOR')),
    after: 'sldt eax',
  }),
  LTR: (context) => ({
    before: `and byte ptr [gdt + TSS_SELECTOR + 5], 0xfd\n${putWord(context, selectorText(context.random, 'TSS_SELECTOR', REFUSED_BY_ALL))}`,
    after: 'str eax',
  }),
  CLTS: () => ({ before: 'mov rax, cr0\nor eax, 8\nmov cr0, rax', after: 'mov rax, cr0' }),
  WRMSR: writeMsr,
  RDMSR: ({ random }) => ({ before: `mov ecx, ${random.pick(MSRS)}` }),
  CLI: () => ({ after: 'pushf\npop rax' }),
  STI: () => ({ after: 'nop\npushf\npop rax' }),
  STAC: () => ({ after: 'pushfq\npop rax' }),
  CLAC: ({ place }) => ({ before: place === 'ring 0' ? 'stac' : '', after: 'pushfq\npop rax' }),
  XSETBV: ({ random }) => ({
    before: `mov rax, cr4\nor eax, 0x40000\nmov cr4, rax\nmov eax, ${random.pick([0, 1, 2, 3, 3])}\nxor edx, edx\nmov ecx, ${random.oneIn(4) ? 1 : 0}`,
    after: 'xor ecx, ecx\nxgetbv',
  }),
  IN: port,
  OUT: port,
  INS: portString,
  INSB: portString,
  OUTS: portString,
  OUTSB: portString,
};

function recipeOf({ form }: Instruction): Recipe {
  const { mnemonic, operands, encoding } = form.row;
  if (mnemonic === 'MOV') {
    if (encoding.startsWith('LOCK')) return taskPriority;
    if (operands.startsWith('C')) return moveToControl;
    if (operands.startsWith('D')) return moveToDebug;
    return operands.endsWith('Dq') ? readDebug : () => ({});
  }
  return recipes[mnemonic] ?? (() => ({}));
}

/** Instructions that would end a case in ring 0 for good, or that QEMU's processor has not: ring 3 refuses them. */
const RING_3_ONLY: ReadonlySet<string> = new Set(['HLT', 'RDPMC']);
/** Instructions whose #UD QEMU finds after their #GP. */
const RING_0_ONLY: ReadonlySet<string> = new Set(['XSETBV']);
const REGISTERS_THAT_EXIST: Readonly<Record<string, readonly number[]>> = {
  C: [0, 2, 3, 4, 8],
  D: [0, 1, 2, 3, 4, 5, 6, 7],
};

/** A control or debug register that does not exist is #UD; QEMU looks at the ring first. */
function namesNoRegister(instruction: Instruction): boolean {
  const special = instruction.way.encoding.operands.find(({ where }) => where === 'C' || where === 'D');
  return special !== undefined && !REGISTERS_THAT_EXIST[special.where]?.includes(specialNumber(instruction));
}

function placeFor({ form, way, ...rest }: Instruction, random: Random): Place {
  const inner = RING_0_ONLY.has(form.mnemonic) || namesNoRegister({ form, way, ...rest });
  const outer = !inner && (RING_3_ONLY.has(form.mnemonic) || random.oneIn(4));
  if (way.bits === 64) return outer ? 'ring 3' : 'ring 0';
  return outer ? 'ring 3, 32-bit' : 'ring 0, 32-bit';
}

/** Instructions of 32-bit code whose surroundings are written for 64-bit code: they run there. */
const ANY_SIZE: ReadonlySet<string> = new Set([
  'INS',
  'INSB',
  'OUTS',
  'OUTSB',
  'IN',
  'OUT',
  'WBINVD',
  'INVD',
  'INVLPG',
]);

/** Whether the flat image can run a way. */
export function runsInFlatImage({ encoding, bits, addressSize }: Way): boolean {
  const { mnemonic } = encoding.row;
  if (bits === 32) return ANY_SIZE.has(mnemonic) && (addressSize === 4 || encoding.row.repeat !== undefined);
  return true;
}

/** Writes a case for a system form: the same seed, form and table give the same case. */
export function generateSystemCase(form: Form, ways: readonly Way[], seed: string, name: string): SystemCase {
  const random = new Random(seed);
  const way = random.pick(ways);
  const instruction = instructionFor(form, way, random);
  const place = placeFor(instruction, random);
  const context: Context = { random, instruction, place, memory: OPERAND };
  const { before = '', after = '' } = recipeOf(instruction)(context);
  const ports = /^(IN|OUT)/.test(form.mnemonic);
  const iopl = ports ? (random.oneIn(6) ? 0 : IOPL_3) : random.pick([0, IOPL_3]);
  const flags = (random.u32() & STATUS_FLAGS) | iopl | 2;
  // What only ring 0 may do comes first, and registers last: an operand's own registers must not be lost.
  const privileged =
    place.startsWith('ring 3') && /\b(mov (rax, cr|cr|dr)|sgdt|lgdt)/.test(before) ? '' : before;
  const pointers = point(instruction);
  const lines = [
    is32(place) || place === 'ring 3' ? '' : privileged,
    enter[place](flags).replace(/^push (\d+)\npopfq$/, 'push $1\npopfq'),
    is32(place) || place === 'ring 3' ? privileged : '',
    pointers,
    `.byte ${instruction.bytes.join(', ')}`,
    after,
    'DONE',
    '.code64',
  ];
  return { name, code: lines.filter((line) => line !== '').join('\n'), form, bytes: instruction.bytes };
}
