/**
 * A setup file of vitest: notes which functions of the kernel a test file enters, on any machine that it makes, and leaves their
 * names in the directory PUFFER_KERNEL_COVERAGE.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { Machine } from '../../emu/puffer-machine.ts';

const entered = new Set<string>();
const create = Machine.create;

Machine.create = (options) => {
  const machine = create.call(Machine, options);
  for (const { name, kind, address } of machine.image.symbols.symbols) {
    if (kind !== 'function') continue;
    const detach = machine.core.breakpoints.add(address, () => {
      entered.add(name);
      detach();
      return 'continue';
    });
  }
  return machine;
};

afterAll(() => {
  const directory = process.env.PUFFER_KERNEL_COVERAGE;
  const file = expect.getState().testPath;
  if (directory === undefined || file === undefined) return;
  const name = `${file.replaceAll(/\W/g, '_')}.json`;
  writeFileSync(join(directory, name), JSON.stringify({ file, functions: [...entered].sort() }));
});
