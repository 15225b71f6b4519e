import {
  ARENA,
  ARENA_SIZE,
  type FlatCase32,
  GS_OFFSET,
  type Registers32,
} from '../../oracles/qemu-flat32.ts';
import { undefinedFlagsAfter } from '../../oracles/undefined-flags.ts';
import { DF, STATUS_FLAGS } from '../../oracles/user-case.ts';
import { Random } from '../../oracles/user-case-random.ts';

type Width = 8 | 16 | 32;

const NAMES: Readonly<Record<Width, readonly string[]>> = {
  8: ['al', 'cl', 'dl', 'bl', 'ah', 'ch', 'dh', 'bh'],
  16: ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'],
  32: ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'],
};
const ECX = 1;
const EBX = 3;
const ESP = 4;
const EBP = 5;
const ESI = 6;
const EDI = 7;
const POINTER = { 8: 'byte ptr', 16: 'word ptr', 32: 'dword ptr' } as const;
/** Bytes at each end of the arena that no operand starts in: what a bit offset, a stack or a string may reach. */
const MARGIN = 0x800;
/** Base and index registers of 16-bit addressing (Intel SDM volume 2, table 2-1). */
const PAIRS16: readonly (readonly number[])[] = [
  [EBX, ESI],
  [EBX, EDI],
  [EBP, ESI],
  [EBP, EDI],
  [ESI],
  [EDI],
  [EBP],
  [EBX],
];

/** One case while it is made: registers that an operand has claimed keep what it gave them. */
class CaseMaker {
  readonly random: Random;
  readonly registers: number[];
  readonly #claimed = new Set([ESP]);

  constructor(random: Random) {
    this.random = random;
    this.registers = Array.from({ length: 8 }, () => Number(BigInt.asUintN(32, random.interesting())));
    this.registers[ESP] = this.place(4);
  }

  /** An address well inside of the arena. */
  place(alignment = 1): number {
    const offset = MARGIN + this.random.below(ARENA_SIZE - 2 * MARGIN);
    return ARENA + offset - (offset % alignment);
  }

  claim(register: number, value: number): void {
    this.registers[register] = value >>> 0;
    this.#claimed.add(register);
  }

  register(width: Width): string {
    return NAMES[width][this.random.below(8)] as string;
  }

  /** A register that may be changed before an exception pushes nothing on it: not ESP. */
  destination(width: Width): string {
    for (;;) {
      const number = this.random.below(8);
      if (width === 8 || number !== ESP) return NAMES[width][number] as string;
    }
  }

  immediate(width: Width): number {
    return Number(BigInt.asIntN(width, this.random.interesting()));
  }

