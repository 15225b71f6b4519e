import * as layout from '../layout.ts';
import { condition } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import { i32, i64 } from '../wasm/expressions.ts';
import { environmentBytes } from '../x87/environment-image.ts';
import { conditionalMove, raisePending, requireWait, requireX87, type X87Options, x87 } from './x87-site.ts';

const FPU = { feature: 'FPU' };
/** Rows of instructions that the last-instruction pointers remember. */
const REMEMBERED = { ...FPU, remembered: true };
const READ = { access: 'read' as const };

/** A row whose operation has the name of the mnemonic and its operands. */
function numeric(mnemonic: string, encoding: string, operands: string, name?: string): Row {
  const list = operands.split(',');
  const operation = name ?? (operands === '' ? mnemonic : `${mnemonic} ${operands}`);
  const stores = list[0]?.startsWith('M') === true;
  const options: X87Options = { register: list.indexOf('STi') };
  return row(mnemonic, encoding, operands, x87(operation, options), {
    ...REMEMBERED,
    access: stores ? 'write' : 'modify',
  });
}

/** ModRM digit of each operation; between registers with ST(i) as the destination those of SUB and SUBR, DIV and DIVR are swapped. */
const ARITHMETIC: readonly (readonly [string, number, number])[] = [
  ['ADD', 0, 0],
  ['MUL', 1, 1],
  ['SUB', 4, 5],
  ['SUBR', 5, 4],
  ['DIV', 6, 7],
  ['DIVR', 7, 6],
];

function arithmeticRows(): Row[] {
  return ARITHMETIC.flatMap(([name, digit, swapped]) => [
    numeric(`F${name}`, `D8 /${digit}`, 'ST,Md'),
    numeric(`F${name}`, `DC /${digit}`, 'ST,Mq'),
    numeric(`FI${name}`, `DA /${digit}`, 'ST,Md'),
    numeric(`FI${name}`, `DE /${digit}`, 'ST,Mw'),
    numeric(`F${name}`, `D8 /${digit}`, 'ST,STi'),
    numeric(`F${name}`, `DC /${swapped}`, 'STi,ST'),
    numeric(`F${name}P`, `DE /${swapped}`, 'STi,ST'),
  ]);
}

/** Instructions with a whole ModRM byte behind D9, on the top of the stack. */
const ON_TOP: readonly (readonly [string, string])[] = [
  ['FCHS', 'E0'],
  ['FABS', 'E1'],
  ['FTST', 'E4'],
  ['FXAM', 'E5'],
  ['FLD1', 'E8'],
  ['FLDL2T', 'E9'],
  ['FLDL2E', 'EA'],
  ['FLDPI', 'EB'],
  ['FLDLG2', 'EC'],
  ['FLDLN2', 'ED'],
  ['FLDZ', 'EE'],
  ['FXTRACT', 'F4'],
  ['FPREM1', 'F5'],
  ['FDECSTP', 'F6'],
  ['FINCSTP', 'F7'],
  ['FPREM', 'F8'],
  ['FSQRT', 'FA'],
  ['FRNDINT', 'FC'],
  ['FSCALE', 'FD'],
  ['FNOP', 'D0'],
];

/** Those that compute a transcendental function: AMD APM volume 5, 6.4.5 and Intel SDM volume 1, 8.3.10 bound their errors by one unit. */
const TRANSCENDENTAL: readonly (readonly [string, string])[] = [
  ['F2XM1', 'F0'],
  ['FYL2X', 'F1'],
  ['FPTAN', 'F2'],
  ['FPATAN', 'F3'],
  ['FYL2XP1', 'F9'],
  ['FSINCOS', 'FB'],
  ['FSIN', 'FE'],
  ['FCOS', 'FF'],
];

