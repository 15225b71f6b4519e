import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Generator } from '../../emu/fuzz/generate.ts';
import { type Crash, type FuzzProgram, writeProgramInC, writeTest } from '../../emu/fuzz/index.ts';
import { Random } from '../../emu/fuzz/random.ts';
import { BootedGuest } from '../../emu/vitest/index.ts';
import { compileProgram } from '../../scripts/guest/index.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'puffer-crash-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function crashOf(program: FuzzProgram): Crash {
  const finding = {
    oracle: 'panic',
    key: 'panic a */ b in fork1 < sys_fork',
    message: 'a */ b',
    stack: ['fork1+0x12 (guest/sys/kern/kern_fork.c:270)', 'sys_fork+0x8 (guest/sys/kern/kern_fork.c:66)'],
  };
  return { finding, program, after: 1 };
}

const MAKES_FILES: FuzzProgram = {
  session: true,
  user: 0,
  calls: [
    { id: 1, name: 'pipe', arguments: [{ bytes: '00'.repeat(8) }] },
    {
      id: 2,
      name: 'fork',
      arguments: [],
      child: [{ id: 3, name: 'mkdir', arguments: [{ text: '/tmp/by-child' }, 0o755] }],
    },
    { id: 4, name: 'dup2', arguments: [{ end: 1, index: 1 }, 17] },
    { id: 5, name: 'write', arguments: [17, { text: '/tmp/piped' }, 11] },
    { id: 6, name: 'mmap', arguments: [0, 4096, 3, 0x1002, -1, 0, 0] },
    { id: 7, name: 'read', arguments: [{ end: 1, index: 0 }, { result: 6 }, 11] },
    { id: 8, name: 'mkdir', arguments: [{ result: 6 }, 0o755] },
    { id: 9, name: 'wait4', arguments: [-1, 0, 0, 0] },
  ],
  fault: { function: 'copyin', nth: 99, value: 14 },
};

describe('a crash written as a C program', () => {
  it('should compile without a warning, whatever its calls', async () => {
    const generator = new Generator(new Random(8));
    for (let index = 0; index < 6; index++) {
      const source = join(directory, `crash${index}.c`);
      writeFileSync(source, writeProgramInC(crashOf(generator.program())));
      expect(await compileProgram(source, join(directory, `crash${index}`))).toBe('');
    }
  });

  it('should say in a comment what was found and where', () => {
    expect(writeProgramInC(crashOf(MAKES_FILES))).toContain(
      ' * panic: a * / b\n *   in fork1+0x12 (guest/sys/kern/kern_fork.c:270)\n',
    );
  });

  it('should make the calls of the program, with their arguments, in parent and child', async () => {
    const source = join(directory, 'files.c');
    writeFileSync(source, writeProgramInC(crashOf(MAKES_FILES)));
    const guest = await BootedGuest.boot({ programs: [source] });
    expect(guest.sh('files').status).toBe(0);
    expect(guest.sh('ls /tmp').output.split(/\s+/).filter(Boolean)).toEqual(['by-child', 'piped']);
  });
});

describe('a crash written as a test', () => {
  const text = writeTest(crashOf(MAKES_FILES));

  it('should hold the program', () => {
    const [, program] = /const PROGRAM = (\{[\s\S]*?\n\}) as const;/.exec(text) ?? [];
    expect(JSON.parse(program ?? '')).toEqual(MAKES_FILES);
  });

  it('should have the calls and the defect in its name', () => {
    const calls = 'pipe, fork { mkdir }, dup2, write, mmap, read, mkdir, wait4';
    expect(text).toContain(`it("should survive ${calls} (was panic a */ b in fork1 < sys_fork)"`);
  });

  it('should tell a reader what was found and where, in a comment and when it fails', () => {
    expect(text).toContain('// panic: a */ b\n//   in fork1+0x12 (guest/sys/kern/kern_fork.c:270)\n');
    const [, found] = /const FOUND = (\[[\s\S]*?\n\]);/.exec(text) ?? [];
    expect(JSON.parse(found ?? '')).toEqual([
      'panic: a */ b',
      '  in fork1+0x12 (guest/sys/kern/kern_fork.c:270)',
      '  in sys_fork+0x8 (guest/sys/kern/kern_fork.c:66)',
    ]);
    expect(text).toContain(
      "expect(findings.map(describeFinding), ['when it was found:', ...FOUND].join('\\n'))",
    );
  });
});
