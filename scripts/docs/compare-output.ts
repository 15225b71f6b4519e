import { LEFT_OUT, type ShownCommand, type ShownLine } from './console-blocks.ts';
import { Correspondence, idsIn, Shape } from './shape.ts';

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Something a document says that the output does not. */
export interface Mismatch {
  /** The line of the document. */
  readonly line: number;
  readonly what: string;
}

/** Exit statuses that no documented command may have: a defect of puffer, and wrong usage. */
const UNACCEPTABLE = new Set<number | null>([1, 2, null]);

/** The lines that a terminal would show, without trailing blanks and blank lines at the end. */
export function outputLines({ stdout, stderr }: CommandResult): string[] {
  const text = stdout === '' || stdout.endsWith('\n') ? stdout + stderr : `${stdout}\n${stderr}`;
  const lines = text.split('\n').map((line) => line.replaceAll('\r', '').trimEnd());
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}

/** Lines that stand next to each other in the output, and where they may begin. */
export interface Segment {
  readonly lines: readonly ShownLine[];
  /** No line is left out before the first, and none after the last. */
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

/** The shown output, cut where lines are left out. */
export function segments(output: readonly ShownLine[]): Segment[] {
  const gaps = output.flatMap(({ text }, index) => (text.trim() === LEFT_OUT ? [index] : []));
  const starts = [0, ...gaps.map((gap) => gap + 1)];
  const ends = [...gaps, output.length];
  return starts.flatMap((start, index) => {
    const lines = output.slice(start, ends[index]);
    if (lines.length === 0) return [];
    return [{ lines, atStart: start === 0, atEnd: ends[index] === output.length }];
  });
}

/** Whether a line of the output is the shown one; what it says about moving numbers is added to `known`. */
export type LineTest = (shown: ShownLine, real: string, known: Correspondence) => boolean;

/** The test by shape for the lines that a command shows. */
export function shapeTest({ output }: ShownCommand): LineTest {
  const ids = idsIn(output.map(({ text }) => text));
  const shapes = new Map(output.map((line) => [line, new Shape(line.text, ids)]));
  return (shown, real, known) => shapes.get(shown)?.matches(real, known) === true;
}

/** The first place from `from` on where the lines of a segment are, by a test for each; undefined when there is none. */
export function findSegment(
  { lines, atStart, atEnd }: Segment,
  output: readonly string[],
  from: number,
  matches: LineTest,
  known: Correspondence,
): number | undefined {
  const last = output.length - lines.length;
  for (let at = Math.max(from, atEnd ? last : 0); at <= (atStart ? 0 : last); at++) {
    const attempt = new Correspondence(known);
    if (lines.every((line, index) => matches(line, output[at + index] ?? '', attempt))) {
      known.take(attempt);
      return at;
    }
  }
  return undefined;
}

/** What is wrong with the way a command ended, whatever it printed; undefined when nothing is. */
export function badEnding(
  { line, text }: ShownCommand,
  { status, stderr }: CommandResult,
): Mismatch | undefined {
  return UNACCEPTABLE.has(status) ? { line, what: `'${text}' exits ${status}: ${stderr}` } : undefined;
}

/** What is wrong with a shown command, given what it really did; empty when nothing is. */
export function mismatches(command: ShownCommand, result: CommandResult): Mismatch[] {
  const bad = badEnding(command, result);
  if (bad !== undefined) return [bad];
  // A command without output is shown for what it does, not for what it prints.
  if (command.output.length === 0) return [];
  const real = outputLines(result);
  const known = new Correspondence();
  const matches = shapeTest(command);
  let from = 0;
  for (const segment of segments(command.output)) {
    const at = findSegment(segment, real, from, matches, known);
    if (at === undefined) return [explain(command, segment, real, from, matches, known)];
    from = at + segment.lines.length;
  }
  return [];
}

/** Names the first line of a segment that is to blame. */
function explain(
  { text }: ShownCommand,
  segment: Segment,
  real: readonly string[],
  from: number,
  matches: (shown: ShownLine, line: string, known: Correspondence) => boolean,
  known: Correspondence,
): Mismatch {
  for (let count = 1; count <= segment.lines.length; count++) {
    const lines = segment.lines.slice(0, count);
    const atEnd = segment.atEnd && count === segment.lines.length;
    if (
      findSegment({ ...segment, lines, atEnd }, real, from, matches, new Correspondence(known)) === undefined
    ) {
      const blamed = lines[count - 1] as ShownLine;
      return { line: blamed.line, what: `'${text}' does not print this here: ${blamed.text.trim()}` };
    }
  }
  throw new Error('a segment that is not in the output has a line that is not');
}
