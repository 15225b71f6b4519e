import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/guest/index.ts';
import { type CommandResult, puffer } from './run-puffer.ts';

const directory = mkdtempSync(join(tmpdir(), 'puffer-add-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const SAYS_OWN = '#include <stdio.h>\nint main(void) { printf("%s\\n", "the user\'s own"); return 0; }\n';

describe('puffer boot --add', () => {
  it("should let the user's program take the place of the image's of the same name", () => {
    const { status, stdout, stderr } = puffer(['boot', '--add', file('ls.c', SAYS_OWN), '--run', 'ls']);
    expect(stdout).toContain("# ls\r\nthe user's own\r\n");
    expect(stdout).not.toContain('occurs twice');
    expect(stderr).not.toContain('building the guest'); // It is up to date: nothing is built.
    expect(status).toBe(0);
  });

  it('should refuse two files that would be one program, naming both', () => {
    const one = file('a/same.c', SAYS_OWN);
    const other = file('b/same.c', SAYS_OWN);
    const { status, stderr } = puffer(['boot', '--add', one, '--add', other]);
    expect(status).toBe(2);
    expect(stderr).toBe(
      `puffer: --add '${one}' and --add '${other}' would both be /bin/same: rename one of them\n`,
    );
  });

  it.each([
    ['an empty file', ''],
    ['a file without main', 'int answer(void) { return 42; }\n'],
  ])('should name %s before what the linker says', (_what, content) => {
    const path = file('nothing.c', content);
    const { status, stderr } = puffer(['boot', '--add', path]);
    expect(status).toBe(2);
    const [first, ...rest] = stderr.split('\n');
    expect(first).toBe(`puffer: ${path} does not make a program: it has no function main. The linker says:`);
    expect(rest.join('\n')).toContain('undefined reference');
  });
});

const NOBODY = 65_534;
/** Gives up the superuser's rights once Node has started: the program itself may lie where nobody may look. */
const AS_NOBODY = `data:text/javascript,process.setgroups([]);process.setgid(${NOBODY});process.setuid(${NOBODY})`;
const isRoot = process.getuid?.() === 0;

/**
 * A checkout in another place. Its guest/obj, if it has one, is stale there: the compiler's flags hold the place.
 */
class Checkout {
  readonly root: string;

  constructor(name: string, what: { readonly built: boolean }) {
    this.root = join(directory, name);
    const parts = ['package.json', 'dist', 'node_modules/commander', 'node_modules/@alexaltea'];
    for (const part of parts) this.#copy(part);
    cpSync(join(repositoryRoot, 'guest'), join(this.root, 'guest'), {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      filter: (path) => what.built || path !== join(repositoryRoot, 'guest/obj'),
    });
  }

  #copy(part: string): void {
    cpSync(join(repositoryRoot, part), join(this.root, part), { recursive: true, preserveTimestamps: true });
  }

  /** Runs the checkout's own `puffer`; the superuser, who may write anywhere, does it as nobody when asked to. */
  puffer(
    args: readonly string[],
    how: { readonly path?: string; readonly asNobody?: boolean } = {},
  ): CommandResult {
    const main = join(this.root, 'dist/emu/cli/main.js');
    const unprivileged = how.asNobody && isRoot ? ['--import', AS_NOBODY] : [];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...unprivileged, main, ...args], {
      input: '',
      encoding: 'utf8',
      maxBuffer: 64 * 2 ** 20,
      env: { ...process.env, PATH: how.path ?? process.env.PATH },
    });
    return { status, stdout, stderr };
  }
}

describe('a guest that is not up to date', () => {
  let built: Checkout;
  let unbuilt: Checkout;
  beforeAll(() => {
    chmodSync(directory, 0o755);
    built = new Checkout('built', { built: true });
    unbuilt = new Checkout('unbuilt', { built: false });
  });

  it('should be booted as it is, with a warning, when gcc is missing', () => {
    const path = join(directory, 'no-tools');
    mkdirSync(path);
    const { status, stdout, stderr } = built.puffer(['boot', '--run', 'echo still here'], { path });
    expect(stderr).toContain(
      "puffer: the guest's sources have changed but gcc is missing (install Debian's package 'gcc'): " +
        'booting the guest as it was built last\n',
    );
    expect(stderr).not.toContain('building the guest');
    expect(stdout).toContain('\r\nstill here\r\n');
    expect(status).toBe(0);
  });

  it('should be refused in one line when guest/obj cannot be written', () => {
    chmodSync(join(built.root, 'guest/obj'), 0o555);
    const { status, stderr } = built.puffer(['boot'], { asNobody: true });
    expect(stderr).toMatch(/^puffer: 'guest\/obj' cannot be written \(permission denied\): .*chmod.*\n$/);
    expect(stderr).toContain(join(built.root, 'guest/obj'));
    expect(status).toBe(2);
  });

  it('should be refused in one line when guest/obj is missing and cannot be made', () => {
    chmodSync(join(unbuilt.root, 'guest'), 0o555);
    const { status, stderr } = unbuilt.puffer(['boot'], { asNobody: true });
    chmodSync(join(unbuilt.root, 'guest'), 0o755);
    expect(stderr).toMatch(/^puffer: 'guest\/obj' cannot be written \(permission denied\): .*chmod.*\n$/);
    expect(status).toBe(2);
  });

  it('should be announced off a terminal before it is built', () => {
    // A header that stops every compiler at once: the line has to come before the first of them.
    writeFileSync(join(unbuilt.root, 'guest/sys/sys/types.h'), '#error stopped here\n');
    const { status, stderr } = unbuilt.puffer(['boot']);
    const [first, ...rest] = stderr.split('\n');
    expect(first).toBe('building the guest (guest/obj is missing or stale)…');
    expect(rest.join('\n')).toContain('stopped here');
    expect(rest.join('\n')).not.toContain('building the guest');
    expect(status).toBe(2);
  });
});
