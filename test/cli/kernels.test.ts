import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { puffer } from './run-puffer.ts';
import { linkKernel } from './small-kernel.ts';

const directory = mkdtempSync(join(tmpdir(), 'puffer-kernels-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The note that makes an ELF file a PVH kernel: owner Xen, type 18, the entry point. */
const PVH_NOTE =
  '.pushsection .note.pvh, "a", @note\n.long 4, 4, 18\n.asciz "Xen"\n.long start\n.popsection\n';

/** Assembles and links a kernel at 1 MiB. */
const kernel = (name: string, source: string, format: 'elf64' | 'elf32' = 'elf64'): string =>
  linkKernel(directory, name, source, format);

const CODE = '.code32\n.globl start\nstart:\n';

describe('kernels of other kinds', () => {
  it('should end with exit 5, the registers, the instruction and the symbol on a triple fault', () => {
    const file = kernel('faulty', `${PVH_NOTE}${CODE} mov $0x1234, %eax\nboom: ud2\n`);
    const { status, stderr } = puffer(['boot', '--kernel', file]);
    expect(status).toBe(5);
    expect(stderr).toContain('triple fault at position');
    expect(stderr).toContain('rax 0000000000001234');
    expect(stderr).toContain('code at rip: 0f 0b');
    expect(stderr).toContain('boom');
  });

  it('should take the exit code that a kernel writes to the debug-exit port', () => {
    const file = kernel('exit', `${PVH_NOTE}${CODE} mov $7, %al\n out %al, $0xf4\n1: jmp 1b\n`);
    expect(puffer(['boot', '--kernel', file]).status).toBe(7);
  });

  it('should name an instruction that is not implemented, with its address', () => {
    // VZEROUPPER, without an IDT: #UD becomes a triple fault.
    const file = kernel('avx', `${PVH_NOTE}${CODE} .byte 0xc5, 0xf8, 0x77\n`);
    const { status, stderr } = puffer(['boot', '--kernel', file]);
    expect(status).toBe(5);
    expect(stderr).toMatch(/not implemented.*0x100000/);
  });

  it('should refuse a kernel without a PVH note or Multiboot header', () => {
    const file = kernel('no-note', `${CODE} hlt\n`);
    const { status, stderr } = puffer(['boot', '--kernel', file]);
    expect(status).toBe(2);
    expect(stderr).toContain('no-note');
    expect(stderr).toMatch(/PVH/);
  });

  it('should boot a PVH kernel in a 32-bit ELF file', () => {
    const file = kernel('small', `${PVH_NOTE}${CODE} mov $7, %al\n out %al, $0xf4\n1: jmp 1b\n`, 'elf32');
    expect(puffer(['boot', '--kernel', file]).status).toBe(7);
  });

  it('should boot a Multiboot kernel, which has no symbols', () => {
    const header = '.long 0x1badb002, 0, -0x1badb002\n';
    const file = kernel('multi', `${header}${CODE} mov %al, %bl\n out %al, $0xf4\n1: jmp 1b\n`, 'elf32');
    expect(puffer(['boot', '--kernel', file]).status).toBe(0x02);
  });

  it('should step through a kernel without symbols', () => {
    const header = '.long 0x1badb002, 0, -0x1badb002\n';
    const file = kernel('steps', `${header}${CODE} mov $1, %ecx\n hlt\n`, 'elf32');
    const { status, stdout } = puffer(['step', '--kernel', file, '--count', '1']);
    expect(status).toBe(0);
    expect(stdout).toContain('mov ecx, 1');
  });

  it('should debug a kernel without symbols', () => {
    const header = '.long 0x1badb002, 0, -0x1badb002\n';
    const file = kernel('debugged', `${header}${CODE} mov $1, %ecx\n hlt\n`, 'elf32');
    const { status, stdout } = puffer(['debug', '--kernel', file], 'x/i $rip\n');
    expect(status).toBe(0);
    expect(stdout).toContain('mov ecx, 1');
  });

  it('should refuse a truncated kernel', () => {
    const whole = kernel('whole', `${PVH_NOTE}${CODE} hlt\n`);
    const file = join(directory, 'truncated');
    writeFileSync(file, readFileSync(whole).subarray(0, 100));
    const { status, stderr } = puffer(['boot', '--kernel', file]);
    expect(status).toBe(2);
    expect(stderr).toContain('truncated');
  });

  it('should refuse an initrd that does not fit', () => {
    const file = kernel('fits', `${PVH_NOTE}${CODE} hlt\n`);
    const initrd = join(directory, 'large.cpio');
    writeFileSync(initrd, Buffer.alloc(9 * 2 ** 20));
    const { status, stderr } = puffer(['boot', '--kernel', file, '--initrd', initrd, '--memory', '8']);
    expect(status).toBe(2);
    expect(stderr).toContain('large.cpio');
  });
});
