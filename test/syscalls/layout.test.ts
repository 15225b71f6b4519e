import { describe, expect, it } from 'vitest';
import { KernelImage } from '../../emu/kernel/index.ts';
import { scratchFile } from '../../emu/vitest/guest-image.ts';
import { CALL, SHARED, SIGNAL, SIGNALS_LOGGED } from '../../emu/vitest/scratch/layout.ts';

describe('the layout of the scratch program’s structures', () => {
  const image = KernelImage.open(scratchFile());
  const offsets = (struct: string, members: readonly string[]): (number | undefined)[] =>
    members.map((member) => image.struct(struct).member(member)?.offset);

  it('should be that of struct scratch_call', () => {
    const { size, ...places } = CALL;
    const members = ['number', 'kinds', 'nargs', 'args', 'actual', 'value', 'second', 'state', 'child'];
    expect(
      offsets(
        'scratch_call',
        members.map((name) => `sc_${name}`),
      ),
    ).toEqual(Object.values(places));
    expect(image.struct('scratch_call').size).toBe(size);
  });

  it('should be that of struct scratch_shared and struct scratch_signal', () => {
    expect(offsets('scratch_shared', ['sh_entry', 'sh_handler', 'sh_signals', 'sh_log'])).toEqual(
      Object.values(SHARED),
    );
    const { size, ...places } = SIGNAL;
    expect(offsets('scratch_signal', ['ss_signal', 'ss_code', 'ss_address', 'ss_thread'])).toEqual(
      Object.values(places),
    );
    expect(image.struct('scratch_signal').size).toBe(size);
    expect(image.struct('scratch_shared').size).toBe(SHARED.log + SIGNALS_LOGGED * size);
  });
});
