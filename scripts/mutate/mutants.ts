import { functionsOf } from './functions.ts';
import { type Fault, faultsIn } from './rules.ts';

/** A fault, and where it is. */
export interface Mutant extends Fault {
  /** Names it among all mutants of this source, and stays when other parts of the file change. */
  readonly id: string;
  /** Relative to the repository. */
  readonly file: string;
  readonly function: string;
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
  return functionsOf(source).flatMap(({ name, body }) =>
    faultsIn(source, body).map((fault) => {
      const original = source.slice(fault.start, fault.end);
      const key = `${file}:${name}:${fault.rule}:${oneLine(original)} => ${oneLine(fault.replacement)}`;
      const number = (seen.get(key) ?? 0) + 1;
      seen.set(key, number);
      const id = number === 1 ? key : `${key} #${number}`;
      const line = source.slice(0, fault.start).split('\n').length;
      return { ...fault, id, file, function: name, line, original };
    }),
  );
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

const STATE_MASK = 0xffff_ffff;
const MULTIPLIER = 0x9e37_79b1;
const MIX = 0x85eb_ca6b;

/** A permutation that the seed decides (Fisher-Yates over a 32-bit Weyl sequence with a mixing step). */
export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + MULTIPLIER) & STATE_MASK;
    let value = Math.imul(state ^ (state >>> 16), MIX);
    value = Math.imul(value ^ (value >>> 13), MULTIPLIER);
    return ((value ^ (value >>> 16)) >>> 0) % limit;
  };
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = below(last + 1);
    const swapped = result[other] as Item;
    result[other] = result[last] as Item;
    result[last] = swapped;
  }
  return result;
}
