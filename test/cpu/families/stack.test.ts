import { DATA, LOW, READ_ONLY, STACK, STACK_END } from '../../oracles/user-case.ts';
import { describeFamily, type Spec, STACK_POINTER } from './family.ts';

const qword = (value: bigint) => new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, value)).buffer);

const specs: Spec[] = [
  { title: 'should execute PUSH r64 and POP r64', code: 'push rax; push r9; pop rbx; pop r12' },
  { title: 'should execute PUSH RSP with the value before the push', code: 'push rsp; pop rax' },
  { title: 'should execute POP RSP with the value popped', code: 'push rbx; pop rsp' },
  { title: 'should execute PUSH r16 and POP r16 by two bytes', code: 'push ax; push r9w; pop bx' },
  { title: 'should execute PUSH imm8 sign-extended', code: 'push -5; push 0x7f' },
  { title: 'should execute PUSH imm32 sign-extended', code: 'push -0x12345678; push 0x7fffffff' },
  {
    title: 'should execute PUSH imm8 and imm16 of two bytes',
    code: '.byte 0x66, 0x6a, 0x85; .byte 0x66, 0x68, 0x34, 0x92',
  },
  { title: 'should execute PUSH m64', code: 'push qword ptr [rsi + 5]' },
  { title: 'should execute PUSH m64 addressed by RSP', code: 'push qword ptr [rsp + 8]' },
  { title: 'should execute POP m64', code: 'pop qword ptr [rdi]' },
  { title: 'should execute POP m64 addressed by the RSP after the pop', code: 'pop qword ptr [rsp + 8]' },
  {
    title: 'should execute POP m64 addressed by RSP and a GS base',
    code: 'pop qword ptr gs:[rsp + 8]',
    gsBase: 0x20n,
  },
  {
    title: 'should execute POP m64 addressed by ESP',
    code: 'pop qword ptr [esp + 8]',
    registers: { rsp: LOW + 0x100n },
  },
  {
    title: 'should raise #SS when POP m64 meets a non-canonical address that RBP is the base of',
    code: 'pop qword ptr [rbp]',
    registers: { rbp: 1n << 50n },
  },
  { title: 'should execute PUSH m16 and POP m16', code: 'push word ptr [rsi]; pop word ptr [rdi + 4]' },
  {
    title: 'should leave RSP alone when POP m64 faults',
    code: 'pop qword ptr [rdi]',
    registers: { rdi: READ_ONLY + 8n },
  },
  {
    title: 'should raise #PF when PUSH runs off the stack',
    code: 'push rax',
    cases: [{ rsp: STACK }, { rsp: STACK + 4n }, { rsp: STACK + 8n }, { rsp: 0n }],
    random: 0,
  },
  {
    title: 'should raise #PF when POP reads beyond the stack',
    code: 'pop rax',
    cases: [{ rsp: STACK_END }, { rsp: STACK_END - 4n }],
    random: 0,
  },
  {
    title: 'should raise #SS when PUSH meets a non-canonical stack',
    code: 'push rax',
    registers: { rsp: 1n << 63n },
  },
  {
    title: 'should raise #SS when POP meets a non-canonical stack',
    code: 'pop rax',
    registers: { rsp: 1n << 47n },
  },
  {
    title: 'should raise #SS for a non-canonical address that RBP is the base of',
    code: 'mov rax, [rbp + 8]',
    registers: { rbp: 1n << 62n },
  },
  { title: 'should execute PUSHFQ with the flags of the case', code: 'pushfq; pop rax', random: 40 },
  { title: 'should execute PUSHFQ with DF', code: 'std; pushfq; cld; pop rax' },
  { title: 'should execute PUSHF of two bytes', code: 'pushfw; pop ax', random: 20 },
  {
    title: 'should execute POPFQ and change only what a user may',
    code: 'push rbx; popfq; pushfq; pop rax; and eax, 0x3fffff',
    random: 60,
    // Neither a trap after each instruction nor alignment checks.
    adjust: (r) => (r.rbx &= ~0x4_0100n),
    undefinedFlags: 0,
  },
  {
    title: 'should execute POPFQ with AC, ID and NT set',
    code: 'push rbx; popfq; pushfq; pop rax; push 2; popfq',
    cases: [
      { rbx: 0x4000n },
      { rbx: 0x20_0000n },
      { rbx: 0x4_0000n },
      { rbx: 0x1_0000n },
      { rbx: 0x3000n },
      { rbx: 0n },
    ],
    random: 0,
  },
  {
    title: 'should execute POPF of two bytes',
    code: 'push bx; popfw; pushfq; pop rax',
    adjust: (r) => (r.rbx &= ~0x100n),
  },
  { title: 'should execute LEAVE', code: 'leave', registers: { rbp: STACK_POINTER + 0x20n } },
  {
    title: 'should execute LEAVE of two bytes',
    code: '.byte 0x66, 0xc9',
    registers: { rbp: STACK_POINTER + 0x20n },
  },
  {
    title: 'should raise a fault when LEAVE reads outside the stack, and keep RSP',
    code: 'leave',
    registers: { rbp: DATA - 0x10n },
  },
  { title: 'should execute ENTER imm16, 0', code: 'enter 0x30, 0' },
  { title: 'should execute ENTER imm16, 1', code: 'enter 0x10, 1' },
  {
    title: 'should execute ENTER with nested frames',
    code: 'enter 0x20, 5',
    registers: { rbp: STACK_POINTER + 0x40n },
  },
  {
    title: 'should execute ENTER with a level above 31',
    code: 'enter 8, 0x43',
    registers: { rbp: STACK_POINTER + 0x40n },
  },
  {
    title: 'should execute ENTER of two bytes',
    code: '.byte 0x66, 0xc8, 0x10, 0x00, 0x03',
    registers: { rbp: STACK_POINTER + 0x40n },
  },
  {
    title: 'should raise #PF when the frame of ENTER would end below the stack',
    code: 'enter 0x2000, 0',
  },
  {
    title: 'should execute CALL rel32 and RET',
    code: 'call 1f; mov eax, 7; jmp 2f; 1: mov ebx, 5; ret; 2: nop',
  },
  { title: 'should execute RET imm16', code: 'push rbx; call 1f; jmp 2f; 1: ret 8; 2: nop' },
  { title: 'should execute CALL r64', code: 'lea rax, [rip + 3]; call rax; nop; pop rdx; sub rdx, rax' },
  {
    title: 'should execute CALL RSP-relative memory',
    code: 'lea rax, [rip + 0x10]; mov [rsp + 8], rax; call [rsp + 8]; nop; nop; nop; nop; nop',
  },
  { title: 'should execute CALL m64', code: 'lea rax, [rip + 5]; mov [rdi], rax; call [rdi]; pop rcx' },
  {
    title: 'should raise #PF for the push of CALL and stay at the CALL',
    code: 'call 1f; 1: nop',
    registers: { rsp: STACK },
  },
  {
    title: 'should raise #GP for RET to a non-canonical address',
    code: 'push rbx; ret',
    registers: { rbx: 1n << 60n },
  },
  {
    title: 'should raise #GP for CALL to a non-canonical address',
    code: 'call rbx',
    registers: { rbx: 1n << 60n },
  },
  {
    title: 'should raise #GP for JMP to a non-canonical address',
    code: 'jmp rbx',
    registers: { rbx: 1n << 47n },
  },
  {
    title: 'should raise #PF for RET to an address without code',
    code: 'push rbx; ret',
    registers: { rbx: LOW },
  },
  {
    title: 'should execute nested calls with arguments on the stack',
    code: `mov edi, 5; call 1f; jmp 3f
      1: push rdi; cmp edi, 1; jle 2f; dec edi; call 1b; pop rdi; imul eax, edi; ret
      2: mov eax, 1; pop rdi; ret
      3: nop`,
  },
  {
    title: 'should execute POP r64 across a page',
    code: 'pop rax; pop rbx',
    registers: { rsp: STACK + 0xffcn },
    memory: [
      {
        address: STACK + 0xff0n,
        bytes: new Uint8Array([...qword(0x1122_3344_5566_7788n), ...qword(-2n), ...qword(7n)]),
      },
    ],
  },
  {
    title: 'should execute PUSH r64 across a page',
    code: 'push rax; push rbx',
    registers: { rsp: STACK + 0x1004n },
  },
  {
    title: 'should execute PUSH FS and POP FS of a null selector',
    code: 'push fs; pop rax; push gs; pop ax',
  },
];

for (const name of ['r8', 'rbp', 'r13', 'rdi']) {
  specs.push({
    title: `should execute PUSH ${name}, POP ${name}`,
    code: `push ${name}; not ${name}; pop ${name}; push ${name}`,
  });
}

describeFamily('stack', specs);
