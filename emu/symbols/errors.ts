/** Why an ELF file was refused. */
export type ElfErrorCode =
  | 'truncated'
  | 'not-elf'
  | 'wrong-class'
  | 'wrong-byte-order'
  | 'wrong-machine'
  | 'bad-header'
  | 'bad-offset'
  | 'compressed';

/** The input is no ELF file puffer can use; `code` says why, the message says where. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
  readonly code: ElfErrorCode;

  constructor(code: ElfErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Why debugging information could not be read. */
export type DwarfErrorCode =
  /** A structure runs past the end of its section, unit or buffer. */
  | 'truncated'
  /** The bytes contradict the DWARF standard. */
  | 'malformed'
  /** Valid DWARF that puffer does not read (for example an unknown version). */
  | 'unsupported'
  /** A reference points to nothing. */
  | 'bad-reference'
  /** A chain, a nesting or a computation went on for longer than any compiler's output does. */
  | 'limit';

/** Debugging information is damaged or beyond puffer; `code` says why, the message says where. */
export class DwarfError extends Error {
  override readonly name = 'DwarfError';
  readonly code: DwarfErrorCode;

  constructor(code: DwarfErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
