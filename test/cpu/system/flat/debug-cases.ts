import type { FlatCase } from '../../../oracles/qemu-flat.ts';

const flat = (name: string, code: string, more: Partial<FlatCase> = {}): FlatCase => ({
  name: `debug ${name}`,
  code,
  ...more,
});

/** What a case must show where QEMU's debug registers are not those of the manual. */
const manual = (expected: string, why: string): Partial<FlatCase> => ({ expected, why });
const QEMU_MISSES = 'QEMU 7.2 loses some loads that meet a breakpoint';
const QEMU_ALIGNS_NOT = 'APM vol. 2, 13.1.2: the address bits below the length do not count';
const QEMU_DETECTS_NOT = 'APM vol. 2, 13.1.1.4: GD; QEMU looks at it nowhere';
const QEMU_ALWAYS_EXTENDS = 'APM vol. 2, 13.1.1.4: I/O breakpoints need CR4.DE; QEMU has them always';

/** Continues with RFLAGS as given, from the frame that the handler of vector 1 at label 8 finds. */
const HANDLER = 'GATE 1, 8f, 0x8e\n';
const TRACE = 'pushfq\nor dword ptr [rsp], 0x100\npopfq\n';

/** A breakpoint of each length on each kind of access, met in different ways. */
function dataBreakpoints(): FlatCase[] {
  const cases: FlatCase[] = [];
  const accesses: Record<string, string> = {
    'load of the byte': 'mov al, [frame0 + 8]',
    'load around': 'mov rax, [frame0 + 5]',
    'load before': 'mov eax, [frame0 + 4]',
    'load behind': 'mov al, [frame0 + 16]',
    'load of the last byte': 'mov al, [frame0 + 15]',
    'store of the byte': 'mov [frame0 + 8], al',
    'store of the last byte': 'mov [frame0 + 15], al',
    'store around': 'mov [frame0 + 1], rax',
    'read-modify-write': 'inc dword ptr [frame0 + 8]',
    exchange: 'xchg [frame0 + 8], rax',
    push: 'mov rsp, offset frame0 + 16\npush rax',
    pop: 'mov rsp, offset frame0 + 8\npop rax',
    'SSE load': 'movups xmm0, [frame0]',
    'SSE store': 'movups [frame0], xmm0',
  };
  for (const [size, length] of Object.entries({ LEN1: 1, LEN2: 2, LEN4: 4, LEN8: 8 })) {
    for (const control of ['ON_WRITE', 'ON_ACCESS']) {
      for (const [name, access] of Object.entries(accesses)) {
        cases.push(
          flat(
            `${control} ${size} ${name}`,
            `BREAK 0, "frame0 + 8", "${control} | ${size}"\n${access}\nmov rsp, offset case_stack_top\nDONE`,
            control === 'ON_ACCESS' && ['pop', 'SSE load'].includes(name)
              ? manual('v=1 dr6=ffff0ff1', QEMU_MISSES)
              : {},
          ),
        );
      }
      if (length > 1) {
        cases.push(
          flat(
            `${control} ${size} with an address that is not aligned`,
            `BREAK 2, "frame0 + 8 + ${length - 1}", "${control} | ${size}"\nmov [frame0 + 8], al\nDONE`,
            manual('v=1 dr6=ffff0ff4', QEMU_ALIGNS_NOT),
          ),
        );
      }
    }
  }
  return cases;
}

