import { addressOfKey, isExactKey, type KeyRange, keyOfAddress, lastNotAbove } from './address.ts';
import { ByteReader } from './byte-reader.ts';
import { CodeRanges } from './code-ranges.ts';
import { type DwarfSections, dwarfSections } from './dwarf-sections.ts';
import type { ElfFile } from './elf.ts';
import { type LineHeader, readLineHeader } from './line-header.ts';
import { type LineRows, ROW_FLAG, runLineProgram } from './line-program.ts';

/** A place in the source. */
export interface SourceLine {
  /** Path as the compiler was given it: relative to the compilation directory unless absolute. */
  readonly file: string;
  /** 0 when the instruction belongs to no line. */
  readonly line: number;
  /** 0 when unknown. */
  readonly column: number;
  /** Whether the address is a good place for a breakpoint. */
  readonly isStmt: boolean;
}

/** A row of the line table: it holds from its address to the address of the next row. */
export interface LineRow extends SourceLine {
  readonly address: bigint;
  readonly basicBlock: boolean;
  readonly prologueEnd: boolean;
  readonly epilogueBegin: boolean;
  readonly discriminator: number;
  /** The row only marks the first address past a sequence. */
  readonly endSequence: boolean;
}

/** What is found for an address: its row and the addresses the row holds for. */
export interface LineHit extends SourceLine {
  readonly low: bigint;
  readonly high: bigint;
}

/** A row with the addresses that it holds for, as keys (see address.ts): none when `low` is `high`. */
export interface CodeRow {
  readonly low: number;
  readonly high: number;
  readonly file: string;
  /** 0 when the code belongs to no line. */
  readonly line: number;
  readonly isStmt: boolean;
}

interface Program {
  readonly header: LineHeader;
  readonly rows: LineRows;
}

/** A run of rows with ascending addresses; `last` is the row that ends it. */
interface Sequence extends KeyRange {
  readonly program: Program;
  readonly first: number;
  readonly last: number;
}

/**
 * The line-number information of a file (.debug_line, DWARF 2 to 5).
 * Opening reads nothing; the programs run when the first question comes. Methods throw DwarfError on damaged input.
 */
export class LineTable {
  readonly #sections: DwarfSections;
  readonly #code: CodeRanges;
  readonly #headers = new Map<number, LineHeader | undefined>();
  #programs: readonly Program[] | undefined;
  #sequences: readonly Sequence[] | undefined;
  #byFile: Map<string, Map<number, number[]>> | undefined;

  private constructor(sections: DwarfSections, code: CodeRanges) {
    this.#sections = sections;
    this.#code = code;
  }

  /** Throws ElfError "compressed" and DwarfError "unsupported" as dwarfSections does. */
  static open(elf: ElfFile, sections: DwarfSections = dwarfSections(elf)): LineTable {
    return new LineTable(sections, new CodeRanges(elf));
  }

  /** The source line of an address, or undefined. */
  at(address: bigint): LineHit | undefined {
    const found = this.#locate(address);
    if (found === undefined) return undefined;
    const { sequence, row } = found;
    const { rows, header } = sequence.program;
    return {
      ...sourceLine(header, rows, row),
      low: addressOfKey(rows.addresses[row] ?? 0),
      high: addressOfKey(rows.addresses[row + 1] ?? 0),
    };
  }

  /**
   * As `at`, but of several rows that begin at one address the last statement counts, as in gdb: what is about to be executed is the
   * statement, though the instruction belongs, say, to a function's prologue.
   */
  aboutToExecute(address: bigint): LineHit | undefined {
    const hit = this.at(address);
    return hit && { ...hit, ...this.statementAt(hit.low) };
  }

  /**
   * The line whose statement begins exactly at an address: where a debugger that steps by lines stops. Several rows may have one address
   * (a line that gave no code, then the next); the last of them counts.
   */
  statementAt(address: bigint): SourceLine | undefined {
    const hit = this.#locate(address);
    if (hit === undefined) return undefined;
    const { sequence, row } = hit;
    const { rows, header } = sequence.program;
    const key = keyOfAddress(address);
    for (let at = row; at >= sequence.first && rows.addresses[at] === key; at--) {
      const line = sourceLine(header, rows, at);
      if (line.isStmt && line.line !== 0) return line;
    }
    return undefined;
  }

  /**
   * The addresses at which a line begins (rows marked as statements whose predecessor is of another line), ascending.
   * `file` may be a full path or its last components: "kern_fork.c", "kern/kern_fork.c".
   */
  addresses(file: string, line: number): bigint[] {
    const found = new Set<number>();
    for (const name of this.matchingFiles(file)) {
      for (const key of this.#index().get(name)?.get(line) ?? []) found.add(key);
    }
    return [...found].sort((a, b) => a - b).map(addressOfKey);
  }

  /** The row that holds for an address: the last one of those that begin there, or before it. */
  #locate(address: bigint): { readonly sequence: Sequence; readonly row: number } | undefined {
    const key = keyOfAddress(address);
    if (!isExactKey(key)) return undefined;
    const sequences = this.#allSequences();
    const sequence = sequences[lastNotAbove(sequences.length, key, (index) => sequences[index]?.low ?? 0)];
    if (sequence === undefined || key >= sequence.high) return undefined;
    const { rows } = sequence.program;
    const addressAt = (index: number): number => rows.addresses[sequence.first + index] ?? 0;
    return { sequence, row: sequence.first + lastNotAbove(sequence.last - sequence.first, key, addressAt) };
  }

