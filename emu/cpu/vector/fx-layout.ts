import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import {
  OPCODE_DEFINED,
  REGISTER_BYTES,
  REGISTER_SLOT,
  STATUS_ERROR_SUMMARY,
  setControlWord,
  setStatusWord,
  stackSlot,
  statusWord,
  X87_REGISTERS,
} from '../x87/register-file.ts';

/** FXSAVE's image (AMD APM volume 2, 11.4.4): offsets in bytes. */
export const FX_IMAGE_BYTES = 512;
const STATUS = 2;
const TAGS = 4;
const OPCODE = 6;
const INSTRUCTION = 8;
const DATA = 16;
const POINTERS_END = 24;
/** In the 32-bit form each address has 4 bytes, and its selector follows. */
const CODE_SELECTOR = 12;
const DATA_SELECTOR = 20;
const REGISTERS = 32;
const OFFSET_MASK = 0xffff_ffffn;
/** Bits of a linear address; what is above is the sign. */
const LINEAR_ADDRESS_BITS = 48;

/**
 * The whole image as FXSAVE makes it, of all XMM registers; `wide` as with REX.W. As on AMD's processors the opcode and the addresses of the
 * last instruction are zero unless an unmasked exception is pending (AMD APM volume 2, 11.4.4.3).
 */
export function fxImage(state: State, wide: boolean): Uint8Array {
  const image = state.u8.slice(layout.FX, layout.FX + FX_IMAGE_BYTES);
  const view = new DataView(image.buffer);
  if ((statusWord(state) & STATUS_ERROR_SUMMARY) === 0) image.fill(0, OPCODE, POINTERS_END);
  else if (!wide) {
    view.setUint32(CODE_SELECTOR, state.u16[layout.X87_CODE_SELECTOR >>> 1] as number, true);
    view.setUint32(DATA_SELECTOR, state.u16[layout.X87_DATA_SELECTOR >>> 1] as number, true);
  }
  for (let index = 0; index < X87_REGISTERS; index++) {
    const slot = stackSlot(state, index);
    image.set(state.u8.subarray(slot, slot + REGISTER_SLOT), REGISTERS + index * REGISTER_SLOT);
  }
  return image;
}

/** Takes over an image's x87 part as FXRSTOR does. */
export function setX87Part(state: State, image: Uint8Array, wide: boolean): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  setControlWord(state, view.getUint16(0, true));
  setStatusWord(state, view.getUint16(STATUS, true));
  state.u8[layout.X87_TAGS] = image[TAGS] as number;
  state.u16[layout.X87_OPCODE >>> 1] = view.getUint16(OPCODE, true) & OPCODE_DEFINED;
  const instruction = view.getBigUint64(INSTRUCTION, true);
  const data = view.getBigUint64(DATA, true);
  state.set64(layout.X87_INSTRUCTION, wide ? canonical(instruction) : instruction & OFFSET_MASK);
  state.set64(layout.X87_DATA, wide ? canonical(data) : data & OFFSET_MASK);
  state.u16[layout.X87_CODE_SELECTOR >>> 1] = wide ? 0 : view.getUint16(CODE_SELECTOR, true);
  state.u16[layout.X87_DATA_SELECTOR >>> 1] = wide ? 0 : view.getUint16(DATA_SELECTOR, true);
  for (let index = 0; index < X87_REGISTERS; index++) {
    const at = REGISTERS + index * REGISTER_SLOT;
    const slot = stackSlot(state, index);
    state.u8.set(image.subarray(at, at + REGISTER_BYTES), slot);
    state.u8.fill(0, slot + REGISTER_BYTES, slot + REGISTER_SLOT);
  }
}

const canonical = (address: bigint): bigint =>
  BigInt.asUintN(64, BigInt.asIntN(LINEAR_ADDRESS_BITS, address));

/** Takes over a whole image, without FXRSTOR's checks: for hosts. */
export function setFxImage(state: State, image: Uint8Array): void {
  state.u8.set(image.subarray(0, FX_IMAGE_BYTES), layout.FX);
  state.u8[layout.X87_TAGS + 1] = 0;
  setX87Part(state, image, true);
}
