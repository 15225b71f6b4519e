import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from '../../emu/cpu/table/row.ts';
import { packageRoot } from '../../test/oracles/host-paths.ts';
import { isSystem } from '../differential/repertoire.ts';
import { forms, waysByForm } from '../differential/ways.ts';

/** Where the document lies; below the repository with `root` = ''. */
export function instructionDocumentPath(root: string = packageRoot()): string {
  return join(root, 'emu/cpu/INSTRUCTIONS.md');
}

/** Where the manuals describe what a section lists. */
const APM3 = 'AMD APM volume 3';
const APM4 = 'AMD APM volume 4';
const APM5 = 'AMD APM volume 5';
const SDM = 'Intel SDM volume 2';

/** Features whose instructions work on XMM or MMX registers, or on the x87 stack. */
const MEDIA_128 = new Set([
  'SSE',
  'SSE2',
  'SSE3',
  'SSSE3',
  'SSE41',
  'SSE42',
  'SSE4A',
  'AES',
  'PCLMULQDQ',
  'SHA',
]);
const MEDIA_64 = new Set(['MMX', 'FPU', 'FXSR']);

interface Section {
  readonly title: string;
  readonly manual: string;
  readonly rows: readonly Row[];
}

function manualOf(feature: string): string {
  if (MEDIA_128.has(feature)) return `${APM4}; ${SDM}`;
  if (MEDIA_64.has(feature)) return `${APM5}; ${SDM}`;
  return `${APM3}; ${SDM}`;
}

/** The rows in the order of the table: general instructions, system instructions, then feature by feature. */
function sections(): Section[] {
  const rows = forms.encodings.map(({ row }) => row);
  const systemRows = new Set(forms.forms.filter(isSystem).map(({ row }) => row));
  const baseline = rows.filter(({ feature }) => feature === undefined);
  const features = [...new Set(rows.flatMap(({ feature }) => (feature === undefined ? [] : [feature])))];
  return [
    {
      title: 'General instructions',
      manual: `${APM3}, chapter 3; ${SDM}`,
      rows: baseline.filter((row) => !systemRows.has(row)),
    },
    {
      title: 'System instructions',
      manual: `${APM3}, chapter 4; ${SDM}`,
      rows: baseline.filter((row) => systemRows.has(row)),
    },
    ...features.sort().map((feature) => ({
      title: feature,
      manual: manualOf(feature),
      rows: rows.filter((row) => row.feature === feature),
    })),
  ];
}

const FLAG_NAMES: Readonly<Record<string, string>> = {
  o: 'OF',
  s: 'SF',
  z: 'ZF',
  a: 'AF',
  p: 'PF',
  c: 'CF',
  d: 'DF',
  i: 'IF',
};
const flagList = (letters: string): string =>
  [...letters].map((letter) => FLAG_NAMES[letter] ?? letter).join(' ');

function flagsOf({ flags }: Row): string {
  const written = [...(flags.written ?? '')].filter((letter) => !flags.undefined?.includes(letter)).join('');
  return [
    flags.read ? `reads ${flagList(flags.read)}` : '',
    written ? `writes ${flagList(written)}` : '',
    flags.undefined ? `undefined: ${flagList(flags.undefined)}` : '',
  ]
    .filter((text) => text !== '')
    .join('; ');
}

/** Where an encoding exists: 64-bit code, legacy code (compatibility mode and 32- and 16-bit protected mode), or both. */
function modesOf({ mode }: Row): string {
  if (mode === '64') return '64';
  return mode === 'legacy' ? 'legacy' : '64, legacy';
}

