import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { absolute, guestPaths } from '../../scripts/guest/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gdb, PufferUnderGdb } from './gdb/support/gdb.ts';
import { DebugGuest } from './support/debug-guest.ts';

/** Expressions of numbers alone: what C makes of types, signs and widths. */
const ARITHMETIC = [
  '1 + 2 * 3',
  '(1 + 2) * 3',
  '7 / 2',
  '-7 / 2',
  '-7 % 3',
  '7u - 8',
  '7u - 8u > 0',
  '-1 < 1u',
  '-1L < 1u',
  '0x7fffffff + 1L',
  '2147483648',
  '0x80000000',
  '0xffffffffffffffff',
  '4294967295u + 1u',
  '1 << 31 >> 31',
  '1u << 31 >> 31',
  '~0',
  '~0u',
  '~0ul',
  '!0',
  '!5',
  '-5 >> 1',
  '0xf0 & 0x3c',
  '0xf0 | 0x0f',
  '0xff ^ 0x0f',
  '1 ? 2 : 3',
  '0 ? 2 : 3',
  '1 && 0',
  '1 || 0',
  "'a'",
  "'a' + 1",
  "'\\n'",
  "'\\x41'",
  "'\\101'",
  '010',
  '0x10',
  '(char)65',
  '(char)300',
  '(unsigned char)300',
  '(signed char)200',
  '(short)70000',
  '(unsigned short)70000',
  '(long)-1',
  '(unsigned long)-1',
  '(unsigned)-1',
  '(int)0xffffffff',
  '(unsigned char)1 - (unsigned char)2',
  '1.5 + 1',
  '7 / 2.0',
  '(int)3.9',
  '(int)-3.9',
  '1 == 1.0',
  'sizeof(int)',
  'sizeof(unsigned long)',
  'sizeof(char)',
  'sizeof(1u + 2l)',
  '(1, 2, 3)',
  '10 - 2 - 3',
  '2 * 3 % 4',
  '1 + 1 == 2 && 3 > 2',
  '5 & 3 == 3',
];

/** Expressions over what the kernel's file says, without a running machine. */
const STATIC = [
  'sizeof(struct proc)',
  '(long)(fork1 + 4)',
  '(long)(4 + fork1)',
  '(long)(fork1 - 1)',
  'fork1 + 1 > fork1',
  'sizeof(struct process)',
  'sizeof(struct trapframe)',
  'sizeof(*(struct proc *)0)',
  '(long)&((struct proc *)0)->p_md.md_regs',
  '(long)&((struct process *)0)->ps_comm[3]',
  '(long)&((struct process *)0)->ps_flags',
  '&((struct proc *)0x1000)->p_addr',
  '(struct proc *)0x1000 + 1',
  '(struct proc *)0x2000 - (struct proc *)0x1000',
  '&nprocesses',
  '&allprocess',
  'sizeof(allprocess)',
  '(long *)0 + 5',
  '(long *)0x100 + 2',
  '(long *)0x100 == (long *)0x108 - 1',
];

const TYPES = [
  'struct proc',
  'struct proc *',
  'pid_t',
  'unsigned long',
  'unsigned',
  'char *[4]',
  'int (*)(int)',
  '1 + 2u',
  '1l + 2',
  '1 == 2',
  '(char)1 + (char)2',
  '&nprocesses',
  'nprocesses',
  'fork1',
  '((struct proc *)0)->p_p',
  '((struct process *)0)->ps_comm',
  '((struct process *)0)->ps_comm[1]',
];

/** What gdb answers to commands about the kernel's file. */
function askGdb(commands: readonly string[]): string[] {
  const args = commands.flatMap((command) => ['-ex', command, '-ex', 'echo @@\\n']);
  const text = execFileSync('gdb', ['-nx', '-batch', ...args, absolute(guestPaths.kernel)], {
    encoding: 'utf8',
  });
  return text
    .split('@@\n')
    .slice(0, commands.length)
    .map((part) => part.trim());
}

/** The value alone: gdb counts its answers, too. */
const bare = (text: string): string => text.trim().replace(/^\$\d+ = /, '');

