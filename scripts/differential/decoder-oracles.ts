import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One instruction as a disassembler has it. */
export interface DisassembledInstruction {
  /** Bytes; 0 when the bytes are no instruction. */
  readonly length: number;
  /** Lower case, without prefixes; empty when the bytes are no instruction. */
  readonly mnemonic: string;
  readonly text: string;
}

export const BAD: DisassembledInstruction = { length: 0, mnemonic: '', text: '(bad)' };

/** objdump is missing or failed. */
export class DisassemblerError extends Error {
  readonly code = 'ERR_DISASSEMBLER';
  override readonly name = 'DisassemblerError';
}

/** The longest instruction; behind each string stand as many NOPs, so that whatever was read of them ends there. */
const SLOT = 16;
const STRIDE = 2 * SLOT;
const NOP = 0x90;
const OUTPUT_LIMIT = 2 ** 30;

const PREFIXES =
  /^(lock|rep[nz]*e?|repz|repnz|data16|addr32|addr16|[cdefgs]s|rex(\.[WRXB]+)?|xacquire|xrelease|bnd|notrack)$/;

/** The mnemonic of a line of text, without what stands for its prefixes. */
export function mnemonicOf(text: string): string {
  return text.split(/\s+/).find((word) => !PREFIXES.test(word)) ?? '';
}

/**
 * What objdump makes of the beginning of each byte string (at most 15 bytes). Strings whose instruction is longer than they are come out
 * as longer, too. Throws DisassemblerError.
 */
export function objdump(strings: readonly Uint8Array[], bits: 32 | 64): DisassembledInstruction[] {
  const image = new Uint8Array(strings.length * STRIDE).fill(NOP);
  strings.forEach((bytes, index) => {
    image.set(bytes, index * STRIDE);
  });
  const directory = mkdtempSync(join(tmpdir(), 'puffer-objdump-'));
  try {
    const file = join(directory, 'strings.bin');
    writeFileSync(file, image);
    const machine = bits === 64 ? 'i386:x86-64' : 'i386';
    const options = ['-D', '-b', 'binary', '-m', machine, '-M', 'intel', '--insn-width=16', file];
    const run = spawnSync('objdump', options, { encoding: 'latin1', maxBuffer: OUTPUT_LIMIT });
    if (run.status !== 0) throw new DisassemblerError(`objdump: ${run.error?.message ?? run.stderr}`);
    const found = new Array<DisassembledInstruction>(strings.length).fill(BAD);
    for (const line of run.stdout.split('\n')) {
      const [, at, bytes, text] = /^\s*([0-9a-f]+):\t([0-9a-f ]+)\t(.*)$/.exec(line) ?? [];
      const address = Number.parseInt(at ?? '1', 16);
      if (address % STRIDE !== 0 || bytes === undefined || text === undefined) continue;
      found[address / STRIDE] = instruction(bytes.trim().split(' ').length, text.trim());
    }
    return found;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A line of objdump's: prefixes without an instruction, and `(bad)`, are none. */
function instruction(length: number, text: string): DisassembledInstruction {
  // `fndisi(8087 only)` and its like.
  const mnemonic = mnemonicOf(text).replace(/\(.*/, '');
  if (text.includes('(bad)') || mnemonic === '' || mnemonic.startsWith('.byte')) return BAD;
  return { length, mnemonic, text };
}
