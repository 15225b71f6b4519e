import type { FlatCase } from '../../../oracles/qemu-flat.ts';

const flat = (name: string, code: string): FlatCase => ({ name, code });

/*
 * Left to the unit tests: values that CR0, CR4, EFER and the address MSRs refuse. QEMU's processor does not check CR0, CR4.PAE, EFER's
 * reserved bits and canonical addresses, and runs in circles on a reserved bit of CR4.
 */

/** Control registers that do not exist. */
const NO_REGISTER: ReadonlySet<string> = new Set(['mov from cr1', 'mov from cr5', 'mov to cr7']);
const UNDEFINED_FIRST = { instead: 'v=6', why: 'an EPYC raises #UD before it looks at CPL' };

const PRIVILEGED: Readonly<Record<string, string>> = {
  'mov from cr0': 'mov rax, cr0',
  'mov from cr2': 'mov rax, cr2',
  'mov from cr3': 'mov rax, cr3',
  'mov from cr4': 'mov rax, cr4',
  'mov from cr8': 'mov rax, cr8',
  'mov to cr2': 'mov rax, 0x123456789a\nmov cr2, rax\nmov rcx, cr2',
  'mov to cr8': 'mov eax, 7\nmov cr8, rax\nmov rcx, cr8\nxor eax, eax\nmov cr8, rax',
  'mov from cr3 with mod 0': '.byte 0x0f, 0x20, 0x18',
  'mov from cr4 with mod 1': '.byte 0x0f, 0x20, 0x64',
  'mov to dr1 with mod 2': '.byte 0x0f, 0x23, 0x8c\nmov rax, dr1\nxor ecx, ecx\nmov dr1, rcx',
  'mov from cr1': '.byte 0x0f, 0x20, 0xc8',
  'mov from cr5': '.byte 0x0f, 0x20, 0xe8',
  'mov to cr7': '.byte 0x0f, 0x22, 0xf8',
  'mov from dr7': 'mov rax, dr7',
  'mov to dr0': 'mov dr0, rbp\nmov rax, dr0\nxor ecx, ecx\nmov dr0, rcx',
  'mov from dr4': '.byte 0x0f, 0x21, 0xe0',
  'mov to dr6': 'mov rax, 0xffffefff\nmov dr6, rax\nmov rcx, dr6\nmov rax, 0xffff0ff0\nmov dr6, rax',
  'mov to dr7 high': 'mov rax, 0x100000000\nmov dr7, rax',
  clts: 'mov rax, cr0\nbts rax, 3\nmov cr0, rax\nclts\nmov rax, cr0',
  lmsw: 'mov ax, 8\nlmsw ax\nmov rax, cr0\nclts',
  invlpg: 'invlpg [TEST]',
  wbinvd: 'wbinvd',
  invd: 'invd',
  'rdmsr efer': 'mov ecx, MSR_EFER\nrdmsr',
  'wrmsr star': 'mov ecx, MSR_STAR\nmov eax, 5\nmov edx, 6\nwrmsr\nxor eax, eax\nxor edx, edx\nrdmsr',
  cli: 'cli\npushfq\npop rax',
  'cli then sti': 'cli\nnop',
};

/** POPF and friends for each combination of CPL and IOPL. */
function flags(): FlatCase[] {
  const cases: FlatCase[] = [];
  for (const iopl of [0, 3]) {
    for (const ring of [0, 3]) {
      const prepare = `push ${(iopl << 12) | 2}\npopfq\n`;
      const enter = `push USER_DATA | 3\npush offset user_stack_top\npush ${(iopl << 12) | 2}\npush USER_CODE | 3\npush offset 9f\niretq\n9:\n`;
      const start = ring === 3 ? enter : prepare;
      const name = `iopl ${iopl} ring ${ring}`;
      const programs: Record<string, string> = {
        popfq: 'push 0x243ed7\npopfq\npushfq\npop rax\ncli_or_not\nDONE'.replace('cli_or_not\n', ''),
        'popf of 16 bits': 'pushw 0x3ed7\npopfw\npushfq\npop rax\nDONE',
        'popfq of nothing': 'push 0\npopfq\npushfq\npop rax\nDONE',
        cli: 'cli\nDONE',
        sti: 'sti\nnop\ncli\nDONE',
        in: 'in al, 0x41\nmov al, 0\nDONE',
        'in that is closed': 'in al, 0x61\nmov al, 0\nDONE',
        'in of two ports half open': 'in ax, 0x43\nxor eax, eax\nDONE',
        'in of four ports': 'mov dx, 0x40\nmov eax, 0\nout 0x80, al\nDONE',
        'ins into an unmapped page': 'mov dx, 0x41\nmov rdi, TEST\ninsb\nDONE',
        'outs of a closed port': 'mov dx, 0x44\nmov rsi, offset frame0\noutsb\nDONE',
        'rep outs': 'mov dx, 0x80\nmov rsi, offset frame0\nmov ecx, 3\nrep outsb\nDONE',
      };
      for (const [program, code] of Object.entries(programs)) {
        cases.push(flat(`${program} ${name}`, `${start}${code}`));
      }
    }
  }
  return cases;
}

export const controlCases: readonly FlatCase[] = [
  ...Object.entries(PRIVILEGED).flatMap(([name, code]) => [
    flat(`${name} ring 0`, `${code}\nDONE`),
    { ...flat(`${name} ring 3`, `USER\n${code}\nDONE`), ...(NO_REGISTER.has(name) ? UNDEFINED_FIRST : {}) },
  ]),
  ...flags(),
  flat('msr bases', 'WRITE_MSR MSR_FSBASE, 0x7fff12345678\nmov ecx, MSR_FSBASE\nrdmsr\nDONE'),
  flat('efer reads back', 'mov ecx, MSR_EFER\nrdmsr\nDONE'),
  flat('EFER.LMA cannot be cleared', 'WRITE_MSR MSR_EFER, 0x901\nmov ecx, MSR_EFER\nrdmsr\nDONE'),
  flat('cpuid vendor', 'xor eax, eax\ncpuid\nxor eax, eax\nDONE'),
  flat('rdtsc with TSD in ring 3', 'mov rax, cr4\nbts rax, 2\nmov cr4, rax\nUSER\nrdtsc'),
];