const transferRows: Row[] = [
  numeric('FLD', 'D9 /0', 'ST,Md'),
  numeric('FLD', 'DD /0', 'ST,Mq'),
  numeric('FLD', 'DB /5', 'ST,Mt'),
  numeric('FLD', 'D9 /0', 'ST,STi'),
  numeric('FILD', 'DF /0', 'ST,Mw'),
  numeric('FILD', 'DB /0', 'ST,Md'),
  numeric('FILD', 'DF /5', 'ST,Mq'),
  numeric('FBLD', 'DF /4', 'ST,Mt'),
  numeric('FST', 'D9 /2', 'Md,ST'),
  numeric('FST', 'DD /2', 'Mq,ST'),
  numeric('FST', 'DD /2', 'STi,ST'),
  numeric('FSTP', 'D9 /3', 'Md,ST'),
  numeric('FSTP', 'DD /3', 'Mq,ST'),
  numeric('FSTP', 'DB /7', 'Mt,ST'),
  numeric('FSTP', 'DD /3', 'STi,ST'),
  numeric('FIST', 'DF /2', 'Mw,ST'),
  numeric('FIST', 'DB /2', 'Md,ST'),
  numeric('FISTP', 'DF /3', 'Mw,ST'),
  numeric('FISTP', 'DB /3', 'Md,ST'),
  numeric('FISTP', 'DF /7', 'Mq,ST'),
  numeric('FBSTP', 'DF /6', 'Mt,ST'),
  ...(
    [
      ['DF', 'Mw'],
      ['DB', 'Md'],
      ['DD', 'Mq'],
    ] as const
  ).map(
    ([opcode, memory]): Row => ({ ...numeric('FISTTP', `${opcode} /1`, `${memory},ST`), feature: 'SSE3' }),
  ),
  numeric('FXCH', 'D9 /1', 'ST,STi'),
  numeric('FFREE', 'DD /0', 'STi'),
];

const compareRows: Row[] = [
  ...(['FCOM', 'FCOMP'] as const).flatMap((mnemonic, pops) => {
    const integer = mnemonic.replace('FCOM', 'FICOM');
    return [
      numeric(mnemonic, `D8 /${2 + pops}`, 'ST,Md'),
      numeric(mnemonic, `DC /${2 + pops}`, 'ST,Mq'),
      numeric(mnemonic, `D8 /${2 + pops}`, 'ST,STi'),
      numeric(integer, `DE /${2 + pops}`, 'ST,Mw'),
      numeric(integer, `DA /${2 + pops}`, 'ST,Md'),
    ];
  }),
  numeric('FCOMPP', 'DE D9', ''),
  numeric('FUCOM', 'DD /4', 'ST,STi'),
  numeric('FUCOMP', 'DD /5', 'ST,STi'),
  numeric('FUCOMPP', 'DA E9', ''),
  ...(
    [
      ['FCOMI', 'DB /6'],
      ['FCOMIP', 'DF /6'],
      ['FUCOMI', 'DB /5'],
      ['FUCOMIP', 'DF /5'],
    ] as const
  ).map(
    ([mnemonic, encoding]): Row => ({
      ...numeric(mnemonic, encoding, 'ST,STi'),
      flags: { written: 'oszapc' },
    }),
  ),
];

/** FCMOVcc: the condition codes of CMOVcc that it knows, by opcode and ModRM digit. */
const CONDITIONAL: readonly (readonly [string, string, number, string])[] = [
  ['FCMOVB', 'DA /0', 2, 'c'],
  ['FCMOVE', 'DA /1', 4, 'z'],
  ['FCMOVBE', 'DA /2', 6, 'cz'],
  ['FCMOVU', 'DA /3', 10, 'p'],
  ['FCMOVNB', 'DB /0', 3, 'c'],
  ['FCMOVNE', 'DB /1', 5, 'z'],
  ['FCMOVNBE', 'DB /2', 7, 'cz'],
  ['FCMOVNU', 'DB /3', 11, 'p'],
];
const conditionalRows = CONDITIONAL.map(([mnemonic, encoding, code, read]) =>
  row(
    mnemonic,
    encoding,
    'ST,STi',
    conditionalMove((site) => condition(site, code)),
    {
      ...REMEMBERED,
      access: 'modify',
      flags: { read },
    },
  ),
);

