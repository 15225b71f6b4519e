import type { FlatCase } from '../../../oracles/qemu-flat.ts';

const ACCESSES: Readonly<Record<string, string>> = {
  read: 'mov rax, [TEST + 0x800]\nDONE',
  write: 'mov [TEST + 0x808], rbx\nDONE',
  modify: 'add dword ptr [TEST + 0x810], ecx\nDONE',
  execute: 'mov rax, TEST + 0x800\njmp rax',
  push: 'mov rsp, TEST + 0x820\npush rcx\npop rdx\nDONE',
};

const NO_EXECUTE = '(1 << 63)';

function clearWriteProtect(): string {
  return 'mov rax, cr0\nbtr rax, 16\nmov cr0, rax\nmov rax, 0x1111111111111111\n';
}

/** Every combination of P, W, U, NX, ring, CR0.WP and kind of access. */
function permissions(): FlatCase[] {
  const cases: FlatCase[] = [];
  for (let choice = 0; choice < 16; choice++) {
    const names = ['P', 'W', 'U', NO_EXECUTE].filter((_, bit) => (choice >> bit) & 1);
    const bits = names.length === 0 ? '0' : names.join(' | ');
    const page = ['P', 'W', 'U', 'NX'].filter((_, bit) => (choice >> bit) & 1).join('') || 'none';
    for (const ring of [0, 3]) {
      for (const protect of [0, 1]) {
        for (const [access, code] of Object.entries(ACCESSES)) {
          const prepare = `PTE 0, frame0, ${bits}\n${protect === 0 ? clearWriteProtect() : ''}`;
          cases.push({
            name: `${access} ${page} ring ${ring} wp ${protect}`,
            code: `${prepare}${ring === 3 ? 'USER\n' : ''}${code}`,
          });
        }
      }
    }
  }
  return cases;
}

/** Permissions and reserved bits of the upper levels. */
function upperLevels(): FlatCase[] {
  const entries = {
    pml4: ['pml4', 'low_pdpt'],
    pdpt: ['low_pdpt + 8', 'test_pd'],
    pd: ['test_pd', 'test_pt'],
  } as const;
  const variants: Record<string, string> = {
    'not present': '6',
    'read-only': 'P | U',
    supervisor: 'P | W',
    'no-execute': `P | W | U | ${NO_EXECUTE}`,
    'reserved bit 51': 'P | W | U | (1 << 51)',
    'reserved bit 40': 'P | W | U | (1 << 40)',
    'ignored bits': 'P | W | U | 0xe00 | (0x7f << 52)',
    'bit 8': 'P | W | U | GLOB',
  };
  const cases: FlatCase[] = [];
  for (const [level, [slot, table]] of Object.entries(entries)) {
    for (const [name, bits] of Object.entries(variants)) {
      // Everything is below the first PML4 entry: the code itself must stay reachable, so a second one is used for that level.
      const high = level === 'pml4';
      const place = high ? 'pml4 + 8' : slot;
      const base = high ? 'mov r14, 0x8000000000 + TEST + 0x800' : 'mov r14, TEST + 0x800';
      const set = `PTE 0, frame0, P | W | U\nmov rax, ${bits}\nmov r15, offset ${table}\nor rax, r15\nmov [${place}], rax\nmov rax, 0x1111111111111111\n${base}\n`;
      for (const ring of [0, 3]) {
        const user = ring === 3 ? 'USER\n' : '';
        cases.push({ name: `${level} ${name} read ring ${ring}`, code: `${set}${user}mov rax, [r14]\nDONE` });
        cases.push({
          name: `${level} ${name} write ring ${ring}`,
          code: `${set}${user}mov [r14 + 8], rax\nDONE`,
        });
        cases.push({ name: `${level} ${name} execute ring ${ring}`, code: `${set}${user}jmp r14` });
      }
    }
  }
  return cases;
}

