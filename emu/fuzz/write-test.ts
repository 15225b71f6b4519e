import type { Crash } from './campaign.ts';
import { type FuzzCall, formatProgram } from './program.ts';

/** The program of a crash as a test for vitest: it fails as long as the defect is there. */
export function writeTest({ finding, program }: Crash): string {
  const about = JSON.stringify(`should survive ${sequence(program.calls)}`);
  return `import { expect } from 'vitest';
import { executeProgram } from 'puffer/fuzz';
import { guestTest as it } from 'puffer/vitest';

// ${finding.oracle}: ${finding.message.replaceAll('\n', '\n// ')}
const PROGRAM = ${JSON.stringify(JSON.parse(formatProgram(program)), null, 2)} as const;

it(${about}, ({ guest }) => {
  expect(executeProgram(guest, PROGRAM).findings).toEqual([]);
});
`;
}

/** `pipe, fork { close, exit }, wait4`. */
export function sequence(calls: readonly FuzzCall[]): string {
  return calls
    .map(({ name, child }) =>
      child === undefined || child.length === 0 ? name : `${name} { ${sequence(child)} }`,
    )
    .join(', ');
}
