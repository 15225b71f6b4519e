import { describe, expect } from 'vitest';
import { guestTest } from '../../../emu/vitest/index.ts';

const FLOAT_EXCEPTION = new URL('../programs/float-exception.c', import.meta.url);
const it = guestTest.extend({ guestSetup: { programs: [FLOAT_EXCEPTION] } });

/** sys/signal.h */
const FPE_FLTDIV = 3;

// QEMU's interpreter does not raise SIMD exceptions, so that this is no regress program.
describe('an unmasked SIMD exception', () => {
  it('should be a SIGFPE that says which', ({ guest }) => {
    expect(guest.sh('float-exception')).toEqual({ output: '', status: FPE_FLTDIV });
  });
});
