import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { keysOf } from '../../emu/cli/terminal-keys.ts';
import { puffer, TerminalSession } from './run-puffer.ts';
import { linkKernel } from './small-kernel.ts';

const directory = mkdtempSync(join(tmpdir(), 'puffer-screen-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A Multiboot kernel that writes "key?" on the screen and "serial" on COM1, runs some code, and ends with 7. */
function kernel(name: string, code: string): string {
  return linkKernel(
    directory,
    name,
    `.long 0x1badb002, 0, -0x1badb002
     .code32
     .globl start
     start: movl $0x0765076b, 0xb8000
     movl $0x073f0779, 0xb8004
     mov $0x3f8, %dx
     ${[...'serial\n'].map((character) => `mov $${character.charCodeAt(0)}, %al\n out %al, %dx`).join('\n')}
     ${code}
     mov $7, %al
     out %al, $0xf4
     1: jmp 1b
`,
  );
}

/** Waits for the scan code (set 1) of a key that is pressed. */
const awaitKey = (code: number): string => `2: in $0x64, %al
     test $1, %al
     jz 2b
     in $0x60, %al
     cmp $${code}, %al
     jne 2b
`;

const SCAN_CODE_A = 0x1e;
const SCAN_CODE_F1 = 0x3b;

describe('puffer boot --screen', () => {
  let session: TerminalSession | undefined;
  afterEach(() => session?.kill());

  it('should print the screen when the run ends, after the console', () => {
    const { status, stdout } = puffer(['boot', '--kernel', kernel('plain', ''), '--screen']);
    expect(status).toBe(7);
    expect(stdout).toBe('serial\nkey?\n');
  });

  it('should print nothing of the screen when it is not asked for', () => {
    expect(puffer(['boot', '--kernel', kernel('unasked', '')]).stdout).toBe('serial\n');
  });

  it('should give the screen as an event with --json', () => {
    const { stdout } = puffer(['boot', '--kernel', kernel('json', ''), '--screen', '--json']);
    const event = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; lines?: string[] })
      .find(({ name }) => name === 'machine:screen');
    expect(event?.lines?.[0]).toBe('key?');
    expect(event?.lines).toHaveLength(25);
  });

  it.each([
    ['a letter', SCAN_CODE_A, 'a'],
    ['a function key', SCAN_CODE_F1, '\x1bOP'],
  ])('should show the screen on a terminal, and type %s on the keyboard', async (_, code, typed) => {
    session = new TerminalSession(['boot', '--kernel', kernel(`key-${code}`, awaitKey(code)), '--screen']);
    await session.shows('key?', 0);
    session.type(typed);
    expect(await session.ended).toBe(7);
    expect(session.screen).not.toContain('serial');
  });
});

describe('keys at a terminal', () => {
  it('should be characters and named keys, in order', () => {
    const bytes = new TextEncoder().encode('aB\r\x7f\t\x1b[A\x1b[15~\x1bOS\x1b');
    expect(keysOf(bytes)).toEqual([
      { text: 'a' },
      { text: 'B' },
      { key: 'Enter' },
      { key: 'Backspace' },
      { key: 'Tab' },
      { key: 'Up' },
      { key: 'F5' },
      { key: 'F4' },
      { key: 'Escape' },
    ]);
  });

  it('should leave out what is on no key', () => {
    expect(keysOf(new TextEncoder().encode('\x02é'))).toEqual([]);
  });
});
