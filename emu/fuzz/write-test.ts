import type { Crash } from './campaign.ts';
import { describeFinding, titleOf } from './findings.ts';
import { type FuzzCall, formatProgram } from './program.ts';

/** The program of a crash as a test for vitest: it fails as long as the defect is there, and says which it was. */
export function writeTest({ finding, program }: Crash): string {
  const about = JSON.stringify(`should survive ${sequence(program.calls)} (was ${titleOf(finding)})`);
  const text = describeFinding(finding);
  return `import { expect } from 'vitest';
import { describeFinding, executeProgram } from 'puffer/fuzz';
import { guestTest as it } from 'puffer/vitest';

// ${text.replaceAll('\n', '\n// ')}
const FOUND = ${JSON.stringify(text.split('\n'), null, 2)};
const PROGRAM = ${JSON.stringify(JSON.parse(formatProgram(program)), null, 2)} as const;

it(${about}, ({ guest }) => {
  const { findings } = executeProgram(guest, PROGRAM);
  expect(findings.map(describeFinding), ['when it was found:', ...FOUND].join('\\n')).toEqual([]);
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
