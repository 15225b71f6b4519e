import {
  badEnding,
  type CommandResult,
  findSegment,
  type Mismatch,
  outputLines,
  segments,
  shapeTest,
} from './compare-output.ts';
import { LEFT_OUT, type ShownCommand } from './console-blocks.ts';
import { Correspondence } from './shape.ts';

/** New text for lines of a document, and what could not be found in the output. */
export interface Rewrite {
  /** By line of the document; a line may become several or none. */
  readonly replaced: ReadonlyMap<number, readonly string[]>;
  readonly failed: readonly Mismatch[];
}

/**
 * The output of a shown command as it is now. Output without left-out lines is replaced as a whole. Otherwise each run
 * of lines is found again: by shape, else with all its numbers open. What is not found stays, and is reported.
 */
export function rewriteOutput(command: ShownCommand, result: CommandResult): Rewrite {
  const replaced = new Map<number, readonly string[]>();
  const real = outputLines(result);
  const [first] = command.output;
  const bad = badEnding(command, result);
  if (bad !== undefined) return { replaced, failed: [bad] };
  if (first === undefined) return { replaced, failed: [] };
  if (!command.output.some(({ text }) => text.includes(LEFT_OUT))) {
    for (const { line } of command.output) replaced.set(line, []);
    replaced.set(first.line, real);
    return { replaced, failed: [] };
  }
  const failed: Mismatch[] = [];
  const byShape = shapeTest(command);
  const known = new Correspondence();
  let from = 0;
  for (const segment of segments(command.output)) {
    const at =
      findSegment(segment, real, from, byShape, known) ??
      findSegment(segment, real, from, ({ text }, line) => openNumbers(text).test(line), known);
    if (at === undefined) {
      failed.push(
        ...segment.lines.slice(0, 1).map(({ line, text }) => ({ line, what: `not found: ${text}` })),
      );
      continue;
    }
    segment.lines.forEach(({ line, text }, index) => {
      replaced.set(line, [shortened(text, real[at + index] ?? '')]);
    });
    from = at + segment.lines.length;
  }
  return { replaced, failed };
}

const NUMBER = /0x[0-9a-f]+|(?<!\w)[0-9a-f]{5,}(?!\w)|(?<!\w)\d+/g;

/** A line with any numbers and blanks in it, and a capture for each piece between left-out text. */
function openNumbers(text: string): RegExp {
  const pieces = text.split(LEFT_OUT).map((piece) => {
    const words = piece.split(NUMBER).map((part) => part.split(/ +/).map(literal).join(' *'));
    return `(${words.join('(?:0x)?[0-9a-f]+')})`;
  });
  return new RegExp(`^${pieces.join('.*?')}$`);
}

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The real line, leaving out what the shown line leaves out. */
function shortened(shown: string, real: string): string {
  const captures = openNumbers(shown).exec(real);
  return captures === null ? real : captures.slice(1).join(LEFT_OUT);
}

/** A document with the outputs of its commands as they are now. */
export function rewriteDocument(markdown: string, rewrites: readonly Rewrite[]): string {
  const replaced = new Map(rewrites.flatMap((rewrite) => [...rewrite.replaced]));
  return markdown
    .split('\n')
    .flatMap((text, index) => replaced.get(index + 1) ?? [text])
    .join('\n');
}
