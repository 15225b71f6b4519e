import { CF, OF } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { ones, pointer, register, signBit, type Width, widths, wordWidths } from './operands.ts';

const specs: Spec[] = [
  {
    title: 'should execute MUL r64 into RDX:RAX',
    code: 'mul rbx',
    cases: [{ rax: -1n, rbx: -1n, result: { rax: 1n, rdx: 0xffff_ffff_ffff_fffen, flags: CF | OF } }],
  },
  {
    title: 'should execute IMUL r64 of small numbers without overflow',
    code: 'imul rbx',
    cases: [{ rax: -2n, rbx: 3n, result: { rax: 2n ** 64n - 6n, rdx: 2n ** 64n - 1n, flags: 0 } }],
  },
  {
    title: 'should execute DIV r8 into AH and AL',
    code: 'div bl',
    cases: [{ rax: 100n, rbx: 7n, result: { rax: 0x020en } }],
  },
  {
    title: 'should execute IDIV r32 with the sign of the dividend on the remainder',
    code: 'cdq; idiv ecx',
    cases: [{ rax: 0xffff_fff9n, rcx: 2n, result: { rax: 0xffff_fffdn, rdx: 0xffff_ffffn } }],
  },
  { title: 'should execute MUL AH', code: 'mul ah' },
  { title: 'should execute DIV AH', code: 'div ah' },
  { title: 'should execute IDIV CH', code: 'idiv ch' },
];

const interestingFactors = (width: Width) =>
  [0n, 1n, ones(width), signBit(width), signBit(width) - 1n].flatMap((rax) =>
    [0n, 1n, 2n, ones(width), signBit(width)].map((rbx) => ({ rax, rbx })),
  );

for (const width of widths) {
  const b = register(width, 'bx');
  for (const operation of ['mul', 'imul']) {
    const name = operation.toUpperCase();
    specs.push(
      {
        title: `should execute ${name} r${width}`,
        code: `${operation} ${b}`,
        cases: interestingFactors(width),
        random: 40,
      },
      { title: `should execute ${name} m${width}`, code: `${operation} ${pointer(width)} [rsi + 1]` },
    );
  }
  for (const operation of ['div', 'idiv']) {
    const name = operation.toUpperCase();
    const high = width === 8 ? '' : `${register(width, 'dx')}`;
    specs.push(
      {
        title: `should execute ${name} r${width} with whatever dividend, often #DE`,
        code: `${operation} ${b}`,
        random: 40,
        undefinedFlags: 0xffff,
      },
      {
        title: `should execute ${name} r${width} with a quotient that fits`,
        code: `${operation} ${b}`,
        random: 60,
        adjust: (r, random) => {
          if (r.rbx === 0n) r.rbx = 3n;
          if (width === 8) r.rax = BigInt(random.below(0x80));
          else r.rdx = operation === 'div' ? 0n : BigInt.asIntN(width, r.rax) < 0n ? -1n : 0n;
        },
      },
      {
        title: `should execute ${name} r${width} at the edges of the quotient`,
        code: `${operation} ${b}`,
        cases: quotientEdges(width, operation === 'idiv'),
        random: 0,
      },
      {
        title: `should raise #DE when ${name} r${width} divides by zero`,
        code: `${operation} ${b}`,
        registers: { rbx: 0n },
      },
      {
        title: `should execute ${name} m${width}`,
        code: `${operation} ${pointer(width)} [rsi]`,
        registers: { rdx: 0n, rax: 77n },
      },
    );
    if (high) {
      specs.push({
        title: `should raise #DE when ${name} r${width} overflows`,
        code: `${operation} ${b}`,
        registers: { rbx: 1n, rdx: 1n },
      });
    }
  }
}

/** Dividends just inside and just outside what the quotient can hold. */
function quotientEdges(width: Width, signed: boolean) {
  const limit = signed ? signBit(width) : ones(width) + 1n;
  const divisors = [3n, 1n, 10n, signBit(width) - 1n];
  const quotients = [limit - 1n, limit, ...(signed ? [-limit, -limit - 1n] : [])];
  return divisors.flatMap((rbx) =>
    quotients.flatMap((quotient) =>
      [0n, 1n, rbx - 1n].map((remainder) => {
        const dividend = quotient * rbx + (quotient < 0n ? -remainder : remainder);
        if (width === 8) return { rax: dividend & 0xffffn, rbx };
        const mask = ones(width);
        return { rax: dividend & mask, rdx: (dividend >> BigInt(width)) & mask, rbx };
      }),
    ),
  );
}

for (const width of wordWidths) {
  const a = register(width, 'ax');
  const b = register(width, 'bx');
  specs.push(
    {
      title: `should execute IMUL r${width}, r${width}`,
      code: `imul ${a}, ${b}`,
      cases: interestingFactors(width),
      random: 40,
    },
    { title: `should execute IMUL r${width} with itself`, code: `imul ${b}, ${b}` },
    { title: `should execute IMUL r${width}, m${width}`, code: `imul ${register(width, 'r9')}, [rsi + 3]` },
    { title: `should execute IMUL r${width}, r${width}, imm8`, code: `imul ${a}, ${b}, -7`, random: 30 },
    {
      title: `should execute IMUL r${width}, r${width}, imm`,
      code: `imul ${a}, ${register(width, 'r8')}, 0x7654`,
      random: 30,
    },
    {
      title: `should execute IMUL r${width}, m${width}, imm8`,
      code: `imul ${a}, ${pointer(width)} [rsi], 100`,
    },
  );
}

describeFamily('multiply and divide', specs);
