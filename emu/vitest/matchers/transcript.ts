import { checkArgument, text } from '../checks.ts';
import { judged, type MatcherResult, observationOf } from './result.ts';

/** A line that stands for any lines. */
const ANY = '…';

/** What the action prints on the console is this; a line `…` stands for any lines. */
export function matchesTranscript(received: unknown, expected: string): MatcherResult {
  const observation = observationOf(received, 'toMatchTranscript');
  checkArgument('toMatchTranscript', expected, text);
  const { guest } = observation;
  const printedBefore = guest.output.length;
  observation.run();
  const printed = guest.output.slice(printedBefore).replaceAll('\r\n', '\n');
  const pass = fits(linesOf(printed), linesOf(expected));
  const why = `expected the console ${pass ? 'not ' : ''}to show\n${marked(expected)}\nbut it shows\n${marked(printed)}`;
  return judged(pass, observation.stretch, why);
}

/** Lines without the empty ones at both ends and without common indentation. */
function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.length > 0 && lines[0] === '') lines.shift();
  while (lines.at(-1) === '') lines.pop();
  const indents = lines.filter((line) => line !== '').map((line) => line.length - line.trimStart().length);
  const common = Math.min(...indents);
  return lines.map((line) => line.slice(common));
}

function fits(lines: readonly string[], pattern: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return lines.length === 0;
  if (head.trim() !== ANY) return lines[0] === head && fits(lines.slice(1), rest);
  return Array.from({ length: lines.length + 1 }).some((_, skipped) => fits(lines.slice(skipped), rest));
}

function marked(text: string): string {
  return linesOf(text)
    .map((line) => `  | ${line}`)
    .join('\n');
}
