import { functionsOf } from '../../../scripts/mutate/functions.ts';
import { tokenize } from '../../../scripts/mutate/tokens.ts';

/** What a change of a C source touches: some functions only, or what stands outside of functions too. */
export interface SourceChange {
  readonly functions: readonly string[];
  readonly outside: boolean;
}

interface SourceParts {
  /** By name: what each function's body says. */
  readonly functions: ReadonlyMap<string, string>;
  readonly outside: string;
}

/** What differs between two versions of a C source, comments and blanks aside. */
export function sourceChange(before: string, after: string): SourceChange {
  const old = partsOf(before);
  const now = partsOf(after);
  const names = [...new Set([...old.functions.keys(), ...now.functions.keys()])];
  return {
    functions: names.filter((name) => old.functions.get(name) !== now.functions.get(name)),
    outside: old.outside !== now.outside,
  };
}

function partsOf(source: string): SourceParts {
  const functions = new Map<string, string>();
  let outside = '';
  let offset = 0;
  for (const { name, body } of functionsOf(source)) {
    const first = body[0];
    const last = body.at(-1);
    if (first === undefined || last === undefined) continue;
    outside += meaning(source.slice(offset, first.start));
    // Under different conditions of the preprocessor a source may define a function twice.
    functions.set(name, (functions.get(name) ?? '') + meaning(source.slice(first.start, last.end)));
    offset = last.end;
  }
  return { functions, outside: outside + meaning(source.slice(offset)) };
}

/** The tokens, and the preprocessor's lines, which are none. */
function meaning(text: string): string {
  const directives = [...text.matchAll(/^[ \t]*#.*(?:\\\n.*)*/gm)].map(([line]) => line);
  return [...tokenize(text).map((token) => token.text), ...directives, ''].join('\n');
}
