/**
 * Encodings for the random generator, written down from the opcode maps (AMD APM vol. 3, appendix A) and on purpose not taken
 * from the processor's own table: what that table lacks must come up here.
 */

/** What follows the opcode, and how the generator has to choose its operands. */
export interface Form {
  readonly mnemonic: string;
  readonly opcode: readonly number[];
  /** ModRM: any operand, memory only, register only; or a /digit. */
  readonly modrm?: 'any' | 'memory' | 'register';
  readonly digit?: number;
  /** Immediate: bytes, or `z` (2 or 4 by operand size), `v` (2, 4 or 8), `moffs` (an address). */
  readonly immediate?: 1 | 2 | 3 | 'z' | 'v' | 'moffs' | 'relative8' | 'relative32';
  /** The operation is on bytes. */
  readonly byte?: boolean;
  /** Prefix that belongs to the opcode. */
  readonly mandatory?: number;
  /** Prefixes that make another instruction of it, not covered here. */
  readonly without?: readonly number[];
  /** Uses RSI and RDI, and RCX with REP. */
  readonly string?: boolean;
  /** The register operand is a bit offset. */
  readonly bitOffset?: boolean;
  /** The count is in CL. */
  readonly byCl?: boolean;
  /** Nothing may follow: the next instruction would meet what the generator cannot foresee. */
  readonly last?: boolean;
}

const FS = 0x64;
const GS = 0x65;
const OPERAND_SIZE = 0x66;
const REPNE = 0xf2;
const REP = 0xf3;

const forms: Form[] = [];
const add = (mnemonic: string, opcode: readonly number[], rest: Omit<Form, 'mnemonic' | 'opcode'> = {}) => {
  forms.push({ mnemonic, opcode, ...rest });
};

