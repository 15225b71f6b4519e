import { PF, SF, ZF } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { ones, pointer, register, signBit, widths } from './operands.ts';

const specs: Spec[] = [
  {
    title: 'should execute XOR r32, r32 with itself: zero, and the upper half is cleared',
    code: 'xor eax, eax',
    cases: [{ rax: 0xffff_ffff_ffff_ffffn, result: { rax: 0n, flags: PF | ZF } }],
  },
  {
    title: 'should execute AND r64, imm8 with the immediate sign-extended',
    code: 'and rax, -16',
    cases: [{ rax: 0xffff_ffff_ffff_ffffn, result: { rax: 0xffff_ffff_ffff_fff0n, flags: PF | SF } }],
  },
  {
    title: 'should execute TEST r8, r8 and change no register',
    code: 'test al, bl',
    cases: [{ rax: 0x80n, rbx: 0xc0n, result: { rax: 0x80n, rbx: 0xc0n, flags: SF } }],
  },
];

for (const operation of ['and', 'or', 'xor', 'test']) {
  const name = operation.toUpperCase();
  for (const width of widths) {
    const a = register(width, 'ax');
    const b = register(width, 'bx');
    specs.push(
      {
        title: `should execute ${name} r${width}, r${width}`,
        code: `${operation} ${a}, ${b}`,
        cases: [
          { rax: 0n, rbx: 0n },
          { rax: ones(width), rbx: ones(width) },
          { rax: signBit(width), rbx: signBit(width) },
          { rax: 0x5555_5555_5555_5555n, rbx: 0xaaaa_aaaa_aaaa_aaaan },
        ],
      },
      { title: `should execute ${name} r${width} with itself`, code: `${operation} ${b}, ${b}` },
      {
        title: `should execute ${name} r/m${width}, r${width} on memory`,
        code: `${operation} ${pointer(width)} [rdi + 7], ${register(width, 'r11')}`,
      },
      {
        title: `should execute ${name} r/m${width}, imm on memory`,
        code: `${operation} ${pointer(width)} [rdi], 0x71`,
      },
      {
        title: `should execute ${name} accumulator${width}, imm`,
        code: `${operation} ${a}, ${width === 8 ? 0xa5 : 0x1234}`,
      },
      { title: `should execute ${name} r/m${width}, imm8 negative`, code: `${operation} ${b}, -2` },
    );
    if (operation !== 'test') {
      specs.push({
        title: `should execute ${name} r${width}, r/m${width} from memory`,
        code: `${operation} ${a}, [rsi - 9]`,
      });
    }
    if (width > 8) {
      const immediate = width === 16 ? 0x8765 : width === 32 ? 0x8765_4321 : -0x789a_bcdf;
      specs.push({
        title: `should execute ${name} r/m${width}, full immediate`,
        code: `${operation} ${register(width, 'r14')}, ${immediate}`,
      });
    }
  }
  specs.push(
    { title: `should execute ${name} AH, DL and leave AL alone`, code: `${operation} ah, dl` },
    { title: `should execute ${name} CH, imm8`, code: `${operation} ch, 0x3c` },
  );
}

describeFamily('logic', specs);
