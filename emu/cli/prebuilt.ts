import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { provideInterpreter } from '../cpu/interpreter/module.ts';

/** Folders of the processor that the interpreter's module is generated from. */
const SOURCES = ['families', 'interpreter', 'table', 'wasm'];

/**
 * Uses the interpreter's module that the build has kept (`scripts/generate-interpreter.ts`), unless the code it was generated
 * from has been compiled since: then it is generated anew, in memory.
 */
export function usePrebuiltInterpreter(): void {
  const file = new URL('./interpreter.wasm', import.meta.url);
  if (!existsSync(file)) return;
  const built = statSync(file).mtimeMs;
  const stale = SOURCES.some((folder) => {
    const directory = new URL(`../cpu/${folder}/`, import.meta.url);
    return readdirSync(directory).some(
      (name) => name.endsWith('.js') && statSync(new URL(name, directory)).mtimeMs > built,
    );
  });
  if (!stale) provideInterpreter(new Uint8Array(readFileSync(file)));
}
