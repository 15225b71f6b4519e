import { sizeOf, type Type } from '../../symbols/index.ts';
import {
  CValue,
  Evaluator,
  type Expression,
  type ExpressionContext,
  ExpressionError,
} from '../expressions/index.ts';
import type { CodeLocation } from './location.ts';

/** The parts of an expression that name a member of a structure. */
function membersIn(syntax: Expression): Expression[] {
  const inside = Object.values(syntax).flatMap((part: unknown) =>
    typeof part === 'object' && part !== null && 'kind' in part ? membersIn(part as Expression) : [],
  );
  return syntax.kind === 'member' ? [...inside, syntax] : inside;
}

/** The types that a place's code sees, before it is reached: its variables are zero, and so is all memory. */
class TypesAt implements ExpressionContext {
  readonly #place: CodeLocation | undefined;
  readonly #context: ExpressionContext;

  constructor(place: CodeLocation | undefined, context: ExpressionContext) {
    this.#place = place;
    this.#context = context;
  }

  variable(name: string, scope: string | undefined, program?: string): CValue | undefined {
    if (this.#place !== undefined && scope === undefined && program === undefined) {
      const locals = this.#place.program.image.debug.locals(this.#place.address);
      const local = locals
        .filter((one) => one.name === name)
        .reduce<(typeof locals)[number] | undefined>(
          (best, one) => (best === undefined || one.depth < best.depth ? one : best),
          undefined,
        );
      if (local !== undefined) {
        const { type } = local;
        return new CValue(type, { kind: 'memory', address: 0n }, () => new Uint8Array(sizeOf(type)));
      }
    }
    return this.#context.variable(name, scope, program);
  }

  register(name: string): CValue | undefined {
    return this.#context.register(name);
  }

  type(name: string): Type | undefined {
    return this.#context.type(name);
  }

  isTypeName(name: string): boolean {
    return this.#context.isTypeName(name);
  }

  readMemory(_address: bigint, size: number): Uint8Array {
    return new Uint8Array(size);
  }

  write(): void {
    // Types are asked for, and nothing is written.
  }
}

/** What is wrong with a member at a place; undefined when it is known there, or nothing can be said before it is reached. */
function wrongMember(member: Expression, context: TypesAt): ExpressionError | undefined {
  try {
    new Evaluator(context, true).value(member);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return error.code === 'unknown-name' && 'at' in member && error.at === member.at ? error : undefined;
  }
}

/**
 * The first member that the structures of an expression lack at all of the places, or where we are when there are none; undefined when
 * there is no such member.
 */
export function unknownMember(
  syntax: Expression,
  places: readonly CodeLocation[],
  context: ExpressionContext,
): ExpressionError | undefined {
  const contexts = (places.length === 0 ? [undefined] : places).map((place) => new TypesAt(place, context));
  for (const member of membersIn(syntax)) {
    const errors = contexts.map((one) => wrongMember(member, one));
    if (errors.every((error) => error !== undefined)) return errors[0];
  }
  return undefined;
}
