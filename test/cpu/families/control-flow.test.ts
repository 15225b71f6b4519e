import { AFTER_UNMAPPED, CODE, DATA, UNMAPPED } from '../../oracles/user-case.ts';
import { describeFamily, type Spec } from './family.ts';
import { conditions } from './operands.ts';

const specs: Spec[] = [
  { title: 'should execute JMP rel8 forward', code: 'jmp 1f; mov eax, 1; 1: mov ebx, 2' },
  { title: 'should execute JMP rel32 forward', code: '.byte 0xe9, 5, 0, 0, 0; mov eax, 1; mov ebx, 2' },
  {
    title: 'should execute JMP backward',
    code: 'jmp 2f; 1: mov eax, 1; jmp 3f; 2: mov ebx, 2; jmp 1b; 3: nop',
  },
  { title: 'should execute JMP r64', code: 'lea rax, [rip + 7]; jmp rax; mov ebx, 1; mov ecx, 2' },
  {
    title: 'should execute JMP m64',
    code: 'lea rax, [rip + 10]; mov [rdi], rax; jmp [rdi]; mov ebx, 1; mov ecx, 2',
  },
  {
    title: 'should raise #PF for JMP to an unmapped page',
    code: 'jmp rbx',
    registers: { rbx: UNMAPPED + 5n },
  },
  { title: 'should raise #PF for JMP to a page that has no code', code: 'jmp rbx', registers: { rbx: DATA } },
  { title: 'should raise #PF for JMP to zero', code: 'jmp rbx', registers: { rbx: 0n } },
  {
    title: 'should raise #PF when execution runs into a page that has no code',
    code: 'jmp rbx',
    registers: { rbx: AFTER_UNMAPPED },
  },
  {
    title: 'should raise #PF when an instruction runs off the last code page',
    code: 'jmp rbx',
    registers: { rbx: CODE + 0x2000n },
  },
  {
    title: 'should execute code across the page boundary',
    code: `.fill 0xffd, 1, 0x90; mov rax, 0x1122334455667788; mov ebx, 5`,
    random: 2,
  },
  {
    title: 'should jump over the page boundary',
    code: `jmp 1f; .fill 0x1100, 1, 0xcc; 1: mov ebx, 5; jmp 2f; .fill 300, 1, 0xcc; 2: nop`,
    random: 2,
  },
  { title: 'should report a breakpoint after the INT3', code: 'mov eax, 1; int3; mov eax, 2' },
  {
    title: 'should report a breakpoint after INT 3 of two bytes',
    code: 'mov eax, 1; .byte 0xcd, 0x03; mov eax, 2',
  },
  {
    title: 'should raise #GP with the vector in its error code for INT n that users may not',
    code: 'int 0x0d',
  },
  { title: 'should raise #GP for INT of a vector whose gate is for the kernel', code: 'int 0x21' },
  { title: 'should raise #UD for UD2', code: 'ud2' },
  {
    title: 'should execute a loop with DEC and JNZ',
    code: 'mov ecx, 100; xor eax, eax; 1: add eax, ecx; dec ecx; jnz 1b',
  },
  {
    title: 'should execute a nested loop',
    code: 'mov ecx, 10; 2: mov edx, 10; 1: add rax, rdx; dec edx; jnz 1b; dec ecx; jnz 2b',
  },
  { title: 'should never end a loop to itself', code: 'jmp .', random: 1 },
  {
    title: 'should dispatch through a jump table',
    code: `lea rdx, [rip + 2f - 1f]; 1: mov [rdi], rdx; lea rdx, [rip + 3f - 4f]; 4: mov [rdi + 8], rdx
      and ebx, 1; jmp [rdi + rbx * 8]
      2: mov eax, 1; jmp 5f
      3: mov eax, 2
      5: nop`,
  },
  {
    title: 'should cut RIP to 16 bits with an operand-size prefix on JMP rel8, as AMD does',
    code: '.byte 0x66, 0xeb, 2; ud2; nop',
  },
  { title: 'should ignore REX.W on JMP rel32', code: '.byte 0x48, 0xe9, 2, 0, 0, 0; ud2; nop' },
  {
    title: 'should ignore branch hints',
    code: '.byte 0x2e, 0x74, 2; mov al, 5; .byte 0x3e, 0x75, 2; mov al, 6',
  },
];

for (const condition of conditions) {
  const name = `J${condition.toUpperCase()}`;
  specs.push(
    { title: `should execute ${name} rel8`, code: `j${condition} 1f; mov eax, 1; 1: nop`, random: 60 },
    {
      title: `should execute ${name} rel32`,
      code: `{disp32} j${condition} 1f; mov eax, 1; 1: nop`,
      random: 30,
    },
    {
      title: `should execute ${name} after SUB`,
      code: `sub eax, ebx; j${condition} 1f; mov ecx, 1; 1: nop`,
      random: 30,
    },
    {
      title: `should execute ${name} after TEST`,
      code: `test al, bl; j${condition} 1f; mov ecx, 1; 1: nop`,
      random: 20,
    },
    {
      title: `should execute ${name} after INC`,
      code: `inc ax; j${condition} 1f; mov ecx, 1; 1: nop`,
      random: 20,
    },
  );
}

for (const loop of ['loop', 'loope', 'loopne']) {
  const name = loop.toUpperCase();
  specs.push(
    {
      title: `should execute ${name} while RCX counts down`,
      code: `1: add rax, rbx; ${loop} 1b`,
      registers: { rcx: 7n },
    },
    {
      title: `should execute ${name} once when RCX is one`,
      code: `${loop} 1f; mov eax, 1; 1: nop`,
      registers: { rcx: 1n },
    },
    {
      title: `should execute ${name} with RCX zero, which wraps`,
      code: `${loop} 1f; mov eax, 1; 1: nop`,
      registers: { rcx: 0n },
    },
    {
      title: `should execute ${name} on ECX with a 32-bit address size`,
      code: `1: add rax, rbx; addr32 ${loop} 1b`,
      registers: { rcx: 0xffff_ffff_0000_0004n },
    },
  );
}
specs.push(
  {
    title: 'should execute JRCXZ',
    code: 'jrcxz 1f; mov eax, 1; 1: nop',
    cases: [{ rcx: 0n }, { rcx: 1n << 32n }, { rcx: 1n }],
  },
  {
    title: 'should execute JECXZ',
    code: 'jecxz 1f; mov eax, 1; 1: nop',
    cases: [{ rcx: 0n }, { rcx: 1n << 32n }, { rcx: 1n }],
  },
);

describeFamily('control flow', specs);