['add', 'or', 'adc', 'sbb', 'and', 'sub', 'xor', 'cmp'].forEach((mnemonic, digit) => {
  const base = digit * 8;
  add(mnemonic, [base], { modrm: 'any', byte: true });
  add(mnemonic, [base + 1], { modrm: 'any' });
  add(mnemonic, [base + 2], { modrm: 'any', byte: true });
  add(mnemonic, [base + 3], { modrm: 'any' });
  add(mnemonic, [base + 4], { immediate: 1, byte: true });
  add(mnemonic, [base + 5], { immediate: 'z' });
  add(mnemonic, [0x80], { modrm: 'any', digit, immediate: 1, byte: true });
  add(mnemonic, [0x81], { modrm: 'any', digit, immediate: 'z' });
  add(mnemonic, [0x83], { modrm: 'any', digit, immediate: 1 });
});
['rol', 'ror', 'rcl', 'rcr', 'shl', 'shr', 'shl', 'sar'].forEach((mnemonic, digit) => {
  add(mnemonic, [0xc0], { modrm: 'any', digit, immediate: 1, byte: true });
  add(mnemonic, [0xc1], { modrm: 'any', digit, immediate: 1 });
  add(mnemonic, [0xd0], { modrm: 'any', digit, byte: true });
  add(mnemonic, [0xd1], { modrm: 'any', digit });
  add(mnemonic, [0xd2], { modrm: 'any', digit, byCl: true, byte: true });
  add(mnemonic, [0xd3], { modrm: 'any', digit, byCl: true });
});
['test', 'test', 'not', 'neg', 'mul', 'imul', 'div', 'idiv'].forEach((mnemonic, digit) => {
  const immediate = digit < 2;
  add(mnemonic, [0xf6], { modrm: 'any', digit, byte: true, ...(immediate && { immediate: 1 }) });
  add(mnemonic, [0xf7], { modrm: 'any', digit, ...(immediate && { immediate: 'z' }) });
});
for (let register = 0; register < 8; register++) {
  add('push', [0x50 + register]);
  add('pop', [0x58 + register]);
  add('xchg', [0x90 + register]);
  add('mov', [0xb0 + register], { immediate: 1, byte: true });
  add('mov', [0xb8 + register], { immediate: 'v' });
  add('bswap', [0x0f, 0xc8 + register], { without: [OPERAND_SIZE] });
}
for (let condition = 0; condition < 16; condition++) {
  add('jcc', [0x70 + condition], { immediate: 'relative8' });
  add('jcc', [0x0f, 0x80 + condition], { immediate: 'relative32' });
  add('setcc', [0x0f, 0x90 + condition], { modrm: 'any', byte: true });
  add('cmovcc', [0x0f, 0x40 + condition], { modrm: 'any' });
}
add('movsxd', [0x63], { modrm: 'any' });
add('push', [0x68], { immediate: 'z' });
add('imul', [0x69], { modrm: 'any', immediate: 'z' });
add('push', [0x6a], { immediate: 1 });
add('imul', [0x6b], { modrm: 'any', immediate: 1 });
add('test', [0x84], { modrm: 'any', byte: true });
add('test', [0x85], { modrm: 'any' });
add('xchg', [0x86], { modrm: 'any', byte: true });
add('xchg', [0x87], { modrm: 'any' });
add('mov', [0x88], { modrm: 'any', byte: true });
add('mov', [0x89], { modrm: 'any' });
add('mov', [0x8a], { modrm: 'any', byte: true });
add('mov', [0x8b], { modrm: 'any' });
add('mov from segment', [0x8c], { modrm: 'any' });
add('lea', [0x8d], { modrm: 'any' });
add('pop', [0x8f], { modrm: 'any', digit: 0 });
add('cbw', [0x98]);
add('cwd', [0x99]);
add('pushf', [0x9c]);
add('sahf', [0x9e]);
add('lahf', [0x9f]);
for (let opcode = 0xa0; opcode <= 0xa3; opcode++) {
  add('mov', [opcode], { immediate: 'moffs', byte: (opcode & 1) === 0 });
}
for (const [mnemonic, opcode] of [
  ['movs', 0xa4],
  ['cmps', 0xa6],
  ['stos', 0xaa],
  ['lods', 0xac],
  ['scas', 0xae],
] as const) {
  // Processors do not agree which operand of CMPS they read first: RSI must not fault.
  const without = mnemonic === 'cmps' ? [FS, GS] : [];
  add(mnemonic, [opcode], { string: true, byte: true, without });
  add(mnemonic, [opcode + 1], { string: true, without });
}
add('test', [0xa8], { immediate: 1, byte: true });
add('test', [0xa9], { immediate: 'z' });
add('ret', [0xc2], { immediate: 2 });
add('ret', [0xc3]);
add('mov', [0xc6], { modrm: 'any', digit: 0, immediate: 1, byte: true });
add('mov', [0xc7], { modrm: 'any', digit: 0, immediate: 'z' });
add('enter', [0xc8], { immediate: 3 });
add('leave', [0xc9]);
add('int3', [0xcc]);
add('xlat', [0xd7], { string: true });
// With a REP prefix the processor of the host confuses LOOPNE and LOOPE; REP is reserved here.
add('loopne', [0xe0], { immediate: 'relative8', without: [REP, REPNE] });
add('loope', [0xe1], { immediate: 'relative8', without: [REP, REPNE] });
add('loop', [0xe2], { immediate: 'relative8', without: [REP, REPNE] });
add('jrcxz', [0xe3], { immediate: 'relative8' });
add('call', [0xe8], { immediate: 'relative32' });
add('jmp', [0xe9], { immediate: 'relative32' });
add('jmp', [0xeb], { immediate: 'relative8' });
add('cmc', [0xf5]);
add('clc', [0xf8]);
add('stc', [0xf9]);
add('cld', [0xfc]);
add('std', [0xfd]);
add('inc', [0xfe], { modrm: 'any', digit: 0, byte: true });
add('dec', [0xfe], { modrm: 'any', digit: 1, byte: true });
add('inc', [0xff], { modrm: 'any', digit: 0 });
add('dec', [0xff], { modrm: 'any', digit: 1 });
add('call', [0xff], { modrm: 'any', digit: 2 });
add('jmp', [0xff], { modrm: 'any', digit: 4 });
add('push', [0xff], { modrm: 'any', digit: 6 });

