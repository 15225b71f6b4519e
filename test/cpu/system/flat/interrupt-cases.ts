import type { FlatCase } from '../../../oracles/qemu-flat.ts';

/** Both ring 0 and ring 3 versions of a piece of code. */
function bothRings(name: string, code: string, prepare = ''): FlatCase[] {
  return [
    { name: `${name} ring 0`, code: `${prepare}\n${code}` },
    { name: `${name} ring 3`, code: `${prepare}\nUSER\n${code}` },
  ];
}

const exceptions: readonly FlatCase[] = [
  ...bothRings('divide by zero', 'xor ecx, ecx\ndiv ecx'),
  ...bothRings('divide overflow', 'mov ecx, 1\nmov rdx, 5\ndiv rcx'),
  ...bothRings('int3', 'int3'),
  ...bothRings('int 3 in two bytes', '.byte 0xcd, 3'),
  ...bothRings('ud2', 'ud2'),
  ...bothRings('lock on a register', '.byte 0xf0, 0x01, 0xc0'),
  ...bothRings('hlt in ring 3', 'mov rax, cs\ntest al, 3\njz 1f\nhlt\n1: DONE'),
  ...bothRings('single step', 'pushfq\nor dword ptr [rsp], 0x100\npopfq\nmov eax, 1\nmov eax, 2\nDONE'),
  ...bothRings('int 0x80', 'int 0x80'),
  ...bothRings('int of a ring 0 gate', 'int 0x70'),
  { name: 'compat ud2', code: 'COMPAT\nud2' },
  { name: 'compat done', code: 'COMPAT\nDONE' },
  { name: 'compat into without overflow', code: 'COMPAT\ntest eax, eax\n.byte 0xce\nDONE' },
  { name: 'compat into with overflow', code: 'COMPAT\nmov eax, 0x7fffffff\ninc eax\n.byte 0xce\nDONE' },
  { name: '64-bit into', code: '.byte 0xce' },
  { name: 'compat hlt', code: 'COMPAT\nhlt' },
  { name: 'compat page fault', code: 'COMPAT\nmov eax, [TEST]' },
  { name: 'compat page fault on the stack', code: 'COMPAT\nmov esp, TEST + 16\npush eax' },
];

/** The ways a gate or its code segment can be wrong, entered by INT n, by an exception and from both rings. */
function badGates(): FlatCase[] {
  const gates: Record<string, string> = {
    'good with ist': 'GATE VEC, HANDLER, TYPE, 2',
    'trap gate': 'GATE VEC, HANDLER, "TYPE + 1"',
    'not present': 'GATE VEC, HANDLER, "TYPE - 0x80"',
    'call gate type': 'GATE VEC, HANDLER, "TYPE - 2"',
    'task gate type': 'GATE VEC, HANDLER, "TYPE - 9"',
    '286 gate type': 'GATE VEC, HANDLER, "TYPE - 8"',
    'null selector': 'GATE VEC, HANDLER, TYPE, 0, 0',
    'null selector with rpl': 'GATE VEC, HANDLER, TYPE, 0, 3',
    'selector beyond': 'GATE VEC, HANDLER, TYPE, 0, 0x100',
    'data selector': 'GATE VEC, HANDLER, TYPE, 0, KERNEL_DATA',
    'ring 3 selector': 'GATE VEC, HANDLER, TYPE, 0, USER_CODE',
    '32-bit selector': 'GATE VEC, HANDLER, TYPE, 0, KERNEL_CODE32',
    'conforming selector': 'GATE VEC, HANDLER, TYPE, 0, CONFORMING',
    'selector with rpl 3': 'GATE VEC, HANDLER, TYPE, 0, "KERNEL_CODE + 3"',
    'absent code': 'GDTE SPARE2, 0x00af1b000000ffff\nGATE VEC, HANDLER, TYPE, 0, SPARE2',
    'unaccessed code': 'GDTE SPARE2, 0x00af9a000000ffff\nGATE VEC, HANDLER, TYPE, 0, SPARE2',
    'execute-only code': 'GDTE SPARE2, 0x00af99000000ffff\nGATE VEC, HANDLER, TYPE, 0, SPARE2',
  };
  const cases: FlatCase[] = [];
  for (const [name, gate] of Object.entries(gates)) {
    for (const [how, vector, type, code] of [
      ['int', '0x70', '0xee', 'int 0x70'],
      ['exception', '6', '0x8e', 'ud2'],
    ] as const) {
      const set = gate
        .replaceAll('VEC', vector)
        .replaceAll('HANDLER', `"stubs + 16 * ${vector}"`)
        .replaceAll('TYPE', type);
      cases.push(...bothRings(`gate ${name} by ${how}`, code, set));
    }
  }
  return cases;
}

