/** One instruction as text. */
export interface Disassembly {
  /** Bytes. */
  readonly length: number;
  /** Intel syntax; `(bad)` for bytes that are no instruction, which then counts as one byte. */
  readonly text: string;
}

const LONGEST_INSTRUCTION = 15;
const BAD: Disassembly = { length: 1, text: '(bad)' };

interface Handle {
  disasm(bytes: ArrayLike<number>, address: number): { size: number; mnemonic: string; op_str: string }[];
  close(): void;
}

/**
 * Disassembles for people, with Capstone. Addresses are not given to Capstone (it takes them as doubles): relative branch targets
 * come out as distances and are turned into addresses here, so that they are right in the whole address space.
 */
export class Disassembler {
  readonly #handles: { readonly 32: Handle; readonly 64: Handle };

  private constructor(handles: { 32: Handle; 64: Handle }) {
    this.#handles = handles;
  }

  /** Loads Capstone (about 50 ms). */
  static async load(): Promise<Disassembler> {
    const { default: load } = await import('@alexaltea/capstone-js');
    const capstone = await load();
    return new Disassembler({
      32: new capstone.Capstone(capstone.ARCH_X86, capstone.MODE_32),
      64: new capstone.Capstone(capstone.ARCH_X86, capstone.MODE_64),
    });
  }

  /**
   * The instruction at the beginning of `bytes`, which lie at `address`. `name` may give a target address a name to be shown after it.
   */
  one(
    bytes: Uint8Array,
    address: bigint,
    bits: 32 | 64 = 64,
    name?: (address: bigint) => string | undefined,
  ): Disassembly {
    const instruction = this.#decode(bytes.subarray(0, LONGEST_INSTRUCTION), bits);
    if (instruction === undefined) return BAD;
    const { size, mnemonic, op_str: operands } = instruction;
    const target = branchTarget(mnemonic, operands, address, bits);
    if (target === undefined)
      return { length: size, text: withAddresses(`${mnemonic} ${operands}`.trim(), address, size) };
    const symbol = name?.(target);
    return {
      length: size,
      text: `${mnemonic} 0x${target.toString(16)}${symbol === undefined ? '' : ` <${symbol}>`}`,
    };
  }

  #decode(bytes: Uint8Array, bits: 32 | 64): { size: number; mnemonic: string; op_str: string } | undefined {
    try {
      return this.#handles[bits].disasm(Array.from(bytes), 0)[0];
    } catch (error) {
      // Capstone throws strings for bytes that it cannot decode.
      if (typeof error === 'string') return undefined;
      throw error;
    }
  }

  close(): void {
    this.#handles[32].close();
    this.#handles[64].close();
  }
}

/** The target of a relative branch that was disassembled at address 0. */
function branchTarget(
  mnemonic: string,
  operands: string,
  address: bigint,
  bits: 32 | 64,
): bigint | undefined {
  if (!/^(j[a-z]+|call|loop[a-z]*)$/.test(mnemonic) || !/^-?(0x[0-9a-f]+|\d+)$/.test(operands))
    return undefined;
  const distance = operands.startsWith('-') ? -BigInt(operands.slice(1)) : BigInt(operands);
  return BigInt.asUintN(bits, address + distance);
}

/** Shows what a rip-relative operand points at. */
function withAddresses(text: string, address: bigint, size: number): string {
  return text.replace(/\[rip( ([+-]) (0x[0-9a-f]+|\d+))?\]/, (_match, _displacement, sign, value) => {
    const distance = value === undefined ? 0n : BigInt(value) * (sign === '-' ? -1n : 1n);
    return `[0x${BigInt.asUintN(64, address + BigInt(size) + distance).toString(16)}]`;
  });
}
