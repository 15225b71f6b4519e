import type { Form } from '../table/form.ts';
import type { Body } from '../wasm/body.ts';
import { type I32, i32 } from '../wasm/expressions.ts';
import * as record from './record.ts';
import type { Exits } from './site.ts';

/**
 * What the counting interpreter does besides: it keeps in each record how often its instruction was executed. An instruction counts
 * when it begins; what it began in vain is taken back, so that a repeated string instruction, or one that a page fault held up, counts once.
 */

/** The instruction of the record begins. */
export function countExecution(body: Body, at: I32): void {
  body.store32(at, i32.add(i32.load(at, record.EXECUTED), i32.const(1)), record.EXECUTED);
}

/** The instruction of the record has not begun after all, or will begin again. */
export function uncountExecution(body: Body, at: I32): void {
  body.store32(at, i32.sub(i32.load(at, record.EXECUTED), i32.const(1)), record.EXECUTED);
}

/** The instruction of the record has faulted. */
export function countFault(body: Body, at: I32): void {
  const before = i32.sub(i32.load(at, record.EXECUTED), i32.const(1));
  body.store32(at, i32.or(before, i32.const(record.FAULTED | 0)), record.EXECUTED);
}

/** Whether a form is a relative branch that depends on something: Jcc, JCXZ, LOOPcc. */
export function isConditionalBranch({ mnemonic }: Form): boolean {
  return (mnemonic.startsWith('J') && !mnemonic.startsWith('JMP')) || mnemonic.startsWith('LOOP');
}

/** Exits that count a conditional branch as taken. With an operand size of 16 bits it leaves by a jump, and is not counted. */
export function countedExits(form: Form, exits: Exits, body: Body, at: I32): Exits {
  if (!isConditionalBranch(form)) return exits;
  return {
    ...exits,
    branch: (target) => {
      body.store32(at, i32.add(i32.load(at, record.TAKEN), i32.const(1)), record.TAKEN);
      exits.branch(target);
    },
  };
}
