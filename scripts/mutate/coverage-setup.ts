/**
 * A setup file of vitest: notes which functions of the kernel a test file enters, on any machine that it makes, and leaves their
 * names in the directory PUFFER_KERNEL_COVERAGE.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { Machine } from '../../emu/puffer-machine.ts';
import { FunctionCoverage } from './function-coverage.ts';

const coverages: FunctionCoverage[] = [];
const create = Machine.create;

Machine.create = (options) => {
  const machine = create.call(Machine, options);
  coverages.push(new FunctionCoverage(machine));
  return machine;
};

afterAll(() => {
  const directory = process.env.PUFFER_KERNEL_COVERAGE;
  const file = expect.getState().testPath;
  if (directory === undefined || file === undefined) return;
  const functions = [...new Set(coverages.flatMap((coverage) => coverage.take()))].sort();
  writeFileSync(join(directory, `${file.replaceAll(/\W/g, '_')}.json`), JSON.stringify({ file, functions }));
});
