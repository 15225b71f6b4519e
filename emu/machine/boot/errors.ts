/** What is wrong with a kernel, an initrd or a command line. */
export type BootErrorCode =
  /** No bytes at all. */
  | 'empty'
  /** The file ends before something its headers promise. */
  | 'truncated'
  | 'notElf'
  /** None of the formats that can be booted. */
  | 'unknownFormat'
  | 'notLittleEndian'
  /** An ELF file for another processor. */
  | 'notAmd64'
  /** Not linked (an object file) or not at fixed addresses. */
  | 'notExecutable'
  /** A header that contradicts itself. */
  | 'damaged'
  | 'noLoadSegment'
  /** No note of owner Xen, type 18 (XEN_ELFNOTE_PHYS32_ENTRY), and no Multiboot header: nothing says how to enter it. */
  | 'noPvhNote'
  /** A requirement of the kernel that this loader does not meet. */
  | 'unsupported'
  /** A segment, or the entry point, that does not lie in usable RAM. */
  | 'outsideRam'
  /** Two things at the same place. */
  | 'overlap'
  | 'initrdTooLarge'
  | 'commandLineTooLong'
  /** The command line holds a NUL character. */
  | 'badCommandLine';

/** A kernel that cannot be booted: which file, what is wrong with it, and what to do. */
export class BootError extends Error {
  readonly code: BootErrorCode;
  /** The file's name as it was given. */
  readonly file: string;

  constructor(code: BootErrorCode, file: string, message: string) {
    super(`${file}: ${message}`);
    this.name = 'BootError';
    this.code = code;
    this.file = file;
  }
}
