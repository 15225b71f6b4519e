import { READ_ONLY, UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily } from './family.ts';
import { withOperands, x87Spec } from './x87-specs.ts';

const loads = (
  [
    ['fld dword ptr', 'single'],
    ['fld qword ptr', 'double'],
    ['fld tbyte ptr', 'extended'],
    ['fild word ptr', 'integer'],
    ['fild dword ptr', 'integer'],
    ['fild qword ptr', 'integer'],
    ['fbld tbyte ptr', 'bcd'],
  ] as const
).map(([text, kind]) => x87Spec(`should execute ${text}`, `${text} [rcx]`, withOperands(kind, text)));

const STORES = [
  'fst dword ptr',
  'fst qword ptr',
  'fstp dword ptr',
  'fstp qword ptr',
  'fstp tbyte ptr',
  'fist word ptr',
  'fist dword ptr',
  'fistp word ptr',
  'fistp dword ptr',
  'fistp qword ptr',
  'fisttp word ptr',
  'fisttp dword ptr',
  'fisttp qword ptr',
  'fbstp tbyte ptr',
];
const stores = STORES.map((text) => x87Spec(`should execute ${text}`, `${text} [rdi]`, { random: 250 }));
const faults = [...STORES, 'fnstcw word ptr', 'fnstsw word ptr', 'fnstenv', 'fnsave'].flatMap((text) => [
  x87Spec(`should change nothing when ${text} meets a page that can only be read`, `${text} [rbx]`, {
    registers: { rbx: READ_ONLY },
    random: 8,
  }),
  x87Spec(`should change nothing when ${text} runs into an unmapped page`, `${text} [rbx]`, {
    registers: { rbx: UNMAPPED - 1n },
    random: 8,
  }),
]);
const loadFaults = [
  'fld tbyte ptr',
  'fadd qword ptr',
  'fbld tbyte ptr',
  'fldenv',
  'frstor',
  'fldcw word ptr',
].map((text) =>
  x87Spec(`should change nothing when ${text} runs into an unmapped page`, `${text} [rbx]`, {
    registers: { rbx: UNMAPPED - 1n },
    random: 8,
  }),
);
const acrossPages = ['fstp tbyte ptr', 'fst qword ptr', 'fnstenv', 'fnsave', 'fbstp tbyte ptr'].map((text) =>
  x87Spec(`should execute ${text} across a page boundary`, `${text} [rdi + 0x7fd]`, { random: 12 }),
);

/** Where no address is canonical any more. Of operands that are accessed in parts, the first part alone must lie below. */
const END_OF_LOWER_HALF = 1n << 47n;
const ofParts: readonly (readonly [string, number])[] = [
  ['fld tbyte ptr', 8],
  ['fstp tbyte ptr', 8],
  ['fbld tbyte ptr', 8],
  ['fbstp tbyte ptr', 8],
  ['fldenv', 4],
  ['fnstenv', 4],
  ['fnsave', 4],
  ['frstor', 4],
  ['data16 fldenv', 2],
  ['data16 fnstenv', 2],
  ['data16 fnsave', 2],
  ['data16 frstor', 2],
];
const atEnd = ofParts.flatMap(([text, part]) =>
  [part - 1, part, 13].map((bytes) =>
    x87Spec(
      `should fault as it accesses the first ${part} bytes when ${text} has ${bytes} bytes below the end of the lower half`,
      `${text} [rbx]`,
      {
        registers: { rbx: END_OF_LOWER_HALF - BigInt(bytes) },
        values: { control: () => 0x37f },
        random: 4,
      },
    ),
  ),
);

const CONSTANTS = ['fld1', 'fldz', 'fldpi', 'fldl2t', 'fldl2e', 'fldlg2', 'fldln2'];
const constants = CONSTANTS.map((mnemonic) => x87Spec(`should execute ${mnemonic.toUpperCase()}`, mnemonic));

const registers = [
  ['FLD ST(i)', 'fld st(1)'],
  ['FLD ST(7)', 'fld st(7)'],
  ['FST ST(i)', 'fst st(3)'],
  ['FSTP ST(i)', 'fstp st(2)'],
  ['FSTP ST', 'fstp st(0)'],
  ['FXCH', 'fxch st(1)'],
  ['FXCH ST', 'fxch st(0)'],
  ['FXCH4', '.byte 0xdd, 0xca'],
  ['FXCH7', '.byte 0xdf, 0xcb'],
  ['FSTP1', '.byte 0xd9, 0xda'],
  ['FSTP8', '.byte 0xdf, 0xd2'],
  ['FSTP9', '.byte 0xdf, 0xdb'],
  ['FFREE', 'ffree st(4)'],
  ['FFREEP', 'ffreep st(1)'],
  ['FINCSTP', 'fincstp'],
  ['FDECSTP', 'fdecstp'],
].map(([name, code]) => x87Spec(`should execute ${name}`, code as string));

const moves = ['b', 'e', 'be', 'u', 'nb', 'ne', 'nbe', 'nu'].map((condition) =>
  x87Spec(`should execute FCMOV${condition.toUpperCase()}`, `fcmov${condition} st, st(2)`),
);

describeFamily('x87 data transfer', [
  ...loads,
  ...stores,
  ...faults,
  ...loadFaults,
  ...acrossPages,
  ...atEnd,
  ...constants,
  ...registers,
  ...moves,
]);
