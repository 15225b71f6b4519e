import * as layout from '../layout.ts';
import type { State } from '../state.ts';
import {
  controlWord,
  fullTagWord,
  OPCODE_DEFINED,
  opcodeWord,
  REGISTER_BYTES,
  setControlWord,
  setFullTagWord,
  setStatusWord,
  stackSlot,
  statusWord,
  X87_REGISTERS,
} from './register-file.ts';

/** Bytes of FNSTENV's image, by the operand size in bytes: seven words of it (AMD APM volume 2, 11.4.3; the protected-mode formats). */
export const environmentBytes = (operandSize: number): number => 7 * operandSize;
/** Bytes of FNSAVE's image: the environment and the registers. */
export const stateBytes = (operandSize: number): number =>
  environmentBytes(operandSize) + X87_REGISTERS * REGISTER_BYTES;

/** Words of the image, in units of the operand size. */
const CONTROL = 0;
const STATUS = 1;
const TAGS = 2;
const INSTRUCTION = 3;
const CODE_SELECTOR = 4;
const DATA = 5;
const DATA_SELECTOR = 6;
/** In the 32-bit form the opcode lies above the code selector, and what is above the other 16-bit fields is all ones. */
const OPCODE_SHIFT = 16;
const UNUSED = 0xffff_0000;
const ALL_MASKED = 0x3f;

/** The image that FNSTENV stores. */
export function environmentImage(state: State, operandSize: number): Uint8Array {
  const image = new Uint8Array(environmentBytes(operandSize));
  const view = new DataView(image.buffer);
  const wide = operandSize === 4;
  const put = (index: number, value: number): void => {
    if (wide) view.setUint32(4 * index, value, true);
    else view.setUint16(2 * index, value, true);
  };
  const unused = wide ? UNUSED : 0;
  put(CONTROL, controlWord(state) | unused);
  put(STATUS, statusWord(state) | unused);
  put(TAGS, fullTagWord(state) | unused);
  put(INSTRUCTION, state.get32(layout.X87_INSTRUCTION));
  const selector = state.u16[layout.X87_CODE_SELECTOR >>> 1] as number;
  put(CODE_SELECTOR, wide ? selector | (opcodeWord(state) << OPCODE_SHIFT) : selector);
  put(DATA, state.get32(layout.X87_DATA));
  put(DATA_SELECTOR, (state.u16[layout.X87_DATA_SELECTOR >>> 1] as number) | unused);
  return image;
}

/** FNSTENV masks all exceptions afterwards. */
export function maskAll(state: State): void {
  setControlWord(state, controlWord(state) | ALL_MASKED);
}

/** Takes over an image as FLDENV does. */
export function loadEnvironment(state: State, image: Uint8Array, operandSize: number): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const wide = operandSize === 4;
  const at = (index: number): number => index * operandSize;
  const offset = (index: number): number =>
    wide ? view.getUint32(at(index), true) : view.getUint16(at(index), true);
  setControlWord(state, view.getUint16(at(CONTROL), true));
  setStatusWord(state, view.getUint16(at(STATUS), true));
  setFullTagWord(state, view.getUint16(at(TAGS), true));
  state.setPair(layout.X87_INSTRUCTION, offset(INSTRUCTION), 0);
  state.setPair(layout.X87_DATA, offset(DATA), 0);
  state.u16[layout.X87_CODE_SELECTOR >>> 1] = view.getUint16(at(CODE_SELECTOR), true);
  state.u16[layout.X87_DATA_SELECTOR >>> 1] = view.getUint16(at(DATA_SELECTOR), true);
  const opcode = wide ? view.getUint16(at(CODE_SELECTOR) + 2, true) & OPCODE_DEFINED : 0;
  state.u16[layout.X87_OPCODE >>> 1] = opcode;
}

/** FNSAVE's image: the environment, then ST(0)–ST(7). */
export function stateImage(state: State, operandSize: number): Uint8Array {
  const image = new Uint8Array(stateBytes(operandSize));
  image.set(environmentImage(state, operandSize));
  for (let index = 0; index < X87_REGISTERS; index++) {
    const slot = stackSlot(state, index);
    const at = environmentBytes(operandSize) + index * REGISTER_BYTES;
    image.set(state.u8.subarray(slot, slot + REGISTER_BYTES), at);
  }
  return image;
}

/** Takes over an image as FRSTOR does. */
export function loadState(state: State, image: Uint8Array, operandSize: number): void {
  loadEnvironment(state, image, operandSize);
  for (let index = 0; index < X87_REGISTERS; index++) {
    const at = environmentBytes(operandSize) + index * REGISTER_BYTES;
    state.u8.set(image.subarray(at, at + REGISTER_BYTES), stackSlot(state, index));
  }
}
