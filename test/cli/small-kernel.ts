import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Code at 1 MiB, a PVH note behind it when there is one, no ELF headers in memory. */
const PLACES = ['-Ttext=0x100000', '--section-start=.note.pvh=0x101000', '--no-warn-rwx-segments'];

/** Assembles and links a kernel, whose entry point is `start`; returns its path. */
export function linkKernel(
  directory: string,
  name: string,
  source: string,
  format: 'elf64' | 'elf32' = 'elf32',
): string {
  const base = join(directory, name);
  writeFileSync(`${base}.s`, source);
  const [bits, emulation] = format === 'elf64' ? ['--64', 'elf_x86_64'] : ['--32', 'elf_i386'];
  execFileSync('as', [bits, '-o', `${base}.o`, `${base}.s`]);
  const options = ['-m', emulation, '-N', ...PLACES, '-e', 'start', '--build-id=none'];
  execFileSync('ld', [...options, '-o', base, `${base}.o`]);
  return base;
}
