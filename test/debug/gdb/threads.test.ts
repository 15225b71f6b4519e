import { afterEach, beforeAll, expect, it } from 'vitest';
import { gcc } from '../../kernel/support/fixture-kernel.ts';
import { type Guest, readGuest } from '../../kernel/support/guest.ts';
import { GdbRemote } from '../../oracles/gdb-remote.ts';
import { describeWithOracle } from '../../oracles/require.ts';
import { PufferUnderGdb } from './support/gdb.ts';

const RIP = 16;
const RAX = 0;

describeWithOracle(gcc, 'threads of a guest, by packets', () => {
  let guest: Guest;
  let puffer: PufferUnderGdb | undefined;
  let remote: GdbRemote | undefined;
  beforeAll(async () => {
    guest = await readGuest();
  });
  afterEach(async () => {
    remote?.close();
    await puffer?.close();
  });

  /** The machine at the first instruction of the execve of `ls`, whose parent waits for it. */
  async function inChild(): Promise<GdbRemote> {
    puffer = new PufferUnderGdb(['--run', '/bin/ls']);
    remote = await GdbRemote.connect({ path: await puffer.address() });
    await remote.setBreakpoint(guest.image.address('sys_execve'));
    // init's own, the shell's, and the one of ls.
    for (let count = 0; count < 3; count++) await remote.continue();
    await remote.clearBreakpoint(guest.image.address('sys_execve'));
    return remote;
  }

  /** The number of the thread whose description fits. */
  async function find(client: GdbRemote, pattern: RegExp): Promise<string> {
    for (const id of (await client.request('qfThreadInfo')).slice(1).split(',')) {
      const text = Buffer.from(await client.request(`qThreadExtraInfo,${id}`), 'hex').toString();
      if (pattern.test(text)) return id;
    }
    throw new Error(`no thread is ${pattern}`);
  }

  const functionAt = (address: bigint): string | undefined => guest.image.symbols.at(address)?.symbol.name;

  it('should show where a sleeping thread goes on, its other registers as not available, and change none', async () => {
    const client = await inChild();
    const id = await find(client, /^pid \d+ ksh SSLEEP/);
    expect(await client.request(`Hg${id}`)).toBe('OK');
    expect(functionAt(await client.readRegister(RIP))).toBe('mi_switch');
    expect(await client.request(`p${RAX}`)).toBe('x'.repeat(16));
    expect(await client.request(`P${RIP.toString(16)}=0000000000000000`)).toBe('E02');
    expect(await client.request('Hg0')).toBe('OK');
    expect(functionAt(await client.readRegister(RIP))).toBe('sys_execve');
  });

  it('should step a sleeping thread by running the machine until it is its turn', async () => {
    const client = await inChild();
    const id = await find(client, /^pid \d+ ksh SSLEEP/);
    await client.request(`Hg${id}`);
    const asleep = await client.readRegister(RIP);
    const stop = await client.request(`vCont;s:${id};c`);
    expect(stop).toContain(`thread:${id};`);
    const awake = await client.readRegister(RIP);
    expect(functionAt(awake)).toBe('mi_switch');
    expect(awake).toBeGreaterThan(asleep);
    expect(await client.request('qC')).toBe(`QC${id}`);
    await puffer?.prints(/bin +dev/);
  });
});
