import { type Line, type Target, type Verdict, verdict } from './line.ts';

const GREEN = '\u001b[32m';
const RED = '\u001b[31m';
const YELLOW = '\u001b[33m';
const RESET = '\u001b[0m';
const COLORS: Readonly<Record<Verdict, string>> = {
  met: GREEN,
  missed: RED,
  'not measured': YELLOW,
  'no target': '',
};
const HEADINGS = ['', 'puffer', 'peer', 'ratio', 'quartiles', 'target', 'verdict'] as const;

/** The lines as a table, groups apart, with the notes below. */
export function renderTable(lines: readonly Line[], options: { readonly color: boolean }): string {
  const notes: string[] = [];
  const rows = lines.map((one) => cells(one, notes));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] as string).length)),
  );
  const join = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd();
  const output = [join(HEADINGS)];
  lines.forEach((one, index) => {
    if (one.group !== lines[index - 1]?.group) output.push('', one.group);
    const text = join(rows[index] as string[]);
    const color = options.color ? COLORS[verdict(one)] : '';
    output.push(color === '' ? text : `${color}${text}${RESET}`);
  });
  return `${[...output, '', ...notes].join('\n')}\n`;
}

function cells(one: Line, notes: string[]): string[] {
  const { puffer, peerFigure, ratio, target } = one;
  let mark = '';
  if (one.note !== undefined) {
    let number = notes.findIndex((note) => note.endsWith(`] ${one.note}`)) + 1;
    if (number === 0) number = notes.push(`[${notes.length + 1}] ${one.note}`);
    mark = ` [${number}]`;
  }
  return [
    `  ${one.what}${mark}`,
    puffer === undefined ? '-' : `${figure(puffer.median)} ${one.unit}`,
    peerFigure === undefined ? one.peer : `${figure(peerFigure.median)} ${one.unit} ${one.peer}`,
    ratio === undefined ? '-' : `${figure(ratio.median)}x`,
    ratio === undefined ? '' : `${figure(ratio.low)}-${figure(ratio.high)} of ${ratio.count}`,
    target === undefined ? '' : describeTarget(target, one.unit),
    verdict(one),
  ];
}

function describeTarget(target: Target, unit: string): string {
  switch (target.kind) {
    case 'ratio':
      return `>= ${figure(target.atLeast)}x`;
    case 'figure':
      return `<= ${figure(target.atMost)} ${unit}`;
    case 'equal':
      return `1x +- ${(target.within * 100).toFixed(0)} %`;
  }
}

/** Three digits that mean something; whole numbers with their thousands apart. */
function figure(value: number): string {
  if (Math.abs(value) >= 100 || Number.isInteger(value)) {
    return Math.round(value).toLocaleString('en-US');
  }
  return value.toFixed(Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 4);
}
