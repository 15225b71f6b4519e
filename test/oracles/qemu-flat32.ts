import { linkFlatImage } from './qemu-flat.ts';

/** Registers in encoding order, as a case starts with them. */
export type Registers32 = readonly [
  eax: number,
  ecx: number,
  edx: number,
  ebx: number,
  esp: number,
  ebp: number,
  esi: number,
  edi: number,
];

/** A piece of ring-3 code for 32-bit protected mode (see `flat/runtime32.S`). */
export interface FlatCase32 {
  /** Unique; letters, digits, spaces and simple punctuation. */
  readonly name: string;
  /** Intel-syntax text. It ends with an exception; DONE follows it. */
  readonly code: string;
  readonly registers: Registers32;
  /** Status flags and DF. */
  readonly flags: number;
  /** Flags that the manual leaves undefined after the code. */
  readonly undefinedFlags: number;
  /** Fields where the manual is right and QEMU is not: `v=6 ip=0`; `why` then says who says so. */
  readonly instead?: string;
  readonly why?: string;
}

/** The memory of a case: it starts with a pattern, and what a case changed in it is reported. Bytes. */
export const ARENA = 0x8000;
export const ARENA_SIZE = 0x3000;
/** Value of the arena's word at an address. */
export const arenaWord = (address: number): number => Math.imul(address, 0x0100_0193) >>> 0;

/** FS starts at the arena; GS so that its offset 0x10000 is the arena and addresses wrap. */
export const GS_OFFSET = 0x1_0000;

const RESERVED_FLAG = 2;

/** Assembles and links the image. Throws FlatImageError with the assembler's complaint. */
export function buildFlatImage32(cases: readonly FlatCase32[]): Uint8Array {
  const text = ['.text'];
  const table = ['.section .rodata', '.balign 4', 'case_table:'];
  const names: string[] = [];
  cases.forEach(({ name, code, registers, flags }, index) => {
    text.push('.balign 16', `case_${index}:`, '.code32', code, 'DONE');
    const values = [flags | RESERVED_FLAG, ...registers].map((value) => value >>> 0);
    table.push(`.long case_${index}, case_name_${index}, ${values.join(', ')}`);
    names.push(`case_name_${index}: .asciz "${name}"`);
  });
  table.push('.long 0');
  return linkFlatImage(['runtime32.S'], [...text, ...table, ...names]);
}
