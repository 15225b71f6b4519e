import { SHN } from '../../symbols/index.ts';
import type { Expression } from '../expressions/index.ts';
import type { Programs } from '../programs/programs.ts';
import type { CodeLocation } from './location.ts';

/** The plain names in an expression, in the order in which they are written: not those after `::` or of a program. */
export function namesIn(syntax: Expression): string[] {
  if (syntax.kind === 'name')
    return syntax.scope === undefined && syntax.program === undefined ? [syntax.name] : [];
  return Object.values(syntax).flatMap((part: unknown) =>
    typeof part === 'object' && part !== null && 'kind' in part ? namesIn(part as Expression) : [],
  );
}

/** Whether the code of a place sees something of that name: a variable of its function, or what its program or the kernel has. */
export function seesName({ program, address }: CodeLocation, name: string, { kernel }: Programs): boolean {
  if (program.image.debug.locals(address).some((local) => local.name === name)) return true;
  return [program, kernel].some(({ image: { debug, symbols } }) => {
    if (debug.variableSeenFrom(name, address) !== undefined || debug.function(name) !== undefined)
      return true;
    if (debug.enumerator(name) !== undefined) return true;
    return symbols.allByName(name).some(({ sectionIndex }) => sectionIndex !== SHN.absolute);
  });
}
