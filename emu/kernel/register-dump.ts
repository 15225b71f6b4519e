import { GENERAL_REGISTERS, type RegisterName } from '../machine/index.ts';
import { decodeFlags, PROCESSOR_FLAGS } from './constants.ts';
import { hex, hex64 } from './hexadecimal.ts';
import type { Kernel } from './kernel.ts';

const PER_LINE = 3;
const SELECTORS = ['cs', 'ss', 'ds', 'es', 'fs', 'gs'] as const;
const SYSTEM_REGISTERS = [
  'cr0',
  'cr2',
  'cr3',
  'cr4',
  'cr8',
  'efer',
  'fs_base',
  'gs_base',
  'kernel_gs_base',
] as const;

/** The processor's registers as text for a person, rip with its function and line, rflags with the names of its bits. */
export function dumpRegisters(kernel: Kernel): string {
  const { registers, image } = kernel;
  const rip = registers.get('rip');
  const { function: name, offset, file, line } = image.place(rip);
  const where = name === undefined ? '' : `  ${name}${offset === 0 ? '' : `+0x${offset.toString(16)}`}`;
  const source = file === undefined ? '' : ` (${file}:${line ?? '?'})`;
  const rflags = Number(registers.get('rflags'));
  const flags = decodeFlags(rflags & ~RFLAGS_FIXED, PROCESSOR_FLAGS).join(' ');
  const selectors = SELECTORS.map((segment) => `${segment} ${hex(registers.get(segment))}`).join('  ');
  return [
    ...columns(GENERAL_REGISTERS, kernel),
    `rip ${hex64(rip)}${where}${source}`,
    `rflags ${hex(rflags)} [${flags}]  privilege ${registers.privilege}`,
    selectors,
    ...columns(SYSTEM_REGISTERS, kernel),
    '',
  ].join('\n');
}

/** Bit 1 of RFLAGS is always set and says nothing. */
const RFLAGS_FIXED = 0x2;

function columns(names: readonly RegisterName[], { registers }: Kernel): string[] {
  const width = Math.max(...names.map((name) => name.length));
  const cells = names.map((name) => `${name.padEnd(width)} ${hex64(registers.get(name))}`);
  const lines: string[] = [];
  for (let at = 0; at < cells.length; at += PER_LINE) lines.push(cells.slice(at, at + PER_LINE).join('  '));
  return lines;
}
