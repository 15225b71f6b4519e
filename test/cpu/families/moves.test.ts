import { describeFamily, type Spec } from './family.ts';
import { conditions, pointer, register, type Width, widths, wordWidths } from './operands.ts';

const specs: Spec[] = [
  {
    title: 'should execute MOV r32, r32 and clear the upper half',
    code: 'mov eax, ebx',
    cases: [{ rax: -1n, rbx: 0x1234_5678_9abc_def0n, result: { rax: 0x9abc_def0n } }],
  },
  {
    title: 'should execute MOV r16, r16 and keep the upper bits',
    code: 'mov ax, bx',
    cases: [{ rax: 0x1111_2222_3333_4444n, rbx: 0xdef0n, result: { rax: 0x1111_2222_3333_def0n } }],
  },
  { title: 'should execute MOV r64, imm64', code: 'movabs r9, 0x123456789abcdef0' },
  { title: 'should execute MOV r64, simm32', code: 'mov rbx, -0x12345678' },
  { title: 'should execute MOV r32, imm32', code: 'mov r13d, 0x87654321' },
  { title: 'should execute MOV r16, imm16', code: 'mov r13w, 0x8765' },
  { title: 'should execute MOV r8, imm8 on SPL, which needs a REX', code: 'mov spl, 0x77; mov sil, 0x12' },
  { title: 'should execute MOV AH, imm8', code: 'mov ah, 0x77; mov ch, 0x78; mov dh, 0x79; mov bh, 0x7a' },
  { title: 'should execute MOV m8, AH', code: 'mov [rdi], ah' },
  { title: 'should execute MOV DH, m8', code: 'mov dh, [rsi]' },
  { title: 'should execute MOV AL from a 64-bit absolute address', code: 'movabs al, [0x1000010400]' },
  { title: 'should execute MOV EAX from a 64-bit absolute address', code: 'movabs eax, [0x1000010401]' },
  { title: 'should execute MOV RAX from a 64-bit absolute address', code: 'movabs rax, [0x1000010403]' },
  { title: 'should execute MOV to a 64-bit absolute address from AL', code: 'movabs [0x1000010802], al' },
  { title: 'should execute MOV to a 64-bit absolute address from RAX', code: 'movabs [0x1000010803], rax' },
  { title: 'should execute MOVSXD r64, r32', code: 'movsxd rax, ebx' },
  { title: 'should execute MOVSXD r64, m32', code: 'movsxd r8, dword ptr [rsi + 2]' },
  { title: 'should execute MOVSXD r32, r32 without REX.W as a move', code: '.byte 0x63, 0xc3' },
  { title: 'should execute BSWAP r32', code: 'bswap r9d' },
  { title: 'should execute BSWAP r64', code: 'bswap rdx' },
  { title: 'should execute BSWAP EAX and clear the upper half', code: 'bswap eax' },
  { title: 'should execute XCHG RAX, RAX as NOP', code: 'xchg rax, rax; .byte 0x90' },
  { title: 'should execute XCHG EAX, R8D, which is not NOP', code: '.byte 0x41, 0x90' },
  {
    title: 'should execute XCHG EAX, EAX in the long form and clear the upper half',
    code: '.byte 0x87, 0xc0',
  },
  { title: 'should execute XCHG AH, BL', code: 'xchg ah, bl' },
  {
    title: 'should execute long NOPs that touch no memory',
    code: 'nop word ptr [rax + rax]; nop dword ptr [rbx]; nop ecx',
  },
  {
    title: 'should execute PREFETCH hints that fault on nothing',
    code: 'prefetcht0 [rax]; prefetchnta [rbx]; prefetchw [rcx]',
  },
  { title: 'should execute ENDBR64 and PAUSE as NOPs', code: 'endbr64; pause' },
  { title: 'should execute fences', code: 'lfence; mfence; sfence' },
  { title: 'should execute XLAT', code: 'xlatb', adjust: (r) => (r.rbx = r.rsi - 0x80n) },
  {
    title: 'should execute XLAT with 32-bit addresses',
    code: 'addr32 xlatb',
    registers: { rbx: 0x1_4000_0100n },
  },
  {
    title: 'should execute CMOV of a 32-bit register that clears the upper half even when it does not move',
    code: 'cmp eax, eax; cmovne ebx, ecx',
  },
  { title: 'should execute MOVNTI m32', code: 'movnti [rdi], eax' },
  { title: 'should execute MOVNTI m64', code: 'movnti [rdi + 3], rax' },
];

