import { createHash } from 'node:crypto';
import { functionsOf } from './functions.ts';
import { type Fault, faultsIn } from './rules.ts';

/** A fault, and where it is. */
export interface Mutant extends Fault {
  /** Names it among all mutants of this source, and stays when other parts of the file change. */
  readonly id: string;
  /** Relative to the repository. */
  readonly file: string;
  readonly function: string;
  /** Of the function's tokens: what was found of the mutant holds as long as this is the same. */
  readonly digest: string;
  /** Line of the change, from 1. */
  readonly line: number;
  readonly original: string;
}

/** On one line, with single blanks: as a report shows it. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

/** All mutants of a source, by place. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const seen = new Map<string, number>();
  return functionsOf(source).flatMap(({ name, body }) => {
    const digest = digestOf(body.map(({ text }) => text).join(' '));
    return faultsIn(source, body).map((fault) => {
      const original = source.slice(fault.start, fault.end);
      const key = `${file}:${name}:${fault.rule}:${oneLine(original)} => ${oneLine(fault.replacement)}`;
      const number = (seen.get(key) ?? 0) + 1;
      seen.set(key, number);
      const id = number === 1 ? key : `${key} #${number}`;
      const line = source.slice(0, fault.start).split('\n').length;
      return { ...fault, id, file, function: name, digest, line, original };
    });
  });
}

/** The source with the fault in it. */
export function applied(source: string, { start, end, replacement }: Fault): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

/** The lines that a mutant changes, as `-` and `+` lines. */
export function difference(source: string, mutant: Mutant): string[] {
  const begin = source.lastIndexOf('\n', mutant.start - 1) + 1;
  const newline = source.indexOf('\n', mutant.end);
  const end = newline < 0 ? source.length : newline;
  const before = source.slice(begin, end);
  const after = source.slice(begin, mutant.start) + mutant.replacement + source.slice(mutant.end, end);
  const marked = (mark: string, text: string): string[] =>
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => `${mark}${line}`);
  return [...marked('-', before), ...marked('+', after)];
}

/** Hexadecimal digits of a digest: enough to tell any two texts of this kernel apart. */
const DIGEST_LENGTH = 16;

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_LENGTH);
}

/**
 * Mutants in an order that the seed decides, like a shuffled pack of cards. A mutant's place depends on its id alone, so that a change of
 * the kernel leaves a sample what it was but for the functions that were changed.
 */
export function inSeedsOrder(mutants: readonly Mutant[], seed: number): Mutant[] {
  const keyed = mutants.map((mutant) => ({ mutant, key: digestOf(`${seed} ${mutant.id}`) }));
  return keyed.sort((left, right) => (left.key < right.key ? -1 : 1)).map(({ mutant }) => mutant);
}