const several: readonly FlatCase[] = [
  flat(
    'two breakpoints at once',
    'BREAK 1, frame0, "ON_WRITE | LEN8"\nBREAK 3, "frame0 + 4", "ON_ACCESS | LEN4", 0x900408\nmov [frame0], rax\nDONE',
    manual('v=1 dr6=ffff0ffa', 'QEMU notes one of several data breakpoints only'),
  ),
  flat(
    'a local enable bit',
    'mov r15, offset frame0\nmov dr0, r15\nmov eax, 0x10401\nmov dr7, rax\nmov [frame0], al\nDONE',
  ),
  flat(
    'no enable bit',
    'mov r15, offset frame0\nmov dr0, r15\nmov eax, 0x10400\nmov dr7, rax\nmov [frame0], al\nDONE',
  ),
  flat(
    'what DR6 had of breakpoints goes, the rest stays',
    'mov rax, 0xffffcfff\nmov dr6, rax\nBREAK 0, frame0, ON_WRITE\nmov [frame0], al\nDONE',
  ),
  flat('across two pages, in the second', 'BREAK 0, frame1, ON_WRITE\nmov [frame1 - 3], rax\nDONE'),
  flat('across two pages, in the first', 'BREAK 0, "frame1 - 1", ON_WRITE\nmov [frame1 - 3], rax\nDONE'),
  flat('ring 3', 'BREAK 0, frame0, ON_WRITE\nUSER\nmov [frame0], al\nnop\nDONE'),
  flat('compatibility mode', 'BREAK 0, frame0, ON_WRITE\nCOMPAT\nmov [frame0], al\nnop\nDONE'),
  flat(
    'another linear address of the same page',
    'PTE 0, frame0, P | W\nBREAK 0, frame0, ON_WRITE\nmov [TEST], al\nDONE',
  ),
  flat('an access that faults', 'PTE 0, frame0, P\nBREAK 0, TEST, ON_ACCESS\nmov [TEST], al\nDONE'),
  flat(
    'the second access faults',
    'BREAK 0, frame0, ON_ACCESS\nmov rsi, offset frame0\nmov rdi, TEST\nmovsb\nDONE',
    manual(
      'v=e e=2 cr2=40000000',
      'data breakpoints are traps of an instruction that completes; QEMU raises the first',
    ),
  ),
  flat(
    'REP MOVS',
    'BREAK 0, "frame1 + 24", ON_WRITE\nmov rsi, offset frame0\nmov rdi, offset frame1\nmov ecx, 9\nrep movsq\nDONE',
  ),
  flat(
    'REP MOVS in its last iteration',
    'BREAK 0, "frame1 + 64", ON_WRITE\nmov rsi, offset frame0\nmov rdi, offset frame1\nmov ecx, 9\nrep movsq\nDONE',
    manual('v=1 dr6=ffff0ff1 c=0', 'after the last iteration the instruction is done; QEMU is still at it'),
  ),
  flat('REP LODS', 'BREAK 0, "frame0 + 5", ON_ACCESS\nmov rsi, offset frame0\nmov ecx, 9\nrep lodsb\nDONE'),
  flat(
    'REPE CMPS',
    'BREAK 0, "frame0 + 5", ON_ACCESS\nmov rsi, offset frame0\nmov rdi, offset frame0\nmov ecx, 9\nrepe cmpsb\nDONE',
  ),
  flat(
    'a jump through memory',
    'mov r14, offset 1f\nmov [frame0], r14\nBREAK 0, frame0, ON_ACCESS\njmp [frame0]\nud2\n1: DONE',
  ),
  flat('FXSAVE', 'BREAK 0, "frame0 + 0x20", ON_WRITE\nfxsave [frame0]\nmov dword ptr [frame0], 0\nDONE'),
];