for (const width of widths) {
  const a = register(width, 'ax');
  const b = register(width, 'bx');
  specs.push(
    { title: `should execute MOV r${width}, r${width}`, code: `mov ${a}, ${b}` },
    {
      title: `should execute MOV r${width}, r${width} in its other encoding`,
      code: `{load} mov ${a}, ${register(width, 'r15')}`,
    },
    { title: `should execute MOV m${width}, r${width}`, code: `mov [rdi + 3], ${register(width, 'r8')}` },
    { title: `should execute MOV r${width}, m${width}`, code: `mov ${register(width, 'bp')}, [rsi + 1]` },
    { title: `should execute MOV m${width}, imm`, code: `mov ${pointer(width)} [rdi - 1], 0x5e` },
    { title: `should execute XCHG r${width}, r${width}`, code: `xchg ${b}, ${register(width, 'r9')}` },
    { title: `should execute XCHG r${width} with itself`, code: `xchg ${b}, ${b}` },
    { title: `should execute XCHG m${width}, r${width}`, code: `xchg ${pointer(width)} [rdi + 2], ${b}` },
  );
}

for (const width of wordWidths) {
  const a = register(width, 'ax');
  for (const source of [8, 16] as const) {
    if (source >= width) continue;
    for (const operation of ['movzx', 'movsx']) {
      const name = operation.toUpperCase();
      specs.push(
        {
          title: `should execute ${name} r${width}, r${source}`,
          code: `${operation} ${a}, ${register(source, 'bx')}`,
        },
        {
          title: `should execute ${name} r${width}, m${source}`,
          code: `${operation} ${a}, ${pointer(source)} [rsi]`,
        },
      );
    }
  }
  for (const operation of ['movzx', 'movsx']) {
    const name = operation.toUpperCase();
    if (width === 64) {
      specs.push({ title: `should execute ${name} r64, SIL`, code: `${operation} ${a}, sil` });
      continue;
    }
    specs.push({
      title: `should execute ${name} r${width}, DH`,
      code: `${operation} ${register(width, 'bx')}, dh`,
    });
  }
  specs.push(
    { title: `should execute MOVBE r${width}, m${width}`, code: `movbe ${register(width, 'bx')}, [rsi]` },
    { title: `should execute MOVBE m${width}, r${width}`, code: `movbe [rdi], ${register(width, 'bx')}` },
    {
      title: `should execute XCHG accumulator${width}, r${width}`,
      code: `xchg ${a}, ${register(width, 'r12')}`,
    },
  );
  for (const condition of conditions) {
    specs.push(
      {
        title: `should execute CMOV${condition.toUpperCase()} r${width}, r${width}`,
        code: `cmov${condition} ${a}, ${register(width, 'bx')}`,
        random: 40,
      },
      {
        title: `should execute CMOV${condition.toUpperCase()} r${width}, m${width}`,
        code: `cmov${condition} ${a}, [rsi]`,
      },
    );
  }
  for (const address of [
    'rsi + 3',
    'rbx + rcx * 8 - 5',
    'r9 + r9',
    'r13 + rbp * 4 + 0x12345',
    'rsp',
    'rdx * 2',
    '0x7654321',
  ]) {
    specs.push({ title: `should execute LEA r${width}, [${address}]`, code: `lea ${a}, [${address}]` });
  }
  const low: Width = 32;
  specs.push({
    title: `should execute LEA r${width} with a 32-bit address`,
    code: `lea ${a}, [${register(low, 'bx')} + ${register(low, 'cx')} * 2 + 7]`,
  });
}

describeFamily('moves', specs);
