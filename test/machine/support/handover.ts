import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../oracles/host-paths.ts';

const SOURCES = join(packageRoot(), 'test/machine/boot/handover');
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
/** One segment at 1 MiB that begins with the header. */
const LINKER_SCRIPT = `SECTIONS {
  . = 0x100000;
  load_start = .;
  .all : { *(.header) *(.text*) *(.rodata*) *(.data*) }
  load_end = .;
  .bss : { *(.bss*) *(COMMON) }
  bss_end = .;
  /DISCARD/ : { *(.eh_frame*) *(.comment) *(.note*) }
}`;

/** A 64-bit entry point, in xloadflags. */
export const LONG_MODE_ENTRY = 1;

/** Builds the programs in test/machine/boot/handover. */
class Builder {
  readonly #directory = mkdtempSync(join(tmpdir(), 'puffer-handover-'));

  static use<Result>(build: (builder: Builder) => Result): Result {
    const builder = new Builder();
    try {
      return build(builder);
    } finally {
      rmSync(builder.#directory, { recursive: true });
    }
  }

  #file(name: string): string {
    return join(this.#directory, name);
  }

  #tool(command: string, args: readonly string[], input = ''): void {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', input });
    if (status !== 0) throw new Error(`${command} failed: ${stderr || error}`);
  }

  /** Links sources into `name`, an ELF32 file at 1 MiB. */
  link(name: string, sources: readonly string[], defines: readonly string[] = []): Uint8Array {
    const objects = sources.map((source) => {
      const object = this.#file(`${name}-${source}.o`);
      this.#tool('gcc', [...COMPILER_FLAGS, ...defines, '-c', join(SOURCES, source), '-o', object]);
      return object;
    });
    const script = this.#file('script');
    this.#tool('tee', [script], LINKER_SCRIPT);
    this.#tool('ld', [
      '-m',
      'elf_i386',
      '-N',
      '-T',
      script,
      '-e',
      '_start',
      '-o',
      this.#file(name),
      ...objects,
    ]);
    return new Uint8Array(readFileSync(this.#file(name)));
  }

  /** The bytes of a linked file from its first section on. */
  flat(name: string): Uint8Array {
    this.#tool('objcopy', ['-O', 'binary', this.#file(name), this.#file('flat')]);
    return new Uint8Array(readFileSync(this.#file('flat')));
  }

  /** The real-mode part of a Linux image, a whole number of sectors. */
  setup(defines: readonly string[]): Uint8Array {
    const object = this.#file('setup.o');
    this.#tool('gcc', ['-m32', ...defines, '-c', join(SOURCES, 'setup.S'), '-o', object]);
    const linked = this.#file('setup');
    this.#tool('ld', ['-m', 'elf_i386', '-Ttext=0', '-e', 'start', '-o', linked, object]);
    return this.flat('setup');
  }
}

/** A Multiboot kernel in an ELF32 file. */
export function multibootElf(): Uint8Array {
  return Builder.use((builder) => builder.link('kernel', ['multiboot.S', 'handover.c']));
}

/** A Multiboot kernel whose header says by itself what goes where, behind bytes that are not loaded. */
export function multibootFlat(): Uint8Array {
  return Builder.use((builder) => {
    builder.link('kernel', ['multiboot.S', 'handover.c'], ['-DADDRESSES']);
    const code = builder.flat('kernel');
    const file = new Uint8Array(64 + code.length);
    file.set(code, 64);
    return file;
  });
}

/** A Linux image whose header has the given flags. */
export function linuxImage(flags: { extendedLoadFlags: number; relocatable: boolean }): Uint8Array {
  return Builder.use((builder) => {
    const setup = builder.setup([
      `-DXLOADFLAGS=${flags.extendedLoadFlags}`,
      `-DRELOCATABLE=${flags.relocatable ? 1 : 0}`,
    ]);
    builder.link('code', ['linux.S', 'handover.c']);
    const code = builder.flat('code');
    const file = new Uint8Array(setup.length + code.length);
    file.set(setup);
    file.set(code, setup.length);
    return file;
  });
}
