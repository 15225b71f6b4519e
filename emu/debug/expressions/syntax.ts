import type { IntegerToken } from './tokens.ts';

export type UnaryOperator = '+' | '-' | '~' | '!' | '*' | '&';

export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|'
  | '&&'
  | '||';

/** A type as it was written: names are looked up when it is evaluated. */
export type TypeSyntax =
  /** `unsigned long`, `pid_t`, `struct proc`: what a catalogue of types is asked for. */
  | { readonly kind: 'named'; readonly name: string; readonly at: number }
  | { readonly kind: 'pointer'; readonly target: TypeSyntax }
  | { readonly kind: 'array'; readonly element: TypeSyntax; readonly count: bigint | undefined }
  | {
      readonly kind: 'function';
      readonly returns: TypeSyntax;
      readonly parameters: readonly TypeSyntax[];
    };

/** An expression of C. `at` is where in the text its operator or name stands. */
export type Expression =
  | { readonly kind: 'integer'; readonly at: number; readonly token: IntegerToken }
  | { readonly kind: 'floating'; readonly at: number; readonly value: number }
  | { readonly kind: 'character'; readonly at: number; readonly value: number }
  | { readonly kind: 'string'; readonly at: number; readonly value: string }
  /** `scope` is the file or function before `::`; an empty one means the global name space. */
  | {
      readonly kind: 'name';
      readonly at: number;
      readonly name: string;
      readonly scope?: string | undefined;
      /** `ksh` of `prog:ksh:NAME`. */
      readonly program?: string | undefined;
    }
  | { readonly kind: 'register'; readonly at: number; readonly name: string }
  | {
      readonly kind: 'unary';
      readonly at: number;
      readonly operator: UnaryOperator;
      readonly operand: Expression;
    }
  | {
      readonly kind: 'binary';
      readonly at: number;
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'conditional';
      readonly at: number;
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
    }
  /** `operator` is what `op=` does before it stores; undefined for plain `=`. */
  | {
      readonly kind: 'assignment';
      readonly at: number;
      readonly operator: BinaryOperator | undefined;
      readonly target: Expression;
      readonly value: Expression;
    }
  /** `++` and `--`; `isPrefix` says which value the expression has. */
  | {
      readonly kind: 'increment';
      readonly at: number;
      readonly delta: 1n | -1n;
      readonly isPrefix: boolean;
      readonly target: Expression;
    }
  | { readonly kind: 'comma'; readonly at: number; readonly left: Expression; readonly right: Expression }
  /** `.` and `->`, which mean the same here, as in gdb: a pointer is followed. */
  | { readonly kind: 'member'; readonly at: number; readonly object: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly at: number; readonly array: Expression; readonly index: Expression }
  | { readonly kind: 'call'; readonly at: number; readonly callee: Expression }
  | { readonly kind: 'cast'; readonly at: number; readonly type: TypeSyntax; readonly operand: Expression }
  | { readonly kind: 'sizeof'; readonly at: number; readonly operand: TypeSyntax | Expression }
  /** A type alone, as `ptype` and `whatis` take it. */
  | { readonly kind: 'type'; readonly at: number; readonly type: TypeSyntax }
  /** gdb's `@`: so many objects from the operand's place on. */
  | {
      readonly kind: 'sequence';
      readonly at: number;
      readonly first: Expression;
      readonly count: Expression;
    };
