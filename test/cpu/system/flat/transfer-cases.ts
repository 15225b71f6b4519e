import type { FlatCase } from '../../../oracles/qemu-flat.ts';

interface Frame {
  readonly rip?: string;
  readonly cs?: string;
  readonly flags?: string;
  readonly rsp?: string;
  readonly ss?: string;
}

/** Builds an IRETQ frame and returns through it; the target reports itself. */
function iretq({
  rip = 'offset 1f',
  cs = 'USER_CODE | 3',
  flags = '2',
  rsp = 'offset user_stack_top',
  ss = 'USER_DATA | 3',
}: Frame): string {
  const push = (value: string) => `mov r14, ${value}\npush r14\n`;
  return `${push(ss)}${push(rsp)}${push(flags)}${push(cs)}${push(rip)}mov r14, 0x0e0e0e0e0e0e0e0e\niretq\n1: DONE`;
}

/*
 * Left to the unit tests, because QEMU's processor does not check them: the RPL of a null SS, L with D, the limit of a 32-bit segment
 * returned to, a non-canonical stack (it raises #GP), and VM in the flags of SYSRET.
 */
const RETURNS: Readonly<Record<string, Frame>> = {
  'to ring 3': {},
  'to ring 3 with flags': { flags: '0x3f4ed7 & ~0x100' },
  'to ring 3 with every flag': { flags: '0x3b4cd7' },
  'to ring 0': { cs: 'KERNEL_CODE', ss: 'KERNEL_DATA', rsp: 'offset case_stack_top' },
  'to ring 0 with null ss': { cs: 'KERNEL_CODE', ss: '0', rsp: 'offset case_stack_top' },
  'to ring 0 with a user ss': { cs: 'KERNEL_CODE', rsp: 'offset case_stack_top' },
  'to conforming code': { cs: 'CONFORMING', ss: 'KERNEL_DATA', rsp: 'offset case_stack_top' },
  'to conforming code of ring 3': { cs: 'CONFORMING | 3' },
  'null cs': { cs: '0' },
  'null cs rpl 3': { cs: '3' },
  'cs beyond': { cs: '0x103' },
  'data as cs': { cs: 'USER_DATA | 3' },
  'ring 0 code with rpl 3': { cs: 'KERNEL_CODE | 3' },
  'ring 3 code with rpl 0': { cs: 'USER_CODE' },
  'tss as cs': { cs: 'TSS_SELECTOR | 3' },
  'null ss to ring 3': { ss: '0' },
  'null ss rpl 3 to ring 3': { ss: '3' },
  'kernel ss to ring 3': { ss: 'KERNEL_DATA' },
  'kernel ss rpl 3 to ring 3': { ss: 'KERNEL_DATA | 3' },
  'user ss rpl 0 to ring 3': { ss: 'USER_DATA' },
  'code as ss': { ss: 'USER_CODE | 3' },
  'ss beyond': { ss: '0x103' },
  'ss from the ldt': { ss: '0x0f' },
  'ss beyond the ldt': { ss: '0x27' },
  'to compat': { cs: 'USER_CODE32 | 3' },
  'to compat with a wide rsp': { cs: 'USER_CODE32 | 3', rsp: '0x100001000' },
  'to compat null ss': { cs: 'USER_CODE32 | 3', ss: '3' },
  'to unmapped code': { rip: 'TEST' },
};

const iretCases: readonly FlatCase[] = [
  ...Object.entries(RETURNS).map(([name, frame]) => ({ name: `iretq ${name}`, code: iretq(frame) })),
  { name: 'iretq from ring 3 to ring 3', code: `USER\n${iretq({ flags: '0x3246' })}` },
  { name: 'iretq from ring 3 to ring 0', code: `USER\n${iretq({ cs: 'KERNEL_CODE', ss: '0' })}` },
  { name: 'iretq with NT', code: `mov r14, 0x4002\npush r14\npopfq\n${iretq({})}` },
  {
    name: 'iretq with an unmapped stack',
    code: 'mov byte ptr [idt + 14 * 16 + 4], 2\nmov rsp, TEST\niretq',
    instead: 'cr2=40000010',
    why: 'an EPYC reads the flags first',
  },
  {
    name: 'iretq with half a frame',
    code: 'PTE 0, frame0, P | W\nmov byte ptr [idt + 14 * 16 + 4], 2\nmov rsp, TEST + 0xff0\niretq',
  },
  {
    name: 'iretd',
    code: 'sub rsp, 20\nmov dword ptr [rsp], offset 1f\nmov dword ptr [rsp + 4], USER_CODE | 3\nmov dword ptr [rsp + 8], 0x202\nmov dword ptr [rsp + 12], offset user_stack_top\nmov dword ptr [rsp + 16], USER_DATA | 3\niretd\n1: DONE',
  },
  { name: 'iretq absent cs', code: `GDTE SPARE2, 0x00af7b000000ffff\n${iretq({ cs: 'SPARE2 | 3' })}` },
  { name: 'iretq read-only ss', code: `GDTE SPARE2, 0x00cff1000000ffff\n${iretq({ ss: 'SPARE2 | 3' })}` },
  { name: 'iretq keeps user data segments', code: `${iretq({})}` },
  {
    name: 'iretq drops kernel data segments',
    code: `mov ax, KERNEL_DATA\nmov ds, ax\nmov gs, ax\nmov rax, 0x1111111111111111\n${iretq({})}`,
  },
];

