import { errorName, KERNEL_HALF, type Kernel, KernelError, type KernelImage } from '../../kernel/index.ts';
import { DwarfError, formatType, stripType, type Type } from '../../symbols/index.ts';
import { CValue, formatValue, hexadecimal } from '../expressions/index.ts';
import type { Programs } from '../programs/programs.ts';
import type { TraceValue } from './items.ts';

interface Parameter {
  readonly name: string;
  readonly type: Type;
  readonly isText: boolean;
}

/** How the arguments and the result of a function or a system call are shown. */
export interface Signature {
  readonly parameters: readonly Parameter[];
  /** undefined when it returns nothing, or nobody knows what. */
  readonly returns: Type | undefined;
  /** Some argument is a string, which must be read at the entry. */
  readonly hasText: boolean;
}

const NOTHING: Signature = { parameters: [], returns: undefined, hasText: false };
const REGISTER_ARGUMENTS = 6;
/** Bytes of a string that are shown. */
const TEXT_LIMIT = 64;
const RESULT = 'result';

/** The types of the kernel's functions and system calls, and values by them. */
export class Signatures {
  readonly #kernel: Kernel;
  readonly #image: KernelImage;
  readonly #functions = new Map<string, Signature>();
  readonly #systemCalls = new Map<number, Signature>();

  readonly #programs: Programs | undefined;

  /** `programs`: those whose functions are asked for too. */
  constructor(kernel: Kernel, programs?: Programs) {
    this.#kernel = kernel;
    this.#image = kernel.image;
    this.#programs = programs;
  }

  /** Of a function of the kernel, or of a program (`ksh:main`); empty for assembly and without debugging information. */
  ofFunction(name: string): Signature {
    let known = this.#functions.get(name);
    if (known === undefined) {
      known = this.#read(() => {
        const [own, program] = name.split(':').reverse() as [string, string | undefined];
        const image = program === undefined ? this.#image : this.#programs?.byName(program)?.image;
        const info = image?.function(own);
        if (info === undefined) return NOTHING;
        const { kind } = stripType(info.returnType);
        const scalar = kind === 'base' || kind === 'enum' || kind === 'pointer';
        return signature(info.parameters, scalar ? info.returnType : undefined);
      });
      this.#functions.set(name, known);
    }
    return known;
  }

  /** Of a system call, as its argument structure tells. */
  ofSystemCall(number: number): Signature {
    let known = this.#systemCalls.get(number);
    if (known === undefined) {
      known = this.#read(() => {
        const type = this.#image.debug.struct(`sys_${this.#kernel.systemCallName(number)}_args`);
        const parameters = (type?.members ?? []).flatMap(({ name, type: padded }) => {
          const union = stripType(padded);
          const value = union.kind === 'union' ? union.member('datum') : undefined;
          return name === undefined || value === undefined ? [] : [{ name, type: value.type }];
        });
        return signature(parameters, undefined);
      });
      this.#systemCalls.set(number, known);
    }
    return known;
  }

  /** The strings that arguments point to now, by the arguments' places. */
  readTexts({ parameters }: Signature, registers: readonly bigint[]): (string | undefined)[] {
    return parameters.map(({ isText }, index) => {
      const address = registers[index] ?? 0n;
      if (!isText || address === 0n) return undefined;
      try {
        return this.#kernel.memory.string(address, TEXT_LIMIT);
      } catch (error) {
        if (error instanceof KernelError) return undefined;
        throw error;
      }
    });
  }

  arguments(
    { parameters }: Signature,
    registers: readonly bigint[],
    texts: readonly (string | undefined)[] = [],
  ): TraceValue[] {
    return parameters.map(({ name, type }, index) =>
      this.#value(name, type, registers[index] ?? 0n, texts[index]),
    );
  }

  result({ returns }: Signature, register: bigint): TraceValue | undefined {
    return returns === undefined ? undefined : this.#value(RESULT, returns, register, undefined);
  }

  /** What a system call answers: an error by its name with the carry flag, else a number. */
  systemResult(register: bigint, isError: boolean): TraceValue {
    const value = BigInt.asIntN(64, register);
    if (!isError) return { name: RESULT, value, text: String(value) };
    return { name: RESULT, value, text: errorName(Number(value)) ?? `error ${value}` };
  }

  #value(name: string, type: Type, register: bigint, string: string | undefined): TraceValue {
    const bare = stripType(type);
    if (bare.kind === 'base' || bare.kind === 'enum') {
      const bits = bare.size * 8;
      const value = bare.isSigned ? BigInt.asIntN(bits, register) : BigInt.asUintN(bits, register);
      // A vaddr_t is an unsigned long: what lies in the kernel's half is an address.
      const text = value >= KERNEL_HALF ? this.#pointer(value) : undefined;
      return { name, value, text: text ?? formatValue(CValue.integer(type, value), this.#options) };
    }
    if (bare.kind === 'pointer') {
      const shown = string === undefined ? this.#pointer(register) : JSON.stringify(string);
      return { name, value: register, text: shown };
    }
    return { name, value: register, text: `${formatType(type)} at ${hexadecimal(register)}` };
  }

  #pointer(address: bigint): string {
    const symbol = this.#symbolOf(address);
    return symbol === undefined ? hexadecimal(address) : `${hexadecimal(address)} <${symbol}>`;
  }

  readonly #symbolOf = (address: bigint): string | undefined => {
    const hit = address === 0n ? undefined : this.#image.symbols.at(address);
    if (hit === undefined) return undefined;
    return hit.offset === 0 ? hit.symbol.name : `${hit.symbol.name}+0x${hit.offset.toString(16)}`;
  };

  readonly #options = { symbolOf: this.#symbolOf, readSome: () => new Uint8Array() };

  #read(read: () => Signature): Signature {
    try {
      return read();
    } catch (error) {
      if (error instanceof DwarfError) return NOTHING;
      throw error;
    }
  }
}

function signature(
  parameters: readonly { readonly name: string; readonly type: Type }[],
  returns: Type | undefined,
): Signature {
  const shown = parameters.slice(0, REGISTER_ARGUMENTS).map(({ name, type }) => {
    return { name, type, isText: pointsToText(type) };
  });
  return { parameters: shown, returns, hasText: shown.some(({ isText }) => isText) };
}

/** `const char *`: one that is written to is a buffer, and holds nothing yet. */
function pointsToText(type: Type): boolean {
  const pointer = stripType(type);
  if (pointer.kind !== 'pointer') return false;
  const { target } = pointer;
  const bare = stripType(target);
  return formatType(target).includes('const') && bare.kind === 'base' && bare.isCharacter;
}
