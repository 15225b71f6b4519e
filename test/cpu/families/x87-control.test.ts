import { describeFamily } from './family.ts';
import { x87Spec } from './x87-specs.ts';

const pending = { values: { pending: true } };

/** Without a wait: they execute though an exception is pending. */
const control = [
  'fninit',
  'fnclex',
  'fnstcw [rdi]',
  'fnstsw [rdi]',
  'fnstsw ax',
  '.byte 0xdb, 0xe0',
  '.byte 0xdb, 0xe1',
  '.byte 0xdb, 0xe4',
];
const withoutWait = control.map((code) =>
  x87Spec(`should execute ${code} whatever is pending`, code, pending),
);
const environments = ['fnstenv', 'fnsave'].flatMap((mnemonic) => [
  x87Spec(`should execute ${mnemonic.toUpperCase()}`, `${mnemonic} [rdi]`, pending),
  x87Spec(
    `should execute ${mnemonic.toUpperCase()} with 16-bit operands`,
    `data16 ${mnemonic} [rdi]`,
    pending,
  ),
]);
const waiting = [
  'fwait',
  'fnop',
  'fld1',
  'fldcw [rsi]',
  'fldenv [rdi]',
  'frstor [rdi]',
  'fadd dword ptr [rsi]',
  'ffree st(1)',
].map((code) => x87Spec(`should raise #MF for ${code} while an exception is pending`, code, pending));
const restored = ['', 'data16 '].flatMap((prefix) => [
  x87Spec(
    `should load with ${prefix}FLDENV what ${prefix}FNSTENV stored`,
    `${prefix}fnstenv [rdi]; fninit; fld1; ${prefix}fldenv [rdi]; fnstenv [rdi + 64]`,
    pending,
  ),
  x87Spec(
    `should load with ${prefix}FRSTOR what ${prefix}FNSAVE saved`,
    `${prefix}fnsave [rdi - 100]; fldpi; ${prefix}frstor [rdi - 100]`,
    pending,
  ),
]);
const changed = [
  x87Spec('should load any environment with FLDENV', 'fnclex; fldenv [rsi]; fnstenv [rdi]'),
  x87Spec(
    'should load any environment with 16-bit FLDENV',
    'fnclex; data16 fldenv [rsi]; data16 fnstenv [rdi]',
  ),
  x87Spec('should load any state with FRSTOR', 'fnclex; frstor [rsi - 0x80]; fnsave [rdi]'),
  x87Spec('should load any control word with FLDCW', 'fnclex; fldcw [rsi]; fnstcw [rdi]'),
];

/** Pointers to the last instruction and its operand. */
const pointers = [
  ['an instruction in registers', 'fadd st, st(1)'],
  ['an operand at RSI', 'fadd dword ptr [rsi]'],
  ['an operand on the stack', 'fadd qword ptr [rsp + 8]'],
  ['an operand at RBP', 'mov rbp, rsi; fst dword ptr [rbp - 8]'],
  ['an operand at RIP', 'fld dword ptr [rip - 4]'],
  ['a prefixed instruction', 'cs nop; ds; data16 fsqrt'],
  ['FXCH', 'fxch'],
  ['FNOP, which counts', 'fld1; fnop'],
  ['FNCLEX, which does not', 'fld1; fnclex'],
  ['FLDCW, which does not', 'fld1; fnclex; fldcw [rsi]'],
  ['FWAIT, which does not', 'fldz; fwait'],
  ['MMX, which does not', 'fldz; pxor mm1, mm2'],
  ['FNINIT, which forgets', 'fldz; fninit'],
  ['FNSAVE, which forgets', 'fldz; fnsave [rdi]'],
].map(([name, code]) =>
  x87Spec(`should point after ${name}`, `${code}; fnstenv [rdi]`, {
    values: { control: () => 0x37f },
    random: 8,
  }),
);
const segment = x87Spec('should point to an offset in a segment', 'fld dword ptr fs:[rsi]; fnstenv [rdi]', {
  values: { control: () => 0x37f },
  random: 8,
  fsBase: 0x40n,
});

const mmx = [
  x87Spec(
    'should find MMX registers by their number whatever TOP is',
    'fnclex; paddd mm1, mm2; fnsave [rdi]',
    pending,
  ),
  x87Spec('should make TOP zero with EMMS', 'fnclex; emms; fnstenv [rdi]', pending),
];
const fxState = [
  x87Spec('should save with FXSAVE', 'fxsave [rdi]', pending),
  x87Spec('should save with FXSAVE64', 'fxsave64 [rdi]', pending),
  x87Spec(
    'should restore with FXRSTOR',
    'fxsave64 [rdi]; fninit; fld1; fxrstor64 [rdi]; fnsave [rdi + 0x200]',
    pending,
  ),
];

/** Compatibility mode: the images have the same layouts, and the data selector is that of a real segment. */
const legacy = [
  ['FNSTENV', 'fadd dword ptr [esi]; fnstenv [edi]'],
  ['16-bit FNSTENV', 'fst dword ptr [esp - 8]; data16 fnstenv [edi]'],
  ['FNSAVE', 'fld qword ptr es:[esi]; fnsave [edi]'],
  ['FXSAVE', 'fnclex; fst dword ptr [esi]; fxsave [edi]'],
  ['FRSTOR', 'fnsave [edi]; fldpi; frstor [edi]'],
  ['FSTP m80', 'fstp tbyte ptr [edi]'],
  ['FCOMI', 'fcomi st, st(1)'],
].map(([name, code]) =>
  x87Spec(`should execute ${name} in 32-bit code`, code as string, {
    bits: 32,
    values: { control: () => 0x37f },
    random: 16,
  }),
);
/** Asks XSAVE and XRSTOR for x87 state, which has bit 0. */
const ASK = 'mov eax, 1; xor edx, edx';
const extendedState = [
  x87Spec('should save x87 state in the order of its stack with XSAVE', `${ASK}; xsave64 [rdi]`, pending),
  x87Spec(
    'should restore x87 state with XRSTOR',
    `${ASK}; xsave64 [rdi]; fninit; fldpi; xrstor64 [rdi]; fnsave [rdi + 0x300]`,
    pending,
  ),
  x87Spec(
    'should initialise x87 state with XRSTOR, pending exceptions included',
    `${ASK}; xsave64 [rdi]; mov qword ptr [rdi + 512], 0; xrstor64 [rdi]; fnsave [rdi + 0x300]`,
    pending,
  ),
];
const aliases = [
  x87Spec(
    'should find in MM0 what FLD pushed when TOP is zero',
    'fninit; .rept 8; fld1; .endr; movq rax, mm0',
  ),
  x87Spec(
    'should find in MM6 what the second FLD pushed',
    'fninit; fldz; fldpi; movq rax, mm6; fnstenv [rdi]',
  ),
  x87Spec(
    'should find in ST(i) what was written to an MMX register, with an exponent of ones',
    'fninit; fldpi; movq mm3, mm7; movq mm2, rcx; fnsave [rdi]',
  ),
  x87Spec('should make all registers valid with MMX', 'fninit; pxor mm0, mm0; fld1; fnstenv [rdi]'),
];

describeFamily('x87 control', [
  ...legacy,
  ...withoutWait,
  ...environments,
  ...waiting,
  ...restored,
  ...changed,
  ...pointers,
  segment,
  ...mmx,
  ...fxState,
  ...extendedState,
  ...aliases,
]);
