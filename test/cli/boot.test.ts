import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeCpio } from '../../scripts/guest/index.ts';
import { puffer } from './run-puffer.ts';

const directory = mkdtempSync(join(tmpdir(), 'puffer-cli-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

describe('puffer boot', () => {
  it('should type the commands of --run and power off with status 0', () => {
    const { status, stdout } = puffer(['boot', '--run', 'echo one; echo two', '--run', 'uname']);
    expect(status).toBe(0);
    expect(stdout).toContain('\r\none\r\ntwo\r\n# uname\r\n');
  });

  it('should type standard input when it is no terminal', () => {
    const { status, stdout } = puffer(['boot'], 'echo piped\n');
    expect(status).toBe(0);
    expect(stdout).toContain('\r\npiped\r\n');
  });

  it('should type the next line when a child prints after the prompt', () => {
    const source = file(
      'late.c',
      '#include <stdio.h>\n#include <unistd.h>\nint main(void) { if (fork() == 0) printf("late\\n"); return 0; }\n',
    );
    const { status, stdout } = puffer(['boot', '--add', source, '--run', 'late', '--run', 'echo next']);
    expect(stdout).toContain('late\r\n');
    expect(stdout).toContain('\r\nnext\r\n');
    expect(status).toBe(0);
  });

  it('should not power off while a typed command sleeps, and run a last line without a line feed', () => {
    const { status, stdout } = puffer(['boot'], 'sleep 1; echo woken\necho last');
    expect(status).toBe(0);
    expect(stdout).toContain('\r\nwoken\r\n');
    expect(stdout).toContain('\r\nlast\r\n');
  });

  it('should power off when a program waits for input that will not come', () => {
    expect(puffer(['boot', '--run', 'cat']).status).toBe(0);
  });

  it('should not make the status of a guest program its own', () => {
    expect(puffer(['boot', '--run', 'false']).status).toBe(0);
  });

  it('should exit 3 when an expected text never appears', () => {
    const { status, stderr } = puffer(['boot', '--run', 'echo a', '--expect', 'no such text']);
    expect(status).toBe(3);
    expect(stderr).toContain("never printed 'no such text'");
  });

  it('should exit 0 when all expected texts appear', () => {
    expect(puffer(['boot', '--run', 'echo abc', '--expect', '\nabc', '--expect', '# ']).status).toBe(0);
  });

  it('should stop with exit 3 as soon as a forbidden text appears', () => {
    const { status, stdout } = puffer([
      'boot',
      '--run',
      'echo bad',
      '--run',
      'echo later',
      '--fail',
      '\nbad',
    ]);
    expect(status).toBe(3);
    expect(stdout).not.toContain('later');
  });

  it('should exit 42 when the step budget is used up', () => {
    const { status, stderr } = puffer(['boot', '--budget', '1000', '--run', 'ls']);
    expect(status).toBe(42);
    expect(stderr).toContain('position 1000');
  });

  it('should exit 4 with the message and a back-trace when the kernel panics', () => {
    const initrd = file('no-init.cpio', writeCpio([{ kind: 'directory', path: 'dev', permissions: 0o755 }]));
    const { status, stdout, stderr } = puffer(['boot', '--initrd', initrd, '--run', 'ls']);
    expect(stdout).toContain('panic: no init');
    expect(stderr).toContain('start_init');
    expect(status).toBe(4);
  });

  it('should add a C program to /bin', () => {
    const source = file(
      'greet.c',
      '#include <stdio.h>\nint main(void) { printf("greetings\\n"); return 7; }\n',
    );
    const { status, stdout } = puffer(['boot', '--add', source, '--run', 'greet; echo status $?']);
    expect(stdout).toContain('greetings\r\nstatus 7\r\n');
    expect(status).toBe(0);
  });

  it('should print events alone as NDJSON with --json, the console among them', () => {
    const { status, stdout } = puffer(['boot', '--json', '--run', 'echo json']);
    expect(status).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.every(({ schema, version }) => schema === 'puffer-event' && version === 1)).toBe(true);
    const text = events.filter(({ name }) => name === 'console:output').map((event) => event.text);
    expect(text.join('')).toContain('json\r\n');
    expect(events.at(-1)).toMatchObject({ name: 'machine:stop', exitStatus: 0 });
  });
});

describe('bad input to puffer boot', () => {
  const notElf = file('text', 'this is no kernel\n'.repeat(100));
  const program = file('empty', '');

  it.each([
    ['a kernel that is not there', ['--kernel', join(directory, 'missing')], 'missing'],
    ['a directory', ['--kernel', directory], 'is a directory'],
    ['an empty file', ['--kernel', program], 'empty'],
    ['a file that is no ELF file', ['--kernel', notElf], 'text'],
    ['an initrd that is not there', ['--initrd', join(directory, 'missing')], 'missing'],
    ['a memory size that cannot be had', ['--memory', '1'], 'memory'],
    ['a memory size that is no size', ['--memory', 'lots'], "'lots'"],
    ['a budget that is no number', ['--budget', 'x'], "'x'"],
    ['an unknown option', ['--frobnicate'], '--frobnicate'],
    ['something to add that is no program', ['--add', notElf], 'neither a C file'],
    ['an unknown kind of report', ['--report=some'], 'some'],
    ['an empty text to expect', ['--expect', ''], 'not empty'],
  ])('should be one clear line and exit 2: %s', (_what, args, text) => {
    const { status, stdout, stderr } = puffer(['boot', ...args, '--run', 'ls']);
    expect(status).toBe(2);
    expect(stderr).toContain(text);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
  });

  it('should name the command when it is unknown', () => {
    const { status, stderr } = puffer(['bott']);
    expect(status).toBe(2);
    expect(stderr).toContain('bott');
  });
});
