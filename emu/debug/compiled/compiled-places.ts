import { ExpressionError } from '../expressions/index.ts';
import { piecesOf } from '../printf/conversions.ts';
import type { Debuggee } from '../session/debuggee.ts';
import type { Selection } from '../session/selection.ts';
import type { Values } from '../session/values.ts';
import type { CodeLocation } from '../stops/location.ts';
import type { Condition, PrintPlan } from '../stops/stop-points.ts';
import { type Compiled, ExpressionCompiler } from './compile-expression.ts';
import { compileMessage, type Writing } from './compile-message.ts';
import { GuestWords } from './guest-words.ts';
import { programCheck } from './program-check.ts';
import { PlaceScope } from './scope.ts';
import type { Reading } from './word-arithmetic.ts';

/**
 * Names may lack a value when a place is first reached, as `curproc` does before there are processes; what is not compiled after so
 * many arrivals never will be.
 */
const MOST_ATTEMPTS = 100;

/** Compiles something at the first arrival that lets it, and then keeps it. */
class Attempt<T> {
  readonly #make: () => T | undefined;
  #made: T | undefined;
  #attempts = 0;

  constructor(make: () => T | undefined) {
    this.#make = make;
  }

  get(): T | undefined {
    if (this.#made === undefined && this.#attempts < MOST_ATTEMPTS) {
      this.#attempts++;
      this.#made = this.#make();
    }
    return this.#made;
  }
}

/**
 * Conditions and messages of breakpoints, compiled for the places they are at. Where something is not, or its memory is not mapped, the
 * evaluator is asked: it knows everything, and says what is wrong.
 */
export class CompiledPlaces {
  readonly #debuggee: Debuggee;
  readonly #selection: Selection;
  readonly #values: Values;
  readonly #words: GuestWords;
  readonly #places = new WeakMap<CodeLocation, CompiledPlace>();

  constructor(debuggee: Debuggee, selection: Selection, values: Values) {
    this.#debuggee = debuggee;
    this.#selection = selection;
    this.#values = values;
    this.#words = new GuestWords(debuggee.cpu);
  }

  at(place: CodeLocation): CompiledPlace {
    let known = this.#places.get(place);
    if (known === undefined) {
      known = new CompiledPlace(place, this.#words, (make) => this.#compile(make));
      this.#places.set(place, known);
    }
    return known;
  }

  #compile<T>(make: Making<T>): T | undefined {
    const words = this.#words;
    // The machine has moved since anything was looked at.
    this.#selection.reset();
    const scope = new PlaceScope({
      words,
      debuggee: this.#debuggee,
      selection: this.#selection,
      values: this.#values,
      object: (type, locate) => compiler.object(type, locate),
    });
    const compiler = new ExpressionCompiler(words, scope);
    try {
      return make(compiler, scope);
    } catch (error) {
      if (error instanceof ExpressionError) return undefined;
      throw error;
    }
  }
}

type Making<T> = (compiler: ExpressionCompiler, scope: PlaceScope) => T | undefined;

/** What is compiled for one place. Everything is asked when the machine stands there. */
export class CompiledPlace {
  readonly #place: CodeLocation;
  readonly #words: GuestWords;
  readonly #compile: <T>(make: Making<T>) => T | undefined;
  readonly #program: Attempt<Reading>;
  #condition: { readonly of: Condition; readonly attempt: Attempt<Reading> } | undefined;
  #message: { readonly of: PrintPlan; readonly attempt: Attempt<Writing> } | undefined;

  constructor(place: CodeLocation, words: GuestWords, compile: <T>(make: Making<T>) => T | undefined) {
    this.#place = place;
    this.#words = words;
    this.#compile = compile;
    this.#program = new Attempt(() => compile((compiler, scope) => this.#compileCheck(compiler, scope)));
  }

  /** Whether the process that runs executes the program of the place; undefined when `Programs` must tell. */
  runs(): boolean | undefined {
    return this.#truth(this.#program);
  }

  /** Whether a condition holds; undefined when the evaluator must tell. */
  holds(condition: Condition): boolean | undefined {
    if (this.#condition?.of !== condition) {
      const attempt = new Attempt(() => this.#compile((compiler) => compiler.truth(condition.syntax)));
      this.#condition = { of: condition, attempt };
    }
    return this.#truth(this.#condition.attempt);
  }

  /** The text of a message; undefined when the evaluator must tell. */
  message(plan: PrintPlan): string | undefined {
    if (this.#message?.of !== plan) {
      const attempt = new Attempt(() => this.#compile((compiler) => this.#compileMessage(plan, compiler)));
      this.#message = { of: plan, attempt };
    }
    return this.#message.attempt.get()?.();
  }

  #truth(attempt: Attempt<Reading>): boolean | undefined {
    return attempt.get()?.() === true ? this.#words.low !== 0 : undefined;
  }

  #compileCheck(compiler: ExpressionCompiler, scope: PlaceScope): Reading | undefined {
    const thread = scope.perCpu('curproc');
    const process = thread && compiler.member(thread, 'p_p');
    const comm = process && compiler.member(process, 'ps_comm');
    return comm && programCheck(this.#words, comm, this.#place);
  }

  #compileMessage(plan: PrintPlan, compiler: ExpressionCompiler): Writing | undefined {
    const values: Compiled[] = [];
    for (const { syntax } of plan.expressions) {
      const value = compiler.compile(syntax);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return compileMessage(this.#words, piecesOf(plan.format), values);
  }
}
