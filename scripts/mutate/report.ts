import { readFileSync } from 'node:fs';
import { absolute } from '../guest/paths.ts';
import type { Judged } from './campaign.ts';
import { difference } from './mutants.ts';

/** Why mutants that no test can kill behave as the kernel does: by the mutant's id. */
export type Equivalents = Readonly<Record<string, string>>;

export const EQUIVALENTS_FILE = 'test/equivalent-mutants.json';

export function readEquivalents(): Equivalents {
  return JSON.parse(readFileSync(absolute(EQUIVALENTS_FILE), 'utf8')) as Equivalents;
}

export interface Counts {
  readonly mutants: number;
  readonly killed: number;
  /** Survivors that a reason explains. */
  readonly equivalent: number;
  readonly survived: number;
}

export function countOf(judged: readonly Judged[], equivalents: Equivalents): Counts {
  const killed = judged.filter(({ verdict }) => verdict.outcome === 'killed').length;
  const equivalent = survivorsOf(judged).filter(({ mutant }) => equivalents[mutant.id] !== undefined).length;
  return {
    mutants: judged.length,
    killed,
    equivalent,
    survived: judged.length - killed - equivalent,
  };
}

export function survivorsOf(judged: readonly Judged[]): Judged[] {
  return judged.filter(({ verdict }) => verdict.outcome !== 'killed');
}

/** Part of the whole in percent, to one digit. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** The counts in a sentence. */
export function summary(counts: Counts): string {
  const { mutants, killed, equivalent, survived } = counts;
  return (
    `${mutants} mutants: ${killed} killed, ${survived} survived, ${equivalent} equivalent; ` +
    `killed of all: ${percent(killed, mutants)}, of those that are not equivalent: ${percent(killed, mutants - equivalent)}`
  );
}

/** A survivor with its change and, if it is known, the reason. */
export function survivorLines({ mutant, verdict }: Judged, equivalents: Equivalents): string[] {
  const source = readFileSync(absolute(mutant.file), 'utf8');
  const note = verdict.outcome === 'unreached' ? ' (no test enters the function)' : '';
  const reason = equivalents[mutant.id];
  return [
    `${mutant.file}:${mutant.line}: ${mutant.function}: ${mutant.rule}${note}`,
    ...difference(source, mutant),
    ...(reason === undefined ? [] : [`equivalent: ${reason}`]),
  ];
}

function fileTable(judged: readonly Judged[], equivalents: Equivalents): string[] {
  const files = [...new Set(judged.map(({ mutant }) => mutant.file))].sort();
  return files.map((file) => {
    const counts = countOf(
      judged.filter(({ mutant }) => mutant.file === file),
      equivalents,
    );
    return `| ${file} | ${counts.mutants} | ${counts.killed} | ${counts.equivalent} | ${counts.survived} |`;
  });
}

/** The report as Markdown. */
export function markdown(judged: readonly Judged[], seed: number, equivalents: Equivalents): string {
  const survivors = survivorsOf(judged).flatMap((each) => {
    const { mutant, verdict } = each;
    const source = readFileSync(absolute(mutant.file), 'utf8');
    const unreached = verdict.outcome === 'unreached' ? 'No test enters the function.' : 'Not killed yet.';
    return [
      `### ${mutant.function}, ${mutant.file}, ${mutant.rule}`,
      '',
      '```diff',
      ...difference(source, mutant),
      '```',
      '',
      equivalents[mutant.id] === undefined ? unreached : `Equivalent: ${equivalents[mutant.id]}`,
      '',
    ];
  });
  return [
    '# Mutants of the kernel',
    '',
    `Written by \`npm run mutate -- --seed ${seed} --count ${judged.length} --report\`: small faults, one at a time, in the`,
    "kernel's source, and whether a test of the guest notices. The rules are in `scripts/mutate/rules.ts`; why some",
    `faults change nothing that a test could see stands in \`${EQUIVALENTS_FILE}\`.`,
    '',
    summary(countOf(judged, equivalents)),
    '',
    '| file | mutants | killed | equivalent | survived |',
    '| --- | --: | --: | --: | --: |',
    ...fileTable(judged, equivalents),
    '',
    '## Survivors',
    '',
    ...survivors,
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}
