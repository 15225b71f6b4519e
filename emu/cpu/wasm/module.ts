import { type Body, type Callable, VALUE_TYPE } from './body.ts';
import { Bytes } from './bytes.ts';
import type { ValueType } from './expressions.ts';

/** The largest memory there can be, in pages of 64 KiB: any memory may be imported. */
const LARGEST_MEMORY = 65_536;

interface Signature {
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
}

/** Section numbers of the binary format (WebAssembly core specification, 5.5.2). */
const SECTION = { type: 1, import: 2, function: 3, table: 4, export: 7, element: 9, code: 10 } as const;

/**
 * Builds a module that imports its memory as `env.memory`. All imports must be declared before the first function.
 */
export class ModuleBuilder {
  readonly #signatures: Signature[] = [];
  readonly #signatureNumbers = new Map<string, number>();
  readonly #imports: { name: string; type: number }[] = [];
  readonly #functions: { type: number; body: Uint8Array | undefined }[] = [];
  readonly #exports: { name: string; index: number }[] = [];
  #table: readonly Callable[] = [];

  /** The index of a function type, declared on first use. */
  type(parameters: readonly ValueType[], result?: ValueType): number {
    const key = `${parameters.join()}:${result}`;
    const found = this.#signatureNumbers.get(key);
    if (found !== undefined) return found;
    const number = this.#signatures.push({ parameters, result }) - 1;
    this.#signatureNumbers.set(key, number);
    return number;
  }

  /** Declares an imported function `env.<name>`. */
  import<R extends ValueType | undefined>(
    name: string,
    parameters: readonly ValueType[],
    result: R,
  ): Callable<R> {
    if (this.#functions.length > 0) throw new RangeError('imports are declared before functions');
    this.#imports.push({ name, type: this.type(parameters, result) });
    return { index: this.#imports.length - 1 };
  }

  /** Declares a function whose body is given later. */
  declare<R extends ValueType | undefined>(parameters: readonly ValueType[], result: R): Callable<R> {
    this.#functions.push({ type: this.type(parameters, result), body: undefined });
    return { index: this.#imports.length + this.#functions.length - 1 };
  }

  define(callable: Callable, body: Body): void {
    const entry = this.#functions[callable.index - this.#imports.length];
    if (entry === undefined) throw new RangeError(`function ${callable.index} was not declared`);
    entry.body = body.finish();
  }

  export(name: string, callable: Callable): void {
    this.#exports.push({ name, index: callable.index });
  }

  /** The functions that `callIndirect` reaches, by index. */
  table(functions: readonly Callable[]): void {
    this.#table = functions;
  }

  finish(): Uint8Array {
    const out = new Bytes();
    out.append(new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]));
    section(out, SECTION.type, this.#signatures, (to, { parameters, result }) => {
      to.byte(0x60);
      to.unsigned(parameters.length);
      for (const parameter of parameters) to.byte(VALUE_TYPE[parameter]);
      to.unsigned(result === undefined ? 0 : 1);
      if (result !== undefined) to.byte(VALUE_TYPE[result]);
    });
    section(out, SECTION.import, [undefined, ...this.#imports], (to, entry) => {
      to.name('env');
      to.name(entry?.name ?? 'memory');
      if (entry === undefined) {
        to.byte(0x02);
        to.byte(0x01);
        to.unsigned(0);
        to.unsigned(LARGEST_MEMORY);
      } else {
        to.byte(0x00);
        to.unsigned(entry.type);
      }
    });
    section(out, SECTION.function, this.#functions, (to, { type }) => to.unsigned(type));
    if (this.#table.length > 0) {
      section(out, SECTION.table, [this.#table.length], (to, size) => {
        to.byte(0x70);
        to.byte(0x00);
        to.unsigned(size);
      });
    }
    section(out, SECTION.export, this.#exports, (to, { name, index }) => {
      to.name(name);
      to.byte(0x00);
      to.unsigned(index);
    });
    if (this.#table.length > 0) {
      section(out, SECTION.element, [this.#table], (to, functions) => {
        to.unsigned(0);
        to.byte(0x41);
        to.unsigned(0);
        to.byte(0x0b);
        to.unsigned(functions.length);
        for (const callable of functions) to.unsigned(callable.index);
      });
    }
    section(out, SECTION.code, this.#functions, (to, { body }, index) => {
      if (body === undefined) throw new RangeError(`function ${index} has no body`);
      to.unsigned(body.length);
      to.append(body);
    });
    return out.view();
  }
}

function section<T>(
  out: Bytes,
  id: number,
  entries: readonly T[],
  write: (to: Bytes, entry: T, index: number) => void,
): void {
  const content = new Bytes();
  content.unsigned(entries.length);
  entries.forEach((entry, index) => {
    write(content, entry, index);
  });
  out.byte(id);
  out.unsigned(content.length);
  out.append(content.view());
}
