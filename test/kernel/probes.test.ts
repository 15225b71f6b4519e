import { expect, it } from 'vitest';
import { Probes } from '../../emu/kernel/index.ts';
import type { Machine } from '../../emu/machine/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { fixtureMachine, gcc } from './support/fixture-kernel.ts';

/** Turns that the fixture's three threads take before the first of them gives up. */
const TURNS = 120;

/** State hashes at ten positions and at the end. */
function hashes(machine: Machine): string[] {
  const found: string[] = [];
  for (let index = 1; index <= 10; index++) {
    machine.run({ untilPosition: index * 1000 });
    found.push(`${machine.position} ${machine.guestTime} ${machine.stateHash()}`);
  }
  const stop = machine.run();
  found.push(`${stop.reason} ${stop.position} ${machine.stateHash()}`);
  return found;
}

describeWithOracle(gcc, 'probes', () => {
  it('change nothing: the state is the same at every position', () => {
    const plain = hashes(fixtureMachine().machine);
    const { machine, kernel } = fixtureMachine();
    const probes = new Probes(kernel);
    let seen = 0;
    const count = () => {
      seen++;
    };
    for (const name of ['factorial', 'yield', 'cpu_switchto', 'switch_stacks', 'worker', 'panic', 'printf']) {
      probes.function(name, { enter: count, leave: count });
    }
    for (let offset = 0n; offset < 64n; offset++)
      probes.at(kernel.image.address('factorial') + offset, count);
    const probed = hashes(machine);
    expect(seen).toBeGreaterThan(1000);
    expect(probed).toEqual(plain);
  });

  it('pair each return with its own call under recursion', () => {
    const { machine, kernel } = fixtureMachine();
    const probes = new Probes(kernel);
    const wrong: string[] = [];
    let calls = 0;
    let depth = 0;
    let deepest = 0;
    const factorials = [1n, 1n, 2n, 6n, 24n, 120n];
    probes.function('factorial', {
      enter: ({ arguments: [n = 0n] }) => {
        calls++;
        deepest = Math.max(deepest, ++depth);
        return Number(n);
      },
      leave: (call, n, result) => {
        depth--;
        if (result !== factorials[n]) wrong.push(`factorial(${n}) = ${result} at ${call.position}`);
      },
    });
    machine.run();
    expect(wrong).toEqual([]);
    // 1 to 5 levels deep, over and over, in three threads.
    expect(calls).toBe((TURNS * (1 + 2 + 3 + 4 + 5)) / 5);
    expect(deepest).toBe(5);
    expect(depth).toBe(0);
  });

  it('pair each return with its own call across thread switches', () => {
    const { machine, kernel } = fixtureMachine();
    const probes = new Probes(kernel);
    const inside: number[] = [];
    const returned: {
      thread: number;
      entered: bigint | undefined;
      left: bigint | undefined;
      turns: number;
    }[] = [];
    probes.function('yield', {
      enter: ({ arguments: [thread = 0n] }) => {
        inside.push(Number(thread));
        return { turn: kernel.global('turns').number(), proc: kernel.currentThread()?.address };
      },
      leave: ({ arguments: [thread = 0n] }, { turn, proc }) => {
        const turns = kernel.global('turns').number() - turn;
        returned.push({
          thread: Number(thread),
          entered: proc,
          left: kernel.currentThread()?.address,
          turns,
        });
      },
    });
    machine.run();
    expect(inside).toHaveLength(TURNS);
    // Two threads are still inside when the first one panics.
    expect(returned).toHaveLength(TURNS - 2);
    for (const { entered, left, turns } of returned) {
      expect(left).toBe(entered);
      expect(turns).toBe(3);
    }
    expect(returned.map(({ thread }) => thread)).toEqual(returned.map((_, index) => index % 3));
  });

  it('do not take the return of another thread on the same stack for that of one that has ended', () => {
    const { machine, kernel } = fixtureMachine();
    const probes = new Probes(kernel);
    const seen: string[] = [];
    const places = new Set<bigint>();
    for (const name of ['vanish', 'stay']) {
      probes.function(name, {
        enter: ({ stackPointer, returnAddress }) => {
          places.add(stackPointer).add(returnAddress);
          seen.push(`${name} in`);
        },
        leave: () => {
          seen.push(`${name} out`);
        },
      });
    }
    machine.run();
    expect(places.size).toBe(2);
    expect(seen).toEqual(['vanish in', 'stay in', 'stay out']);
  });

  it('see the argument registers, the return address and the position of a call', () => {
    const { machine, kernel } = fixtureMachine();
    const probes = new Probes(kernel);
    const frames: string[] = [];
    probes.function('last_round', {
      enter: ({ position, returnAddress, stackPointer, arguments: [thread] }) => {
        expect(position).toBe(machine.position);
        expect(kernel.registers.get('rsp')).toBe(stackPointer);
        frames.push(`${kernel.image.place(returnAddress - 1n).function} ${thread}`);
      },
    });
    machine.run();
    expect(frames).toEqual(['worker 0']);
  });

  it('can share an address and come and go while the machine runs', () => {
    const { machine, kernel } = fixtureMachine();
    const probes = new Probes(kernel);
    const order: string[] = [];
    let calls = 0;
    const detachFirst = probes.function('yield', {
      enter: () => {
        order.push('first in');
        if (++calls === 2) detachFirst();
      },
      leave: () => order.push('first out'),
    });
    let detachSecond = () => {};
    detachSecond = probes.function('yield', {
      enter: () => {
        order.push('second in');
        if (calls === 4) detachSecond();
        if (calls === 2) calls = 4;
      },
    });
    machine.run();
    expect(order).toEqual(['first in', 'second in', 'first in', 'second in', 'second in']);
    // With the last one gone the processor has no breakpoint left to look for.
    expect([...(machine.breakpoints.take() ?? [])]).toEqual([]);
  });

  it('miss nothing when the run is cut in pieces, and report each arrival once', () => {
    const arrivals = (slice: number): number[] => {
      const { machine, kernel } = fixtureMachine();
      const probes = new Probes(kernel);
      const found: number[] = [];
      probes.function('yield', {
        enter: ({ position }) => {
          found.push(position);
        },
        leave: () => found.push(-machine.position),
      });
      while (machine.ending === undefined && machine.position < 4000) machine.run({ budget: slice });
      return found.filter((position) => Math.abs(position) < 4000);
    };
    const whole = arrivals(4000);
    expect(whole.length).toBeGreaterThan(20);
    expect(arrivals(1)).toEqual(whole);
    expect(arrivals(7)).toEqual(whole);
  });

  it('work again after the machine was taken back in time', () => {
    const { machine, kernel } = fixtureMachine();
    const probes = new Probes(kernel);
    let found: string[] = [];
    probes.function('yield', {
      enter: ({ position }) => {
        found.push(`in ${position}`);
        return position;
      },
      leave: (_call, entered) => found.push(`out ${machine.position} of ${entered}`),
    });
    machine.run({ untilPosition: 3000 });
    const snapshot = machine.snapshot();
    found = [];
    machine.run({ untilPosition: 6000 });
    const first = found;
    machine.restore(snapshot);
    found = [];
    machine.run({ untilPosition: 6000 });
    // Calls under way at the snapshot have returned once already; those that began after it are all seen.
    const after = (one: string) => one.startsWith('in') || Number(one.split(' ').at(-1)) >= 3000;
    expect(found.filter(after)).toEqual(first.filter(after));
    expect(found.length).toBeGreaterThan(10);
  });
});
