import { DATA, LOW, READ_ONLY } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { conditions, pointer, register, widths, wordWidths } from './operands.ts';

const specs: Spec[] = [
  {
    title: 'should execute BT m64, r64 with an offset far beyond the operand',
    code: 'bt qword ptr [rdi], rax',
    cases: [{ rax: -1n }, { rax: 64n }, { rax: -64n }, { rax: 1000n }, { rax: -1000n }],
    random: 0,
  },
  {
    title: 'should execute BTS m32, r32 with a negative offset',
    code: 'bts dword ptr [rdi], eax',
    cases: [{ rax: 0xffff_ffffn }, { rax: 0xffff_ffe0n }, { rax: 0xffff_ffdfn }, { rax: 33n }],
    random: 0,
  },
  {
    title: 'should execute BTR m16, r16 with a negative offset',
    code: 'btr word ptr [rdi], ax',
    cases: [{ rax: 0xffffn }, { rax: 0xfff0n }, { rax: 0xffefn }, { rax: 17n }],
    random: 0,
  },
  {
    title: 'should raise #PF for BTS on a page that is only read',
    code: 'bts qword ptr [rdi], rax',
    registers: { rdi: READ_ONLY },
    cases: [{ rax: 5n }, { rax: 0x200n }],
    random: 0,
  },
  {
    title: 'should read with BT from a page that is only read',
    code: 'bt qword ptr [rdi], rax',
    registers: { rdi: READ_ONLY, rax: 77n },
  },
  {
    title: 'should address the dword of a BT by its own size',
    code: 'bt dword ptr [rdi], eax',
    registers: { rdi: DATA + 0x1ffcn, rax: 31n },
  },
  {
    title: 'should keep the destination of BSF when the source is zero',
    code: 'bsf rax, rbx',
    registers: { rbx: 0n },
  },
  {
    title: 'should keep the destination of BSR when the source is zero',
    code: 'bsr rax, rbx',
    registers: { rbx: 0n },
  },
];

for (const width of wordWidths) {
  const a = register(width, 'ax');
  const b = register(width, 'bx');
  const bits = [0, 1, width - 1, width, width + 3, 0xff];
  for (const operation of ['bt', 'bts', 'btr', 'btc']) {
    const name = operation.toUpperCase();
    specs.push(
      { title: `should execute ${name} r${width}, r${width}`, code: `${operation} ${a}, ${b}`, random: 30 },
      {
        title: `should execute ${name} m${width}, r${width} within reach of the data`,
        code: `${operation} [rdi], ${b}`,
        random: 40,
        adjust: (r, random) => {
          r.rbx =
            (r.rbx & ~((1n << BigInt(width)) - 1n)) |
            BigInt.asUintN(width, BigInt(random.below(2048) - 1024));
        },
      },
      ...bits.map((bit) => ({
        title: `should execute ${name} r${width}, imm8 of ${bit}`,
        code: `${operation} ${register(width, 'r12')}, ${bit}`,
        random: 6,
      })),
      {
        title: `should execute ${name} m${width}, imm8, which stays within the operand`,
        code: `${operation} ${pointer(width)} [rdi + 1], 0xed`,
      },
    );
  }
  // The bit offset is part of the address before that is cut to 32 bits; the base of FS is added afterwards.
  for (const operation of ['bt', 'bts', 'btr', 'btc']) {
    const name = operation.toUpperCase();
    specs.push(
      {
        title: `should cut the address of ${name} m${width}, r${width} to 32 bits after the bit offset`,
        code: `${operation} ${pointer(width)} fs:[r8d + r9d * 2 - 16], ${a}`,
        fsBase: DATA,
        registers: { r8: 0xffff_ffff_0000_0010n, r9: 0x8000_0010n },
        cases: [{ rax: -1n }, { rax: 0x7fffn }, { rax: -0x80n }, { rax: 0x1234n }, { rax: -0x100n }],
        random: 0,
      },
      {
        title: `should execute ${name} m${width}, r${width} with a 32-bit address`,
        code: `${operation} ${pointer(width)} [r8d], ${a}`,
        registers: { r8: 0x7777_7777_0000_0000n + LOW + 0x1000n },
        cases: [{ rax: -0x7fffn }, { rax: 0x7f00n }, { rax: -1n }],
        random: 0,
      },
    );
    if (width === 64) {
      specs.push({
        title: `should count whole turns around 32 bits with ${name} m64, r64`,
        code: `${operation} qword ptr [r8d], rax`,
        registers: { r8: LOW + 0x20n },
        cases: [{ rax: (1n << 35n) + 70n }, { rax: -(1n << 35n) - 70n }, { rax: (5n << 40n) + 3n }],
        random: 0,
      });
    }
  }
  for (const operation of ['bsf', 'bsr', 'tzcnt', 'lzcnt', 'popcnt']) {
    const name = operation.toUpperCase();
    specs.push(
      {
        title: `should execute ${name} r${width}, r${width}`,
        code: `${operation} ${a}, ${b}`,
        cases: [{ rbx: 0n }, { rbx: 1n }, { rbx: -1n }, { rbx: 1n << BigInt(width - 1) }],
        random: 40,
      },
      {
        title: `should execute ${name} r${width}, m${width}`,
        code: `${operation} ${register(width, 'r9')}, [rsi]`,
      },
    );
  }
}

for (const condition of conditions) {
  const name = `SET${condition.toUpperCase()}`;
  specs.push(
    { title: `should execute ${name} r8`, code: `set${condition} al`, random: 40 },
    { title: `should execute ${name} m8`, code: `set${condition} [rdi]`, random: 20 },
  );
  for (const width of widths) {
    specs.push({
      title: `should execute ${name} after CMP r${width}, r${width}`,
      code: `cmp ${register(width, 'bx')}, ${register(width, 'dx')}; set${condition} ah`,
      random: 30,
      cases: [
        { rbx: 5n, rdx: 5n },
        { rbx: 5n, rdx: -5n },
        { rbx: -5n, rdx: 5n },
        { rbx: 1n << BigInt(width - 1), rdx: 1n },
      ],
    });
  }
}

describeFamily('bits', specs);
