import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { ElfFile } from '../../emu/symbols/index.ts';
import { commandProbe, oracle } from '../oracles/require.ts';

export const gcc = oracle('gcc', commandProbe('gcc', ['--version'], 'gcc'));
export const gdb = oracle('gdb', commandProbe('gdb', ['--version'], 'gdb'));
export const readelf = oracle('readelf', commandProbe('readelf', ['--version'], 'binutils'));
export const addr2line = oracle('addr2line', commandProbe('addr2line', ['--version'], 'binutils'));

const SOURCES = fileURLToPath(new URL('programs/', import.meta.url));

export interface BuiltProgram {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly elf: ElfFile;
}

/** Runs a tool and gives what it printed. */
export function run(command: string, ...args: string[]): string {
  return runWithInput('', command, ...args);
}

/** Runs a tool that reads standard input. */
export function runWithInput(input: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

/** Compiles programs of this directory below a directory that vanishes with the tests of the file. */
export function workshop(): {
  build(name: string, sources: readonly string[], flags: readonly string[]): BuiltProgram;
  directory: string;
} {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-symbols-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return {
    directory,
    build(name, sources, flags) {
      const path = join(directory, name);
      execFileSync('gcc', [...flags, '-o', path, ...sources], {
        cwd: SOURCES,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      return open(path);
    },
  };
}

/** Reads a linked program. */
export function open(path: string): BuiltProgram {
  const bytes = new Uint8Array(readFileSync(path));
  return { path, bytes, elf: ElfFile.parse(bytes) };
}

/** The ways of compiling that the reader is held to. */
export const VARIANTS: readonly { readonly name: string; readonly flags: readonly string[] }[] = [
  { name: 'DWARF 5, -O2', flags: ['-g', '-gdwarf-5', '-O2'] },
  { name: 'DWARF 4, -O2', flags: ['-g', '-gdwarf-4', '-O2'] },
  { name: 'DWARF 5, -O0', flags: ['-g', '-gdwarf-5', '-O0'] },
  { name: 'DWARF 4, -O1, type units', flags: ['-g', '-gdwarf-4', '-O1', '-fdebug-types-section'] },
  { name: 'DWARF 5, -O2, type units', flags: ['-g', '-gdwarf-5', '-O2', '-fdebug-types-section'] },
  { name: 'DWARF 5, -O2, 64-bit DWARF', flags: ['-g', '-gdwarf-5', '-O2', '-gdwarf64'] },
  {
    name: 'DWARF 5, kernel code model',
    flags: [
      '-g',
      '-gdwarf-5',
      '-O2',
      '-mcmodel=kernel',
      '-fno-pic',
      '-no-pie',
      '-static',
      '-ffunction-sections',
      '-Wl,--gc-sections',
    ],
  },
];
