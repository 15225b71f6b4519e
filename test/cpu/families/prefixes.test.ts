import { describeFamily, type Spec } from './family.ts';

/** Bytes before an instruction, given as text. */
const specs: Spec[] = [
  { title: 'should ignore a repeated operand-size prefix', code: '.byte 0x66, 0x66, 0x66, 0x01, 0xd8' },
  { title: 'should let REX.W override an operand-size prefix', code: '.byte 0x66, 0x48, 0x01, 0xd8' },
  {
    title: 'should ignore a REX that is not right before the opcode',
    code: '.byte 0x48, 0x66, 0x01, 0xd8',
    notOnUnicorn: 'keeps the REX',
  },
  { title: 'should take the last of two REX prefixes', code: '.byte 0x48, 0x41, 0x01, 0xd8' },
  {
    title: 'should ignore a REX before a segment prefix',
    code: '.byte 0x4c, 0x3e, 0x8b, 0x06',
    notOnUnicorn: 'keeps the REX',
  },
  { title: 'should ignore REP on ADD', code: '.byte 0xf3, 0x01, 0xd8' },
  { title: 'should ignore REPNE on ADD to memory', code: '.byte 0xf2, 0x01, 0x1f' },
  {
    title: 'should ignore REP on MOV, JMP and RET',
    code: '.byte 0xf3, 0x89, 0xd8; .byte 0xf2, 0xeb, 0; call 1f; jmp 2f; 1: .byte 0xf3, 0xc3; 2: nop',
  },
  {
    title: 'should take the last of REP and REPNE',
    code: '.byte 0xf3, 0xf2, 0xae',
    registers: { rcx: 5n },
    flags: 0,
  },
  {
    title: 'should take the last of REPNE and REP',
    code: '.byte 0xf2, 0xf3, 0xae',
    notOnUnicorn: 'takes REPNE',
    registers: { rcx: 5n },
    flags: 0,
  },
  {
    title: 'should take the last of two segment prefixes',
    code: '.byte 0x65, 0x64, 0x48, 0x8b, 0x03',
    fsBase: 0x10_0001_0400n,
    gsBase: 0x10_0001_0800n,
    registers: { rbx: 8n },
  },
  {
    title: 'should keep FS when a DS prefix follows',
    code: '.byte 0x64, 0x3e, 0x48, 0x8b, 0x06',
    notOnUnicorn: 'lets DS override FS',
    fsBase: 16n,
  },
  {
    title: 'should reach SPL, BPL, SIL, DIL with any REX',
    code: '.byte 0x40, 0x00, 0xe5; .byte 0x40, 0x30, 0xf7',
  },
  { title: 'should reach AH, CH, DH, BH without a REX', code: '.byte 0x00, 0xe5; .byte 0x30, 0xf7' },
  {
    title: 'should execute 0x90 with REX.B as XCHG R8',
    code: '.byte 0x49, 0x90; .byte 0x66, 0x90; .byte 0x66, 0x41, 0x90',
  },
  {
    title: 'should execute an instruction of 15 bytes',
    code: '.byte 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x01, 0xd8',
  },
  {
    title: 'should raise #GP for an instruction of 16 bytes',
    code: '.byte 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x01, 0xd8',
  },
  {
    title: 'should take the address size of LEA by its prefix',
    code: '.byte 0x67, 0x48, 0x8d, 0x44, 0x1b, 0x05',
  },
  {
    title: 'should ignore an address-size prefix without a memory operand',
    code: '.byte 0x67, 0x48, 0x01, 0xd8',
  },
  {
    title: 'should push eight bytes whatever REX.W says',
    code: '.byte 0x48, 0x50; .byte 0x48, 0x5b; .byte 0x48, 0xff, 0x36',
  },
  {
    title: 'should push two bytes with an operand-size prefix',
    code: '.byte 0x66, 0x50; .byte 0x66, 0xff, 0x36',
  },
  {
    title: 'should execute TZCNT, not BSF, with REP',
    code: '.byte 0xf3, 0x0f, 0xbc, 0xc3',
    registers: { rbx: 0n },
    undefinedFlags: 0x894,
  },
  {
    title: 'should execute POPCNT with both prefixes',
    code: '.byte 0x66, 0xf3, 0x0f, 0xb8, 0xc3',
    notOnUnicorn: 'has no POPCNT',
  },
  {
    title: 'should execute MOVZX with an operand-size prefix',
    code: '.byte 0x66, 0x0f, 0xb6, 0xc3; .byte 0x66, 0x48, 0x0f, 0xb7, 0xc3',
  },
  {
    title: 'should execute MOVZX r16, r16',
    code: '.byte 0x66, 0x0f, 0xb7, 0xc3; .byte 0x66, 0x0f, 0xbf, 0xd3',
  },
  {
    title: 'should execute an immediate of two bytes with an operand-size prefix',
    code: '.byte 0x66, 0x05, 0x34, 0x12; .byte 0x66, 0x81, 0xc3, 0x34, 0x92',
  },
  {
    title: 'should execute MOV r64, imm64 only with REX.W',
    code: '.byte 0xb8, 1, 2, 3, 4; .byte 0x48, 0xb9, 1, 2, 3, 4, 5, 6, 7, 8; .byte 0x66, 0xba, 1, 2',
  },
  {
    title: 'should execute moffs with a 32-bit address',
    code: '.byte 0x67, 0xa1, 0x10, 0x00, 0x00, 0x40; .byte 0x67, 0x48, 0xa3, 0x20, 0x00, 0x00, 0x40',
  },
  {
    title: 'should sign-extend imm8 to the operand size',
    code: '.byte 0x48, 0x83, 0xc0, 0x80; .byte 0x66, 0x83, 0xc3, 0x80; .byte 0x83, 0xc1, 0x80',
  },
  {
    title: 'should take REX.X and REX.B in a SIB byte',
    code: '.byte 0x4a, 0x8b, 0x04, 0x26',
    registers: { r12: 8n },
  },
  { title: 'should have no index when SIB names RSP', code: '.byte 0x48, 0x8b, 0x04, 0xe6' },
  {
    title: 'should take the displacement of SIB base 5 without a base',
    code: '.byte 0x48, 0x8b, 0x04, 0x1d, 0, 0, 0, 0x40; .byte 0x49, 0x8b, 0x04, 0x1d, 0, 0, 0, 0x40',
    registers: { rbx: 0x18n },
  },
  {
    title: 'should take REX.B for R13 with mod 0 as relative to RIP',
    code: '.byte 0x49, 0x8b, 0x05, 0xf9, 0xff, 0xff, 0xff',
  },
];

specs.push(
  {
    title: 'should execute PAUSE, and F3 90 with REX.B as XCHG',
    code: '.byte 0xf3, 0x90; .byte 0xf3, 0x41, 0x90',
  },
  {
    title: 'should read 32 bits for MOVSXD with an operand-size prefix',
    code: '.byte 0x66, 0x63, 0x03',
    registers: { rbx: 0x10_0001_2ffen },
  },
  { title: 'should raise #UD for MOV from a segment register that does not exist', code: '.byte 0x8c, 0xf0' },
  { title: 'should ignore REX.R for segment registers', code: '.byte 0x44, 0x8c, 0xd8' },
);

describeFamily('prefixes', specs);