add('prefetch', [0x0f, 0x0d], { modrm: 'memory' });
add('prefetch', [0x0f, 0x18], { modrm: 'memory' });
add('nop', [0x0f, 0x1f], { modrm: 'any' });
for (const [mnemonic, opcode] of [
  ['bt', 0xa3],
  ['bts', 0xab],
  ['btr', 0xb3],
  ['btc', 0xbb],
] as const) {
  add(mnemonic, [0x0f, opcode], { modrm: 'any', bitOffset: true });
}
['bt', 'bts', 'btr', 'btc'].forEach((mnemonic, index) => {
  add(mnemonic, [0x0f, 0xba], { modrm: 'any', digit: 4 + index, immediate: 1 });
});
// Counts above 16 leave a 16-bit destination undefined.
add('shld', [0x0f, 0xa4], { modrm: 'any', immediate: 1, without: [OPERAND_SIZE] });
add('shld', [0x0f, 0xa5], { modrm: 'any', byCl: true, without: [OPERAND_SIZE] });
add('shrd', [0x0f, 0xac], { modrm: 'any', immediate: 1, without: [OPERAND_SIZE] });
add('shrd', [0x0f, 0xad], { modrm: 'any', byCl: true, without: [OPERAND_SIZE] });
add('push fs', [0x0f, 0xa0]);
add('push gs', [0x0f, 0xa8]);
add('imul', [0x0f, 0xaf], { modrm: 'any' });
add('cmpxchg', [0x0f, 0xb0], { modrm: 'any', byte: true });
add('cmpxchg', [0x0f, 0xb1], { modrm: 'any' });
add('movzx', [0x0f, 0xb6], { modrm: 'any' });
add('movzx', [0x0f, 0xb7], { modrm: 'any' });
add('movsx', [0x0f, 0xbe], { modrm: 'any' });
add('movsx', [0x0f, 0xbf], { modrm: 'any' });
add('popcnt', [0x0f, 0xb8], { modrm: 'any', mandatory: REP });
add('bsf', [0x0f, 0xbc], { modrm: 'any' });
add('bsr', [0x0f, 0xbd], { modrm: 'any' });
add('tzcnt', [0x0f, 0xbc], { modrm: 'any', mandatory: REP });
add('lzcnt', [0x0f, 0xbd], { modrm: 'any', mandatory: REP });
add('xadd', [0x0f, 0xc0], { modrm: 'any', byte: true });
add('xadd', [0x0f, 0xc1], { modrm: 'any' });
add('movnti', [0x0f, 0xc3], { modrm: 'memory', without: [OPERAND_SIZE, REP, REPNE] });
add('cmpxchg8b', [0x0f, 0xc7], { modrm: 'any', digit: 1 });
add('movbe', [0x0f, 0x38, 0xf0], { modrm: 'memory', without: [REP, REPNE] });
add('movbe', [0x0f, 0x38, 0xf1], { modrm: 'memory', without: [REP, REPNE] });
for (let digit = 0; digit < 4; digit++) {
  add('fs and gs base', [0x0f, 0xae], {
    modrm: 'register',
    digit,
    mandatory: REP,
    without: [OPERAND_SIZE],
    last: digit >= 2,
  });
}
for (let digit = 5; digit < 8; digit++) {
  add('fence', [0x0f, 0xae], { modrm: 'register', digit, without: [OPERAND_SIZE, REP, REPNE] });
}

/** Opcodes that 64-bit mode does not have. */
for (const opcode of [
  0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37, 0x3f, 0x60, 0x61, 0x82, 0x9a,
]) {
  add('invalid', [opcode]);
}
for (const opcode of [0xce, 0xd4, 0xd5, 0xd6, 0xea]) add('invalid', [opcode]);
for (const opcode of [0x04, 0x0a, 0x0b, 0x0c, 0x24, 0x25, 0x26, 0x27, 0x36, 0x39, 0x3b, 0x3f, 0xff]) {
  add('invalid', [0x0f, opcode], { modrm: 'any' });
}
/** Instructions that user code may not execute. */
for (const opcode of [0xf4, 0xfa, 0xfb, 0xec, 0xed, 0xee, 0xef]) add('privileged', [opcode]);
for (const opcode of [0x6c, 0x6d, 0x6e, 0x6f]) add('privileged', [opcode]);
for (const opcode of [0x06, 0x08, 0x09, 0x30, 0x32]) add('privileged', [0x0f, opcode]);
for (const opcode of [0xe4, 0xe5, 0xe6, 0xe7]) add('privileged', [opcode], { immediate: 1 });

export const integerForms: readonly Form[] = forms;
