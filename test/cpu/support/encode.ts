import { VEX3 } from '../../../emu/cpu/decode/vex.ts';
import { type Encoding, VEX_MAPS } from '../../../emu/cpu/table/encoding.ts';
import { patternSize } from '../../../emu/cpu/table/form.ts';
import type { FormChoice } from '../../../emu/cpu/table/forms.ts';

/** Registers and values for an instruction that is made from a row of the table. */
export interface EncodingValues {
  /** ModRM.reg when the row leaves it open, and the register of `+r` rows. */
  readonly register: number;
  /** ModRM.rm of a register operand; the base register of a memory operand (neither rsp, rbp, r12 nor r13). */
  readonly rm: number;
  /** Displacement of the memory operand, a signed byte. */
  readonly displacement: number;
  readonly immediate: bigint;
}

const PREFIX_BYTES = { NP: [], NFx: [], LOCK: [0xf0], '66': [0x66], F2: [0xf2], F3: [0xf3] };
const VEX_PREFIX: Readonly<Record<string, number>> = { NP: 0, '66': 1, F3: 2, F2: 3 };
const MAP_BYTES = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];

const littleEndian = (value: bigint, size: number): number[] =>
  Array.from({ length: size }, (_, i) => Number((BigInt.asUintN(64, value) >> BigInt(8 * i)) & 0xffn));

/** Machine code for an encoding under a choice, in 64-bit code. REX.W is given where the choice's size asks for it. */
export function encodeInstruction(
  encoding: Encoding,
  choice: FormChoice,
  values: EncodingValues,
): Uint8Array {
  const { row } = encoding;
  const bytes: number[] = [];
  if (choice.addressSize === 4) bytes.push(0x67);
  if (encoding.vex) {
    const extension = (values.register >= 8 ? 0 : 0x80) | 0x40 | (values.rm >= 8 ? 0 : 0x20);
    const vvvv = encoding.usesVvvv ? values.register ^ 1 : 0;
    const last = ((choice.size === 8 ? 1 : 0) << 7) | ((~vvvv & 0xf) << 3);
    const mandatory = VEX_PREFIX[encoding.prefix ?? 'NP'] as number;
    bytes.push(VEX3, extension | (encoding.map - VEX_MAPS), last | mandatory);
    bytes.push(encoding.opcode, ...modrmBytes(encoding, choice, values));
    if (encoding.operands.some(({ where }) => where === 'I')) bytes.push(Number(values.immediate & 0xffn));
    return Uint8Array.from(bytes);
  }
  if (choice.repeat !== 'none') bytes.push(choice.repeat === 'rep' ? 0xf3 : 0xf2);
  if (encoding.prefix !== undefined) bytes.push(...PREFIX_BYTES[encoding.prefix]);
  if (choice.size === 2 && row.size64 !== 'force') bytes.push(0x66);
  const wide = encoding.wide || (choice.size === 8 && row.size64 === undefined);
  // A plain REX makes the byte registers uniform (no AH).
  const rex = 0x40 | (wide ? 8 : 0) | (values.register >= 8 && !encoding.registerInOpcode ? 4 : 0);
  const extends_ = encoding.registerInOpcode ? values.register >= 8 : values.rm >= 8;
  bytes.push(rex | (extends_ ? 1 : 0));
  bytes.push(...(MAP_BYTES[encoding.map] as number[]));
  bytes.push(encoding.opcode + (encoding.registerInOpcode ? values.register & 7 : 0));
  bytes.push(...modrmBytes(encoding, choice, values));
  for (const pattern of encoding.operands) {
    const size = patternSize(pattern, choice.size);
    if (pattern.where === 'I') bytes.push(...littleEndian(values.immediate, size));
    else if (pattern.where === 'Is') bytes.push(...littleEndian(values.immediate, 1));
    else if (pattern.where === 'J')
      bytes.push(...littleEndian(values.immediate & 0x3fn, pattern.size === 'b' ? 1 : 4));
    else if (pattern.where === 'O') bytes.push(...littleEndian(values.immediate, choice.addressSize));
  }
  return Uint8Array.from(bytes);
}

function modrmBytes(encoding: Encoding, choice: FormChoice, values: EncodingValues): number[] {
  if (encoding.modrm !== undefined) return [encoding.modrm];
  if (!encoding.hasModrm) return [];
  const reg = encoding.digit ?? values.register & 7;
  if (choice.memory) return [0x40 | (reg << 3) | (values.rm & 7), values.displacement & 0xff];
  return [0xc0 | (reg << 3) | (values.rm & 7)];
}
