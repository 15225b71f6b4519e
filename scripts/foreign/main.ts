/**
 * Boots unmodified software from Debian on puffer and under QEMU and prints how much processor time both take:
 * `npm run foreign [-- NAME…] [--show]`. Needs apt with package lists, dpkg-deb and qemu-system-x86; keeps what it fetches
 * below `.foreign`. Exits 1 when a program does not come to its end, or prints something else than under QEMU.
 */
import { parseArgs } from 'node:util';
import { ForeignError } from './errors.ts';
import { type ForeignProgram, PROGRAMS } from './programs.ts';
import { comparedOutput, runOnPuffer, runOnQemu } from './run.ts';

const HEADINGS = ['program', 'steps', 'puffer', 'MIPS', 'QEMU'];

/** Runs one program on both machines: a row of the table. Throws ForeignError. */
async function measure(program: ForeignProgram, show: boolean): Promise<string[]> {
  const files = program.files();
  process.stderr.write(`${program.title}: puffer\n`);
  const ours = runOnPuffer(program, files, (text) => {
    if (show) process.stderr.write(text);
  });
  process.stderr.write(`${program.title}: QEMU\n`);
  const theirs = await runOnQemu(program, files);
  const complaints = (ours.unimplemented ?? []).map((one) => `not implemented: ${one}`);
  for (const pattern of program.never) {
    const found = pattern.exec(ours.output);
    if (found !== null) complaints.push(`it printed '${found[0]}'`);
  }
  if (program.compared !== undefined) {
    const [mine, other] = [comparedOutput(ours, program.compared), comparedOutput(theirs, program.compared)];
    if (mine !== other) complaints.push(`other output than under QEMU:\n${mine}\n--- QEMU:\n${other}`);
  }
  if (complaints.length > 0) throw new ForeignError(`${program.name}: ${complaints.join('\n')}`);
  const steps = ours.steps ?? 0;
  return [
    program.title,
    steps.toLocaleString('en-US'),
    `${ours.seconds.toFixed(1)} s`,
    (steps / ours.seconds / 1e6).toFixed(0),
    `${theirs.seconds.toFixed(1)} s`,
  ];
}

/** A table in Markdown. */
function renderRows(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [
    line(HEADINGS),
    line(HEADINGS.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...rows.map(line),
  ].join('');
}

/** The programs named, all when none is. Throws ForeignError. */
function chosen(names: readonly string[]): readonly ForeignProgram[] {
  if (names.length === 0) return PROGRAMS;
  return names.map((name) => {
    const program = PROGRAMS.find((one) => one.name === name);
    if (program !== undefined) return program;
    throw new ForeignError(`there is no '${name}'; there are ${PROGRAMS.map((one) => one.name).join(', ')}`);
  });
}

const { values, positionals } = parseArgs({
  options: { show: { type: 'boolean', default: false } },
  allowPositionals: true,
});
try {
  const rows: string[][] = [];
  for (const program of chosen(positionals)) rows.push(await measure(program, values.show));
  process.stdout.write(renderRows(rows));
} catch (error) {
  if (!(error instanceof ForeignError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
