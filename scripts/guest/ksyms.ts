import { SHF, SHN } from '../../emu/symbols/elf-constants.ts';
import { ElfFile, SymbolTable } from '../../emu/symbols/index.ts';

/** Numbers of the ELF specification for st_info, by our names of them. */
const BINDINGS = { local: 0, global: 1, weak: 2, other: 0 } as const;
const TYPES = { label: 0, object: 1, function: 2, tls: 6, section: 3, file: 4, other: 0 } as const;

/**
 * The symbol table of a linked kernel as assembly for its second link: a header with the bytes of both parts, Elf64_Sym
 * entries by address, their names (guest/sys/ddb/db_elf.c reads it). Only what lies in memory is in it, and nothing of the
 * table itself, which the first link has not.
 */
export function ksymsAssembly(kernel: Uint8Array): string {
  const elf = ElfFile.parse(kernel);
  const symbols = SymbolTable.open(elf)
    .symbols.filter(({ name, kind, sectionIndex }) => {
      const section = elf.sections[sectionIndex];
      return (
        name !== '' &&
        kind !== 'section' &&
        kind !== 'file' &&
        sectionIndex !== SHN.absolute &&
        section !== undefined &&
        (section.flags & SHF.alloc) !== 0n &&
        section.name !== '.ksyms'
      );
    })
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : a.index - b.index));
  let nameOffset = 0;
  const entries = symbols.map(({ name, address, size, kind, binding, sectionIndex }) => {
    const info = (BINDINGS[binding] << 4) | TYPES[kind];
    const line = `\t.long ${nameOffset}; .byte ${info}, 0; .short ${sectionIndex}; .quad 0x${address.toString(16)}, ${size}`;
    nameOffset += name.length + 1;
    return line;
  });
  return [
    '\t.section .ksyms, "a", @progbits',
    '\t.quad 2f - 1f, 3f - 2f',
    '1:',
    ...entries,
    '2:',
    ...symbols.map(({ name }) => `\t.asciz "${name}"`),
    '3:',
    '\t.section .note.GNU-stack, "", @progbits',
    '',
  ].join('\n');
}