function largePages(): FlatCase[] {
  const cases: FlatCase[] = [];
  const spots = { '2M': ['test_pd + 8', 'TEST2M'], '1G': ['low_pdpt + 16', 'TEST1G'] } as const;
  for (const [size, [slot, address]] of Object.entries(spots)) {
    for (const bits of [
      'P | W | U | LARGE',
      'P | U | LARGE',
      'P | W | LARGE | GLOB',
      'P | W | U | LARGE | (1 << 12)',
      'P | W | U | LARGE | (1 << 13)',
      'P | W | U | LARGE | (1 << 20)',
      `P | W | U | LARGE | ${NO_EXECUTE}`,
    ]) {
      const set = `mov rax, ${bits}\nmov [${slot}], rax\nmov rax, 0x1111111111111111\nmov r14, ${address} + frame0\n`;
      const name = `${size} ${bits.replaceAll('|', 'or')}`;
      for (const [kind, code] of Object.entries({
        read: 'mov rax, [r14 + 0x800]\nDONE',
        write: 'mov [r14 + 0x808], rax\nDONE',
        execute: 'add r14, 0x800\njmp r14',
      })) {
        cases.push({
          name: `${name} ${kind}`,
          code: `${set.replace('+ frame0', '\nadd r14, offset frame0')}${code}`,
        });
        cases.push({
          name: `${name} ${kind} user`,
          code: `${set.replace('+ frame0', '\nadd r14, offset frame0')}USER\n${code}`,
        });
      }
    }
  }
  return cases;
}

function crossings(): FlatCase[] {
  const cases: FlatCase[] = [];
  const second = { mapped: 'P | W | U', 'read-only': 'P | U', supervisor: 'P | W', absent: '0' };
  const accesses = {
    read: 'mov rax, [TEST + 0xffd]',
    write: 'mov [TEST + 0xffd], rbx',
    modify: 'add [TEST + 0xffd], rbx',
    exchange: 'xchg [TEST + 0xffd], rbx',
    push: 'mov rsp, TEST + 0x1003\npush rbx',
    call: 'mov rsp, TEST + 0x1003\ncall 1f\n1:',
  };
  for (const [page, bits] of Object.entries(second)) {
    for (const [access, code] of Object.entries(accesses)) {
      for (const ring of [0, 3]) {
        for (const order of [0, 1]) {
          const map = `PTE ${order}, frame0, P | W | U\nPTE ${1 - order}, frame1, ${bits}\n`;
          cases.push({
            name: `crossing ${access} ${page} ${order} ring ${ring}`,
            code: `${map}${ring === 3 ? 'USER\n' : ''}${code}\nmov r8, [frame0]\nmov r9, [frame0 + 0xff8]\nmov r10, [frame1]\nmov r11, [frame1 + 0xff8]\nDONE`,
          });
        }
      }
    }
  }
  return cases;
}

