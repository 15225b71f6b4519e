import type { KernelImage } from '../kernel/index.ts';
import { GENERAL_REGISTERS, type RegisterName, type Registers } from '../machine/index.ts';
import { UsageError } from './exit-code.ts';

/** Registers that hold addresses. */
const ADDRESS_REGISTERS: readonly RegisterName[] = [
  ...GENERAL_REGISTERS,
  'rip',
  'cr2',
  'cr3',
  'fs_base',
  'gs_base',
  'kernel_gs_base',
];
const ADDRESS_BITS = 64;
const NUMBER = /^(0x[0-9a-f]+|\d+)$/i;

/**
 * The address that a person names: a register, a symbol or a number (hex with 0x, or decimal), and perhaps an offset: `rsp+8`.
 * Throws UsageError.
 */
export function resolvePlace(place: string, image: KernelImage, registers: Registers): bigint {
  const whole = baseAddress(place, image, registers);
  if (whole !== undefined) return whole;
  const [, base = '', sign, offset = ''] = /^(.+)([+-])(0x[0-9a-f]+|\d+)$/i.exec(place) ?? [];
  const address = baseAddress(base, image, registers);
  if (address === undefined) {
    throw new UsageError(
      `'${place}' is no symbol of the kernel, no register and no address such as 0xffffffff81000000 (each may have an offset: rsp+8)`,
    );
  }
  return BigInt.asUintN(ADDRESS_BITS, sign === '-' ? address - BigInt(offset) : address + BigInt(offset));
}

function baseAddress(text: string, image: KernelImage, registers: Registers): bigint | undefined {
  if (NUMBER.test(text)) {
    const address = BigInt(text);
    if (address !== BigInt.asUintN(ADDRESS_BITS, address)) {
      throw new UsageError(`'${text}' is no address: it has more than ${ADDRESS_BITS} bits`);
    }
    return address;
  }
  const register = ADDRESS_REGISTERS.find((name) => name === text.toLowerCase());
  return register === undefined ? image.addressOf(text) : registers.get(register);
}
