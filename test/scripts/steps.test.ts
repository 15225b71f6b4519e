import { describe, expect, test } from 'vitest';
import { GuestBuildError } from '../../scripts/guest/errors.ts';
import { runJobs } from '../../scripts/guest/jobs.ts';
import { extractAssemblyConstants } from '../../scripts/guest/kernel.ts';
import { parseDependencies } from '../../scripts/guest/steps.ts';

describe('a dependency file', () => {
  test('names the inputs behind its colon, over joined lines', () => {
    expect(parseDependencies('a.o: a.c b.h \\\n c.h\n')).toEqual(['a.c', 'b.h', 'c.h']);
  });

  test('keeps blanks, dollars and colons that belong to a name', () => {
    expect(parseDependencies('a.o: my\\ file.c x$$y.h c:d.h\n')).toEqual(['my file.c', 'x$y.h', 'c:d.h']);
  });

  test('may name nothing', () => {
    expect(parseDependencies('a.o:\n')).toEqual([]);
  });
});

describe('the constants of genassym.c', () => {
  test('become definitions, with and without the sign of an immediate', () => {
    const assembly = '\t.text\n->PCB_RSP $16\n\t->SYS_fork 2\n->NEGATIVE $-8\n\tret\n';
    expect(extractAssemblyConstants(assembly)).toBe(
      '#define PCB_RSP 16\n#define SYS_fork 2\n#define NEGATIVE -8\n',
    );
  });

  test('must be there', () => {
    expect(() => extractAssemblyConstants('\tret\n')).toThrow(GuestBuildError);
  });
});

describe('jobs', () => {
  test('all run, though not all at a time', async () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const seen: number[] = [];
    expect(await runJobs(items, async (item) => void seen.push(item))).toEqual([]);
    expect(seen.sort((a, b) => a - b)).toEqual(items);
  });

  test('stop being started after a failure, which is returned', async () => {
    const started: number[] = [];
    const failures = await runJobs(
      Array.from({ length: 1000 }, (_, index) => index),
      async (item) => {
        started.push(item);
        throw new Error(`job ${item}`);
      },
    );
    expect(failures.length).toBeGreaterThan(0);
    expect(started.length).toBe(failures.length);
    expect(started.length).toBeLessThan(1000);
  });
});
