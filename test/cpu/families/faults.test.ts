import { AFTER_UNMAPPED, CODE, DATA, READ_ONLY, UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { pointer, register, widths } from './operands.ts';

const specs: Spec[] = [
  { title: 'should raise #PF for a read of address zero', code: 'mov rax, [rbx]', registers: { rbx: 0n } },
  {
    title: 'should raise #PF for a read of the last address',
    code: 'mov al, [rbx]',
    registers: { rbx: -1n },
  },
  {
    title: 'should raise #PF for a read of the kernel half',
    code: 'mov rax, [rbx]',
    registers: { rbx: -0x8000_0000n },
  },
  {
    title: 'should raise #PF for a write to the kernel half',
    code: 'mov [rbx], rax',
    registers: { rbx: -0x8000_0000n },
  },
  {
    title: 'should raise #PF as present for a write to the code page',
    code: 'mov [rbx], rax',
    registers: { rbx: CODE + 0x10n },
  },
  {
    title: 'should raise #GP for the lowest non-canonical address',
    code: 'mov rax, [rbx]',
    registers: { rbx: 1n << 47n },
  },
  {
    title: 'should raise #GP for the highest non-canonical address',
    code: 'mov rax, [rbx]',
    registers: { rbx: 0xffff_7fff_ffff_ffffn },
  },
  {
    title: 'should raise #GP when an access runs into non-canonical addresses',
    code: 'mov rax, [rbx]',
    registers: { rbx: (1n << 47n) - 4n },
  },
  {
    title: 'should raise #GP for a write to a non-canonical address',
    code: 'add [rbx], eax',
    registers: { rbx: 1n << 63n },
  },
  {
    title: 'should raise #SS for a non-canonical address that RSP is the base of',
    code: 'mov rax, [rsp + 16]',
    registers: { rsp: 1n << 63n },
  },
  {
    title: 'should raise #GP for a non-canonical address that RBP is the index of',
    code: 'mov rax, [rbx + rbp]',
    registers: { rbp: 1n << 62n },
  },
  {
    title: 'should leave registers and flags alone when ADD r64, m64 faults',
    code: 'add rax, [rbx]',
    registers: { rbx: UNMAPPED },
  },
  {
    title: 'should leave flags alone when ADD m64, r64 faults',
    code: 'add [rbx], rax',
    registers: { rbx: READ_ONLY },
  },
  {
    title: 'should raise #DE before nothing else changes',
    code: 'add rcx, rdx; div bl; mov ecx, 1',
    registers: { rbx: 0n },
    undefinedFlags: 0x8d5,
  },
  {
    title: 'should raise #PF for the operand of DIV before #DE',
    code: 'div qword ptr [rbx]',
    registers: { rbx: UNMAPPED },
  },
  {
    title: 'should load from a page that is only read',
    code: 'mov rax, [rbx]; cmp byte ptr [rbx + 5], 1',
    registers: { rbx: READ_ONLY },
  },
  {
    title: 'should raise #PF for CMOV from an unmapped page even when the condition is false',
    code: 'cmp eax, eax; cmovne eax, [rbx]',
    registers: { rbx: UNMAPPED },
  },
  {
    title: 'should raise #PF for SETcc to a page that is only read',
    code: 'setne [rbx]',
    registers: { rbx: READ_ONLY },
  },
  {
    title: 'should not touch memory for LEA of a non-canonical address',
    code: 'lea rax, [rbx + 8]',
    registers: { rbx: 1n << 63n },
  },
  {
    title: 'should raise #PF for a shift by zero on a page that is only read',
    code: 'shl dword ptr [rbx], cl',
    registers: { rbx: READ_ONLY, rcx: 0n },
  },
  {
    title: 'should raise #PF for SHLD by zero on a page that is only read',
    code: 'shld [rbx], eax, cl',
    registers: { rbx: READ_ONLY, rcx: 0n },
  },
  {
    title: 'should raise #PF for the destination of MOV m64, imm32',
    code: 'mov qword ptr [rbx], 5',
    registers: { rbx: UNMAPPED },
  },
  {
    title: 'should raise #PF at the second instruction and keep what the first did',
    code: 'mov [rdi], rax; mov [rbx], rcx',
    registers: { rbx: UNMAPPED },
  },
  { title: 'should raise #UD for an opcode that long mode does not have: PUSH ES', code: '.byte 0x06' },
  { title: 'should raise #UD for DAA', code: '.byte 0x27' },
  { title: 'should raise #UD for AAA', code: '.byte 0x37' },
  { title: 'should raise #UD for PUSHA', code: '.byte 0x60' },
  { title: 'should raise #UD for far CALL imm', code: '.byte 0x9a, 1, 2, 3, 4, 5, 6' },
  { title: 'should raise #UD for far JMP imm', code: '.byte 0xea, 1, 2, 3, 4, 5, 6' },
  { title: 'should raise #UD for INTO', code: '.byte 0xce' },
  { title: 'should raise #UD for SALC', code: '.byte 0xd6' },
  { title: 'should raise #UD for opcode 82', code: '.byte 0x82, 0xc0, 5' },
  { title: 'should raise #UD for LEA of a register', code: '.byte 0x8d, 0xc0' },
  { title: 'should raise #UD for CMPXCHG8B of a register', code: '.byte 0x0f, 0xc7, 0xc8' },
  { title: 'should raise #UD for MOVBE of a register without F2', code: '.byte 0x0f, 0x38, 0xf0, 0xc0' },
  { title: 'should raise #UD for UD1 and UD0', code: '.byte 0x0f, 0xb9, 0xc0' },
  { title: 'should raise #UD for FE /2', code: '.byte 0xfe, 0xd0' },
  { title: 'should raise #UD for FF /7', code: '.byte 0xff, 0xf8' },
  { title: 'should raise #UD for C6 /1', code: '.byte 0xc6, 0xc8, 0' },
  { title: 'should raise #UD for 8F /1', code: '.byte 0x8f, 0xc8', notOnUnicorn: 'executes it as POP' },
  { title: 'should raise #UD for 0F BA /3', code: '.byte 0x0f, 0xba, 0xd8, 0' },
  { title: 'should raise #UD for 0F 0B', code: '.byte 0x0f, 0x0b' },
  { title: 'should raise #UD for 0F FF', code: '.byte 0x0f, 0xff, 0xc0' },
  { title: 'should raise #UD for 0F 24', code: '.byte 0x0f, 0x24, 0xc0' },
  {
    title: 'should execute F6 /1 as TEST',
    code: '.byte 0xf6, 0xc8, 0x81',
    notOnUnicorn: 'raises #UD',
    undefinedFlags: 0x10,
  },
  { title: 'should execute D0 /6 as SHL', code: '.byte 0xd0, 0xf0', undefinedFlags: 0x10 },
];

for (const width of widths) {
  const a = register(width, 'ax');
  for (const [where, address] of [
    ['an unmapped page', UNMAPPED],
    ['a page that is only read', READ_ONLY],
  ] as const) {
    for (const operation of ['add', 'cmp', 'and', 'test', 'mov']) {
      specs.push({
        title: `should execute or fault ${operation.toUpperCase()} m${width}, r${width} on ${where}`,
        code: `${operation} [rbx], ${a}`,
        registers: { rbx: address },
        random: 2,
      });
    }
    for (const operation of ['inc', 'neg', 'not', 'shl', 'ror']) {
      specs.push({
        title: `should fault ${operation.toUpperCase()} m${width} on ${where}`,
        code: `${operation} ${pointer(width)} [rbx]`,
        registers: { rbx: address },
        random: 2,
      });
    }
  }
  if (width === 8) continue;
  const bytes = BigInt(width / 8);
  for (const [what, address] of [
    ['from a writable page into one that is only read', READ_ONLY],
    ['from a page that is only read into an unmapped one', UNMAPPED],
    ['from an unmapped page into a writable one', AFTER_UNMAPPED],
    ['from a writable page into the next', DATA + 0x1000n],
  ] as const) {
    for (const operation of ['mov', 'add', 'xchg', 'cmpxchg']) {
      specs.push({
        title: `should take ${operation.toUpperCase()} m${width}, r${width} ${what}`,
        code: `${operation} [rbx], ${register(width, 'cx')}`,
        registers: { rbx: address - bytes / 2n },
        random: 2,
      });
    }
    specs.push({
      title: `should take MOV r${width}, m${width} ${what}`,
      code: `mov ${a}, [rbx]`,
      registers: { rbx: address - bytes / 2n },
      random: 2,
    });
  }
}

describeFamily('faults', specs);
