import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { puffer } from '../../cli/run-puffer.ts';
import { gcc } from '../../kernel/support/fixture-kernel.ts';
import { GdbRemote } from '../../oracles/gdb-remote.ts';
import { describeWithOracle } from '../../oracles/require.ts';
import { PufferUnderGdb } from './support/gdb.ts';

describe('puffer boot --gdb with a bad place', () => {
  it.each(['', 'nowhere', '70000', 'localhost:', 'unix:', '1:2:3'])('should refuse "%s"', (place) => {
    const { status, stderr } = puffer(['boot', '--gdb', place]);
    expect(status).toBe(2);
    expect(stderr).toContain('HOST:PORT or unix:PATH');
  });
});

describeWithOracle(gcc, 'the sockets of puffer boot --gdb', () => {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-server-'));
  let server: Server | undefined;
  let guest: PufferUnderGdb | undefined;
  afterEach(async () => {
    await guest?.close();
    guest = undefined;
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    server = undefined;
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const listen = (place: { port: number; host: string } | { path: string }): Promise<Server> =>
    new Promise((resolve) => {
      const made = createServer();
      made.listen(place, () => resolve(made));
    });

  it('should say so and exit 2 when the port is in use', async () => {
    server = await listen({ port: 0, host: '127.0.0.1' });
    const { port } = server.address() as { port: number };
    guest = new PufferUnderGdb([], `${port}`);
    expect(await guest.ended).toBe(2);
    expect(guest.stderr).toContain(`127.0.0.1:${port} is in use`);
  });

  it('should say so and exit 2 when another program listens at the socket, and leave it alone', async () => {
    const path = join(directory, 'taken');
    server = await listen({ path });
    guest = new PufferUnderGdb([], `unix:${path}`);
    expect(await guest.ended).toBe(2);
    expect(guest.stderr).toContain('is in use');
    expect(existsSync(path)).toBe(true);
  });

  it('should take over a socket that nobody listens at, and remove it at the end', async () => {
    const path = join(directory, 'abandoned');
    const first = new PufferUnderGdb([], `unix:${path}`);
    await first.address();
    await first.close();
    expect(existsSync(path)).toBe(true);
    guest = new PufferUnderGdb([], `unix:${path}`);
    const remote = await GdbRemote.connect({ path: await guest.address() });
    await remote.request('vKill;1');
    expect(await guest.ended).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it('should listen at the loopback interface alone, and go on waiting when a client vanishes', async () => {
    guest = new PufferUnderGdb(['--run', 'while true; do true; done'], '0');
    const [host = '', port] = (await guest.address()).split(':');
    expect(host).toBe('127.0.0.1');
    const first = await GdbRemote.connect({ host, port: Number(port) });
    // The answer never comes: the client goes while the machine runs.
    first.continue().catch(() => {});
    await guest.prints(/# while/);
    first.close();
    await guest.prints(
      /gdb has gone without a detach; the guest stands still until another comes to 127\.0\.0\.1:/,
      'stderr',
    );
    const second = await GdbRemote.connect({ host, port: Number(port) });
    const position = await second.request(`qRcmd,${Buffer.from('position').toString('hex')}`);
    expect(await second.request(`qRcmd,${Buffer.from('position').toString('hex')}`)).toBe(position);
    const { rip } = await second.readRegisters();
    expect(rip).not.toBe(0x100_0000n);
    second.close();
  });
});