const single: readonly FlatCase[] = [
  { name: 'non-canonical read', code: 'mov r14, 0x800000000000\nmov rax, [r14]' },
  { name: 'non-canonical write', code: 'mov r14, 0xffff7fffffffffff\nmov [r14], rax' },
  { name: 'non-canonical through rsp', code: 'mov rsp, 0x800000000000\nmov rax, [rsp]' },
  {
    name: 'non-canonical through rbp',
    code: 'mov rbp, 0x800000000000\nmov rax, [rbp + 8]',
    instead: 'v=c',
    why: 'an EPYC; the default segment is SS',
  },
  { name: 'non-canonical through r12', code: 'mov r12, 0x800000000000\nmov rax, [r12]' },
  { name: 'non-canonical with ss ignored', code: 'mov r12, 0x800000000000\nmov rax, ss:[r12]' },
  { name: 'non-canonical through fs', code: 'mov r12, 0x7fffffffffff\nmov rax, fs:[r12]' },
  {
    name: 'other page does not survive CR3',
    code: 'PTE 0, frame0, P | W\nmov rax, [TEST]\nmov qword ptr [test_pt], 0\nmov rcx, cr3\nmov cr3, rcx\nmov rdx, [TEST]\nDONE',
  },
  {
    name: 'global page falls to INVLPG',
    code: 'PTE 0, frame0, P | W | GLOB\nmov rax, [TEST]\nmov qword ptr [test_pt], 0\ninvlpg [TEST + 0x7f0]\nmov rdx, [TEST]\nDONE',
  },
  {
    name: 'global page falls to CR4.PGE',
    code: 'PTE 0, frame0, P | W | GLOB\nmov rax, [TEST]\nmov qword ptr [test_pt], 0\nmov rcx, cr4\nbtr rcx, 7\nmov cr4, rcx\nmov rdx, [TEST]\nDONE',
  },
  {
    name: 'a write after a read sets D',
    code: 'PTE 0, frame0, P | W\nmov rax, [TEST]\nmov rcx, [test_pt]\nmov [TEST], rax\nmov rdx, [test_pt]\nDONE',
  },
  {
    name: 'a compare that fails writes and sets D',
    code: 'PTE 0, frame0, P | W\nlock cmpxchg [TEST], rcx\nmov rdx, [test_pt]\nDONE',
  },
  {
    name: 'compare on a read-only page',
    code: 'PTE 0, frame0, P\ncmpxchg [TEST], rcx\nDONE',
  },
  {
    name: 'NX without NXE is reserved',
    code: 'PTE 0, frame0, P | W | (1 << 63)\nWRITE_MSR MSR_EFER, 0x501\nmov rax, [TEST]\nDONE',
  },
  {
    name: 'a fetch fault without NXE',
    code: 'WRITE_MSR MSR_EFER, 0x501\nmov rax, TEST + 0x800\njmp rax',
  },
  {
    name: 'an instruction across two pages',
    code: 'PTE 0, frame0, P | U\nPTE 1, frame1, P | U\nmov byte ptr [frame0 + 0xffe], 0xb8\nmov dword ptr [frame0 + 0xfff], 0x44\nmov dword ptr [frame1], 0xcd112233\nmov byte ptr [frame1 + 4], 0x60\nmov rax, TEST + 0xffe\njmp rax',
  },
  {
    name: 'an instruction into a page that is not there',
    code: 'PTE 0, frame0, P | U\nmov byte ptr [frame0 + 0xffe], 0xb8\nmov rax, TEST + 0xffe\nUSER\njmp rax',
  },
  {
    name: 'an instruction into a page that may not be executed',
    code: 'PTE 0, frame0, P | U\nPTE 1, frame1, P | U | (1 << 63)\nmov byte ptr [frame0 + 0xffe], 0xb8\nmov rax, TEST + 0xffe\nUSER\njmp rax',
  },
  {
    name: 'rep movs into a page that is not there',
    code: 'PTE 0, frame0, P | W\nmov rsi, offset frame1\nmov rdi, TEST + 0xff0\nmov ecx, 100\nrep movsb\nDONE',
  },
  {
    name: 'rep movs from a page that is not there',
    code: 'PTE 0, frame0, P | W\nmov rdi, offset frame1\nmov rsi, TEST + 0xff4\nmov ecx, 100\nrep movsd\nDONE',
  },
  {
    name: 'rep stos in ring 3 into a supervisor page',
    code: 'PTE 0, frame0, P | W | U\nPTE 1, frame1, P | W\nmov rdi, TEST + 0xfe8\nmov ecx, 100\nUSER\nrep stosq\nDONE',
  },
  {
    name: 'code that changes itself',
    code: 'mov byte ptr [1f + 1], 0x42\n1: mov cl, 0\nmov dl, [1b + 1]\nmov byte ptr [1b + 1], 0\nDONE',
  },
  {
    name: 'code that changes itself through an alias',
    code: 'PTE 0, frame0, P | W | U\nPTE 1, frame0, P | W | U\nmov dword ptr [frame0], 0xc3c3c3c3\nmov rax, TEST\ncall rax\nmov word ptr [TEST + 0x1000], 0xc1ff\ncall rax\nDONE',
  },
];

export const pagingCases: readonly FlatCase[] = [
  ...permissions(),
  ...upperLevels(),
  ...largePages(),
  ...crossings(),
  ...single,
];
