import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Kernel, KernelImage } from '../../../emu/kernel/index.ts';
import { createMachine } from '../../../emu/machine/create.ts';
import type { Machine } from '../../../emu/machine/index.ts';
import { kernelFlags } from '../../../scripts/guest/flags.ts';
import { absolute, guestPaths, repositoryRoot } from '../../../scripts/guest/index.ts';
import { commandProbe, oracle } from '../../oracles/require.ts';

export const gcc = oracle('gcc', commandProbe('gcc', ['--version'], 'gcc'));

const SOURCES = fileURLToPath(new URL('../fixture/', import.meta.url));
const MEMORY = 32 * 2 ** 20;

let built: Uint8Array | undefined;

/** The fixture kernel's file, compiled as the guest's kernel is. */
export function fixtureKernel(): Uint8Array {
  if (built !== undefined) return built;
  const directory = mkdtempSync(join(tmpdir(), 'puffer-kernel-'));
  try {
    const output = join(directory, 'kernel');
    const flags = kernelFlags.filter((flag) => !flag.startsWith('-I'));
    execFileSync(
      'gcc',
      [
        ...flags,
        ...[
          '-nostdlib',
          '-static',
          '-no-pie',
          '-Wl,--build-id=none',
          '-Wl,-z,max-page-size=4096',
          '-Wl,-z,noexecstack',
        ],
        `-Wl,-T,${absolute(guestPaths.kernelLinkerScript)}`,
        ...['-o', output, join(SOURCES, 'start.S'), join(SOURCES, 'kernel.c')],
      ],
      { cwd: repositoryRoot, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    built = new Uint8Array(readFileSync(output));
    return built;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A machine with the fixture kernel loaded, ready for its first instruction. */
export function fixtureMachine(): { machine: Machine; kernel: Kernel } {
  const bytes = fixtureKernel();
  const { machine, cpu } = createMachine({ memory: MEMORY });
  machine.loadKernel(bytes, { name: 'fixture' });
  const kernel = new Kernel({ image: KernelImage.open(bytes), machine, memory: cpu.system.inspector });
  return { machine, kernel };
}