  /** A memory operand's address in text, and registers that make it `address`. */
  memory(address = this.place()): string {
    const [segment, base] = this.random.pick([
      ['', 0],
      ['', 0],
      ['fs:', ARENA],
      ['gs:', ARENA - GS_OFFSET],
    ] as const);
    const offset = (address - base) >>> 0;
    return segment + (offset < 2 ** 16 && this.random.oneIn(3) ? this.#short(offset) : this.#long(offset));
  }

  #short(offset: number): string {
    const displacement = this.random.pick([0, 0x12, -0x34, 0x1234, -0x4321]);
    const registers = this.random.pick(PAIRS16);
    if (registers.some((register) => this.#claimed.has(register))) return this.#long(offset);
    const [first, second] = registers as [number, number | undefined];
    let rest = offset - displacement;
    if (second !== undefined) {
      const index = this.random.u32();
      this.claim(second, index);
      rest -= index;
    }
    // The upper halves count for nothing.
    this.claim(first, (rest & 0xffff) | (this.random.u32() & 0xffff_0000));
    return `[${registers.map((register) => NAMES[16][register]).join(' + ')} + ${displacement}]`;
  }

  #long(offset: number): string {
    const displacement = this.random.pick([0, 0x7f, -0x80, 0x1234_5678, -0x7654_3210]);
    const free = [0, 1, 2, EBX, EBP, ESI, EDI].filter((register) => !this.#claimed.has(register));
    if (this.random.oneIn(8) || free.length < 2) return `[${offset}]`;
    const base = free.splice(this.random.below(free.length), 1)[0] as number;
    if (this.random.oneIn(2)) {
      this.claim(base, offset - displacement);
      return `[${NAMES[32][base]} + ${displacement}]`;
    }
    const index = this.random.pick(free);
    const scale = this.random.pick([1, 2, 4, 8]);
    const value = this.random.u32();
    this.claim(index, value);
    this.claim(base, offset - displacement - ((value * scale) % 2 ** 32));
    return `[${NAMES[32][base]} + ${NAMES[32][index]} * ${scale} + ${displacement}]`;
  }

  /** A register or memory operand. */
  either(width: Width): string {
    return this.random.oneIn(2) ? this.destination(width) : `${POINTER[width]} ${this.memory()}`;
  }

  width(): Width {
    return this.random.pick([8, 16, 32] as const);
  }

  wordWidth(): 16 | 32 {
    return this.random.pick([16, 32] as const);
  }
}

interface Made {
  readonly text: string;
  /** Default: what the mnemonic leaves undefined. */
  readonly undefinedFlags?: number;
}
type Make = (maker: CaseMaker) => Made | string;

const CONDITIONS = ['o', 'no', 'b', 'ae', 'e', 'ne', 'be', 'a', 's', 'ns', 'p', 'np', 'l', 'ge', 'le', 'g'];

const twoOperands: Make = (maker) => {
  const operation = maker.random.pick(['add', 'or', 'adc', 'sbb', 'and', 'sub', 'xor', 'cmp', 'test', 'mov']);
  const width = maker.width();
  if (maker.random.oneIn(3)) return `${operation} ${maker.either(width)}, ${maker.immediate(width)}`;
  if (maker.random.oneIn(2) || operation === 'test') {
    return `${operation} ${maker.either(width)}, ${maker.register(width)}`;
  }
  return `${operation} ${maker.destination(width)}, ${POINTER[width]} ${maker.memory()}`;
};

const oneOperand: Make = (maker) => {
  const operation = maker.random.pick(['inc', 'dec', 'neg', 'not', 'mul', 'imul', 'div', 'idiv']);
  return `${operation} ${maker.either(maker.width())}`;
};

const shift: Make = (maker) => {
  const mnemonic = maker.random.pick(['shl', 'shr', 'sar', 'rol', 'ror', 'rcl', 'rcr']);
  const width = maker.width();
  const count = maker.random.below(40);
  if (maker.random.oneIn(2)) maker.claim(ECX, (maker.random.u32() & ~0xff) | count);
  const byRegister =
    maker.registers[ECX] !== undefined && ((maker.registers[ECX] as number) & 0xff) === count;
  return {
    text: `${mnemonic} ${maker.either(width)}, ${byRegister ? 'cl' : count}`,
    undefinedFlags: undefinedFlagsAfter(mnemonic, { width, count }),
  };
};

const doubleShift: Make = (maker) => {
  const mnemonic = maker.random.pick(['shld', 'shrd']);
  const width = maker.wordWidth();
  const count = maker.random.below(width);
  return {
    text: `${mnemonic} ${maker.either(width)}, ${maker.register(width)}, ${count}`,
    undefinedFlags: undefinedFlagsAfter(mnemonic, { width, count }),
  };
};

const bitTest: Make = (maker) => {
  const mnemonic = maker.random.pick(['bt', 'bts', 'btr', 'btc']);
  const width = maker.wordWidth();
  if (maker.random.oneIn(3)) return `${mnemonic} ${maker.either(width)}, ${maker.random.below(256)}`;
  if (maker.random.oneIn(3)) return `${mnemonic} ${maker.destination(width)}, ${maker.register(width)}`;
  maker.claim(0, maker.random.below(2 * 8 * (MARGIN - 4)) - 8 * (MARGIN - 4));
  return `${mnemonic} ${POINTER[width]} ${maker.memory()}, ${NAMES[width][0]}`;
};

const move: Make = (maker) => {
  const width = maker.wordWidth();
  const condition = maker.random.pick(CONDITIONS);
  const segment = maker.random.pick(['ds', 'ss', 'fs', 'cs']);
  const address = Number(BigInt.asUintN(32, maker.random.interesting()));
  return maker.random.pick<() => string>([
    () => `lea ${maker.destination(width)}, ${maker.memory(address).replace(/^.*:/, '')}`,
    () => `movzx ${maker.destination(width)}, ${maker.either(8)}`,
    () => `movsx ${maker.destination(width)}, ${maker.either(8)}`,
    () => `movsx ${maker.destination(32)}, ${maker.either(16)}`,
    () => `cmov${condition} ${maker.destination(width)}, ${maker.either(width)}`,
    () => `set${condition} ${maker.either(8)}`,
    () => `xchg ${maker.either(width)}, ${maker.destination(width)}`,
    () => `xadd ${maker.either(width)}, ${maker.destination(width)}`,
    () => `cmpxchg ${maker.either(width)}, ${maker.register(width)}`,
    () => `cmpxchg8b qword ptr ${maker.memory()}`,
    () => `bswap ${maker.destination(32)}`,
    () => `imul ${maker.destination(width)}, ${maker.either(width)}`,
    () => `imul ${maker.destination(width)}, ${maker.either(width)}, ${maker.immediate(width)}`,
    () => `bsf ${maker.destination(width)}, ${maker.either(width)}`,
    () => `bsr ${maker.destination(width)}, ${maker.either(width)}`,
    () => `mov ${maker.destination(width)}, ${segment}`,
    () => `mov word ptr ${maker.memory()}, ${segment}`,
    () => maker.random.pick(['cbw', 'cwde', 'cwd', 'cdq', 'lahf', 'sahf', 'cmc', 'stc', 'cld', 'std']),
    () => `mov ${maker.random.pick(['al', 'ax', 'eax'])}, ds:[${maker.place()}]`,
  ])();
};

const stack: Make = (maker) => {
  const width = maker.wordWidth();
  const segment = maker.random.pick(['ds', 'es', 'fs', 'gs']);
  const suffix = width === 16 ? 'w' : 'd';
  return maker.random.pick<() => string>([
    () => `push ${maker.register(width)}`,
    () => `push ${POINTER[width]} ${maker.memory()}`,
    () => `pop ${maker.destination(width)}`,
    () => `pop ${POINTER[width]} ${maker.memory()}`,
    () => `pop dword ptr [esp + ${8 * maker.random.below(16)}]`,
    () => `push ${maker.immediate(8)}`,
    () => `push ${maker.immediate(32)}`,
    () => `pushw ${maker.immediate(16)}`,
    () => `push ${segment}`,
    () => `pushw ${segment}; popw ${maker.random.pick(['ds', 'es', 'fs', 'gs'])}`,
    () => `push ${segment}; pop es`,
    () => (width === 16 ? 'pushaw' : 'pushad'),
    () => (width === 16 ? 'popaw' : 'popad'),
    // Only bits that user code may set are popped.
    () => `pushf${suffix}; and ${POINTER[width]} [esp], 0xcd5; popf${suffix}; pushf${suffix}`,
    () => {
      maker.claim(EBP, maker.place());
      return `enter ${maker.random.below(64)}, ${maker.random.below(4)}`;
    },
    () => `enterw ${maker.random.below(64)}, 0`,
    () => {
      maker.claim(EBP, maker.place());
      return 'leave';
    },
    () => `call 1f; jmp 2f; 1: ret ${4 * maker.random.below(8)}; 2: nop`,
    () => `sub esp, 4; mov dword ptr [esp], offset 2f; jmp dword ptr [esp]; ud2; 2: push eax`,
    () => `call 1f; 1: pop ${maker.destination(32)}; push offset 2f; ret; 2: nop`,
  ])();
};

const string: Make = (maker) => {
  const operation = maker.random.pick(['movs', 'cmps', 'stos', 'lods', 'scas']);
  const suffix = maker.random.pick(['b', 'w', 'd']);
  const repeat = operation === 'cmps' || operation === 'scas' ? ['', 'repe ', 'repne '] : ['', 'rep '];
  const short = maker.random.oneIn(3);
  const upper = () => (short ? maker.random.u32() & 0xffff_0000 : 0);
  const segment =
    operation === 'stos' || operation === 'scas' ? '' : maker.random.pick(['', '', 'fs ', 'gs ']);
  const base = { '': 0, 'fs ': ARENA, 'gs ': ARENA - GS_OFFSET }[segment] as number;
  const source = segment === 'gs ' && short ? 0 : maker.place() - base;
  maker.claim(ESI, source + upper());
  maker.claim(EDI, maker.place() + upper());
  maker.claim(ECX, maker.random.below(20) + upper());
  const address = short ? 'addr16 ' : '';
  return `${address}${segment}${maker.random.pick(repeat)}${operation}${suffix}`;
};

const control: Make = (maker) => {
  const condition = maker.random.pick(CONDITIONS);
  const short = maker.random.oneIn(2) ? 'addr16 ' : '';
  return maker.random.pick<() => string>([
    () => `j${condition} 1f; inc ebx; 1: nop`,
    () => `.byte 0x0f, ${0x80 + CONDITIONS.indexOf(condition)}; .long 1; inc ebx; nop`,
    () => {
      maker.claim(ECX, maker.random.pick([0, 1, 2, 0x1_0000, 0x1_0001]));
      const loop = maker.random.pick([0xe0, 0xe1, 0xe2, 0xe3]);
      return `${short === '' ? '' : '.byte 0x67;'} .byte ${loop}, 1; inc ebx; nop`;
    },
    () => {
      maker.claim(EBX, maker.place() - base8(maker));
      return `${short}xlat`;
    },
    () => 'into',
    () => 'int3',
  ])();
};

/** AL, which XLAT adds to the address. */
const base8 = (maker: CaseMaker): number => (maker.registers[0] as number) & 0xff;

const decimal: Make = (maker) =>
  maker.random.pick([
    'aaa',
    'aas',
    'daa',
    'das',
    `aam ${maker.random.below(256)}`,
    `aad ${maker.random.below(256)}`,
  ]);

const checks: Make = (maker) => {
  const width = maker.wordWidth();
  if (maker.random.oneIn(2)) return `arpl ${maker.either(16)}, ${maker.register(16)}`;
  const value = maker.immediate(width);
  const place = maker.place();
  maker.claim(2, value);
  const bounds = [value, value].map((edge) => edge + maker.random.below(5) - 2);
  const store = bounds.map(
    (edge, i) =>
      `mov ${POINTER[width]} ds:[${place + (i * width) / 8}], ${edge & (width === 16 ? 0xffff : -1)}`,
  );
  return `${store.join('; ')}; bound ${NAMES[width][2]}, ${maker.memory(place)}`;
};

const FAMILIES: Readonly<Record<string, { readonly make: Make; readonly count: number }>> = {
  'two operands': { make: twoOperands, count: 120 },
  'one operand': { make: oneOperand, count: 50 },
  shift: { make: shift, count: 60 },
  'double shift': { make: doubleShift, count: 20 },
  'bit test': { make: bitTest, count: 50 },
  move: { make: move, count: 120 },
  stack: { make: stack, count: 100 },
  string: { make: string, count: 80 },
  control: { make: control, count: 50 },
  decimal: { make: decimal, count: 60 },
  checks: { make: checks, count: 40 },
};

/** Random integer instructions of 32-bit code, by family: always the same ones. */
export function randomCases(): Record<string, FlatCase32[]> {
  return Object.fromEntries(
    Object.entries(FAMILIES).map(([family, { make, count }]) => {
      const random = new Random(`protected mode: ${family}`);
      return [
        family,
        Array.from({ length: count }, (_, index) => randomCase(`${family} ${index}`, make, random)),
      ];
    }),
  );
}

function randomCase(name: string, make: Make, random: Random): FlatCase32 {
  const maker = new CaseMaker(random);
  const made = make(maker);
  const text = typeof made === 'string' ? made : made.text;
  const given = typeof made === 'string' ? undefined : made.undefinedFlags;
  const mnemonics = text.split(';').map((line) => line.trim().split(/[\s]+/)[0] ?? '');
  const undefinedFlags =
    given ?? mnemonics.reduce((flags, mnemonic) => flags | undefinedFlagsAfter(mnemonic), 0);
  return {
    name,
    code: text,
    registers: maker.registers as unknown as Registers32,
    flags: (random.u32() & STATUS_FLAGS) | (random.oneIn(3) ? DF : 0),
    undefinedFlags,
  };
}