/** Encodings that the manuals give no name, and that processors execute as others. */
const aliasRows: Row[] = [
  numeric('FCOM2', 'DC /2', 'ST,STi', 'FCOM ST,STi'),
  numeric('FCOMP3', 'DC /3', 'ST,STi', 'FCOMP ST,STi'),
  numeric('FCOMP5', 'DE /2', 'ST,STi', 'FCOMP ST,STi'),
  numeric('FXCH4', 'DD /1', 'ST,STi', 'FXCH ST,STi'),
  numeric('FXCH7', 'DF /1', 'ST,STi', 'FXCH ST,STi'),
  numeric('FSTP1', 'D9 /3', 'STi,ST'),
  numeric('FSTP8', 'DF /2', 'STi,ST', 'FSTP STi,ST'),
  numeric('FSTP9', 'DF /3', 'STi,ST', 'FSTP STi,ST'),
  numeric('FFREEP', 'DF /0', 'STi'),
];

const storeWord =
  (slot: number): Semantics =>
  (site) => {
    requireX87(site);
    site.operand(0).write(i64.load16u(i32.const(slot)));
  };

const wait: Semantics = (site) => {
  requireWait(site);
  raisePending(site);
};

const nothing: Semantics = (site) => requireX87(site);

/** Operand size of an environment in bytes: REX.W makes no difference. */
const SHORT = 2;
const NORMAL = 4;

const environment =
  (helper: 'x87StoreEnvironment' | 'x87LoadEnvironment'): Semantics =>
  (site) => {
    const operandSize = site.size === SHORT ? SHORT : NORMAL;
    requireX87(site);
    const stores = helper === 'x87StoreEnvironment';
    if (!stores) raisePending(site);
    const access = stores ? 'write' : 'read';
    const { pointer } = site.memory(
      site.address(),
      environmentBytes(operandSize),
      access,
      site.throughStack(),
    );
    site.call(helper, pointer, i32.const(operandSize));
  };

const wholeState =
  (helper: 'x87Save' | 'x87Restore'): Semantics =>
  (site) => {
    requireX87(site);
    if (helper === 'x87Restore') raisePending(site);
    const { body } = site;
    const address = body.let64(site.address());
    const throughStack = body.let32(site.throughStack());
    const operandSize = i32.const(site.size === SHORT ? SHORT : NORMAL);
    site.call(
      helper,
      i32.wrap(address),
      i32.wrap(i64.shrU(address, i64.const(32))),
      throughStack,
      operandSize,
    );
  };

const controlRows: Row[] = [
  row('FLDCW', 'D9 /5', 'Mw', x87('FLDCW Mw', { control: true }), { ...FPU, ...READ }),
  row('FNSTCW', 'D9 /7', 'Mw', storeWord(layout.X87_CONTROL), FPU),
  row('FNSTSW', 'DD /7', 'Mw', storeWord(layout.X87_STATUS), FPU),
  row('FNSTSW', 'DF E0', 'AX', storeWord(layout.X87_STATUS), FPU),
  row('FNINIT', 'DB E3', '', x87('FNINIT', { control: true, noWait: true }), FPU),
  row('FNCLEX', 'DB E2', '', x87('FNCLEX', { control: true, noWait: true }), FPU),
  row('FNENI', 'DB E0', '', nothing, FPU),
  row('FNDISI', 'DB E1', '', nothing, FPU),
  row('FNSETPM', 'DB E4', '', nothing, FPU),
  row('FNSTENV', 'D9 /6', 'M', environment('x87StoreEnvironment'), { ...FPU, sized: true }),
  row('FLDENV', 'D9 /4', 'M', environment('x87LoadEnvironment'), { ...FPU, ...READ, sized: true }),
  row('FNSAVE', 'DD /6', 'M', wholeState('x87Save'), { ...FPU, sized: true }),
  row('FRSTOR', 'DD /4', 'M', wholeState('x87Restore'), { ...FPU, ...READ, sized: true }),
  row('FWAIT', '9B', '', wait, FPU),
];

export const x87Rows: Row[] = [
  ...arithmeticRows(),
  ...ON_TOP.map(([mnemonic, modrm]) => numeric(mnemonic, `D9 ${modrm}`, '')),
  ...TRANSCENDENTAL.map(
    ([mnemonic, modrm]): Row => ({
      ...numeric(mnemonic, `D9 ${modrm}`, ''),
      ulps: 1,
      profile: 'The manuals bound the error by one unit in the last place.',
    }),
  ),
  ...transferRows,
  ...compareRows,
  ...conditionalRows,
  ...aliasRows,
  ...controlRows,
];