const flat = (name: string, code: string): FlatCase => ({ name, code });

const systemCalls: readonly FlatCase[] = [
  flat('syscall from ring 0', 'syscall'),
  flat('syscall from ring 3', 'USER\nsyscall'),
  flat('syscall with flags', 'mov r14, 0x240ed7 & ~0x100\npush r14\npopfq\nsyscall'),
  flat(
    'syscall masks what SFMASK says',
    'WRITE_MSR MSR_SFMASK, 0x240fff\nmov r14, 0x240ed7 & ~0x100\npush r14\npopfq\nsyscall',
  ),
  flat('syscall from compat', 'COMPAT\nsyscall'),
  flat('syscall without SCE', 'WRITE_MSR MSR_EFER, 0xd00\nsyscall'),
  flat('sysret without SCE', 'WRITE_MSR MSR_EFER, 0xd00\n.byte 0x48, 0x0f, 0x07'),
  flat('syscall with a star of rpl 3', 'WRITE_MSR MSR_STAR, 0x0018000b00000000\nUSER\nsyscall'),
  flat('sysretq', 'mov rcx, offset 1f\nmov r11, 0x246\n.byte 0x48, 0x0f, 0x07\n1: DONE'),
  flat(
    'sysretq with flags',
    'mov rcx, offset 1f\nmov r11, 0xffffffffffffffff & ~0x20100\n.byte 0x48, 0x0f, 0x07\n1: DONE',
  ),
  flat('sysretl', 'mov rcx, offset 1f\nmov r11, 2\n.byte 0x0f, 0x07\n.code32\n1: DONE'),
  flat('sysretq to unmapped code', 'mov rcx, TEST\nmov r11, 2\n.byte 0x48, 0x0f, 0x07'),
  flat('sysret from ring 3', 'USER\n.byte 0x48, 0x0f, 0x07'),
  flat(
    'sysret with a star of rpl 0',
    'WRITE_MSR MSR_STAR, 0x0018000800000000\nmov rcx, offset 1f\nmov r11, 2\n.byte 0x48, 0x0f, 0x07\n1: DONE',
  ),
  flat('swapgs', 'swapgs\nmov ecx, MSR_GSBASE\nrdmsr\nmov rbx, rax\nmov ecx, MSR_KGSBASE\nrdmsr\nDONE'),
  flat('swapgs from ring 3', 'USER\nswapgs'),
  flat('swapgs from compat', 'COMPAT\n.byte 0x0f, 0x01, 0xf8'),
  flat('sysenter in 64-bit mode', 'sysenter'),
  flat('sysexit in 64-bit mode', '.byte 0x0f, 0x35'),
];

function callGate(attributes: number, selector = 'KERNEL_CODE', upper = '0'): string {
  // A shift leaves some flags undefined.
  return `pushfq\nmov r15, offset 1f\nmov word ptr [gdt + SPARE], r15w\nmov word ptr [gdt + SPARE + 2], ${selector}\nmov word ptr [gdt + SPARE + 4], ${attributes << 8}\nshr r15, 16\nmov word ptr [gdt + SPARE + 6], r15w\nmov r15, ${upper}\nmov [gdt + SPARE + 8], r15\nmov r15, 0x0f0f0f0f0f0f0f0f\npopfq\n`;
}

const farPointer = (selector: string, offset = 'offset 1f') =>
  `mov r15, ${offset}\nmov [frame0], r15\nmov word ptr [frame0 + 4], ${selector}\nmov r15, 0x0f0f0f0f0f0f0f0f\n`;
