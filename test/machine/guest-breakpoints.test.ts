import { beforeAll, expect, it } from 'vitest';
import type { Machine } from '../../emu/index.ts';
import { guestImage } from '../../emu/vitest/guest-image.ts';
import { COMMAND_LINE, gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { sessionMachine } from './support/guest-run.ts';

const STEPS = 3_000_000;
/** Places of all kinds: one that is reached thousands of times, a system call's entry, an interrupt's, a thread's first instruction. */
const PLACES = ['splraise', 'Xsyscall', 'Xintr0', 'proc_trampoline', 'pmap_enter'];

/** Where observers stood, and what they saw. */
interface Sight {
  readonly place: string;
  readonly position: number;
  readonly time: number;
  readonly rip: bigint;
  readonly rsp: bigint;
  readonly rflags: bigint;
}

describeWithOracle(gcc, 'observers that are asked in the middle of a slice', () => {
  let files: Awaited<ReturnType<typeof guestImage>>;

  beforeAll(async () => {
    files = await guestImage();
  });

  const fresh = (asks: boolean): Machine => {
    const machine = sessionMachine({ ...files, commandLine: COMMAND_LINE });
    // Without it each breakpoint ends the processor's run, and observers look at the machine between two.
    if (!asks) machine.core.processor.askAtBreakpoint = undefined;
    return machine;
  };

  function watch(machine: Machine, act: (sight: Sight) => 'stop' | 'continue' = () => 'continue'): Sight[] {
    const sights: Sight[] = [];
    for (const place of PLACES) {
      machine.core.breakpoints.add(machine.image.address(place), () => {
        const sight = {
          place,
          position: machine.position,
          time: machine.guestTime,
          rip: machine.register('rip'),
          rsp: machine.register('rsp'),
          rflags: machine.register('rflags'),
        };
        sights.push(sight);
        return act(sight);
      });
    }
    return sights;
  }

  it('should see what they see between two slices', () => {
    const asked = fresh(true);
    const ended = fresh(false);
    const [ofAsked, ofEnded] = [watch(asked), watch(ended)];
    asked.core.run({ budget: STEPS });
    ended.core.run({ budget: STEPS });
    expect(ofAsked.length).toBeGreaterThan(1000);
    expect(new Set(ofAsked.map(({ place }) => place))).toEqual(new Set(PLACES));
    expect(ofAsked).toEqual(ofEnded);
    expect(asked.stateHash()).toBe(ended.stateHash());
  });

  it('should stop the run before the instruction, and be asked once for each arrival', () => {
    const runs = [true, false].map((asks) => {
      const machine = fresh(asks);
      const sights = watch(machine, ({ position }) => (position % 7 === 0 ? 'stop' : 'continue'));
      const stops: number[] = [];
      while (machine.position < STEPS) {
        const { reason, position } = machine.core.run({ untilPosition: STEPS });
        if (reason === 'breakpoint') stops.push(position);
      }
      return { sights, stops, hash: machine.stateHash() };
    });
    expect(runs[0]?.stops.length).toBeGreaterThan(100);
    expect(runs[0]).toEqual(runs[1]);
  });

  it('should end the run where they ask for it, remove breakpoints and add some', () => {
    const runs = [true, false].map((asks) => {
      const machine = fresh(asks);
      let extra = 0;
      let remove: (() => void) | undefined;
      const sights = watch(machine, ({ position }) => {
        if (position % 5 === 0) machine.core.requestStop();
        if (position % 3 === 0) {
          remove?.();
          remove = machine.core.breakpoints.add(machine.image.address('splx'), () => {
            extra++;
            return 'continue';
          });
        }
        return 'continue';
      });
      const stops: number[] = [];
      while (machine.position < STEPS) {
        const { reason, position } = machine.core.run({ untilPosition: STEPS });
        if (reason === 'requested') stops.push(position);
      }
      return { sights, extra, stops, hash: machine.stateHash() };
    });
    expect(runs[0]?.stops.length).toBeGreaterThan(100);
    expect(runs[0]?.extra).toBeGreaterThan(100);
    expect(runs[0]).toEqual(runs[1]);
  });

  it('should be able to write to the guest, and throw', () => {
    const runs = [true, false].map((asks) => {
      const machine = fresh(asks);
      let thrown = 0;
      const sights = watch(machine, ({ place, position }) => {
        // As if the function had returned at once: RIP is written, and memory.
        if (place === 'splraise' && position % 11 === 0) {
          machine.core.writeRegister(0, 8, 0x1234n);
          machine.core.writeMemory(0x1000, Uint8Array.of(position & 0xff));
        }
        if (position % 13 === 0) throw new RangeError('enough');
        return 'continue';
      });
      while (machine.position < STEPS) {
        try {
          machine.core.run({ untilPosition: STEPS });
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          thrown++;
        }
      }
      return { sights, thrown, hash: machine.stateHash() };
    });
    expect(runs[0]?.thrown).toBeGreaterThan(50);
    expect(runs[0]).toEqual(runs[1]);
  });
});
