import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../oracles/host-paths.ts';

const SOURCES = join(packageRoot(), 'test/machine/probe');
const COMPILER_FLAGS = [
  '-m32',
  '-O1',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-ffreestanding',
  '-fno-pic',
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
  '-mgeneral-regs-only',
  '-fcf-protection=none',
];

/** Runs a tool of the tool chain; throws with its complaint. */
function tool(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${stderr || error}`);
}

/** Compiles a program of test/machine/probe: a PVH kernel of 32-bit code in an ELF64 file. */
export function buildProbe(name = 'probe'): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-probe-'));
  const file = (name: string) => join(directory, name);
  try {
    for (const source of ['entry.S', `${name}.c`]) {
      tool('gcc', [...COMPILER_FLAGS, '-c', join(SOURCES, source), '-o', file(`${source}.o`)]);
    }
    const objects = [file('entry.S.o'), file(`${name}.c.o`)];
    const script = join(SOURCES, 'link.ld');
    tool('ld', ['-m', 'elf_i386', '--no-warn-rwx-segments', '-T', script, '-o', file('probe32'), ...objects]);
    tool('objcopy', ['-O', 'elf64-x86-64', file('probe32'), file('probe')]);
    return readFileSync(file('probe'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A module before the initrd, as QEMU takes them. */
export interface QemuModule {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly commandLine: string;
}

/** Boots a kernel under QEMU as the guest is booted, but with the clock in guest time too, and returns what it prints until it switches itself off. */
export function runUnderQemu(
  kernel: Uint8Array,
  initrd: Uint8Array,
  commandLine: string,
  modules: readonly QemuModule[] = [],
): string {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-qemu-'));
  try {
    writeFileSync(join(directory, 'kernel'), kernel);
    writeFileSync(join(directory, 'initrd'), initrd);
    for (const { name, bytes } of modules) writeFileSync(join(directory, name), bytes);
    const files = [...modules.map(({ name, commandLine: text }) => `${name} ${text}`), 'initrd'].join(',');
    const machine = ['-M', 'pc', '-m', '64', '-nodefaults', '-no-user-config', '-no-reboot'];
    // A file, not stdio: QEMU drops what a full pipe does not take.
    const devices = ['-display', 'none', '-serial', 'file:output', '-monitor', 'none'];
    const time = ['-icount', 'shift=0,sleep=off', '-rtc', 'clock=vm'];
    const guest = ['-kernel', 'kernel', '-initrd', files, '-append', commandLine];
    const { status, stderr, error } = spawnSync(
      'qemu-system-x86_64',
      [...machine, ...devices, ...time, ...guest],
      { cwd: directory, encoding: 'utf8', input: '' },
    );
    if (status !== 0) throw new Error(`QEMU failed: ${stderr || error}`);
    return readFileSync(join(directory, 'output'), 'latin1');
  } finally {
    rmSync(directory, { recursive: true });
  }
}