  /** The smallest line from `line` on that has code, as a debugger moves a breakpoint set on a comment. */
  nextLineWithCode(file: string, line: number): number | undefined {
    let best: number | undefined;
    for (const name of this.matchingFiles(file)) {
      for (const candidate of this.#index().get(name)?.keys() ?? []) {
        if (candidate >= line && (best === undefined || candidate < best)) best = candidate;
      }
    }
    return best;
  }

  /** The files that have code, sorted. */
  files(): string[] {
    return [...this.#index().keys()].sort();
  }

  /** The files that have code and whose path is `file` or ends in its components. */
  matchingFiles(file: string): string[] {
    const names = this.#index();
    if (names.has(file)) return [file];
    return [...names.keys()].filter((name) => name.endsWith(`/${file}`)).sort();
  }

  /** Every row of every program, in file order. */
  *rows(): Generator<LineRow, void, undefined> {
    for (const { header, rows } of this.#allPrograms()) {
      for (let row = 0; row < rows.addresses.length; row++) {
        const flags = rows.flags[row] ?? 0;
        yield {
          ...sourceLine(header, rows, row),
          address: addressOfKey(rows.addresses[row] ?? 0),
          basicBlock: (flags & ROW_FLAG.basicBlock) !== 0,
          prologueEnd: (flags & ROW_FLAG.prologueEnd) !== 0,
          epilogueBegin: (flags & ROW_FLAG.epilogueBegin) !== 0,
          discriminator: rows.discriminators[row] ?? 0,
          endSequence: (flags & ROW_FLAG.endSequence) !== 0,
        };
      }
    }
  }

  /** The rows that have code which the linker kept, by ascending address; several may begin at one. Cheaper than `rows`. */
  *codeRows(): Generator<CodeRow, void, undefined> {
    for (const { program, first, last } of this.#allSequences()) {
      const { rows, header } = program;
      for (let row = first; row < last; row++) {
        yield {
          low: rows.addresses[row] ?? 0,
          high: rows.addresses[row + 1] ?? 0,
          file: header.files[rows.files[row] ?? 0] ?? '',
          line: rows.lines[row] ?? 0,
          isStmt: ((rows.flags[row] ?? 0) & ROW_FLAG.isStmt) !== 0,
        };
      }
    }
  }

  /** The path of a file index in the line program at an offset of .debug_line (DW_AT_stmt_list). */
  fileName(programOffset: number, fileIndex: number): string | undefined {
    if (!this.#headers.has(programOffset)) {
      const reader = new ByteReader(this.#sections.line, programOffset);
      this.#headers.set(programOffset, readLineHeader(reader, this.#sections));
    }
    const name = this.#headers.get(programOffset)?.files[fileIndex];
    return name === '' ? undefined : name;
  }

  #allPrograms(): readonly Program[] {
    if (this.#programs === undefined) {
      const programs: Program[] = [];
      const reader = new ByteReader(this.#sections.line);
      while (!reader.atEnd) {
        const header = readLineHeader(reader, this.#sections);
        if (header !== undefined)
          programs.push({ header, rows: runLineProgram(this.#sections.line, header) });
      }
      this.#programs = programs;
    }
    return this.#programs;
  }

  #allSequences(): readonly Sequence[] {
    this.#sequences ??= this.#allPrograms()
      .flatMap(sequencesOf)
      .filter((sequence) => this.#code.holds(sequence))
      .sort((a, b) => a.low - b.low);
    return this.#sequences;
  }

  /** Addresses by file and line. */
  #index(): Map<string, Map<number, number[]>> {
    if (this.#byFile !== undefined) return this.#byFile;
    const byFile = new Map<string, Map<number, number[]>>();
    for (const { program, first, last } of this.#allSequences()) {
      const { rows, header } = program;
      for (let row = first; row < last; row++) {
        if (((rows.flags[row] ?? 0) & ROW_FLAG.isStmt) === 0 || rows.lines[row] === 0) continue;
        if (row > first && continues(rows, row)) continue;
        const name = header.files[rows.files[row] ?? 0] ?? '';
        const lines = byFile.get(name) ?? new Map<number, number[]>();
        byFile.set(name, lines);
        const addresses = lines.get(rows.lines[row] ?? 0);
        if (addresses === undefined) lines.set(rows.lines[row] ?? 0, [rows.addresses[row] ?? 0]);
        else addresses.push(rows.addresses[row] ?? 0);
      }
    }
    this.#byFile = byFile;
    return byFile;
  }
}

/** Whether a row continues the line of a statement row just before it. */
function continues(rows: LineRows, row: number): boolean {
  return (
    rows.lines[row] === rows.lines[row - 1] &&
    rows.files[row] === rows.files[row - 1] &&
    ((rows.flags[row - 1] ?? 0) & ROW_FLAG.isStmt) !== 0
  );
}

function sourceLine(header: LineHeader, rows: LineRows, row: number): SourceLine {
  return {
    file: header.files[rows.files[row] ?? 0] ?? '',
    line: rows.lines[row] ?? 0,
    column: rows.columns[row] ?? 0,
    isStmt: ((rows.flags[row] ?? 0) & ROW_FLAG.isStmt) !== 0,
  };
}

function sequencesOf(program: Program): Sequence[] {
  const { addresses, flags } = program.rows;
  const sequences: Sequence[] = [];
  let first = 0;
  for (let row = 0; row < flags.length; row++) {
    if (((flags[row] ?? 0) & ROW_FLAG.endSequence) === 0) continue;
    const low = addresses[first] ?? 0;
    const high = addresses[row] ?? 0;
    if (low < high) sequences.push({ low, high, program, first, last: row });
    first = row + 1;
  }
  return sequences;
}
