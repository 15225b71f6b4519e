import { beforeAll, expect, it } from 'vitest';
import { KernelImage } from '../../emu/kernel/index.ts';
import { createMachine } from '../../emu/machine/create.ts';
import {
  countUnsharedPages,
  decodeSnapshot,
  encodeSnapshot,
  Machine,
  type Snapshot,
} from '../../emu/machine/index.ts';
import { guestImage } from '../../emu/vitest/guest-image.ts';
import { COMMAND_LINE, gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { FullCopyProcessor } from './support/full-copy-processor.ts';

const MEMORY = 64 << 20;
const BUDGET = 1_000_000_000;
const PROMPT = '\n# ';
/** UD2. */
const UNDEFINED_INSTRUCTION = Uint8Array.of(0x0f, 0x0b);

describeWithOracle(gcc, 'restoring snapshots of the guest', () => {
  let files: Awaited<ReturnType<typeof guestImage>>;
  let image: KernelImage;
  /** At the shell's first prompt. */
  let atPrompt: Snapshot;

  const load = (machine: Machine): Machine => {
    const { kernel, initrd } = files;
    machine.loadKernel(kernel.bytes, { name: kernel.name, commandLine: COMMAND_LINE, initrd });
    return machine;
  };
  /** A machine that has never run. */
  const fresh = (): Machine => createMachine({ memory: MEMORY }).machine;
  const fullCopy = (): Machine =>
    Machine.create({ memory: MEMORY, createProcessor: (state, bus) => new FullCopyProcessor(state, bus) });
  /** Goes back; the run then takes another course. */
  const goTo = (machine: Machine, snapshot: Snapshot): void => {
    machine.restore(snapshot);
    machine.input.dropRest();
  };
  const at = (snapshot: Snapshot): Machine => {
    const machine = fresh();
    goTo(machine, snapshot);
    return machine;
  };
  const command = (machine: Machine, line: string): string => {
    machine.console.write(`${line}\n`);
    const stop = machine.run({ untilText: PROMPT, budget: BUDGET });
    if (stop.reason !== 'consoleText') throw new Error(`no prompt after ${line}: ${stop.reason}`);
    return machine.stateHash();
  };

  beforeAll(async () => {
    files = await guestImage();
    image = KernelImage.open(files.kernel.bytes);
    const machine = load(fresh());
    machine.run({ untilText: PROMPT, budget: BUDGET });
    atPrompt = machine.snapshot();
  });

  it('should give back each of several moments in any order', () => {
    const machine = at(atPrompt);
    const moments = [{ snapshot: atPrompt, hash: machine.stateHash() }];
    for (const line of ['ls', 'cat /etc/passwd | wc', 'echo x > /tmp/x; ls -l /tmp', 'ls /bin; rm /tmp/x']) {
      const hash = command(machine, line);
      moments.push({ snapshot: machine.snapshot(), hash });
    }
    expect(new Set(moments.map(({ hash }) => hash)).size).toBe(5);
    for (const index of [4, 0, 4, 3, 3, 0, 1, 2, 1, 2, 4, 0]) {
      const { snapshot, hash } = moments[index] as (typeof moments)[number];
      goTo(machine, snapshot);
      expect(machine.stateHash()).toBe(hash);
    }
  });

  it('should give the same run after each restore, with instructions kept and on a machine that keeps none', () => {
    const machine = at(atPrompt);
    const reference = fullCopy();
    const lines = ['ls', 'sh -c "echo a; echo b"', 'ls'];
    for (const line of lines) {
      goTo(reference, atPrompt);
      const expected = command(reference, line);
      for (let round = 0; round < 2; round++) {
        goTo(machine, atPrompt);
        expect(command(machine, line)).toBe(expected);
      }
    }
  });

  it('should see a breakpoint that was set, kept or removed in between, each time it is reached', () => {
    const address = image.address('sys_fork');
    const machine = at(atPrompt);
    const arrivals = (): number[] => {
      const found: number[] = [];
      const remove = machine.breakpoints.add(address, () => {
        found.push(machine.position);
        return 'continue';
      });
      goTo(machine, atPrompt);
      command(machine, 'ls; ls');
      remove();
      return found;
    };
    goTo(machine, atPrompt);
    const plain = command(machine, 'ls; ls');
    const first = arrivals();
    expect(first.length).toBe(2);
    expect(machine.stateHash()).toBe(plain);
    goTo(machine, atPrompt);
    expect(command(machine, 'ls; ls')).toBe(plain);
    expect(arrivals()).toEqual(first);
  });

  it('should give back the moment of a stop at a breakpoint, which is then reached anew', () => {
    const machine = at(atPrompt);
    const remove = machine.breakpoints.add(image.address('sys_execve'), () => 'stop');
    machine.console.write('ls\n');
    const stop = machine.run({ budget: BUDGET });
    expect(stop.reason).toBe('breakpoint');
    const snapshot = machine.snapshot();
    const hash = machine.stateHash();
    remove();
    machine.run({ untilText: PROMPT, budget: BUDGET });
    const after = machine.stateHash();
    goTo(machine, snapshot);
    expect(machine.stateHash()).toBe(hash);
    machine.run({ untilText: PROMPT, budget: BUDGET });
    expect(machine.stateHash()).toBe(after);
    machine.breakpoints.add(image.address('sys_execve'), () => 'stop');
    goTo(machine, snapshot);
    expect(machine.run({ budget: BUDGET })).toMatchObject({ reason: 'breakpoint', position: stop.position });
    expect(machine.run({ untilText: PROMPT, budget: BUDGET }).reason).toBe('consoleText');
    expect(machine.stateHash()).toBe(after);
  });

  it('should undo what the host wrote, into code that has run and into a page that nothing else touched', () => {
    const { machine, cpu } = createMachine({ memory: MEMORY });
    goTo(machine, atPrompt);
    const expected = command(machine, 'ls');
    for (const symbol of ['sys_execve', 'sys_fork']) {
      goTo(machine, atPrompt);
      const code = cpu.system.inspector.translateAny(image.address(symbol)) as number;
      machine.writeMemory(code, UNDEFINED_INSTRUCTION);
      machine.writeMemory(MEMORY - 1, Uint8Array.of(1));
      machine.console.write('ls\n');
      expect(machine.run({ untilText: PROMPT, budget: BUDGET }).reason).not.toBe('consoleText');
      goTo(machine, atPrompt);
      expect(command(machine, 'ls')).toBe(expected);
    }
  });

  it('should share what has not changed among a thousand snapshots', () => {
    const machine = at(atPrompt);
    machine.console.write('ls\n');
    let before = atPrompt;
    let pages = 0;
    let groups = 0;
    for (let index = 0; index < 1000; index++) {
      machine.run({ budget: 100 });
      const snapshot = machine.snapshot();
      pages += countUnsharedPages(before.pages, snapshot.pages);
      groups += snapshot.pages.groups.filter((group, at) => group !== before.pages.groups[at]).length;
      before = snapshot;
    }
    expect(pages).toBeGreaterThan(100);
    expect(pages).toBeLessThan(10_000);
    expect(groups).toBeLessThanOrEqual(pages);
  });

  it.each([1, 2, 3])('should be as good as a full copy, whatever happens (random course %d)', (seed) => {
    const random = generator(seed);
    const pick = (count: number): number => Math.floor(random() * count);
    const tested = fresh();
    const reference = fullCopy();
    const both = [tested, reference];
    const found: string[][] = [[], []];
    for (const machine of both) goTo(machine, atPrompt);
    const kept = both.map(() => [atPrompt]);
    const addresses = ['mi_syscall', 'fork1', 'sys_execve', 'uvm_fault'].map((name) => image.address(name));
    let breakpoints: (() => void)[] = [];
    for (let turn = 0; turn < 40; turn++) {
      switch (pick(8)) {
        case 0:
        case 1: {
          for (const [index, machine] of both.entries()) kept[index]?.push(machine.snapshot());
          break;
        }
        case 2:
        case 3:
        case 4: {
          const one = pick(kept[0]?.length ?? 0);
          // Now and then what the other machine kept, and what comes out of a file.
          const exchanged = pick(4) === 0;
          const filed = pick(6) === 0;
          both.forEach((machine, index) => {
            const snapshot = kept[exchanged ? 1 - index : index]?.[one] as Snapshot;
            goTo(machine, filed ? decodeSnapshot(encodeSnapshot(snapshot)) : snapshot);
          });
          break;
        }
        case 5: {
          const line = ['ls\n', 'echo hello | cat\n', '\n', '/bin/sh -c exit\n'][pick(4)] as string;
          for (const machine of both) machine.console.write(line);
          break;
        }
        case 6: {
          for (const remove of breakpoints) remove();
          const chosen = addresses.filter(() => pick(2) === 0);
          breakpoints = both.flatMap((machine, index) =>
            chosen.map((address) =>
              machine.breakpoints.add(address, () => {
                found[index]?.push(`${machine.position} ${address.toString(16)}`);
                return 'continue';
              }),
            ),
          );
          break;
        }
        default: {
          const address = 0x8000 + pick(0x8000);
          for (const machine of both) machine.writeMemory(address, Uint8Array.of(seed, turn));
        }
      }
      const budget = 1 + pick(10 ** (1 + pick(6)));
      for (const machine of both) machine.run({ budget });
      expect([turn, tested.position, tested.stateHash()]).toEqual([
        turn,
        reference.position,
        reference.stateHash(),
      ]);
    }
    expect(found[0]).toEqual(found[1]);
    expect(kept[0]?.length).toBeGreaterThan(3);
  });
});

/** Numbers from 0 to 1, the same for the same seed (a linear congruential generator modulo 2^32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
