import { describe, expect } from 'vitest';
import { guestTest as it } from '../../emu/vitest/index.ts';

describe('a new thread', () => {
  it('should let the interrupts come that were held off while it was switched to, before anything else', ({
    guest,
  }) => {
    const { machine } = guest;
    void guest.scratch;
    guest.begin('vfork');
    guest.until('proc_trampoline_mp');
    // The interrupt level is still that of the scheduler.
    guest.faults.interruptAt(machine.position + 1);
    const order: string[] = [];
    const detach = ['hardclock', 'child_return'].map((name) =>
      machine.tracer.probes.at(machine.image.address(name), () => order.push(name)),
    );
    guest.until('child_return');
    guest.scratch.finish();
    for (const one of detach) one();
    expect(order).toEqual(['hardclock', 'child_return']);
  });
});
