import type { ProgramExecutions } from './execution-data.ts';
import type { ProgramCode } from './program-code.ts';

/** A function of a source file, all its inlined calls included. */
export interface FunctionCoverage {
  readonly name: string;
  /** The line of its declaration. */
  readonly line: number;
  /** How often it was entered. */
  count: number;
}

/** The conditional branches of the machine code of one line. */
export interface BranchCoverage {
  readonly line: number;
  /** The number of the branch among those of its line, from 0 on. */
  readonly index: number;
  /** How often it was taken, and how often not; both 0 when it was never reached. */
  taken: number;
  notTaken: number;
}

/** Numbers of things there are, and of those that were reached. */
export interface Ratio {
  readonly found: number;
  readonly hit: number;
}

/** What ran of a source file, in all programs that have code of it. */
export class FileCoverage {
  /** As the compiler was given it. */
  readonly path: string;
  /** The programs with code of it. */
  readonly programs = new Set<string>();
  /** How often each line with code was executed. */
  readonly lines = new Map<number, number>();
  readonly #functions = new Map<string, FunctionCoverage>();
  readonly #branches = new Map<string, BranchCoverage>();

  constructor(path: string) {
    this.path = path;
  }

  /** By line. */
  get functions(): FunctionCoverage[] {
    return [...this.#functions.values()].sort((a, b) => a.line - b.line || (a.name < b.name ? -1 : 1));
  }

  /** By line, and in their order in the code. */
  get branches(): BranchCoverage[] {
    return [...this.#branches.values()].sort((a, b) => a.line - b.line || a.index - b.index);
  }

  get lineRatio(): Ratio {
    return ratio([...this.lines.values()]);
  }

  get functionRatio(): Ratio {
    return ratio(this.functions.map(({ count }) => count));
  }

  /** Each branch counts twice: for each way. */
  get branchRatio(): Ratio {
    return ratio(this.branches.flatMap(({ taken, notTaken }) => [taken, notTaken]));
  }

  addLine(line: number, count: number): void {
    this.lines.set(line, (this.lines.get(line) ?? 0) + count);
  }

  addFunction(name: string, line: number, count: number): void {
    const key = `${line} ${name}`;
    const known = this.#functions.get(key);
    if (known === undefined) this.#functions.set(key, { name, line, count });
    else known.count += count;
  }

  addBranch(line: number, index: number, taken: number, notTaken: number): void {
    const key = `${line} ${index}`;
    let known = this.#branches.get(key);
    if (known === undefined) {
      known = { line, index, taken: 0, notTaken: 0 };
      this.#branches.set(key, known);
    }
    known.taken += taken;
    known.notTaken += notTaken;
  }
}

function ratio(counts: readonly number[]): Ratio {
  return { found: counts.length, hit: counts.filter((count) => count > 0).length };
}

/** Adds what ran of a program to the files that its code comes from. */
export function addProgram(
  files: Map<string, FileCoverage>,
  code: ProgramCode,
  executions: ProgramExecutions,
): void {
  const executed = new Float64Array(code.instructions.length);
  const taken = new Float64Array(code.instructions.length);
  for (const one of executions.instructions()) {
    const index = code.indexOf(one.key);
    if (index === undefined) continue;
    executed[index] = one.executed;
    taken[index] = one.taken;
  }
  const fileOf = (path: string): FileCoverage => {
    let file = files.get(path);
    if (file === undefined) {
      file = new FileCoverage(path);
      files.set(path, file);
    }
    file.programs.add(executions.name);
    return file;
  };
  for (const { path, line, count } of lineCounts(code, executed)) fileOf(path).addLine(line, count);
  for (const { file, name, line, instruction } of code.functions) {
    fileOf(file).addFunction(name, line, executed[instruction] as number);
  }
  const numbers = new Map<string, number>();
  for (const { file, line, instruction } of code.branches) {
    if (!files.get(file)?.lines.has(line)) continue;
    const place = `${file}:${line}`;
    const index = numbers.get(place) ?? 0;
    numbers.set(place, index + 1);
    const ways = taken[instruction] as number;
    fileOf(file).addBranch(line, index, ways, (executed[instruction] as number) - ways);
  }
}

/** Of the statements that a line has, the one that was executed most often counts. */
function lineCounts(
  code: ProgramCode,
  executed: Float64Array,
): Iterable<{ readonly path: string; readonly line: number; readonly count: number }> {
  const counts = new Map<string, { path: string; line: number; count: number }>();
  for (const { file, line, instruction } of code.statements) {
    const count = executed[instruction] as number;
    const key = `${line} ${file}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { path: file, line, count });
    else known.count = Math.max(known.count, count);
  }
  return counts.values();
}