const tables: readonly FlatCase[] = [
  ...bothRings(
    'IDT limit',
    'int 0x80',
    'mov word ptr [frame0], 0x7ff\nmov qword ptr [frame0 + 2], offset idt\nlidt [frame0]',
  ),
  ...bothRings(
    'IDT limit inside the gate',
    'int 0x80',
    'mov word ptr [frame0], 0x80e\nmov qword ptr [frame0 + 2], offset idt\nlidt [frame0]',
  ),
  ...bothRings(
    'IDT limit just enough',
    'int 0x80',
    'mov word ptr [frame0], 0x80f\nmov qword ptr [frame0 + 2], offset idt\nlidt [frame0]',
  ),
  { name: 'RSP0 not mapped', code: 'mov rax, TEST + 64\nmov [tss + 4], rax\nUSER\nint 0x80' },
  {
    name: 'RSP0 read-only',
    code: 'PTE 0, frame0, P\nmov rax, TEST + 64\nmov [tss + 4], rax\nUSER\nint 0x80',
  },
  {
    name: 'RSP0 in a user page',
    code: 'PTE 0, frame0, P | W | U\nmov rax, TEST + 64\nmov [tss + 4], rax\nUSER\nint 0x80',
  },
  { name: 'RSP0 non-canonical', code: 'mov rax, 0x800000000000\nmov [tss + 4], rax\nUSER\nint 0x80' },
  {
    name: 'RSP0 misaligned',
    code: 'mov rax, offset kernel_stack_top - 3\nmov [tss + 4], rax\nUSER\nint 0x80',
  },
  {
    name: 'RSP0 across a page',
    code: 'PTE 0, frame0, P | W\nPTE 1, frame1, P | W\nmov rax, TEST + 0x1010\nmov [tss + 4], rax\nUSER\nint 0x80',
  },
  { name: 'stack misaligned in ring 0', code: 'sub rsp, 5\nint 0x80' },
  { name: 'stack not mapped in ring 0 is a double fault', code: 'mov rsp, TEST\nmov rax, [TEST]' },
  { name: 'stack not mapped for int is a page fault, then double', code: 'mov rsp, TEST\nint 0x80' },
  {
    name: 'page fault with its own stack',
    code: 'mov byte ptr [idt + 14 * 16 + 4], 2\nmov rsp, TEST\npush rax',
  },
  {
    name: 'page fault in page-fault delivery',
    code: 'mov rax, TEST\nmov [tss + 4], rax\nUSER\nmov rax, [TEST + 0x2000]',
  },
  {
    name: 'general protection in page-fault delivery',
    code: 'mov word ptr [idt + 14 * 16 + 2], 0x100\nUSER\nmov rax, [TEST + 0x2000]',
  },
  {
    name: 'page fault in general-protection delivery',
    code: 'mov rax, TEST\nmov [tss + 4], rax\nmov byte ptr [idt + 14 * 16 + 4], 2\nUSER\nhlt',
  },
  {
    name: 'general protection in its own delivery',
    code: 'mov word ptr [idt + 13 * 16 + 2], 0x100\nUSER\nhlt',
  },
  {
    name: 'not present in divide-error delivery',
    code: 'mov byte ptr [idt + 5], 0x0e\nUSER\nxor ecx, ecx\ndiv ecx',
  },
  { name: 'not present in breakpoint delivery', code: 'mov byte ptr [idt + 3 * 16 + 5], 0x6e\nUSER\nint3' },
  {
    name: 'a double-fault frame is where IST says',
    code: 'mov byte ptr [idt + 8 * 16 + 4], 3\nmov rsp, TEST\nmov rax, [TEST]',
  },
  { name: 'NMI vector by int', code: 'int 2' },
];

const ALIGNMENT_CHECK = 17;
const ALIGNMENT_ENDS: Readonly<Record<string, string>> = {
  'an absent gate': 'v=b e=8b',
  'a gate of another type': 'v=d e=8b',
  'a gate to absent code': 'v=b e=59',
  'a gate to nothing': 'v=d e=101',
  'an interrupt stack that is not there': 'v=e e=2',
  'a TSS that is too short': 'v=a e=39',
};

