import { beforeAll, describe, expect, it } from 'vitest';
import { FlatMachine, Machine, type Snapshot } from '../emu/index.ts';
import { guestImage } from '../emu/vitest/guest-image.ts';

const COMMAND_LINE = 'seed=1 time=1700000000';
const BUDGET = 100_000_000;

describe('the library', async () => {
  const { kernel, initrd } = await guestImage();
  const machine = Machine.create({ kernel, initrd, commandLine: COMMAND_LINE });
  let printed = '';
  let atPrompt: Snapshot;

  beforeAll(() => {
    machine.console.onOutput((bytes) => {
      printed += new TextDecoder().decode(bytes);
    });
    expect(machine.run({ text: '# ', budget: BUDGET }).reason).toBe('consoleText');
    atPrompt = machine.snapshot();
  });

  const typed = (line: string): void => {
    machine.restore(atPrompt);
    printed = '';
    machine.console.write(`${line}\n`);
  };

  it('should run until a symbol is reached', () => {
    typed('ls');
    expect(machine.run({ symbol: 'fork1', budget: BUDGET }).reason).toBe('breakpoint');
    expect(machine.register('rip')).toBe(machine.image.address('fork1'));
  });

  it('should run until an address is reached', () => {
    typed('ls');
    const address = machine.image.address('child_return');
    machine.run({ address, budget: BUDGET });
    expect(machine.register('rip')).toBe(address);
  });

  it('should run until an event happens', () => {
    typed('ls');
    const seen: number[] = [];
    const detach = machine.on('proc:exec', (event) => seen.push(event.error));
    expect(machine.run({ event: 'proc:exec', budget: BUDGET }).reason).toBe('requested');
    detach();
    expect(seen).toEqual([0]);
  });

  it('should run until the console prints a text, and not beyond', () => {
    typed('echo abcdef');
    machine.run({ text: '\nabc', budget: BUDGET });
    expect(printed.endsWith('\nabc')).toBe(true);
  });

  it('should stop at a budget and at a position', () => {
    typed('ls');
    const start = machine.position;
    machine.run({ budget: 1000 });
    expect(machine.position).toBe(start + 1000);
    machine.run({ position: start + 1500 });
    expect(machine.position).toBe(start + 1500);
    machine.step();
    expect(machine.position).toBe(start + 1501);
  });

  it('should give events as an async iterator', async () => {
    typed('true');
    const events = machine.events(['proc:exec', 'proc:exit']);
    machine.run({ text: '# ', budget: BUDGET });
    events.end();
    const names: string[] = [];
    for await (const event of events) names.push(event.name);
    expect(names).toEqual(['proc:exec', 'proc:exit']);
  });

  it('should write registers and memory, and read them back', () => {
    typed('ls');
    machine.run({ symbol: 'fork1', budget: BUDGET });
    machine.setRegister('rsi', 0x1234n);
    expect(machine.register('rsi')).toBe(0x1234n);
    const stack = machine.register('rsp');
    machine.writeMemory(stack - 16n, Uint8Array.of(1, 2, 3, 4));
    expect(Array.from(machine.readMemory(stack - 16n, 4))).toEqual([1, 2, 3, 4]);
    expect(machine.core.input.entries.filter(({ kind }) => kind !== 'console')).toHaveLength(2);
  });

  it('should be in the same state after the same input, from a snapshot on', () => {
    const hashes = [0, 1].map(() => {
      typed('ls -l | wc');
      machine.run({ text: '# ', budget: BUDGET });
      return [machine.position, machine.stateHash()];
    });
    expect(hashes[0]).toEqual(hashes[1]);
  });

  it('should run flat code without a kernel', () => {
    const flat = new FlatMachine();
    flat.map(0x1000n, 0x1000, { user: true, executable: true });
    // lea eax, [rdi+rsi]
    flat.write(0x1000n, Uint8Array.of(0x8d, 0x04, 0x37));
    flat.registers[7] = 40n;
    flat.registers[6] = 2n;
    flat.rip = 0x1000n;
    expect(flat.run({ until: 0x1003n, budget: 10 })).toEqual({ reason: 'until' });
    expect(flat.registers[0]).toBe(42n);
  });
});