const execution: readonly FlatCase[] = [
  flat('an instruction', 'BREAK 0, 1f, ON_EXECUTION\nmov eax, 1\n1: mov eax, 2\nDONE'),
  flat('the next instruction', 'BREAK 0, 1f, ON_EXECUTION\n1: mov eax, 2\nDONE'),
  flat('the middle of an instruction', 'BREAK 0, "1f + 1", ON_EXECUTION\nmov eax, 1\n1: mov eax, 2\nDONE'),
  flat(
    'an instruction of two pages',
    'PTE 0, frame0, P | U\nPTE 1, frame1, P | U\nmov byte ptr [frame0 + 0xffe], 0xb8\nmov dword ptr [frame0 + 0xfff], 0x44\nmov dword ptr [frame1], 0xcd112233\nmov byte ptr [frame1 + 4], 0x60\nmov r14, TEST + 0xffe\nmov dr1, r14\nmov eax, 0x404\nmov dr7, rax\njmp r14',
  ),
  flat(
    'in a loop, while it runs',
    'mov ecx, 5\n1: cmp ecx, 3\njne 2f\nBREAK 0, 3f, ON_EXECUTION\n2: nop\n3: dec ecx\njnz 1b\nDONE',
  ),
  flat('an instruction that does not exist', 'BREAK 0, 1f, ON_EXECUTION\n1: ud2'),
  flat('an instruction that would fault', 'BREAK 0, 1f, ON_EXECUTION\n1: mov rax, [TEST]\nDONE'),
  flat('in ring 3', 'BREAK 0, 1f, ON_EXECUTION\nUSER\n1: nop\nDONE'),
  flat('the first of a system call', 'BREAK 0, stubs_syscall, ON_EXECUTION\nUSER\nsyscall'),
  flat(
    'with other lengths and a disabled twin',
    'BREAK 2, 1f, ON_EXECUTION\nmov r15, offset 1f\nmov dr1, r15\n1: nop\nDONE',
    manual('v=1 dr6=ffff0ff4', 'APM vol. 2, 13.1.1.3: only enabled breakpoints show'),
  ),
  flat('code that is not there', 'mov r14, TEST\nmov dr0, r14\nmov eax, 0x402\nmov dr7, rax\njmp r14'),
  flat(
    'RF lets it pass once',
    `${HANDLER}xor ebx, ebx\nBREAK 0, 1f, ON_EXECUTION\nmov ecx, 3\n1: inc r9\nloop 1b\nDONE\n8: inc ebx\nor dword ptr [rsp + 16], 0x10000\niretq`,
  ),
  flat(
    'RF lets an instruction with repetitions pass',
    `${HANDLER}xor ebx, ebx\nBREAK 0, 1f, ON_EXECUTION\nmov rsi, offset frame0\nmov rdi, offset frame1\nmov ecx, 9\n1: rep movsq\nDONE\n8: inc ebx\nor dword ptr [rsp + 16], 0x10000\niretq`,
    manual('v=60 b=1', 'RF covers the whole instruction (APM vol. 2, 3.1.6)'),
  ),
  flat('POPF does not set RF', 'BREAK 0, 1f, ON_EXECUTION\npush 0x10002\npopfq\n1: nop\nDONE'),
  flat(
    'RF does not outlast its instruction',
    'BREAK 0, 1f, ON_EXECUTION\npush KERNEL_DATA\npush offset case_stack_top\npush 0x10002\npush KERNEL_CODE\npush offset 2f\niretq\n2: nop\n1: nop\nDONE',
  ),
  flat(
    'RF stays when its instruction faults',
    `GATE 14, 8f, 0x8e\nBREAK 0, 1f, ON_EXECUTION\npush KERNEL_DATA\npush offset case_stack_top\npush 0x10002\npush KERNEL_CODE\npush offset 1f\niretq\n1: mov rax, [TEST]\nDONE\n8: mov r13, [rsp + 24]\nDONE`,
  ),
  flat(
    'after a load of SS',
    'BREAK 0, 1f, ON_EXECUTION\nmov eax, KERNEL_DATA\nmov ss, eax\n1: mov eax, 3\nnop\nDONE',
    manual('v=60 a=3', 'APM vol. 2, 8.5.1: no debug exceptions until after the next instruction'),
  ),
];

