import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from './host-paths.ts';
import { commandProbe, type Oracle, oracle } from './require.ts';

/** A piece of ring-0 or ring-3 code for the flat image (see `flat/runtime.S`). */
export interface FlatCase {
  /** Unique; letters, digits, spaces and simple punctuation. */
  readonly name: string;
  /** Intel-syntax text with the macros of `flat/layout.inc`. It starts in ring 0 and ends with an exception or DONE. */
  readonly code: string;
  /**
   * Fields where the manual, or a processor, is right and QEMU is not: `v=c e=0`. They replace QEMU's in the comparison.
   * `why` must then say who says so.
   */
  readonly instead?: string;
  readonly why?: string;
  /** Fields that the case must end with, where QEMU's line as a whole is no oracle: `v=1 dr6=ffff0ff1`. `why` must say who says so. */
  readonly expected?: string;
}

/** The image could not be built, or QEMU did not run it. */
export class FlatImageError extends Error {
  readonly code = 'ERR_FLAT_IMAGE';
  override readonly name = 'FlatImageError';
}

export const qemu: Oracle = oracle(
  'QEMU',
  commandProbe('qemu-system-x86_64', ['--version'], 'qemu-system-x86'),
);
export const assembler: Oracle = oracle('GNU as', commandProbe('as', ['--version'], 'binutils'));

/** Host milliseconds after which a QEMU that does not end is killed: the image has a fault, not the test. */
const QEMU_LIMIT = 60_000;
const MACHINE =
  '-M pc -m 64 -nodefaults -no-user-config -display none -serial stdio -monitor none -no-reboot';
/** Virtual time by instructions. QEMU 7.2 cannot have it together with watchpoints of the debug registers ("Raised interrupt while not in I/O function"). */
const COUNTED = ['-icount', 'shift=0,sleep=off'];
const SOURCES = join(packageRoot(), 'test/oracles/flat');

/** Assembles and links the image: an ELF file with a PVH note. Throws FlatImageError with the assembler's complaint. */
export function buildFlatImage(cases: readonly FlatCase[]): Uint8Array {
  const text = ['.text'];
  const table = ['.section .rodata', '.balign 8', 'case_table:'];
  const names: string[] = [];
  cases.forEach(({ name, code }, index) => {
    text.push(`.balign 16`, `case_${index}:`, '.code64', code, '.code64');
    table.push(`.quad case_${index}, case_name_${index}`);
    names.push(`case_name_${index}: .asciz "${name}"`);
  });
  table.push('.quad 0, 0');
  return linkFlatImage(['layout.inc', 'runtime.S'], [...text, ...table, ...names]);
}

/** Assembles and links an image from files of `flat/`, one after the other, and lines of text behind them. Throws FlatImageError. */
export function linkFlatImage(sources: readonly string[], lines: readonly string[]): Uint8Array {
  return inDirectory((directory) => {
    const files = sources.map((name) => readFileSync(join(SOURCES, name), 'utf8'));
    const text = ['.intel_syntax noprefix', ...files, ...lines];
    const file = (extension: string) => join(directory, `flat.${extension}`);
    writeFileSync(file('s'), [...text, ''].join('\n'));
    command('as', ['--64', '-o', file('o'), file('s')]);
    command('ld', ['-nostdlib', '-static', '-T', join(SOURCES, 'image.ld'), '-o', file('elf'), file('o')]);
    return new Uint8Array(readFileSync(file('elf')));
  });
}

/**
 * Runs an image under QEMU until it powers off or shuts down; returns what it printed. `counted`: in virtual time. `processor`: QEMU's
 * model, with features added. Throws FlatImageError.
 */
export function runUnderQemu(
  image: Uint8Array,
  { counted = true, processor }: { counted?: boolean | undefined; processor?: string | undefined } = {},
): string {
  return inDirectory((directory) => {
    const path = join(directory, 'flat.elf');
    writeFileSync(path, image);
    const model = processor === undefined ? [] : ['-cpu', processor];
    const options = [...MACHINE.split(' '), ...model, ...(counted ? COUNTED : [])];
    const run = spawnSync('qemu-system-x86_64', [...options, '-kernel', path], {
      encoding: 'latin1',
      input: '',
      timeout: QEMU_LIMIT,
      maxBuffer: 2 ** 28,
    });
    if (run.error !== undefined || run.status !== 0) {
      const why = run.error?.message ?? `status ${run.status}`;
      throw new FlatImageError(`qemu-system-x86_64: ${why} ${run.stderr} after: ${run.stdout.slice(-300)}`);
    }
    return run.stdout;
  });
}

/** The lines of a transcript by case name. */
export function parseTranscript(transcript: string): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of transcript.split('\n')) {
    const colon = line.indexOf(': v=');
    if (colon > 0) lines.set(line.slice(0, colon), line.slice(colon + 2).trimEnd());
  }
  return lines;
}

function command(name: string, operands: readonly string[]): void {
  const run = spawnSync(name, operands, { encoding: 'utf8' });
  if (run.status !== 0) throw new FlatImageError(`${name}: ${run.error?.message ?? run.stderr}`);
}

function inDirectory<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-flat-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
