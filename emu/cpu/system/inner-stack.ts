import type { State } from '../state.ts';
import {
  baseOf,
  type Descriptor,
  dplOf,
  isNull,
  isPresent,
  isWritableData,
  limitOf,
  SELECTOR_ERROR_MASK,
  SELECTOR_RPL,
} from './descriptor.ts';
import type { DescriptorTables } from './descriptor-tables.ts';
import { raiseWithError, Vector } from './exception.ts';
import { type StackView, stackViewOf } from './stack.ts';
import type { TaskState } from './task.ts';

/** The stack that control goes to. */
export interface NewStack {
  readonly view: StackView;
  readonly pointer: bigint;
  /** The stack segment's descriptor in legacy mode when the privilege changes. */
  readonly segment: { readonly selector: number; readonly descriptor: Descriptor } | undefined;
}

/** The stack that the legacy TSS has for an inner privilege level, or undefined with the fault recorded (AMD APM vol. 2, section 4.11.2). */
export function readInnerStack(
  state: State,
  tables: DescriptorTables,
  task: TaskState,
  privilege: number,
): NewStack | undefined {
  const stack = task.legacyStack(privilege);
  if (stack === undefined) return undefined;
  const { selector, pointer } = stack;
  const error = selector & SELECTOR_ERROR_MASK;
  if (isNull(selector) || tables.addressOf(selector) === undefined) {
    raiseWithError(state, Vector.InvalidTss, error);
    return undefined;
  }
  const descriptor = tables.read(selector);
  if (descriptor === undefined) return undefined;
  const wrongRing = (selector & SELECTOR_RPL) !== privilege || dplOf(descriptor.attributes) !== privilege;
  if (wrongRing || !isWritableData(descriptor.attributes)) {
    raiseWithError(state, Vector.InvalidTss, error);
    return undefined;
  }
  if (!isPresent(descriptor.attributes)) {
    raiseWithError(state, Vector.StackFault, error);
    return undefined;
  }
  if (!tables.markAccessed(descriptor)) return undefined;
  const view = stackViewOf({
    selector,
    attributes: descriptor.attributes,
    limit: limitOf(descriptor.low, descriptor.high),
    base: BigInt(baseOf(descriptor.low, descriptor.high)),
  });
  return { view, pointer, segment: { selector, descriptor } };
}