/** Exceptions whose delivery fails in each way, by two vectors: double fault or the second exception alone (APM vol. 2, table 8-3). */
function doubleFaults(): FlatCase[] {
  const first: Record<string, readonly [vector: number, code: string]> = {
    'divide error': [0, 'xor ecx, ecx\ndiv ecx'],
    breakpoint: [3, 'int3'],
    'invalid opcode': [6, 'ud2'],
    'device not available': [7, 'movups xmm0, xmm1'],
    'segment not present': [11, 'mov eax, SPARE2 | 3\nmov ds, eax'],
    'stack fault': [12, 'mov rsp, 0x800000000000\npush rax'],
    'general protection': [13, 'hlt'],
    'page fault': [14, 'mov rax, [TEST]'],
    'alignment check': [17, 'pushfq\nor dword ptr [rsp], 0x40000\npopfq\nmov eax, [frame0 + 1]'],
    'SIMD floating point': [
      19,
      'mov dword ptr [frame0], 0x1f00\nldmxcsr [frame0]\nxorps xmm0, xmm0\nmov eax, 1\ncvtsi2ss xmm1, eax\ndivss xmm1, xmm0',
    ],
  };
  const second: Record<string, (vector: number) => string> = {
    'an absent gate': (vector) => `mov byte ptr [idt + ${vector * 16 + 5}], 0x6e`,
    'a gate of another type': (vector) => `mov byte ptr [idt + ${vector * 16 + 5}], 0xec`,
    'a gate to absent code': (vector) =>
      `GDTE SPARE, 0x00af1b000000ffff\nmov word ptr [idt + ${vector * 16 + 2}], SPARE`,
    'a gate to nothing': (vector) => `mov word ptr [idt + ${vector * 16 + 2}], 0x100`,
    'an interrupt stack that is not there': (vector) =>
      `mov byte ptr [idt + ${vector * 16 + 4}], 2\nmov r14, TEST + 0x2000\nmov [tss + 0x2c], r14`,
    'a TSS that is too short': (vector) =>
      `mov byte ptr [idt + ${vector * 16 + 4}], 2\nmov word ptr [gdt + TSS_SELECTOR], 0x2b\nmov byte ptr [gdt + TSS_SELECTOR + 5], 0x89\nmov eax, TSS_SELECTOR\nltr ax`,
  };
  const prepare = `GDTE SPARE2, 0x00cf73000000ffff
	mov rax, cr0
	or rax, 1 << 18
	mov cr0, rax
	mov rax, cr4
	or rax, 0x600
	mov cr4, rax`;
  return Object.entries(first).flatMap(([name, [vector, code]]) =>
    Object.entries(second).map(([defect, set]) => {
      const task = vector === 7 ? 'mov rax, cr0\nor rax, 8\nmov cr0, rax' : '';
      return {
        name: `double ${name} with ${defect}`,
        code: `${prepare}\n${set(vector)}\n${task}\nmov eax, 0\nUSER\n${code}\nDONE`,
        ...(vector === ALIGNMENT_CHECK && {
          expected: ALIGNMENT_ENDS[defect],
          why: 'QEMU checks no alignment',
        }),
      };
    }),
  );
}

/** Interrupted flags: what the gate clears and what the frame keeps. */
const flags: readonly FlatCase[] = [
  {
    name: 'interrupt gate clears IF TF NT',
    code: 'GATE 0x71, 1f, 0x8e\nmov r14, 0x4e03\npush r14\npopfq\nint 0x71\n1: pushfq\npop rax\nmov rbx, [rsp + 16]\nDONE',
  },
  {
    name: 'trap gate keeps IF',
    code: 'GATE 0x71, 1f, 0x8f\nmov r14, 0x4e03\npush r14\npopfq\nint 0x71\n1: pushfq\npop rax\nmov rbx, [rsp + 16]\nDONE',
  },
  { name: 'AC and ID stay', code: 'mov r14, 0x240002\npush r14\npopfq\nint 0x80' },
];

export const interruptCases: readonly FlatCase[] = [
  ...exceptions,
  ...badGates(),
  ...tables,
  ...flags,
  ...doubleFaults(),
];
