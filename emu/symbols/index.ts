/** The symbols room: what an ELF file and its DWARF say about a program. */
export { addressOfKey, keyOfAddress } from './address.ts';
export type { CallFrameRow, CfaRule, RegisterRule } from './call-frame-program.ts';
export { CallFrameTable, type FrameDescription } from './call-frame-table.ts';
export { DebugInfo, type VariableInfo } from './debug-info.ts';
export { ElfFile, type ElfSection, type ElfSegment } from './elf.ts';
export { ET, PF, PT, SHF, SHN, SHT, XEN_ELFNOTE_PHYS32_ENTRY } from './elf-constants.ts';
export type { ElfNote } from './elf-notes.ts';
export { DwarfError, type DwarfErrorCode, ElfError, type ElfErrorCode } from './errors.ts';

export type { CodeRange, FunctionInfo, Parameter, SourceFrame } from './functions.ts';
export type { InlinedCall } from './inlined-calls.ts';
export { type LineHit, type LineRow, LineTable, type SourceLine } from './line-table.ts';
export type { FrameState, LocalVariable } from './locals.ts';
export type { Location, Piece } from './location.ts';
export { type PlainLocation, plainLocation } from './plain-location.ts';
export { readLocation } from './read-location.ts';
export {
  DWARF_REGISTER_NAMES,
  type DwarfRegisterName,
  type MemoryReader,
  type RegisterValues,
  registersByNumber,
} from './registers.ts';
export {
  type ElfSymbol,
  type SymbolBinding,
  type SymbolHit,
  type SymbolKind,
  SymbolTable,
} from './symbol-table.ts';
export { formatType } from './type-name.ts';
export {
  ArrayType,
  BaseType,
  EnumType,
  FunctionType,
  Member,
  type MemberPlace,
  OpaqueType,
  PointerType,
  QualifiedType,
  StructType,
  sizeOf,
  stripType,
  type Type,
  TypedefType,
  VoidType,
} from './types.ts';
export {
  type CodeTables,
  callerOf,
  type Frame,
  innermostFrame,
  type TablesAt,
  unwind,
} from './unwind.ts';
export { type Bytes, type ReadOptions, readMember, readValue, type Value } from './value.ts';
