import { type CodePlace, KernelImage } from '../../kernel/index.ts';
import { ET } from '../../symbols/index.ts';

/**
 * A file whose code the processor may be in: the kernel, or what a process runs. One that is position independent is a program by the
 * addresses of its file, and another one, whose `file` it is, wherever a process has loaded it.
 */
export class Program {
  /** `kernel`, or the name that the program runs under. */
  readonly name: string;
  readonly image: KernelImage;
  /** The same program by the addresses of its file: itself, unless it is position independent. */
  readonly file: Program;
  readonly #loaded = new Map<bigint, Program>();

  constructor(name: string, image: KernelImage, file?: Program) {
    this.name = name;
    this.image = image;
    this.file = file ?? this;
  }

  /** Whether processes choose where it lies. */
  get isRelocatable(): boolean {
    return this.image.elf.type === ET.sharedObject;
  }

  /** What was added to the addresses of the file. */
  get loadBias(): bigint {
    return this.image.elf.loadBias;
  }

  /** The program where a process has loaded it: one object for one place. */
  loadedAt(bias: bigint): Program {
    let loaded = this.#loaded.get(bias);
    if (loaded === undefined) {
      loaded = new Program(this.name, this.image.loadedAt(bias), this);
      this.#loaded.set(bias, loaded);
    }
    return loaded;
  }

  /** Throws ElfError for bytes that are no program. */
  static open(name: string, bytes: Uint8Array): Program {
    return new Program(name, KernelImage.open(bytes));
  }

  /** `name` or `name+0x…` for an address that a symbol covers. */
  symbolOf(address: bigint): string | undefined {
    return this.image.symbols.nameOf(address);
  }

  /** Function and source line of an address of its code. */
  place(address: bigint): CodePlace {
    const statement = this.image.lines.statementAt(address);
    const place = this.image.place(address);
    return statement === undefined ? place : { ...place, file: statement.file, line: statement.line };
  }

  /** The bytes that the file has for an address; undefined outside of what it loads. */
  bytesAt(address: bigint, size: number): Uint8Array | undefined {
    for (const { virtualAddress, data } of this.image.elf.segments) {
      const offset = address - virtualAddress;
      if (offset >= 0n && offset + BigInt(size) <= BigInt(data.length)) {
        return data.subarray(Number(offset), Number(offset) + size);
      }
    }
    return undefined;
  }
}
