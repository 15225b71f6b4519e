import { AF, CF, OF, PF, SF, ZF } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { ones, pointer, register, signBit, type Width, widths } from './operands.ts';

const additions = ['add', 'adc'];
const subtractions = ['sub', 'sbb', 'cmp'];
const operations = [...additions, ...subtractions];

const borders = (width: Width) => [
  { rax: 0n, rbx: 0n },
  { rax: ones(width), rbx: 1n },
  { rax: ones(width), rbx: ones(width) },
  { rax: signBit(width), rbx: signBit(width) },
  { rax: signBit(width) - 1n, rbx: 1n },
  { rax: signBit(width) - 1n, rbx: ones(width) },
  { rax: 0n, rbx: signBit(width) },
  { rax: 0x0fn, rbx: 1n },
  { rax: 0x10n, rbx: 1n },
];

const specs: Spec[] = [
  {
    title: 'should execute ADD r8, r8 with a carry out and a zero result',
    code: 'add al, bl',
    cases: [{ rax: 0xffn, rbx: 1n, result: { rax: 0n, flags: CF | PF | AF | ZF } }],
  },
  {
    title: 'should execute ADD r32, r32 and clear the upper half of the destination',
    code: 'add eax, ebx',
    cases: [
      { rax: 0xffff_ffff_7fff_ffffn, rbx: 1n, result: { rax: 0x8000_0000n, flags: OF | SF | AF | PF } },
    ],
  },
  {
    title: 'should execute SUB r64, r64 with a borrow',
    code: 'sub rax, rbx',
    cases: [{ rax: 0n, rbx: 1n, result: { rax: 0xffff_ffff_ffff_ffffn, flags: CF | PF | AF | SF } }],
  },
  {
    title: 'should execute CMP r16, r16 and change nothing but flags',
    code: 'cmp ax, bx',
    cases: [{ rax: 0x8000n, rbx: 1n, result: { rax: 0x8000n, flags: OF | AF | PF } }],
  },
];

for (const operation of operations) {
  const name = operation.toUpperCase();
  const carries = operation === 'adc' || operation === 'sbb' ? [0, CF] : [undefined];
  for (const width of widths) {
    const a = register(width, 'ax');
    const b = register(width, 'bx');
    for (const flags of carries) {
      const when = flags === undefined ? '' : flags ? ' when carry is on' : ' when carry is off';
      specs.push({
        title: `should execute ${name} r${width}, r${width}${when}`,
        code: `${operation} ${a}, ${b}`,
        cases: borders(width),
        ...(flags !== undefined && { flags }),
      });
    }
    specs.push(
      {
        title: `should execute ${name} r${width}, r${width} in its other encoding`,
        code: `{load} ${operation} ${register(width, 'r9')}, ${register(width, 'bp')}`,
      },
      { title: `should execute ${name} r${width} with itself`, code: `${operation} ${b}, ${b}` },
      {
        title: `should execute ${name} r/m${width}, r${width} on memory`,
        code: `${operation} ${pointer(width)} [rdi + 5], ${b}`,
      },
      {
        title: `should execute ${name} r${width}, r/m${width} from memory`,
        code: `${operation} ${a}, [rsi - 3]`,
      },
      { title: `should execute ${name} r/m${width}, imm8`, code: `${operation} ${b}, -3` },
      {
        title: `should execute ${name} r/m${width}, imm8 on memory`,
        code: `${operation} ${pointer(width)} [rdi], 0x7f`,
      },
      {
        title: `should execute ${name} accumulator${width}, imm`,
        code: `${operation} ${a}, ${width === 8 ? 0x5a : 0x1234}`,
      },
    );
    if (width === 8) continue;
    const immediate = width === 16 ? 0x8765 : width === 32 ? 0x8765_4321 : -0x789a_bcdf;
    specs.push({
      title: `should execute ${name} r/m${width}, imm${Math.min(width, 32)}`,
      code: `${operation} ${register(width, 'r10')}, ${immediate}`,
    });
  }
  specs.push(
    { title: `should execute ${name} AH, BL and leave AL alone`, code: `${operation} ah, bl` },
    { title: `should execute ${name} CL, DH`, code: `${operation} cl, dh` },
    { title: `should execute ${name} BH, imm8`, code: `${operation} bh, 0x81` },
  );
}

for (const operation of ['inc', 'dec', 'neg', 'not']) {
  const name = operation.toUpperCase();
  for (const width of widths) {
    specs.push(
      {
        title: `should execute ${name} r${width}${operation === 'inc' || operation === 'dec' ? ' and keep the carry' : ''}`,
        code: `${operation} ${register(width, 'bx')}`,
        cases: [0n, 1n, ones(width), signBit(width), signBit(width) - 1n, 0x0fn, 0x10n].flatMap((rbx) => [
          { rbx, flags: 0 },
          { rbx, flags: CF },
        ]),
      },
      { title: `should execute ${name} m${width}`, code: `${operation} ${pointer(width)} [rdi + 1]` },
    );
  }
  specs.push({ title: `should execute ${name} DH`, code: `${operation} dh` });
}

describeFamily('integer arithmetic', [
  ...specs,
  { title: 'should chain carries through ADD, ADC, ADC', code: 'add rax, rbx; adc rcx, rdx; adc r8, 0' },
  { title: 'should chain borrows through SUB, SBB, SBB', code: 'sub rax, rbx; sbb rcx, rdx; sbb r8d, r8d' },
  {
    title: 'should keep the carry of an ADD over INC and DEC',
    code: 'add rax, rbx; inc rcx; dec edx; adc r8, r9',
  },
  {
    title: 'should sum an array in a loop',
    code: 'xor eax, eax; mov ecx, 8; 1: add rax, [rsi + rcx * 8]; adc rdx, 0; dec ecx; jnz 1b',
  },
]);
