import { instructionTable } from '../families/index.ts';
import { FormTable } from '../table/forms.ts';
import { generateInterpreter } from './generate.ts';

let forms: FormTable | undefined;
let module: WebAssembly.Module | undefined;
let countingModule: WebAssembly.Module | undefined;

/** The instruction table's forms, made once. */
export function formTable(): FormTable {
  forms ??= new FormTable(instructionTable);
  return forms;
}

/** The interpreter's module, generated on first use (about 70 ms) unless it was provided. */
export function interpreterModule(): WebAssembly.Module {
  module ??= new WebAssembly.Module(generateInterpreter(formTable().forms));
  return module;
}

/** The interpreter's variant that counts executions, generated on first use unless it was provided. */
export function countingInterpreterModule(): WebAssembly.Module {
  countingModule ??= new WebAssembly.Module(generateInterpreter(formTable().forms, { counting: true }));
  return countingModule;
}

/** Uses a module that `generateInterpreter` made earlier from the same instruction table: a build step can keep its bytes. */
export function provideInterpreter(bytes: Uint8Array): void {
  module ??= new WebAssembly.Module(bytes);
}
