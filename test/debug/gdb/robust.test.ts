import { describe, expect, it } from 'vitest';
import { PACKET_SIZE } from '../../../emu/debug/gdb/packet-codec.ts';
import { COUNTER, ENTRY, LOOP, runsPast, smallMachine } from './support/small-machine.ts';

const hex = (value: number): string => value.toString(16);

describe('the stub with bad clients', () => {
  it.each([
    'p',
    'pzz',
    'p100',
    'pffffffff',
    'pfffffffff',
    'P',
    'P0',
    'P0=',
    'P0=00',
    'P0=zzzzzzzzzzzzzzzz',
    'P0=0011223344556677=1',
    'P999=00',
    'G',
    'G00',
    'G0011223344556677889',
    `G${'00'.repeat(2000)}`,
    `G${'zz'.repeat(8)}`,
    'm',
    'm100000',
    'm,4',
    'm100000,',
    'm100000,4,4',
    'm-1,4',
    'm11111111111111111,4',
    'M200000,4',
    'M200000,4:00',
    'M200000,1:0',
    'M200000,1:xx',
    'X200000,4:a',
    'X200000',
    'Z0',
    'Z0,',
    'Z0,zz,1',
    'Z0,100000',
    'Z2,200000,0',
    'Z2,200000,ffffffff',
    'z1,x,1',
    'czz',
    'sxyz',
    'Czz',
    'vCont;x',
    'vCont;s36',
    'vCont;',
    'vCont;s:zz',
    'vCont;r1:1',
    'vCont;r1,2,3',
    'Hgxx',
    'Hg',
    'T',
    'T-5',
    'qThreadExtraInfo,',
    'qRcmd,6',
    'qRcmd,zz',
    'qXfer:features:read:target.xml',
    'qXfer:features:read:target.xml:0',
    'qXfer:features:read:target.xml:x,y',
    'qXfer:features:read:target.xml:0,1:2',
  ])('should refuse %s, with nothing changed', async (packet) => {
    const { machine, connect } = smallMachine();
    const client = connect();
    const before = machine.stateHash();
    expect(await client.ask(packet)).toMatch(/^E(01|02|14)$|^$/);
    expect(machine.stateHash()).toBe(before);
    expect(machine.input.entries).toEqual([]);
    expect(await client.ask('qC')).toBe('QC1');
  });

  it('should ask again for a packet with a wrong checksum, and send its own reply again when asked to', async () => {
    const client = smallMachine().connect();
    client.raw('$qC#00');
    expect(await client.ask('qC')).toBe('QC1');
    expect(client.acknowledgements).toBe('-+');
    client.raw('-');
    expect(await client.next()).toBe('QC1');
    expect(await client.ask('QStartNoAckMode')).toBe('OK');
    client.raw('$qC#00');
    expect(await client.next()).toBe('E01');
    expect(client.acknowledgements).toBe('-++');
  });

  it('should refuse a packet that is too long, and serve the next one', async () => {
    const client = smallMachine().connect();
    expect(await client.ask(`M${hex(COUNTER)},${hex(PACKET_SIZE)}:${'00'.repeat(PACKET_SIZE)}`)).toBe('E01');
    expect(await client.ask('qC')).toBe('QC1');
  });

  it('should survive any bytes', async () => {
    const { machine, connect } = smallMachine();
    const client = connect();
    // A linear congruential generator: the same bytes every time. No interrupt, no run, no detach, no kill among them.
    let value = 1;
    let noise = '';
    for (let index = 0; index < 20_000; index++) {
      value = (Math.imul(value, 1103515245) + 12345) >>> 0;
      noise += String.fromCharCode((value >>> 16) & 0xff);
    }
    const before = machine.stateHash();
    client.raw(noise);
    client.raw('#00');
    client.send('qC');
    let reply: string;
    do reply = await client.next();
    while (reply !== 'QC1');
    expect(machine.stateHash()).toBe(before);
  });

  it('should have one client at a time', () => {
    const { connect } = smallMachine();
    connect();
    expect(connect).toThrow('refuses');
  });

  it('should leave the machine stopped when a client vanishes while it runs, for the next one', async () => {
    const { machine, connect } = smallMachine();
    const first = connect();
    await first.ask(`Z0,${hex(ENTRY + 2)},1`);
    first.send('c');
    await runsPast(machine, 0);
    first.connection.closed();
    const second = connect();
    expect(await second.ask('?')).toMatch(/^T02/);
    const { position } = machine;
    expect(await second.ask('m100000,1')).toBe('b8');
    expect(machine.position).toBe(position);
    // The first one's breakpoints are gone with it.
    await second.ask(`Z0,${hex(LOOP)},1`);
    expect(await second.ask('c')).toMatch(/^T05/);
  });

  it('should let the machine go on after a detach, and stop it for the next client', async () => {
    const { machine, connect } = smallMachine();
    const first = connect();
    await first.ask(`Z0,${hex(LOOP)},1`);
    expect(await first.ask('c')).toMatch(/^T05/);
    const { position } = machine;
    expect(await first.ask('D')).toBe('OK');
    await runsPast(machine, position);
    const second = connect();
    expect(await second.ask('?')).toMatch(/^T02/);
    expect(await second.ask('D;zz')).toBe('E01');
    expect(await second.ask('D;1')).toBe('OK');
    expect(await connect().ask('?')).toMatch(/^T02/);
  });
});
