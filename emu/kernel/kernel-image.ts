import {
  CallFrameTable,
  DebugInfo,
  ElfFile,
  type FunctionInfo,
  type LineTable,
  type StructType,
  SymbolTable,
} from '../symbols/index.ts';
import { KernelError } from './errors.ts';

/** What an address of kernel code is. */
export interface CodePlace {
  readonly address: bigint;
  /** The function or label, undefined outside of any. */
  readonly function: string | undefined;
  /** Bytes from its start. */
  readonly offset: number;
  /** Path as the compiler was given it. */
  readonly file: string | undefined;
  readonly line: number | undefined;
}

/** How an ELF64 file begins: its magic number and its class. */
const ELF64_START = [0x7f, 0x45, 0x4c, 0x46, 2];

/**
 * A kernel's ELF file: symbols, source lines, structures, functions. Each is read when it is first asked for, since a boot that
 * nobody watches needs none; what is wrong with it is thrown then, as ElfError or DwarfError.
 */
export class KernelImage {
  readonly elf: ElfFile;
  #symbols: SymbolTable | undefined;
  #debug: DebugInfo | undefined;
  #frames: CallFrameTable | undefined;

  private constructor(elf: ElfFile) {
    this.elf = elf;
  }

  /** Opens the bytes of a kernel file. Throws ElfError when they are not one. */
  static open(bytes: Uint8Array): KernelImage {
    return new KernelImage(ElfFile.parse(bytes));
  }

  /** What a kernel file of any bootable format tells: an ELF64 file's symbols, of other formats nothing. Throws ElfError. */
  static ofKernelFile(bytes: Uint8Array): KernelImage {
    const isElf64 = ELF64_START.every((byte, index) => bytes[index] === byte);
    return isElf64 ? KernelImage.open(bytes) : new KernelImage(ElfFile.empty());
  }

  /** The same file, seen where it was loaded: at the addresses that it says, and `bias`. */
  loadedAt(bias: bigint): KernelImage {
    return new KernelImage(this.elf.loadedAt(bias));
  }

  /** The kernel's file says nothing: it is no ELF64 file. */
  get isEmpty(): boolean {
    return this.elf.bytes.length === 0;
  }

  get symbols(): SymbolTable {
    this.#symbols ??= SymbolTable.open(this.elf);
    return this.#symbols;
  }

  get debug(): DebugInfo {
    this.#debug ??= DebugInfo.open(this.elf);
    return this.#debug;
  }

  get frames(): CallFrameTable {
    this.#frames ??= CallFrameTable.open(this.elf);
    return this.#frames;
  }

  get lines(): LineTable {
    return this.debug.lines;
  }

  /** The address of a symbol, or undefined. */
  addressOf(name: string): bigint | undefined {
    return this.symbols.addressOf(name);
  }

  /** The address of a symbol. Throws KernelError 'no-symbol'. */
  address(name: string): bigint {
    const address = this.symbols.addressOf(name);
    if (address === undefined) throw new KernelError('no-symbol', `this kernel has no symbol ${name}`);
    return address;
  }

  /** A structure's type. Throws KernelError 'no-type'. */
  struct(name: string): StructType {
    const type = this.debug.struct(name);
    if (type === undefined || !type.isComplete) {
      throw new KernelError(
        'no-type',
        `this kernel's debugging information describes no struct ${name}; build the kernel with -g`,
      );
    }
    return type;
  }

  /** A function's debugging information; undefined for assembly. */
  function(name: string): FunctionInfo | undefined {
    return this.debug.function(name);
  }

  /** Function and source line of an address of code. */
  place(address: bigint): CodePlace {
    const hit = this.symbols.at(address);
    const line = this.lines.at(address);
    return {
      address,
      function: hit?.symbol.name,
      offset: hit?.offset ?? 0,
      file: line?.file,
      line: line === undefined || line.line === 0 ? undefined : line.line,
    };
  }
}
