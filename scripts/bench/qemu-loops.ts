import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble, type Loop, PLACES } from './loops.ts';
import { Qemu } from './qemu.ts';

/** The image lies above everything that the loops touch. */
const IMAGE_BASE = 0x80_0000;
const PAGE_SIZE = 0x1000;
const MARK_BEFORE = '<';
const MARK_AFTER = '>';

/**
 * A PVH image that goes to 64-bit mode with 64 MiB mapped one to one and runs each loop between two characters on COM1.
 * Entry state: PVH ABI; long mode: AMD APM vol. 2, section 14.6.
 */
function imageSource(loops: readonly Loop[]): string {
  const timed = loops.flatMap(({ source }) => [
    `mov rsp, ${PLACES.stack}`,
    'xor ebx, ebx',
    `mov al, '${MARK_BEFORE}'`,
    'out dx, al',
    source,
    'mov dx, 0x3f8',
    `mov al, '${MARK_AFTER}'`,
    'out dx, al',
  ]);
  return `
  .section .note.pvh, "a", @note
  .long 4, 4, 18
  .ascii "Xen\\0"
  .long start
  .text
  .code32
  .globl start
start:
  mov edi, offset page_directory
  mov eax, 0x83               # present, writable, 2 MiB
  mov ecx, 32
1: mov [edi], eax
  add eax, 0x200000
  add edi, 8
  loop 1b
  mov dword ptr [page_map], offset page_pointers + 3
  mov dword ptr [page_pointers], offset page_directory + 3
  mov eax, 0x20               # CR4.PAE
  mov cr4, eax
  mov eax, offset page_map
  mov cr3, eax
  mov ecx, 0xc0000080         # EFER: LME
  mov eax, 0x100
  xor edx, edx
  wrmsr
  mov eax, 0x80000011         # CR0: PG, ET, PE
  mov cr0, eax
  lgdt [gdt_pointer]
  .byte 0xea                  # far jump to 64-bit code
  .long long_mode
  .word 8
  .code64
long_mode:
  mov eax, 16
  mov ss, eax
  mov dx, 0x3f9               # no interrupts from COM1
  xor eax, eax
  out dx, al
  mov dx, 0x3f8
${timed.join('\n')}
1: cli
  hlt
  jmp 1b
  .balign 8
gdt:
  .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
  .word 23
  .long gdt
  .bss
  .balign 4096
page_map: .skip 4096
page_pointers: .skip 4096
page_directory: .skip 4096`;
}

/** As ld reads addresses. */
const hex = (address: number): string => `0x${address.toString(16)}`;

/** The loops under QEMU's system emulation. */
export class QemuLoops {
  readonly #directory = mkdtempSync(join(tmpdir(), 'puffer-bench-'));
  readonly #image = join(this.#directory, 'loops.elf');
  readonly #count: number;

  constructor(loops: readonly Loop[]) {
    const addresses = ['-nostdlib', '-static', '-e', 'start', '-N', '--section-start'];
    writeFileSync(
      this.#image,
      assemble(imageSource(loops), [
        ...addresses,
        `.note.pvh=${hex(IMAGE_BASE)}`,
        `-Ttext=${hex(IMAGE_BASE + PAGE_SIZE)}`,
      ]),
    );
    this.#count = loops.length;
  }

  /** Wall-clock seconds of each loop, between its two characters. */
  async time(counted: boolean): Promise<number[]> {
    const qemu = new Qemu({ kernel: this.#image, counted });
    try {
      const seconds: number[] = [];
      while (seconds.length < this.#count) {
        await qemu.until(MARK_BEFORE);
        const before = performance.now();
        await qemu.until(MARK_AFTER);
        seconds.push((performance.now() - before) / 1000);
      }
      return seconds;
    } finally {
      await qemu.close();
    }
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
