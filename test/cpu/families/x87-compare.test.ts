import { describeFamily } from './family.ts';
import { withOperands, x87Spec } from './x87-specs.ts';

const registers = ['fcom', 'fcomp', 'fucom', 'fucomp'].map((mnemonic) =>
  x87Spec(`should execute ${mnemonic.toUpperCase()} ST(i)`, `${mnemonic} st(1)`, { random: 120 }),
);
const toFlags = ['fcomi', 'fcomip', 'fucomi', 'fucomip'].map((mnemonic) =>
  x87Spec(`should execute ${mnemonic.toUpperCase()}`, `${mnemonic} st, st(1)`, { random: 120 }),
);
const memory = ['fcom', 'fcomp'].flatMap((mnemonic) => {
  const integer = mnemonic.replace('fc', 'fic');
  return (
    [
      [`${mnemonic} dword ptr`, 'single'],
      [`${mnemonic} qword ptr`, 'double'],
      [`${integer} word ptr`, 'integer'],
      [`${integer} dword ptr`, 'integer'],
    ] as const
  ).map(([text, kind]) => x87Spec(`should execute ${text}`, `${text} [rcx]`, withOperands(kind, text)));
});
const others = ['fcompp', 'fucompp', 'ftst', 'fxam'].map((mnemonic) =>
  x87Spec(`should execute ${mnemonic.toUpperCase()}`, mnemonic, { random: 120 }),
);
const aliases = (
  [
    ['FCOM2', '.byte 0xdc, 0xd1'],
    ['FCOMP3', '.byte 0xdc, 0xda'],
    ['FCOMP5', '.byte 0xde, 0xd1'],
  ] as const
).map(([name, code]) => x87Spec(`should execute ${name}`, code));

describeFamily('x87 comparison', [...registers, ...toFlags, ...memory, ...others, ...aliases]);
