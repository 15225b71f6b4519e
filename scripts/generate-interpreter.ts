import { chmodSync, writeFileSync } from 'node:fs';
import { generateInterpreter } from '../emu/cpu/interpreter/generate.ts';
import { formTable } from '../emu/cpu/interpreter/module.ts';

/** Keeps the interpreter's module beside the compiled code, so that starting puffer need not generate it. */
const target = new URL('../emu/cli/interpreter.wasm', import.meta.url);
writeFileSync(target, generateInterpreter(formTable().forms));

/** npx runs the command through a link, and sets this only the first time that it makes one. */
const EXECUTABLE = 0o755;
chmodSync(new URL('../emu/cli/main.js', import.meta.url), EXECUTABLE);