const singleStep: readonly FlatCase[] = [
  flat('TF', `${TRACE}mov eax, 1\nmov eax, 2\nDONE`),
  flat(
    'TF and a breakpoint on data',
    `BREAK 0, frame0, ON_WRITE\n${TRACE}mov [frame0], eax\nDONE`,
    manual(
      'v=1 dr6=ffff4ff1 fl=102',
      'one exception for both; QEMU raises two, one in the handler of the other',
    ),
  ),
  flat('TF before a jump to code that is not there', `mov r14, TEST\n${TRACE}jmp r14`),
  flat('TF and INT n', `GATE 0x70, 8f, 0xee\n${TRACE}int 0x70\nDONE\n8: mov eax, 1\nmov ebx, 1\nDONE`),
  flat('TF and INT3', `GATE 3, 8f, 0xee\n${TRACE}int3\nDONE\n8: mov eax, 1\nDONE`),
  flat('TF and a fault', `GATE 14, 8f, 0xee\n${TRACE}mov rax, [TEST]\nDONE\n8: mov eax, 1\nDONE`),
  flat('TF and SYSCALL that clears it', `USER\n${TRACE}syscall`),
  flat('TF and SYSCALL that keeps it', `WRITE_MSR MSR_SFMASK, 0\nUSER\n${TRACE}syscall`),
  flat('SYSRET sets TF', 'mov rcx, offset 1f\nmov r11, 0x102\n.byte 0x48, 0x0f, 0x07\n1: nop\nDONE'),
  flat(
    'IRET sets TF',
    'push USER_DATA | 3\npush offset user_stack_top\npush 0x102\npush USER_CODE | 3\npush offset 1f\niretq\n1: nop\nDONE',
  ),
  flat('POPF clears TF', `${TRACE}popfq\nnop\nDONE`),
  flat('TF and REP', `mov rsi, offset frame0\nmov rdi, offset frame1\nmov ecx, 3\n${TRACE}rep movsb\nDONE`),
  flat(
    'TF and REP of nothing',
    `mov rsi, offset frame0\nmov rdi, offset frame1\nxor ecx, ecx\n${TRACE}rep movsb\nDONE`,
  ),
  flat('TF in compatibility mode', 'COMPAT\npushf\nor dword ptr [esp], 0x100\npopf\nmov eax, 1\nDONE'),
];

const detection: readonly FlatCase[] = [
  flat(
    'GD',
    'mov eax, 0x2400\nmov dr7, rax\nmov rbx, dr0\nDONE',
    manual('v=1 dr6=ffff2ff0 dr7=400', QEMU_DETECTS_NOT),
  ),
  flat(
    'GD and a write',
    'mov eax, 0x2400\nmov dr7, rax\nmov dr6, rbx\nDONE',
    manual('v=1 dr6=ffff2ff0 dr7=400', QEMU_DETECTS_NOT),
  ),
  flat(
    'a single step clears GD',
    `mov eax, 0x2400\nmov dr7, rax\n${TRACE}nop\nDONE`,
    manual('v=1 dr6=ffff4ff0 dr7=400', QEMU_DETECTS_NOT),
  ),
  flat(
    'INT1',
    'int1\nDONE',
    manual('v=1 dr6=ffff0ff0', 'APM vol. 3, INT1; QEMU has none outside of its debugger'),
  ),
  flat('INT 1', 'int 1\nDONE'),
];

const ports: readonly FlatCase[] = ['ON_PORT', 'ON_PORT | LEN2', 'ON_PORT | LEN4'].flatMap((control) =>
  [
    ['OUT', 'out 0x80, al'],
    ['OUT two before', 'out 0x7f, ax'],
    ['OUT one behind', 'out 0x81, al'],
    ['IN four', 'mov edx, 0x80\nin eax, dx\nmov eax, 0'],
    ['OUTS', 'mov edx, 0x80\nmov rsi, offset frame0\noutsb'],
    ['REP INS', 'mov edx, 0x80\nmov rdi, offset frame0\nmov ecx, 3\nrep insb'],
    ['store', 'mov [0x80], al'],
  ].flatMap(([name, code]) => {
    const enable = 'mov rax, cr4\nbts rax, 3\nmov cr4, rax\nmov eax, 0\n';
    return [
      flat(
        `${control} ${name}`,
        `${enable}BREAK 1, 0x80, "${control}"\n${code}\nDONE`,
        name === 'REP INS' ? manual('v=1 dr6=ffff0ff2 c=2', 'QEMU has not counted the iteration') : {},
      ),
      flat(
        `${control} ${name} without DE`,
        `BREAK 1, 0x80, "${control}"\n${code}\nDONE`,
        manual('v=60', QEMU_ALWAYS_EXTENDS),
      ),
    ];
  }),
);

export const debugCases: readonly FlatCase[] = [
  ...dataBreakpoints(),
  ...several,
  ...execution,
  ...singleStep,
  ...detection,
  ...ports,
];