describeWithOracle(gdb, 'expressions, as gdb evaluates them', () => {
  let guest: DebugGuest;
  beforeAll(async () => {
    guest = await DebugGuest.boot();
  });
  afterAll(() => guest.close());

  it('should compute with numbers as C does', async () => {
    const expected = askGdb(ARITHMETIC.map((expression) => `print ${expression}`)).map(bare);
    for (const [index, expression] of ARITHMETIC.entries()) {
      expect(`${expression} = ${bare(await guest.run(`print ${expression}`))}`).toBe(
        `${expression} = ${expected[index]}`,
      );
    }
  });

  it('should know the sizes, offsets and addresses of the kernel', async () => {
    const expected = askGdb(STATIC.map((expression) => `print ${expression}`)).map(bare);
    for (const [index, expression] of STATIC.entries()) {
      expect(`${expression} = ${bare(await guest.run(`print ${expression}`))}`).toBe(
        `${expression} = ${expected[index]}`,
      );
    }
  });

  it('should name types', async () => {
    const expected = askGdb(TYPES.map((expression) => `whatis ${expression}`));
    for (const [index, expression] of TYPES.entries()) {
      expect(`${expression}: ${(await guest.run(`whatis ${expression}`)).trim()}`).toBe(
        `${expression}: ${expected[index]}`,
      );
    }
  });

  it('should show numbers in every base', async () => {
    const commands = ['x', 'd', 'u', 'o', 't', 'c', 'z'].flatMap((letter) =>
      ['10', '-1', '0xffffffffffffffff', "'a'", '(short)-2', '0'].map((value) => `print/${letter} ${value}`),
    );
    const expected = askGdb(commands).map(bare);
    for (const [index, command] of commands.entries()) {
      expect(`${command}: ${bare(await guest.run(command))}`).toBe(`${command}: ${expected[index]}`);
    }
  });
});

/** Looks at a process in the middle of its fork. */
const LIVE = [
  'print *curp',
  'print/x *curp->p_md.md_regs',
  'print curp->p_p->ps_comm',
  'print curp->p_p->ps_pid',
  'print curp->p_p->ps_flags & 2',
  'print curp->p_wmesg',
  'print &curp->p_p->ps_comm',
  'print *curp->p_p->ps_ucred',
  'print nprocesses',
  'print func',
  'print *func',
  'print $rip',
  'print $rsp',
  'print/x $rax',
  'print $sp == $rsp',
  'print *allprocess.lh_first->ps_mainproc->p_cpu->ci_curproc->p_p->ps_ucred',
  'print sysent[2]',
  'print sysent[2].sy_call',
  'print curp->p_p->ps_comm[0]@3',
  'print *sysent@2',
  'whatis curp->p_p',
  'whatis *curp->p_p->ps_comm@4',
  'x/4xg $rsp',
  'x/2xw &nprocesses',
  'x/s curp->p_p->ps_comm',
  'x/3db curp->p_p->ps_comm',
];

/** gdb breaks structures into lines elsewhere, and counts bytes after a symbol in decimal. */
function flat(text: string): string {
  const offsets = text.replace(
    /(<\w+\+)(\d+)>/g,
    (_, symbol, offset) => `${symbol}0x${Number(offset).toString(16)}>`,
  );
  return offsets.replace(/\s+/g, ' ').replace(/\{ /g, '{').replace(/ \}/g, '}').trim();
}

describeWithOracle(gdb, "the guest's own values, as gdb shows them", () => {
  it('should be the same at the same place of the same run', async () => {
    const puffer = new PufferUnderGdb(['--run', 'ls']);
    const guest = await DebugGuest.boot(['ls']);
    try {
      const shown = await puffer.gdb(
        'set print null-stop on',
        'break fork1 if curp->p_p->ps_pid > 1',
        'continue',
        ...LIVE,
        'kill',
      );
      await guest.run('break fork1 if curp->p_p->ps_pid > 1', 'continue');
      for (const [index, command] of LIVE.entries()) {
        expect(`${command}: ${flat(bare(await guest.run(command)))}`).toBe(
          `${command}: ${flat(bare(shown[index + 3] ?? ''))}`,
        );
      }
    } finally {
      await puffer.close();
      guest.close();
    }
  });
});

describe('expressions that have no value', () => {
  let guest: DebugGuest;
  beforeAll(async () => {
    guest = await DebugGuest.boot();
  });
  afterAll(() => guest.close());

  it.each([
    ['print 1 +', 'syntax', 3],
    ['print 1 2', 'syntax', 2],
    ['print (1', 'syntax', 2],
    ['print )', 'syntax', 0],
    ['print 0xg', 'syntax', 0],
    ["print 'ab'", 'syntax', 0],
    ['print "abc', 'syntax', 0],
    ['print nothing_of_this_name', 'unknown-name', 0],
    ['print (struct nothing *)0', 'unknown-name', 1],
    ['print ((struct proc *)0)->p_nothing', 'unknown-name', 20],
    ['print *(struct proc *)0xf0000000', 'unmapped', undefined],
    ['print 1 / 0', 'arithmetic', 2],
    ['print 1 << 64', 'arithmetic', 2],
    ['print *1.5', 'type', 0],
    ['print &1', 'type', 0],
    ['print 1->x', 'type', 3],
    ['print fork1(1)', 'unsupported', 5],
    ['print 5 = 6', 'read-only', 2],
    ['print $99', 'unknown-name', undefined],
    ['print kern_fork.c::nothing', 'unknown-name', 13],
  ])('%s should say %s', async (line, code, at) => {
    const { code: found, at: where } = await guest.fails(line);
    expect(found).toBe(code);
    expect(where).toBe(at);
  });

  it('should come to an end on deeply nested input', async () => {
    const { code } = await guest.fails(`print ${'('.repeat(5000)}1`);
    expect(code).toBe('syntax');
  });
});
