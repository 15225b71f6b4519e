import { type CodePlace, KernelImage } from '../../kernel/index.ts';

/** A file whose code the processor may be in: the kernel, or what a process runs. */
export class Program {
  /** `kernel`, or the name that the program runs under. */
  readonly name: string;
  readonly image: KernelImage;

  constructor(name: string, image: KernelImage) {
    this.name = name;
    this.image = image;
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
