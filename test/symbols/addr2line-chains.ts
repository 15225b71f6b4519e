import type { DebugInfo } from '../../emu/symbols/index.ts';
import { runWithInput } from './programs.ts';
import { baseName } from './readelf-lines.ts';

/** The inline chains of `addr2line -a -f -i`: "function file:line" of each level, by address. */
export function addr2lineChains(path: string, addresses: readonly bigint[]): string[][] {
  const chains: string[][] = [];
  // The addresses go in by standard input: a command line has no room for a kernel's.
  const input = addresses.map((address) => `${address.toString(16)}\n`).join('');
  const lines = runWithInput(input, 'addr2line', '-a', '-f', '-i', '-e', path).trim().split('\n');
  for (let index = 0; index < lines.length; ) {
    const line = lines[index] ?? '';
    if (line.startsWith('0x')) {
      chains.push([]);
      index++;
    } else {
      const place = baseName((lines[index + 1] ?? '').replace(/ \(discriminator \d+\)/, ''));
      chains[chains.length - 1]?.push(`${line} ${place}`);
      index += 2;
    }
  }
  return chains;
}

/** The reader's chains in the same words. */
export function readerChains(info: DebugInfo, addresses: readonly bigint[]): string[][] {
  return addresses.map((address) =>
    info
      .framesAt(address)
      .map((frame) => `${frame.name} ${baseName(frame.file ?? '??')}:${frame.line || '?'}`),
  );
}
