import { DATA, READ_ONLY, UNMAPPED } from '../../oracles/user-case.ts';
import { DESTINATION, describeFamily, type Spec } from './family.ts';
import { pointer, register, widths, wordWidths } from './operands.ts';

const bytesOf = (...values: bigint[]) =>
  new Uint8Array(BigUint64Array.from(values, (value) => BigInt.asUintN(64, value)).buffer);

const specs: Spec[] = [];

for (const width of widths) {
  const b = register(width, 'bx');
  const same = [{ address: DESTINATION, bytes: bytesOf(0x1234_5678_9abc_def0n) }];
  specs.push(
    { title: `should execute XADD r${width}, r${width}`, code: `xadd ${b}, ${register(width, 'dx')}` },
    { title: `should execute XADD r${width} with itself`, code: `xadd ${b}, ${b}` },
    { title: `should execute XADD m${width}, r${width}`, code: `xadd [rdi], ${b}` },
    {
      title: `should execute LOCK XADD m${width}, r${width}`,
      code: `lock xadd [rdi + 3], ${register(width, 'r10')}`,
    },
    { title: `should execute CMPXCHG r${width}, r${width}`, code: `cmpxchg ${b}, ${register(width, 'cx')}` },
    {
      title: `should execute CMPXCHG r${width}, r${width} when equal`,
      code: `mov ${b}, ${register(width, 'ax')}; cmpxchg ${b}, ${register(width, 'cx')}`,
    },
    {
      title: `should execute CMPXCHG m${width}, r${width} when equal`,
      code: `cmpxchg [rdi], ${b}`,
      memory: same,
      registers: { rax: 0x1234_5678_9abc_def0n },
    },
    { title: `should execute CMPXCHG m${width}, r${width} when not equal`, code: `cmpxchg [rdi], ${b}` },
    {
      title: `should execute LOCK CMPXCHG m${width}, r${width}`,
      code: `lock cmpxchg [rdi], ${register(width, 'r9')}`,
      memory: same,
      cases: [{ rax: 0x1234_5678_9abc_def0n }, { rax: 1n }],
    },
    {
      title: `should raise #PF for CMPXCHG m${width} on a page that is only read, even when not equal`,
      code: `cmpxchg [rdi], ${b}`,
      registers: { rdi: READ_ONLY, rax: 5n },
    },
    {
      title: `should raise #PF for XADD m${width} on a page that is only read`,
      code: `xadd [rdi], ${b}`,
      registers: { rdi: READ_ONLY },
    },
    {
      title: `should raise #PF for XCHG m${width} on a page that is only read`,
      code: `xchg [rdi], ${b}`,
      registers: { rdi: READ_ONLY },
    },
    { title: `should execute LOCK XCHG m${width}, r${width}`, code: `lock xchg [rdi], ${b}` },
  );
  for (const operation of ['add', 'adc', 'sub', 'sbb', 'and', 'or', 'xor']) {
    specs.push(
      {
        title: `should execute LOCK ${operation.toUpperCase()} m${width}, r${width}`,
        code: `lock ${operation} [rdi + 1], ${b}`,
        random: 6,
      },
      {
        title: `should execute LOCK ${operation.toUpperCase()} m${width}, imm8`,
        code: `lock ${operation} ${pointer(width)} [rdi], 0x41`,
        random: 4,
      },
    );
  }
  for (const operation of ['inc', 'dec', 'neg', 'not']) {
    specs.push({
      title: `should execute LOCK ${operation.toUpperCase()} m${width}`,
      code: `lock ${operation} ${pointer(width)} [rdi]`,
      random: 6,
    });
  }
}
for (const width of wordWidths) {
  for (const operation of ['bts', 'btr', 'btc']) {
    specs.push({
      title: `should execute LOCK ${operation.toUpperCase()} m${width}, imm8`,
      code: `lock ${operation} ${pointer(width)} [rdi], 9`,
      random: 6,
    });
  }
}

specs.push(
  { title: 'should execute CMPXCHG8B when not equal', code: 'cmpxchg8b [rdi]' },
  {
    title: 'should execute CMPXCHG8B when equal',
    code: 'lock cmpxchg8b [rdi]',
    memory: [{ address: DESTINATION, bytes: bytesOf(0x1111_2222_3333_4444n) }],
    registers: { rax: 0x3333_4444n, rdx: 0x1111_2222n },
  },
  { title: 'should execute CMPXCHG8B off its alignment', code: 'cmpxchg8b [rdi + 3]' },
  {
    title: 'should raise #PF for CMPXCHG8B on a page that is only read',
    code: 'cmpxchg8b [rdi]',
    registers: { rdi: READ_ONLY },
  },
  { title: 'should execute CMPXCHG16B when not equal', code: 'cmpxchg16b [rdi]' },
  {
    title: 'should execute CMPXCHG16B when equal',
    code: 'lock cmpxchg16b [rdi]',
    memory: [{ address: DESTINATION, bytes: bytesOf(0x1111_2222_3333_4444n, -5n) }],
    registers: { rax: 0x1111_2222_3333_4444n, rdx: -5n },
  },
  { title: 'should raise #GP for CMPXCHG16B off its alignment', code: 'cmpxchg16b [rdi + 8]' },
  {
    title: 'should raise #PF for CMPXCHG16B on a page that is only read',
    code: 'cmpxchg16b [rdi]',
    registers: { rdi: READ_ONLY },
  },
  {
    title: 'should raise #PF as a write for XCHG on an unmapped page',
    code: 'xchg [rdi], rax',
    registers: { rdi: UNMAPPED },
  },
  {
    title: 'should raise #PF as a write for ADD on an unmapped page',
    code: 'add [rdi], rax',
    registers: { rdi: UNMAPPED },
  },
  {
    title: 'should raise #PF as a write for LOCK XADD across into a page that is only read',
    code: 'lock xadd [rdi], rax',
    registers: { rdi: DATA + 0x1ffcn },
  },
  {
    title: 'should raise #UD for LOCK on a register destination',
    code: 'lock; add eax, ebx'.replace('lock; ', '.byte 0xf0; '),
  },
  { title: 'should raise #UD for LOCK on CMP', code: '.byte 0xf0; cmp [rdi], eax' },
  { title: 'should raise #UD for LOCK on a load', code: '.byte 0xf0; add eax, [rdi]' },
  { title: 'should raise #UD for LOCK on MOV', code: '.byte 0xf0; mov [rdi], eax' },
  { title: 'should raise #UD for LOCK on TEST', code: '.byte 0xf0; test [rdi], eax' },
  { title: 'should raise #UD for LOCK on BT', code: '.byte 0xf0; bt dword ptr [rdi], 3' },
  { title: 'should raise #UD for LOCK on SHL', code: '.byte 0xf0; shl dword ptr [rdi], 3' },
  { title: 'should raise #UD for LOCK on NOP', code: '.byte 0xf0; nop' },
  { title: 'should raise #UD for LOCK on PUSH', code: '.byte 0xf0; push rax' },
  { title: 'should raise #UD for LOCK on XCHG of registers', code: '.byte 0xf0; xchg ebx, ecx' },
  { title: 'should raise #UD for LOCK on MOVSB', code: '.byte 0xf0; movsb' },
  { title: 'should raise #UD for LOCK on IMUL', code: '.byte 0xf0; imul eax, [rdi]' },
);

describeFamily('atomics', specs);
