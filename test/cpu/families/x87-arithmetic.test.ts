import { describeFamily } from './family.ts';
import { withOperands, x87Spec } from './x87-specs.ts';

const OPERATIONS = ['add', 'mul', 'sub', 'subr', 'div', 'divr'];

const registers = OPERATIONS.flatMap((operation) => {
  const name = `F${operation.toUpperCase()}`;
  return [
    x87Spec(`should execute ${name} ST, ST(i)`, `f${operation} st, st(2)`),
    x87Spec(`should execute ${name} ST, ST`, `f${operation} st, st(0)`),
    x87Spec(`should execute ${name} ST(i), ST`, `f${operation} st(3), st`),
    x87Spec(`should execute ${name}P`, `f${operation}p st(1), st`),
    x87Spec(`should execute ${name}P ST, ST`, `f${operation}p st(0), st`),
  ];
});
const memory = OPERATIONS.flatMap((operation) => {
  const name = operation.toUpperCase();
  return [
    x87Spec(
      `should execute F${name} m32`,
      `f${operation} dword ptr [rcx]`,
      withOperands('single', `${operation} single`),
    ),
    x87Spec(
      `should execute F${name} m64`,
      `f${operation} qword ptr [rcx]`,
      withOperands('double', `${operation} double`),
    ),
    x87Spec(
      `should execute FI${name} m16`,
      `fi${operation} word ptr [rcx]`,
      withOperands('integer', `${operation} word`),
    ),
    x87Spec(
      `should execute FI${name} m32`,
      `fi${operation} dword ptr [rcx]`,
      withOperands('integer', `${operation} dword`),
    ),
  ];
});

/** Operations on the top of the stack, and how many cases each is tried with. */
const ON_TOP: readonly (readonly [string, number])[] = [
  ['fsqrt', 200],
  ['frndint', 200],
  ['fscale', 300],
  ['fprem', 400],
  ['fprem1', 400],
  ['fxtract', 200],
  ['fabs', 40],
  ['fchs', 40],
];
const onTop = ON_TOP.map(([mnemonic, random]) =>
  x87Spec(`should execute ${mnemonic.toUpperCase()}`, mnemonic, { random }),
);

/** The loop of the manuals: until C2 is clear. */
const reductions = ['fprem', 'fprem1'].map((mnemonic) =>
  x87Spec(
    `should reduce with ${mnemonic.toUpperCase()} to the end`,
    `mov ecx, 2000\n1: ${mnemonic}\nfnstsw ax\ntest ah, 4\nloopne 1b`,
    {
      undefinedFlags: 0x10,
      random: 40,
      values: { control: () => 0x37f },
    },
  ),
);

describeFamily('x87 arithmetic', [...registers, ...memory, ...onTop, ...reductions]);
