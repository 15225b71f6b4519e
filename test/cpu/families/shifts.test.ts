import { undefinedFlagsAfter } from '../../oracles/undefined-flags.ts';
import { AF, CF, OF, PF, registerIndex, SF, type UserCase } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { pointer, register, type Width, widths, wordWidths } from './operands.ts';

const RCX = registerIndex('rcx');
const counts = [
  0n,
  1n,
  2n,
  7n,
  8n,
  9n,
  15n,
  16n,
  17n,
  18n,
  24n,
  27n,
  31n,
  32n,
  33n,
  36n,
  63n,
  64n,
  65n,
  0x80n,
  0xffn,
];

const byCount = (operation: string, width: Width, count: number) =>
  undefinedFlagsAfter(operation, { width, count });
const byCl = (operation: string, width: Width) => (test: UserCase) =>
  byCount(operation, width, Number((test.registers[RCX] as bigint) & 0xffn));

const specs: Spec[] = [
  {
    title: 'should execute SHL r8, 1 with carry and overflow',
    code: 'shl al, 1',
    cases: [{ rax: 0x80n, result: { rax: 0n, flags: CF | OF | PF | 0x40 } }],
    undefinedFlags: AF,
  },
  {
    title: 'should execute SAR r32, imm8 keeping the sign',
    code: 'sar eax, 4',
    cases: [{ rax: 0x8000_0000n, result: { rax: 0xf800_0000n, flags: SF | PF } }],
    undefinedFlags: AF | OF,
  },
  {
    title: 'should execute RCL r64, 1 through the carry',
    code: 'rcl rax, 1',
    cases: [{ rax: 1n << 63n, flags: CF, result: { rax: 1n } }],
  },
  {
    title: 'should leave all flags alone when the count is zero',
    code: 'shl eax, cl; sar rbx, cl; rol dl, cl; rcr r8w, cl; shld r9d, r10d, cl',
    registers: { rcx: 0n },
    undefinedFlags: 0,
  },
  {
    title: 'should clear the upper half of a 32-bit destination even when the count is zero',
    code: 'shl eax, cl',
    registers: { rcx: 32n },
    undefinedFlags: 0,
  },
];

for (const operation of ['shl', 'shr', 'sar', 'rol', 'ror', 'rcl', 'rcr']) {
  const name = operation.toUpperCase();
  for (const width of widths) {
    const a = register(width, 'ax');
    specs.push(
      {
        title: `should execute ${name} r${width}, 1`,
        code: `${operation} ${a}, 1`,
        undefinedFlags: byCount(operation, width, 1),
      },
      {
        title: `should execute ${name} r${width}, CL for all kinds of counts`,
        code: `${operation} ${register(width, 'bx')}, cl`,
        cases: counts.map((rcx) => ({ rcx })),
        random: 40,
        adjust: (r, random) => {
          if (random.oneIn(2)) r.rcx = BigInt(random.below(70));
        },
        undefinedFlags: byCl(operation, width),
      },
      {
        title: `should execute ${name} m${width}, CL`,
        code: `${operation} ${pointer(width)} [rdi + 3], cl`,
        undefinedFlags: byCl(operation, width),
      },
      {
        title: `should execute ${name} m${width}, 1`,
        code: `${operation} ${pointer(width)} [rdi]`,
        undefinedFlags: byCount(operation, width, 1),
      },
    );
    for (const count of [0, 1, 3, width / 2, width - 1, width, 0x9d]) {
      specs.push({
        title: `should execute ${name} r${width}, imm8 of ${count}`,
        code:
          count === 1
            ? `.byte ${immediateOne(operation, width)}`
            : `${operation} ${register(width, 'r10')}, ${count}`,
        undefinedFlags: byCount(operation, width, count),
      });
    }
  }
  specs.push({
    title: `should execute ${name} AH, 3`,
    code: `${operation} ah, 3`,
    undefinedFlags: byCount(operation, 8, 3),
  });
}

/** The imm8 form with a count of one, which the assembler would shorten; on AL, AX, EAX or RAX. */
function immediateOne(operation: string, width: Width): string {
  const extension = { rol: 0, ror: 1, rcl: 2, rcr: 3, shl: 4, shr: 5, sar: 7 }[operation] as number;
  const prefix = { 8: [], 16: [0x66], 32: [], 64: [0x48] }[width];
  const opcode = width === 8 ? 0xc0 : 0xc1;
  return [...prefix, opcode, 0xc0 | (extension << 3), 1].join(', ');
}

for (const operation of ['shld', 'shrd']) {
  const name = operation.toUpperCase();
  for (const width of wordWidths) {
    const a = register(width, 'ax');
    const b = register(width, 'bx');
    // A 16-bit double shift by more than 16 has no defined result.
    const bound = width === 16 ? 17 : 70;
    specs.push(
      {
        title: `should execute ${name} r${width}, r${width}, CL`,
        code: `${operation} ${a}, ${b}, cl`,
        cases: counts.filter((count) => width > 16 || Number(count & 31n) <= 16).map((rcx) => ({ rcx })),
        random: 40,
        adjust: (r, random) => {
          if (r.rcx > 0xffn || width === 16) r.rcx = (r.rcx & ~0xffn) | BigInt(random.below(bound));
        },
        undefinedFlags: byCl(operation, width),
      },
      {
        title: `should execute ${name} m${width}, r${width}, CL`,
        code: `${operation} [rdi + 1], ${b}, cl`,
        adjust: (r, random) => {
          r.rcx = (r.rcx & ~0xffn) | BigInt(random.below(bound));
        },
        undefinedFlags: byCl(operation, width),
      },
    );
    for (const count of [0, 1, 5, 15, ...(width === 16 ? [16] : [31, 33, 63])]) {
      specs.push({
        title: `should execute ${name} r${width}, r${width}, imm8 of ${count}`,
        code: `${operation} ${a}, ${register(width, 'r11')}, ${count}`,
        undefinedFlags: byCount(operation, width, count),
      });
    }
    specs.push({
      title: `should execute ${name} m${width}, r${width}, imm8`,
      code: `${operation} [rdi], ${a}, 9`,
      undefinedFlags: byCount(operation, width, 9),
    });
  }
}

describeFamily('shifts and rotates', specs);
