import type { KernelImage } from '../../kernel/index.ts';
import { keyOfAddress } from '../../symbols/index.ts';
import { CodeReader } from './instructions.ts';

/**
 * Where a statement begins, as the compiler tells debuggers: at an instruction, by its number in `ProgramCode.instructions`. A line may have
 * several, and the compiler names declarations too.
 */
export interface Statement {
  readonly file: string;
  readonly line: number;
  readonly instruction: number;
}

/** A conditional branch: an instruction, and the line that it belongs to. */
export interface Branch {
  readonly file: string;
  readonly line: number;
  readonly instruction: number;
}

/** Where a function's code begins, or that of a call of it that was inlined. */
export interface FunctionEntry {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly instruction: number;
}

/** What the file of a program says about its code, as far as coverage asks: read once, whatever has run. */
export class ProgramCode {
  /** Addresses of all instructions that have lines, as keys (see `keyOfAddress`), in the order of the line table. */
  readonly instructions: readonly number[];
  readonly statements: readonly Statement[];
  readonly branches: readonly Branch[];
  readonly functions: readonly FunctionEntry[];
  readonly #indices: ReadonlyMap<number, number>;

  /** Throws DwarfError and ElfError for a damaged file. */
  constructor(image: KernelImage) {
    const instructions: number[] = [];
    const statements: Statement[] = [];
    const branches: Branch[] = [];
    const code = new CodeReader(image.elf);
    for (const { low, high, file, line, isStmt } of image.lines.codeRows()) {
      if (isStmt && line !== 0) statements.push({ file, line, instruction: instructions.length });
      code.each(low, high, (key, isConditional) => {
        if (isConditional && line !== 0) branches.push({ file, line, instruction: instructions.length });
        instructions.push(key);
      });
    }
    this.instructions = instructions;
    this.statements = statements;
    this.branches = branches;
    this.#indices = new Map(instructions.map((key, index) => [key, index]));
    this.functions = [...this.#functionEntries(image)];
  }

  /** The number of an instruction; undefined for an address without a line. */
  indexOf(key: number): number | undefined {
    return this.#indices.get(key);
  }

  *#functionEntries(image: KernelImage): Generator<FunctionEntry, void, undefined> {
    const known = new Set<number>();
    for (const info of image.debug.functions()) {
      const instruction = this.indexOf(keyOfAddress(info.lowPc));
      const { name, declFile: file, declLine: line } = info;
      if (instruction !== undefined && file !== undefined && line !== undefined) {
        known.add(keyOfAddress(info.lowPc));
        yield { name, file, line, instruction };
      }
      for (const call of image.debug.inlinedCalls(info)) {
        const entry = this.indexOf(keyOfAddress(call.entry));
        if (entry === undefined || call.declFile === undefined || call.declLine === undefined) continue;
        yield { name: call.name, file: call.declFile, line: call.declLine, instruction: entry };
      }
    }
    // Of assembly the debugging information does not say where a function is declared.
    for (const { name, kind, binding, address } of image.symbols.symbols) {
      const key = keyOfAddress(address);
      const instruction = this.indexOf(key);
      const isFunction = kind === 'function' || (kind === 'label' && binding === 'global');
      if (!isFunction || instruction === undefined || known.has(key)) continue;
      known.add(key);
      const hit = image.lines.at(address);
      if (hit !== undefined && hit.line !== 0) yield { name, file: hit.file, line: hit.line, instruction };
    }
  }
}
