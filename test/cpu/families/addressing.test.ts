import { CODE, DATA, LOW } from '../../oracles/user-case.ts';
import { DESTINATION, describeFamily, SOURCE, type Spec } from './family.ts';

const specs: Spec[] = [];

// Base, index and scale: every base register, every index register, every scale, all three displacement sizes.
const bases = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
] as const;
for (const base of bases) {
  const other = base === 'rax' ? 'rbx' : 'rax';
  for (const displacement of ['', ' + 0x10', ' - 0x20', ' + 0x180']) {
    specs.push({
      title: `should address [${base}${displacement}]`,
      code: `mov ${other}, [${base}${displacement}]; mov [${base}${displacement}], cl`,
      registers: base === 'rsp' ? {} : { [base]: SOURCE },
      random: 2,
    });
  }
}
for (const index of bases) {
  if (index === 'rsp') continue;
  const base = index === 'rsi' ? 'rdi' : 'rsi';
  for (const scale of [1, 2, 4, 8]) {
    specs.push({
      title: `should address [${base} + ${index} * ${scale}]`,
      code: `mov r9, [${base} + ${index} * ${scale} - 3]`,
      registers: { [base]: SOURCE },
      random: 4,
      adjust: (r, random) => {
        r[index] = BigInt(random.below(32) - 16);
      },
    });
  }
}
specs.push(
  {
    title: 'should address [rbp + r13 * 2]',
    code: 'mov eax, [rbp + r13 * 2]',
    registers: { rbp: SOURCE, r13: 4n },
  },
  {
    title: 'should address [r13 + rbp * 8]',
    code: 'mov eax, [r13 + rbp * 8]',
    registers: { r13: SOURCE, rbp: -2n },
  },
  { title: 'should address [r12]', code: 'mov eax, [r12]; mov ebx, [r12 + r12]', registers: { r12: LOW } },
  {
    title: 'should address [index * scale + disp32] without a base',
    code: 'mov rax, [rbx * 8 + 0x40000010]',
    registers: { rbx: 5n },
  },
  {
    title: 'should address [disp32], sign-extended',
    code: 'mov rax, ds:[0x40000020]; mov ds:[0x40000031], bx',
  },
  { title: 'should raise #PF for [disp32] that is negative', code: 'mov rax, ds:[-8]' },
  {
    title: 'should address relative to RIP',
    code: 'lea rax, [rip + 0x1234]; mov rbx, [rip + 0x103f5]; mov [rip + 0x107f0], ecx',
  },
  {
    title: 'should count the immediate into an address relative to RIP',
    code: 'mov dword ptr [rip + 0x107f6], 0x12345678; cmp byte ptr [rip + 0x103ef], 5; add qword ptr [rip + 0x107e4], 0x11223344',
  },
  { title: 'should address relative to EIP with a 32-bit address size', code: 'lea rax, [eip + 0x1234]' },
  {
    title: 'should wrap an address around 64 bits',
    code: 'mov rax, [rsi + rbx]',
    registers: { rsi: 2n ** 64n - 0x1000n, rbx: SOURCE + 0x1000n },
  },
  {
    title: 'should wrap base + index * scale around 64 bits',
    code: 'mov rax, [rsi + rbx * 8]',
    registers: { rsi: SOURCE, rbx: 1n << 61n },
  },
  {
    title: 'should cut an address to 32 bits',
    code: 'mov rax, [esi + ebx * 4 + 5]',
    registers: { rsi: 0x1234_0000_0000n + LOW, rbx: 0xffff_ffff_0000_0003n },
  },
  {
    title: 'should wrap an address around 32 bits',
    code: 'mov rax, [esi + ebx]',
    registers: { rsi: 0xffff_fff0n, rbx: LOW + 0x20n },
  },
  {
    title: 'should zero-extend a 32-bit address with a negative displacement',
    code: 'mov rax, [esi - 4]; mov [edi - 8], ebx',
    registers: { rsi: LOW + 8n, rdi: LOW + 0x100n },
  },
  { title: 'should address [disp32] with a 32-bit address size', code: 'addr32 mov rax, ds:[0x40000020]' },
  {
    title: 'should address with FS base',
    code: 'mov rax, fs:[rbx]; mov fs:[0x20], ecx',
    fsBase: SOURCE,
    registers: { rbx: 8n },
  },
  {
    title: 'should address with GS base',
    code: 'mov rax, gs:[rbx * 2]; add gs:[-0x10], rcx',
    gsBase: DESTINATION,
    registers: { rbx: 8n },
  },
  {
    title: 'should add FS base to RIP-relative addresses',
    code: 'mov rax, fs:[rip + 0xff00]',
    fsBase: 0x500n,
  },
  {
    title: 'should add FS base after cutting the address to 32 bits',
    code: 'mov rax, fs:[ebx]',
    fsBase: SOURCE,
    registers: { rbx: 0xabcd_0000_0008n },
  },
  {
    title: 'should wrap FS base + address around 64 bits',
    code: 'mov rax, fs:[rbx]',
    fsBase: 2n ** 64n - 0x1000n,
    registers: { rbx: SOURCE + 0x1000n },
  },
  {
    title: 'should raise #GP when FS base + address is not canonical',
    code: 'mov rax, fs:[rbx]',
    fsBase: 0x7fff_ffff_f000n,
    registers: { rbx: 0x2000n },
  },
  { title: 'should ignore FS base in LEA', code: 'lea rax, fs:[rbx + 4]', fsBase: 0x1_0000n },
  {
    title: 'should ignore CS, DS, ES and SS prefixes',
    code: '.byte 0x2e; mov eax, [rsi]; .byte 0x3e; mov ebx, [rsi + 4]; .byte 0x26; mov ecx, [rsi + 8]; .byte 0x36; mov edx, [rsi + 12]',
    fsBase: 0x99n,
  },
  {
    title: 'should raise #GP, not #SS, for a non-canonical [RBP] with an FS prefix',
    code: 'mov rax, fs:[rbp]',
    registers: { rbp: 1n << 47n },
  },
  {
    title: 'should read instruction bytes as data',
    code: 'mov rax, [rbx]; nop; nop',
    registers: { rbx: CODE },
  },
);

for (const [size, text] of [
  [2, 'ax'],
  [4, 'eax'],
  [8, 'rax'],
] as const) {
  for (let before = 1; before < size; before++) {
    const address = DATA + 0x1000n - BigInt(before);
    specs.push(
      {
        title: `should load ${size} bytes, ${before} of them before the page boundary`,
        code: `mov ${text}, [rbx]`,
        registers: { rbx: address },
        memory: [{ address: address - 8n, bytes: new Uint8Array(24).map((_, i) => i * 7 + 1) }],
        random: 2,
      },
      {
        title: `should store ${size} bytes, ${before} of them before the page boundary`,
        code: `mov [rbx], ${text}`,
        registers: { rbx: address },
        random: 2,
      },
      {
        title: `should read and write ${size} bytes, ${before} of them before the page boundary`,
        code: `add [rbx], ${text}`,
        registers: { rbx: address },
        random: 2,
      },
    );
  }
}

describeFamily('addressing', specs);
