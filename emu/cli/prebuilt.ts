import { existsSync, readFileSync } from 'node:fs';
import { provideInterpreter } from '../cpu/interpreter/module.ts';

/** Uses the interpreter's module that the build has kept, when there is one (`scripts/generate-interpreter.ts`). */
export function usePrebuiltInterpreter(): void {
  const file = new URL('./interpreter.wasm', import.meta.url);
  if (existsSync(file)) provideInterpreter(new Uint8Array(readFileSync(file)));
}
