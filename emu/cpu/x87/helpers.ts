import type { State } from '../state.ts';
import type { Mmu } from '../system/mmu.ts';
import { Status } from '../system/status.ts';
import { type ImageAddress, ImageMemory } from '../vector/image-memory.ts';
import type { X87Helpers } from './contract.ts';
import {
  environmentBytes,
  environmentImage,
  loadEnvironment,
  loadState,
  maskAll,
  stateBytes,
  stateImage,
} from './environment-image.ts';
import { X87_OPERATIONS } from './operations/index.ts';
import { initialize } from './register-file.ts';
import { X87Unit } from './unit.ts';

const PAGE_SIZE = 4096;

/** The first byte of an image, and the first of those in the next page. */
function probes({ low }: ImageAddress, length: number): number[] {
  const inPage = PAGE_SIZE - (low & (PAGE_SIZE - 1));
  return length > inPage ? [0, inPage] : [0];
}

/** The part of the x87 instructions that is not generated code. */
export function x87Helpers(
  state: State,
  mmu: Mmu,
): X87Helpers & Record<string, (...operands: number[]) => number> {
  const unit = new X87Unit(state, mmu);
  const memory = new ImageMemory(state, mmu);
  const save = (at: ImageAddress, operandSize: number): number => {
    const length = stateBytes(operandSize);
    if (!memory.accessible(at, length, 'write', probes(at, length), operandSize)) return Status.Fault;
    memory.write(at, stateImage(state, operandSize));
    initialize(state);
    return Status.Next;
  };
  const restore = (at: ImageAddress, operandSize: number): number => {
    const length = stateBytes(operandSize);
    if (!memory.accessible(at, length, 'read', probes(at, length), operandSize)) return Status.Fault;
    loadState(state, memory.read(at, length), operandSize);
    return Status.Next;
  };
  return {
    x87Operation: (operation, operand) => {
      const perform = X87_OPERATIONS[operation];
      if (perform === undefined) throw new RangeError(`there is no x87 operation ${operation}`);
      // Offsets come as signed integers: those in the upper half of the memory are negative.
      perform(unit, operand >>> 0);
      return Status.Next;
    },
    x87StoreEnvironment: (at, operandSize) => {
      state.u8.set(environmentImage(state, operandSize), at >>> 0);
      unit.stored(at >>> 0);
      maskAll(state);
      return Status.Next;
    },
    x87LoadEnvironment: (at, operandSize) => {
      const start = at >>> 0;
      loadEnvironment(state, state.u8.slice(start, start + environmentBytes(operandSize)), operandSize);
      return Status.Next;
    },
    x87Save: (low, high, stack, operandSize) => save({ low, high, stack: stack !== 0 }, operandSize),
    x87Restore: (low, high, stack, operandSize) => restore({ low, high, stack: stack !== 0 }, operandSize),
  };
}
