import type { FlatCase } from '../../../oracles/qemu-flat.ts';

const flat = (name: string, code: string, more: Partial<FlatCase> = {}): FlatCase => ({
  name: `supervisor ${name}`,
  code,
  ...more,
});

const SMEP = '(1 << 20)';
const SMAP = '(1 << 21)';
const UMIP = '(1 << 11)';

/** The image's own pages become the supervisor's; page 0 of the test region is the user's. */
const enable = (bits: string): string => `mov qword ptr [low_pd], 0x83
	PTE 0, frame0, P | W | U
	mov rax, cr3
	mov cr3, rax
	mov rax, cr4
	or rax, ${bits}
	mov cr4, rax
	mov rax, 0x1111111111111111
	`;
const SET_AC = 'pushfq\nor dword ptr [rsp], 0x40000\npopfq\n';

/** As in the paging cases: a read-modify-write asks for permission to write first. */
const MODIFY = { instead: 'e=3', why: 'an EPYC' };

const ACCESSES: Readonly<Record<string, string>> = {
  read: 'mov rax, [TEST + 0x800]',
  write: 'mov [TEST + 0x808], rbx',
  modify: 'add dword ptr [TEST + 0x810], ecx',
  execute: 'mov rax, TEST + 0x800\njmp rax',
  push: 'mov rsp, TEST + 0x820\npush rcx\nmov rsp, offset case_stack_top',
  'read twice': 'mov rax, [TEST + 0x800]\nclac\nmov rax, [TEST + 0x800]',
  'read of a string': 'mov rsi, TEST + 0x100\nmov rdi, offset frame1\nmov ecx, 5\nrep movsb',
};

function pages(): FlatCase[] {
  const cases: FlatCase[] = [];
  for (const [bits, name] of [
    [SMEP, 'SMEP'],
    [SMAP, 'SMAP'],
    [`${SMEP} | ${SMAP}`, 'both'],
  ] as const) {
    for (const [access, code] of Object.entries(ACCESSES)) {
      cases.push(
        flat(
          `${name} ${access}`,
          `${enable(bits)}${code}\nDONE`,
          access === 'modify' && bits !== SMEP ? MODIFY : {},
        ),
      );
      cases.push(flat(`${name} ${access} with AC`, `${enable(bits)}${SET_AC}${code}\nDONE`));
      const page = 'mov qword ptr [test_pt], offset frame0 + 3\ninvlpg [TEST]\n';
      cases.push(flat(`${name} ${access} of a supervisor page`, `${enable(bits)}${page}${code}\nDONE`));
    }
  }
  return cases;
}

/** Accesses of the processor's own, which AC does not cover. */
const implicit: readonly FlatCase[] = [
  flat(
    'SMAP LDT in a user page',
    `${enable(SMAP)}${SET_AC}mov byte ptr [gdt + LDT_SELECTOR + 7], TEST >> 24\nmov word ptr [gdt + LDT_SELECTOR + 2], 0\nmov byte ptr [gdt + LDT_SELECTOR + 4], 0\nmov eax, LDT_SELECTOR\nlldt ax\nmov eax, 0x0c\nmov ds, eax`,
    {
      expected: 'v=e e=1 cr2=40000008',
      why: 'APM vol. 2, 5.6.5: AC does not count for implicit accesses to tables; QEMU lets them pass',
    },
  ),
  flat('SMAP LGDT from a user page', `${enable(SMAP)}lgdt [TEST]\nDONE`),
  flat('SMAP LGDT from a user page with AC', `${enable(SMAP)}${SET_AC}sgdt [frame0]\nlgdt [TEST]\nDONE`),
  flat(
    'SMAP a system call keeps AC unless it is masked',
    `WRITE_MSR MSR_SFMASK, 0\n${enable(SMAP)}${SET_AC}syscall`,
    {
      expected: 'v=60 fl=40006',
      why: 'RFLAGS is ANDed with NOT SFMASK (APM vol. 3, SYSCALL); QEMU loses PF',
    },
  ),
];

const instructions: readonly FlatCase[] = ['stac', 'clac'].flatMap((name) => [
  flat(`${name} in ring 0`, `${name}\npushfq\npop rax\nDONE`),
  flat(`${name} with AC`, `${SET_AC}${name}\npushfq\npop rax\nDONE`),
  flat(`${name} in ring 3`, `USER\n${name}\nDONE`),
]);

const descriptors: readonly FlatCase[] = [
  ['SGDT', 'sgdt [frame0]\nmov rax, [frame0]'],
  ['SIDT', 'sidt [frame0]\nmov rax, [frame0]'],
  ['SLDT', 'sldt eax'],
  ['SLDT m', 'sldt [frame0]\nmov rax, [frame0]'],
  ['STR', 'str rax'],
  ['SMSW', 'smsw rax'],
  ['SMSW m', 'smsw [frame0]\nmov rax, [frame0]'],
  ['SMSW to a page that is not there', 'smsw [TEST]'],
].flatMap(([name, code]) => {
  const on = `mov rax, cr4\nor rax, ${UMIP}\nmov cr4, rax\nmov eax, 0\n`;
  return [
    flat(`${name} in ring 0`, `${on}${code}\nDONE`),
    flat(`${name} in ring 3`, `${on}USER\n${code}\nDONE`),
    flat(`${name} in ring 3 without UMIP`, `USER\n${code}\nDONE`),
    flat(`${name} in compatibility mode`, `${on}COMPAT\n${code?.replaceAll('rax', 'eax')}\nDONE`),
  ];
});

export const supervisorCases: readonly FlatCase[] = [
  ...pages(),
  ...implicit,
  ...instructions,
  ...descriptors,
];
