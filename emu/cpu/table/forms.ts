import { type Encoding, parseEncoding } from './encoding.ts';
import { type Form, type OperandForm, patternSize } from './form.ts';
import type { Row, Semantics } from './row.ts';

/** The choices a decoded instruction makes among the forms of its row. */
export interface FormChoice {
  /** Operand size in bytes. */
  readonly size: number;
  readonly addressSize: number;
  readonly long: boolean;
  readonly memory: boolean;
  readonly repeat: 'none' | 'rep' | 'repne';
}

const REGISTER_KIND: Readonly<Record<string, OperandForm['kind']>> = {
  V: 'xmm',
  W: 'xmm',
  U: 'xmm',
  P: 'mmx',
  Q: 'mmx',
  N: 'mmx',
  ST: 'x87',
  STi: 'x87',
};
const KIND_LETTER = { register: 'r', xmm: 'x', mmx: 'q', x87: 't', memory: 'm', immediate: 'i' } as const;
const SIZED = new Set(['v', 'z', 'y', 's', 'a']);

/** All forms of a set of rows, numbered; and from an encoding and a choice to its form. */
export class FormTable {
  readonly encodings: readonly Encoding[];
  readonly forms: Form[] = [];
  #hotForms = 0;
  readonly #byKey = new Map<string, Form>();
  readonly #semanticsNumbers = new Map<Semantics, number>();
  readonly #byChoice = new Map<Encoding, (Form | undefined)[]>();

  constructor(rows: readonly Row[]) {
    this.encodings = rows.map(parseEncoding);
    for (const encoding of this.encodings)
      for (const choice of choices(encoding)) this.form(encoding, choice);
  }

  /** The form of an encoding under a choice. */
  form(encoding: Encoding, choice: FormChoice): Form {
    let known = this.#byChoice.get(encoding);
    if (known === undefined) {
      known = [];
      this.#byChoice.set(encoding, known);
    }
    const slot = choiceNumber(choice);
    const found = known[slot];
    if (found !== undefined) return found;
    const form = this.#make(encoding, choice);
    known[slot] = form;
    return form;
  }

  #make(encoding: Encoding, choice: FormChoice): Form {
    const { row, operands: patterns } = encoding;
    const operands: OperandForm[] = [];
    let field = 0;
    for (const pattern of patterns) {
      const size = patternSize(pattern, choice.size);
      const memory =
        pattern.where === 'M' || pattern.where === 'O' || (choice.memory && 'EWQ'.includes(pattern.where));
      const aligned = size === 16 && row.unaligned !== true;
      if (memory) operands.push({ kind: 'memory', size, aligned, field: 0 });
      else if (
        pattern.where === 'I' ||
        pattern.where === 'Is' ||
        pattern.where === 'A' ||
        pattern.where === 'one'
      ) {
        operands.push({ kind: 'immediate', size, aligned: false, field: 0 });
      } else if (pattern.where !== 'J') {
        operands.push({ kind: REGISTER_KIND[pattern.where] ?? 'register', size, aligned: false, field });
      }
      field++;
    }
    const sized = isSized(encoding);
    const size = row.byteSize === true ? 1 : sized ? choice.size : 0;
    const addressSize = row.addressed === true ? choice.addressSize : 0;
    const long = row.stack === true ? choice.long : true;
    const repeat =
      row.repeat === undefined
        ? 'none'
        : row.repeat === 'rep' && choice.repeat !== 'none'
          ? 'rep'
          : choice.repeat;
    let semantics = this.#semanticsNumbers.get(row.emit);
    if (semantics === undefined) {
      semantics = this.#semanticsNumbers.size;
      this.#semanticsNumbers.set(row.emit, semantics);
    }
    const shape = operands.map(
      (operand) =>
        KIND_LETTER[operand.kind] +
        (operand.kind === 'memory' || operand.kind === 'immediate' ? '' : operand.field) +
        (operand.aligned ? 'a' : '') +
        operand.size,
    );
    const key = `${row.mnemonic}#${semantics}:${size}:${shape.join(',')}:${addressSize}${long ? '' : ':legacy'}:${repeat}:${row.access}`;
    const existing = this.#byKey.get(key);
    if (existing !== undefined) return existing;
    const hotSize = size;
    const hot = long && (addressSize === 0 || addressSize === 8) && (row.hot?.includes(hotSize) ?? false);
    const form: Form = {
      key,
      mnemonic: row.mnemonic,
      emit: row.emit,
      access: row.access,
      size,
      addressSize,
      long,
      repeat,
      operands,
      hot,
      row,
      index: this.forms.length,
      hotIndex: hot ? this.#hotForms++ : -1,
    };
    this.#byKey.set(key, form);
    this.forms.push(form);
    return form;
  }
}

function choiceNumber(choice: FormChoice): number {
  const size = 31 - Math.clz32(choice.size);
  const addressSize = 31 - Math.clz32(choice.addressSize);
  const repeat = choice.repeat === 'none' ? 0 : choice.repeat === 'rep' ? 1 : 2;
  return (
    size | (addressSize << 2) | ((choice.long ? 1 : 0) << 4) | ((choice.memory ? 1 : 0) << 5) | (repeat << 6)
  );
}

/** Whether the operand size is part of a row's forms. */
function isSized({ row, operands }: Encoding): boolean {
  return row.sized === true || operands.some(({ size }) => SIZED.has(size));
}

/** The choices that an encoding can meet, once each of those that lead to different forms. */
function* choices(encoding: Encoding): Generator<FormChoice> {
  const { row } = encoding;
  const sized = isSized(encoding);
  const anyMode = row.stack !== true && row.addressed !== true && !sized;
  const modes =
    row.mode === '64' || (anyMode && row.mode === undefined)
      ? [true]
      : row.mode === 'legacy'
        ? [false]
        : [true, false];
  const memories =
    encoding.form === 'memory'
      ? [true]
      : encoding.form === 'register' || !encoding.hasModrm
        ? [false]
        : [false, true];
  const repeats =
    row.repeat === undefined ? ['none' as const] : ['none' as const, 'rep' as const, 'repne' as const];
  for (const long of modes) {
    const sizes = !sized
      ? [long ? 8 : 4]
      : encoding.vex
        ? long
          ? [4, 8]
          : [4]
        : !long
          ? [2, 4]
          : row.size64 === 'force'
            ? [8]
            : row.size64 === 'default'
              ? [2, 8]
              : [2, 4, 8];
    // Where 66 belongs to the opcode, or is excluded, it chooses no operand size.
    const takesOperandSize = encoding.prefix !== 'NP' && encoding.prefix !== '66';
    for (const size of takesOperandSize ? sizes : sizes.filter((one) => one !== 2)) {
      for (const addressSize of row.addressed !== true ? [long ? 8 : 4] : long ? [8, 4] : [4, 2]) {
        for (const memory of memories) {
          for (const repeat of repeats) yield { size, addressSize, long, memory, repeat };
        }
      }
    }
  }
}