function notesOf(row: Row): string {
  return [
    row.profile ?? '',
    row.approximate === undefined ? '' : `Relative error at most ${row.approximate}.`,
    row.ulps === undefined ? '' : `Error at most ${row.ulps} unit in the last place.`,
    row.own === undefined ? '' : "The result is each processor's own and is not compared.",
    row.lock ? 'LOCK.' : '',
    row.repeat === undefined ? '' : row.repeat === 'rep' ? 'REP.' : 'REPE, REPNE.',
  ]
    .filter((text) => text !== '')
    .join(' ');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function table(rows: readonly Row[], formCounts: ReadonlyMap<Row, number>): string[] {
  const lines = [
    '| instruction | encoding | operands | code | forms | flags | notes |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const row of rows) {
    const cells = [row.mnemonic, row.encoding, row.operands, modesOf(row), `${formCounts.get(row) ?? 0}`];
    lines.push(`| ${[...cells, flagsOf(row), notesOf(row)].map(cell).join(' | ')} |`);
  }
  return lines;
}

/** How many forms each row's encodings lead to; several rows may share one. */
function formCounts(): Map<Row, number> {
  const counts = new Map<Row, Set<string>>();
  for (const [form, ways] of waysByForm()) {
    for (const { encoding } of ways) {
      const known = counts.get(encoding.row) ?? new Set();
      counts.set(encoding.row, known.add(form.key));
    }
  }
  return new Map([...counts].map(([row, keys]) => [row, keys.size]));
}

/** The lines of a source file from the one that begins with `first` to the first one after it that is `last`. */
function excerpt(path: string, first: string, last: string): string {
  const lines = readFileSync(join(packageRoot(), path), 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith(first));
  const end = lines.indexOf(last, start);
  if (start < 0 || end < 0) throw new RangeError(`${path} has no lines from "${first}" to "${last}"`);
  return lines.slice(start, end + 1).join('\n');
}

function line(path: string, start: string): string {
  const found = readFileSync(join(packageRoot(), path), 'utf8')
    .split('\n')
    .find((one) => one.trimStart().startsWith(start));
  if (found === undefined) throw new RangeError(`${path} has no line that begins with "${start}"`);
  return found;
}

const EXAMPLE_FILE = 'emu/cpu/families/bits.ts';

function howToAdd(): string {
  return `## How to add an instruction

Three small edits. POPCNT, as it stands in \`${EXAMPLE_FILE}\`:

1. **What it does**: one emitter, for every operand kind, size and mode.

\`\`\`ts
${excerpt(EXAMPLE_FILE, '/** POPCNT', '};')}
\`\`\`

2. **Its row**: encoding, operands in the manual's letters (\`emu/cpu/table/row.ts\` explains them), flags, feature.

\`\`\`ts
${line(EXAMPLE_FILE, "row('POPCNT'")}
\`\`\`

3. **Its feature**, once every instruction of it is there, in \`emu/cpu/families/features.ts\`; CPUID then claims it and the decoder
   knows it.

\`\`\`ts
${line('emu/cpu/families/features.ts', "'POPCNT'")}
\`\`\`

The rest follows from the row: the decoder, both kinds of generated code, random cases that compare every form with the host's
processor (\`test/differential\`, \`npm run differential -- user --only POPCNT\`), and this document (\`npm run docs:update\`). A row whose
forms no case executes fails the tests. An instruction that only ring 0 may execute also needs a recipe in
\`scripts/differential/system-cases.ts\`, so that QEMU can be asked.
`;
}

/** The whole document. */
export function instructionDocument(): string {
  const counts = formCounts();
  const all = sections();
  const rows = forms.encodings.length;
  const contents = all.map(
    ({ title, rows: list }) =>
      `| [${title}](#${title.toLowerCase().replaceAll(' ', '-')}) | ${list.length} |`,
  );
  const parts = [
    `# Instructions

Generated from the instruction table (\`emu/cpu/families\`) by \`npm run docs:update\`: ${rows} encodings, ${forms.forms.length} forms.
A form is an instruction's meaning for given operand kinds and sizes.

Where the manuals leave something open, or vendors differ, AMD's processors are followed: the notes say how. Flags called undefined
have a defined value here all the same, the one that the host CPU of \`test/ORACLES.md\` gives them.

| section | encodings |
|---|---|
${contents.join('\n')}
`,
    howToAdd(),
    ...all.map(
      ({ title, manual, rows: list }) => `## ${title}\n\n${manual}.\n\n${table(list, counts).join('\n')}\n`,
    ),
  ];
  return parts.join('\n');
}