const JUMP = 'jmp fword ptr [frame0]\n1: DONE';
const CALL = 'call fword ptr [frame0]\n1: mov rax, [rsp]\nmov rbx, [rsp + 8]\nDONE';

function farTransfers(): FlatCase[] {
  const cases: FlatCase[] = [];
  const targets: Record<string, string> = {
    'ring 0 code': 'KERNEL_CODE',
    'ring 0 code rpl 3': 'KERNEL_CODE | 3',
    'ring 3 code': 'USER_CODE | 3',
    'conforming code': 'CONFORMING',
    'conforming code rpl 3': 'CONFORMING | 3',
    data: 'KERNEL_DATA',
    null: '0',
    'null rpl 3': '3',
    beyond: '0x100',
    tss: 'TSS_SELECTOR',
    ldt: 'LDT_SELECTOR',
  };
  for (const [name, selector] of Object.entries(targets)) {
    for (const [kind, code] of Object.entries({ jump: JUMP, call: CALL })) {
      cases.push(flat(`far ${kind} to ${name}`, `${farPointer(selector)}${code}`));
      cases.push(flat(`far ${kind} to ${name} from ring 3`, `${farPointer(selector)}USER\n${code}`));
    }
  }
  for (const [name, gate] of Object.entries({
    'gate of ring 3': callGate(0xec),
    'gate of ring 0': callGate(0x8c),
    'absent gate': callGate(0x6c),
    '286 gate': callGate(0xe4),
    'task gate': callGate(0xe5),
    'gate to data': callGate(0xec, 'KERNEL_DATA'),
    'gate to 32-bit code': callGate(0xec, 'KERNEL_CODE32'),
    'gate to null': callGate(0xec, '0'),
    'gate to conforming code': callGate(0xec, 'CONFORMING'),
    'gate to ring 3 code': callGate(0xec, 'USER_CODE'),
    'gate with an upper type': callGate(0xec, 'KERNEL_CODE', '0x0000010000000000'),
  })) {
    for (const [kind, code] of Object.entries({ jump: JUMP, call: CALL })) {
      cases.push(flat(`far ${kind} through ${name}`, `${gate}${farPointer('SPARE', '0')}${code}`));
      // QEMU leaves the wrong RPL in CS here.
      if (kind === 'call' && name === 'gate to conforming code') continue;
      cases.push(
        flat(`far ${kind} through ${name} from ring 3`, `${gate}${farPointer('SPARE', '0')}USER\n${code}`),
      );
    }
  }
  const far = (selector: string, offset = 'offset 1f') =>
    `mov r14, ${selector}\npush r14\nmov r14, ${offset}\npush r14\nmov r14, 0x0e0e0e0e0e0e0e0e\n`;
  const outer = 'mov r14, USER_DATA | 3\npush r14\nmov r14, offset user_stack_top\npush r14\n';
  cases.push(
    flat('far return within ring 0', `${far('KERNEL_CODE')}rex.W retf\n1: DONE`),
    flat('far return with parameters', `${far('KERNEL_CODE')}rex.W retf 0x20\n1: DONE`),
    flat('far return to ring 3', `${outer}${far('USER_CODE | 3')}rex.W retf\n1: DONE`),
    flat(
      'far return to ring 3 with parameters',
      `${outer}push rax\npush rax\n${far('USER_CODE | 3')}rex.W retf 0x10\n1: DONE`,
    ),
    flat('far return to compat', `${outer}${far('USER_CODE32 | 3')}rex.W retf\n.code32\n1: DONE`),
    flat('far return to null', `${far('0')}rex.W retf\n1: DONE`),
    flat('far return to data', `${far('KERNEL_DATA')}rex.W retf\n1: DONE`),
    flat('far return inwards', `USER\n${far('KERNEL_CODE')}rex.W retf\n1: DONE`),
    flat(
      'far return in 32 bits',
      `sub rsp, 8\nmov dword ptr [rsp], offset 1f\nmov dword ptr [rsp + 4], KERNEL_CODE\n.byte 0xcb\n1: DONE`,
    ),
    flat('far jump from compat to 64-bit code', 'COMPAT\njmp 0x2b:1f\n.code64\n1: DONE'),
    flat('far jump from compat to ring 0', 'COMPAT\njmp 0x08:1f\n.code64\n1: DONE'),
    flat('far call from compat to 64-bit code', 'COMPAT\ncall 0x2b:1f\n.code64\n1: mov rax, [rsp]\nDONE'),
  );
  return cases;
}

export const transferCases: readonly FlatCase[] = [...iretCases, ...systemCalls, ...farTransfers()];
