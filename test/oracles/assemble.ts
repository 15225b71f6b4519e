import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CODE, CODE_32 } from './user-case.ts';

/** GNU `as` refused a piece of text. */
export class AssemblyError extends Error {
  readonly code = 'ERR_ASSEMBLY';
  override readonly name = 'AssemblyError';
}

/** Why assembly text cannot be used here, or undefined when it can. */
export function assemblerUnavailable(): string | undefined {
  return spawnSync('as', ['--version']).error ? 'as is missing: install the package binutils' : undefined;
}

const cache = new Map<string, Uint8Array>();

/**
 * Assembles pieces of Intel-syntax text (`;` or a newline ends an instruction) in one run of `as`; each comes back as its
 * bytes. Labels should be numeric (`1:`, `jmp 1b`). Addresses relative to RIP must be given as displacements. Throws AssemblyError
 * with the first complaint and the text it is about.
 */
export function assemble(texts: readonly string[]): Uint8Array[] {
  const missing = [...new Set(texts)].filter((text) => !cache.has(text));
  if (missing.length > 0) {
    const assembled = assembleAll(missing);
    missing.forEach((text, index) => {
      cache.set(text, assembled[index] as Uint8Array);
    });
  }
  return texts.map((text) => cache.get(text) as Uint8Array);
}

function assembleAll(texts: readonly string[]): Uint8Array[] {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-assemble-'));
  const file = (extension: string) => join(directory, `cases.${extension}`);
  try {
    const lines = ['.intel_syntax noprefix', '.text'];
    const owners: number[] = [];
    texts.forEach((text, index) => {
      lines.push(`piece${index}:`);
      for (const line of text.split('\n')) {
        owners[lines.length + 1] = index;
        lines.push(line);
      }
    });
    lines.push(`piece${texts.length}:`, '.balign 8, 0', 'starts:');
    for (let index = 0; index <= texts.length; index++) lines.push(`.long piece${index} - piece0`);
    writeFileSync(file('s'), `${lines.join('\n')}\n`);

    const as = spawnSync('as', ['--64', '-o', file('o'), file('s')], { encoding: 'utf8' });
    if (as.status !== 0) {
      const [, line, complaint] = /:(\d+): (Error.*)/.exec(as.stderr) ?? [];
      const text = texts[owners[Number(line)] ?? -1];
      throw new AssemblyError(`as: ${complaint ?? as.stderr} in: ${text ?? 'an unknown piece'}`);
    }
    // ld, not objcopy: it complains of a symbol that nobody defines.
    const ld = spawnSync(
      'ld',
      ['--oformat', 'binary', '-Ttext', '0', '-e', '0', '-o', file('bin'), file('o')],
      {
        encoding: 'utf8',
      },
    );
    if (ld.status !== 0) throw new AssemblyError(`ld: ${ld.stderr}`);

    const bytes = new Uint8Array(readFileSync(file('bin')));
    const table = new DataView(bytes.buffer, bytes.length - 4 * (texts.length + 1));
    return texts.map((_, index) =>
      bytes.slice(table.getUint32(4 * index, true), table.getUint32(4 * index + 4, true)),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Disassembles code that lies at the start of the code region: one line an instruction, `offset: bytes text`. */
export function disassemble(code: Uint8Array, bits: 32 | 64 = 64): string {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-disassemble-'));
  const file = join(directory, 'case.bin');
  try {
    writeFileSync(file, code);
    const [machine, start] = bits === 32 ? ['i386', CODE_32] : ['i386:x86-64', CODE];
    const options = ['-D', '-b', 'binary', '-m', machine, '-M', 'intel'];
    const objdump = spawnSync('objdump', [...options, `--adjust-vma=0x${start.toString(16)}`, file], {
      encoding: 'utf8',
    });
    const lines = (objdump.stdout ?? '').split('\n').filter((line) => /^\s*[0-9a-f]+:\t/.test(line));
    return lines.map((line) => line.replace(/^\s*[15]0000(00)?/, '  ').trimEnd()).join('\n');
  } finally {
    rmSync(directory, { recursive: true });
  }
}
