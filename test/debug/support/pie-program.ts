import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CpioFile } from '../../../scripts/guest/index.ts';

/** The name it is compiled and runs under. */
export const PIE = 'pie';
const EXECUTABLE = 0o555;

/** Calls twice(4) and twice(8), and exits by the guest's system call 1, from wherever it was loaded. */
export const PIE_SOURCE = `
int counter = 3;

int
twice(int n)
{
	if (n > 100)
		return 7;
	return 2 * n;
}

void
_start(void)
{
	volatile int n = 4;

	n = twice(n);
	counter += n;
	__asm volatile("syscall" : : "a" (1), "D" (twice(n)) : "rcx", "r11", "memory");
	for (;;)
		;
}
`;

/** The line of the source that holds a text, from 1 on. */
export function pieLine(text: string): number {
  return PIE_SOURCE.split('\n').findIndex((one) => one.includes(text)) + 1;
}

/** Compiles it to an ELF file without an interpreter, by default unoptimised; `options` are gcc's. */
export function compilePie(options: readonly string[] = ['-O0']): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-pie-'));
  try {
    writeFileSync(join(directory, 'pie.c'), PIE_SOURCE);
    const flags = ['-g', '-fPIE', '-static-pie', '-nostdlib', '-fcf-protection=none', '-fno-inline'];
    const { status, stderr } = spawnSync('gcc', [...flags, ...options, 'pie.c', '-o', PIE], {
      cwd: directory,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`gcc could not compile it:\n${stderr}`);
    return new Uint8Array(readFileSync(join(directory, PIE)));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** It as a file of the guest's image. */
export function pieFile(data: Uint8Array): CpioFile {
  return { kind: 'file', path: `bin/${PIE}`, permissions: EXECUTABLE, data };
}
