import { describe, expect, it } from 'vitest';
import { COUNTER, ENTRY, LOOP, runsPast, STORE, smallMachine, TURN } from './support/small-machine.ts';
import type { StubClient } from './support/stub-client.ts';

const RAX = 0;
const RIP = 16;
const hex = (value: number): string => value.toString(16);

async function stepTo(client: StubClient, steps: number): Promise<void> {
  for (let count = 0; count < steps; count++) await client.ask('s');
}

describe('going back', () => {
  it('should take back steps one by one, to the very state that was there', async () => {
    const { machine, connect } = smallMachine({ history: { interval: 4 } });
    const client = connect();
    const hashes: string[] = [];
    for (let count = 0; count < 20; count++) {
      hashes.push(machine.stateHash());
      await client.ask('s');
    }
    for (const hash of hashes.toReversed()) {
      expect(await client.ask('bs')).toMatch(/^T05/);
      expect(machine.stateHash()).toBe(hash);
    }
    expect(await client.ask('bs')).toContain('replaylog:begin;');
    expect(await client.register(RIP)).toBe(ENTRY);
  });

  it('should go back to the breakpoint before, and to the beginning when there is none', async () => {
    const { machine, connect } = smallMachine({ history: { interval: 4 } });
    const client = connect();
    await stepTo(client, 3 * TURN);
    await client.ask('qSupported:swbreak+');
    await client.ask(`Z0,${hex(STORE)},1`);
    for (const turn of [2, 1, 0]) {
      expect(await client.ask('bc')).toMatch(/^T05thread:1;swbreak:;/);
      expect(machine.position).toBe(2 + turn * TURN);
    }
    expect(await client.ask('bc')).toContain('replaylog:begin;');
    expect(machine.position).toBe(0);
    expect(await client.ask('c')).toContain('swbreak');
    expect(machine.position).toBe(2);
  });

  it('should go back to before the write of watched memory', async () => {
    const { machine, connect } = smallMachine({ history: { interval: 5 } });
    const client = connect();
    await stepTo(client, 4 * TURN);
    await client.ask(`Z2,${hex(COUNTER)},4`);
    for (const turn of [3, 2]) {
      expect(await client.ask('bc')).toContain(`watch:${hex(COUNTER)};`);
      expect(machine.position).toBe(2 + turn * TURN);
      expect(await client.register(RIP)).toBe(STORE);
    }
    // Forward again, it is the write itself that stops.
    expect(await client.ask('c')).toContain('watch:');
    expect(machine.position).toBe(3 + 2 * TURN);
  });

  it('should go back to before the read of watched memory', async () => {
    // mov eax, [0x200000]; nop; jmp to it
    const code = Uint8Array.of(0xa1, 0, 0, 0x20, 0, 0x90, 0xeb, 0xf8);
    const { machine, connect } = smallMachine({ code, history: { interval: 5 } });
    const client = connect();
    await stepTo(client, 10);
    await client.ask(`Z3,${hex(COUNTER)},4`);
    for (const position of [9, 6, 3]) {
      expect(await client.ask('bc')).toContain(`rwatch:${hex(COUNTER)};`);
      expect(machine.position).toBe(position);
    }
    expect(await client.ask('c')).toContain('rwatch:');
    expect(machine.position).toBe(4);
  });

  it('should come through what a debugger wrote, and forget what came after when it writes again', async () => {
    const { machine, connect } = smallMachine({ history: { interval: 4 } });
    const client = connect();
    await stepTo(client, 4);
    await client.ask('P0=2a00000000000000');
    await stepTo(client, 6);
    const hash = machine.stateHash();
    for (let count = 0; count < 8; count++) await client.ask('bs');
    expect(await client.register(RAX)).toBe(6);
    await stepTo(client, 8);
    expect(machine.stateHash()).toBe(hash);
    for (let count = 0; count < 8; count++) await client.ask('bs');
    await client.ask('P0=0001000000000000');
    expect(machine.input.entries).toHaveLength(1);
    await stepTo(client, 8);
    expect(await client.register(RAX)).toBe(0x102);
    await client.ask('bs');
    await client.ask('s');
    expect(await client.register(RAX)).toBe(0x102);
  });

  it('should stop for an interrupt on the way back', async () => {
    const { machine, connect } = smallMachine({ history: { interval: 200_000 } });
    const client = connect();
    client.send('c');
    await runsPast(machine, 1_000_000);
    client.raw('\x03');
    expect(await client.next()).toMatch(/^T02/);
    const { position } = machine;
    client.send('bc');
    client.raw('\x03');
    expect(await client.next()).toMatch(/^T02/);
    expect(machine.position).toBeGreaterThan(0);
    expect(machine.position).toBeLessThanOrEqual(position);
  });

  it('should go back from a triple fault', async () => {
    const { connect } = smallMachine({ code: Uint8Array.of(0x90, 0x0f, 0x0b) });
    const client = connect();
    expect(await client.ask('c')).toMatch(/^T0b/);
    expect(await client.ask('bs')).toMatch(/^T05/);
    expect(await client.register(RIP)).toBe(ENTRY + 1);
    expect(await client.ask('c')).toMatch(/^T0b/);
    expect(await client.ask('c')).toBe('W05');
  });

  it('should reach any moment of a long run with few checkpoints', async () => {
    const { machine, connect } = smallMachine({ history: { interval: 100, memory: 8 * 4096 } });
    const client = connect();
    await client.ask(`Z0,${hex(LOOP)},1`);
    await client.ask('c');
    await client.ask(`z0,${hex(LOOP)},1`);
    client.send('c');
    await runsPast(machine, 200_000);
    client.raw('\x03');
    await client.next();
    await client.ask(`Z0,${hex(ENTRY)},1`);
    expect(await client.ask('bc')).toMatch(/^T05/);
    expect(machine.position).toBe(0);
  });
});
