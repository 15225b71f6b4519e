import type { State } from '../state.ts';
import type { Mmu } from '../system/mmu.ts';
import { BlockUnit } from './block-unit.ts';
import type { VectorHelpers } from './contract.ts';
import { FloatUnit } from './float-unit.ts';
import { FxImage } from './fx-image.ts';
import { compareStrings } from './string-compare.ts';
import { ExtendedState } from './xsave.ts';

/** The part of the XMM and MMX instructions that is not generated code. */
export class VectorUnit {
  readonly helpers: VectorHelpers & Record<string, (...operands: number[]) => number>;

  constructor(state: State, mmu: Mmu) {
    const image = new FxImage(state, mmu);
    const extended = new ExtendedState(state, mmu);
    const floats = new FloatUnit(state);
    const blocks = new BlockUnit(state);
    this.helpers = {
      fxsave: (low, high, stack, wide) => image.save(low, high, stack, wide),
      fxrstor: (low, high, stack, wide) => image.restore(low, high, stack, wide),
      xsave: (low, high, stack, wide) => extended.save(low, high, stack, wide),
      xsaveopt: (low, high, stack, wide) => extended.saveOptimized(low, high, stack, wide),
      xrstor: (low, high, stack, wide) => extended.restore(low, high, stack, wide),
      // Offsets of operands come as signed integers: those in the upper half of the memory are negative.
      floatOperation: (operation, destination, source, immediate) =>
        floats.run(operation, destination, source >>> 0, immediate),
      blockOperation: (operation, destination, source, immediate) =>
        blocks.run(operation, destination, source >>> 0, immediate),
      compareStrings: (first, second, control, variant) =>
        compareStrings(state, first, second >>> 0, control, variant),
    };
  }
}
