import type { PlantedResult } from './planted.ts';

export const TABLE_HEAD = '| bug | found after | by | smallest program |\n|---|---|---|---|';

/** A row of the report. */
export function tableRow({
  bug,
  found,
  programs,
  seconds,
  oracle,
  key,
  calls,
  interrupted,
}: PlantedResult): string {
  const after = found
    ? `${programs} programs, ${Math.ceil(seconds)} s`
    : `not in ${programs} programs, ${Math.ceil(seconds)} s${interrupted ? ' (interrupted)' : ''}`;
  // A leak says the same as its oracle.
  const by = key.startsWith(oracle) ? key : `${oracle}: ${key}`;
  return `| \`${bug}\` | ${after} | ${by.replaceAll('|', '\\|')} | ${calls === '' ? '' : `\`${calls}\``} |`;
}

/** The report of a campaign as a document. */
export function report(
  results: readonly PlantedResult[],
  options: { seed: number; jobs: number; time: number },
): string {
  const found = results.filter((one) => one.found).length;
  return `# Planted bugs

Each patch below \`test/fuzz/bugs\` (its README says what it breaks) is applied to a copy of the kernel, and \`puffer fuzz\` looks for what is
wrong. Written by \`npm run fuzz:planted -- --report\`: seed ${options.seed}, ${options.jobs} threads, at most ${options.time} s for each.
Found: ${found} of ${results.length}. Seconds are those of the machine that it ran on, and include the boot of the guests and the shrinking.

${TABLE_HEAD}
${results.map(tableRow).join('\n')}
`;
}
