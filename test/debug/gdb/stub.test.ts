import { describe, expect, it } from 'vitest';
import { PACKET_SIZE } from '../../../emu/debug/gdb/packet-codec.ts';
import { COUNTER, ENTRY, LOOP, runsPast, STORE, smallMachine, TURN } from './support/small-machine.ts';

const RAX = 0;
const RIP = 16;
const EFLAGS = 17;
const CS = 18;
const CR0 = 59;
const REGISTERS = 66;

const hex = (value: number): string => value.toString(16);
/** 8 bytes, the lowest first. */
const quad = (value: number): string =>
  value.toString(16).padStart(16, '0').match(/../g)?.reverse().join('') ?? '';

describe('the stub for gdb', () => {
  it('should offer what the target can do, and nothing else', async () => {
    const all = await smallMachine().connect().ask('qSupported:swbreak+;hwbreak+');
    expect(all.split(';')).toEqual([
      `PacketSize=${hex(PACKET_SIZE)}`,
      'QStartNoAckMode+',
      'qXfer:features:read+',
      'qXfer:memory-map:read+',
      'vContSupported+',
      'ReverseStep+',
      'ReverseContinue+',
      'swbreak+',
      'hwbreak+',
    ]);
    const forward = smallMachine({ reverse: false }).connect();
    expect(await forward.ask('qSupported')).not.toContain('Reverse');
    expect(await forward.ask('bs')).toBe('');
  });

  it.each(['vMustReplyEmpty', 'qFoo', '!', 'R00', 'Z5,1000,4', 'gg', 'qXfer:auxv:read::0,10', ''])(
    'should answer what it does not know with nothing: "%s"',
    async (packet) => {
      expect(await smallMachine().connect().ask(packet)).toBe('');
    },
  );

  it('should describe a 64-bit processor before its first instruction, in as many pieces as asked for', async () => {
    const client = smallMachine().connect();
    const whole = await client.ask('qXfer:features:read:target.xml:0,ffff');
    expect(whole).toMatch(/^l<\?xml/);
    expect(whole).toContain('<architecture>i386:x86-64</architecture>');
    const names = Array.from(whole.matchAll(/<reg name="(\w+)" bitsize="(\d+)"/g));
    expect(names.map(([, name]) => name)).toHaveLength(REGISTERS);
    expect(names[RIP]?.slice(1)).toEqual(['rip', '64']);
    expect(names[CR0]?.slice(1)).toEqual(['cr0', '64']);
    let pieces = '';
    for (let offset = 0; ; offset += 100) {
      const piece = await client.ask(`qXfer:features:read:target.xml:${hex(offset)},64`);
      pieces += piece.slice(1);
      if (piece.startsWith('l')) break;
    }
    expect(pieces).toBe(whole.slice(1));
    expect(await client.ask('qXfer:features:read:other.xml:0,100')).toBe('E02');
    const bits = names.reduce((total, [, , size]) => total + Number(size), 0);
    expect(await client.ask('g')).toHaveLength(bits / 4);
  });

  it('should read and write registers, through the input log', async () => {
    const { machine, connect } = smallMachine();
    const client = connect();
    expect(await client.register(RIP)).toBe(ENTRY);
    expect(await client.ask(`P0=${quad(0x1122)}`)).toBe('OK');
    expect(await client.register(RAX)).toBe(0x1122);
    expect(machine.input.entries).toHaveLength(1);
    const flags = 0x8d7; // CF PF AF ZF SF OF and the fixed bit
    expect(await client.ask(`P${hex(EFLAGS)}=d7080000`)).toBe('OK');
    expect(await client.register(EFLAGS)).toBe(flags);
    expect(await client.ask(`P${hex(CS)}=33000000`)).toBe('E02');
    expect(await client.ask(`P${hex(CR0)}=${quad(0)}`)).toBe('E02');
    const all = await client.ask('g');
    expect(await client.ask(`G${all}`)).toBe('OK');
    expect(await client.ask(`G${quad(0x77)}`)).toBe('OK');
    expect(await client.register(RAX)).toBe(0x77);
  });

  it('should write all registers or none', async () => {
    const client = smallMachine().connect();
    const all = await client.ask('g');
    const cr0 = all.length - 7 * 16;
    const changed = `${quad(0x99)}${all.slice(16, cr0)}${quad(0)}${all.slice(cr0 + 16)}`;
    expect(await client.ask(`G${changed}`)).toBe('E02');
    expect(await client.ask('g')).toBe(all);
  });

  it('should read and write memory, as hexadecimal and as bytes', async () => {
    const { machine, connect } = smallMachine();
    const client = connect();
    expect(await client.ask(`m${hex(ENTRY)},5`)).toBe('b805000000');
    expect(await client.ask(`M${hex(COUNTER)},2:beef`)).toBe('OK');
    expect(await client.ask(`X${hex(COUNTER + 2)},3:\x7d\x03\x00\xff`)).toBe('OK');
    expect(await client.ask(`m${hex(COUNTER)},5`)).toBe('beef2300ff');
    expect(await client.ask(`X${hex(COUNTER)},0:`)).toBe('OK');
    expect(machine.input.entries.map(({ kind }) => kind)).toEqual(['memory', 'memory']);
  });

  it('should refuse memory that is not there, and write nothing of it', async () => {
    const { machine, connect } = smallMachine();
    const client = connect();
    const end = machine.state.ram.length;
    expect(await client.ask(`m${hex(end)},4`)).toBe('E14');
    expect(await client.ask('mffffffff81000000,8')).toBe('E14');
    expect(await client.ask(`m${hex(end - 2)},4`)).toBe('0000');
    expect(await client.ask(`M${hex(end - 2)},4:01020304`)).toBe('E14');
    expect(await client.ask(`m${hex(end - 2)},2`)).toBe('0000');
  });

  it('should step, also from a breakpoint, and over a range', async () => {
    const { machine, connect } = smallMachine();
    const client = connect();
    expect(await client.ask('?')).toMatch(/^T05thread:1;06:.{16};07:.{16};10:0000100000000000;$/);
    expect(await client.ask('s')).toContain(`10:${quad(LOOP)}`);
    await client.ask(`Z0,${hex(LOOP)},1`);
    expect(await client.ask('vCont;s:1;c')).toContain(`10:${quad(STORE)}`);
    await client.ask(`z0,${hex(LOOP)},1`);
    expect(await client.ask(`vCont;r${hex(STORE)},${hex(ENTRY + 13)}:1`)).toContain(`10:${quad(LOOP)}`);
    expect(machine.position).toBe(4);
    expect(await client.ask(`s${hex(STORE)}`)).toContain(`10:${quad(STORE + 5)}`);
  });

  it('should stop at breakpoints that are in no memory, and name them when asked to', async () => {
    const { connect } = smallMachine();
    const client = connect();
    expect(await client.ask(`Z0,${hex(STORE)},1`)).toBe('OK');
    expect(await client.ask(`Z0,${hex(STORE)},1`)).toBe('OK');
    expect(await client.ask(`m${hex(STORE)},5`)).toBe('a300002000');
    const plain = await client.ask('c');
    expect(plain).toContain(`10:${quad(STORE)}`);
    expect(plain).not.toContain('swbreak');
    await client.ask('qSupported:swbreak+;hwbreak+');
    expect(await client.ask('vCont;c')).toMatch(/^T05thread:1;swbreak:;/);
    expect(await client.ask(`z0,${hex(STORE)},1`)).toBe('OK');
    expect(await client.ask(`Z1,${hex(LOOP)},1`)).toBe('OK');
    expect(await client.ask('C05')).toMatch(/^T05thread:1;hwbreak:;/);
  });

  it('should stop after the step that writes watched memory', async () => {
    const { machine, connect } = smallMachine();
    const client = connect();
    expect(await client.ask(`Z2,${hex(COUNTER)},4`)).toBe('OK');
    const stop = await client.ask('c');
    expect(stop).toContain(`watch:${hex(COUNTER)};`);
    expect(stop).toContain(`10:${quad(STORE + 5)}`);
    expect(machine.position).toBe(3);
    expect(await client.ask('c')).toContain('watch:');
    expect(machine.position).toBe(3 + TURN);
    expect(await client.ask(`z2,${hex(COUNTER)},4`)).toBe('OK');
    client.send('c');
    client.raw('\x03');
    expect(await client.next()).toMatch(/^T02/);
  });

  it.each([
    ['Z3', 'rwatch', LOOP + 12],
    ['Z4', 'awatch', LOOP + 6],
  ])('should stop after the step that accesses memory watched by %s', async (packet, reason, after) => {
    // inc eax; mov [0x200000], eax; mov ecx, [0x200000]; jmp to the beginning
    const code = Uint8Array.of(
      0xb8,
      5,
      0,
      0,
      0,
      0x40,
      0xa3,
      0,
      0,
      0x20,
      0,
      0x8b,
      0x0d,
      0,
      0,
      0x20,
      0,
      0xeb,
      0xf2,
    );
    const { connect } = smallMachine({ code });
    const client = connect();
    expect(await client.ask(`${packet},${hex(COUNTER)},4`)).toBe('OK');
    const stop = await client.ask('c');
    expect(stop).toContain(`;${reason}:${hex(COUNTER)};`);
    expect(await client.register(16)).toBe(after);
    expect(await client.ask(`z${packet.slice(1)},${hex(COUNTER)},4`)).toBe('OK');
    client.send('c');
    client.raw('\x03');
    expect(await client.next()).toMatch(/^T02/);
  });

  it('should not stop for a write of what was there', async () => {
    // mov eax, 5; mov [0x200000], eax; mov [0x200000], eax; inc eax; jmp to the first mov
    const code = Uint8Array.of(0xb8, 5, 0, 0, 0, 0xa3, 0, 0, 0x20, 0, 0xa3, 0, 0, 0x20, 0, 0x40, 0xeb, 0xf3);
    const { machine, connect } = smallMachine({ code });
    const client = connect();
    await client.ask(`Z2,${hex(COUNTER)},4`);
    await client.ask('c');
    expect(machine.position).toBe(2);
    await client.ask('c');
    expect(machine.position).toBe(6);
  });

  it('should stop for an interrupt, and go on after it', async () => {
    const { machine, connect } = smallMachine();
    const client = connect();
    client.send('c');
    await runsPast(machine, 0);
    client.raw('\x03');
    expect(await client.next()).toMatch(/^T02/);
    const counted = await client.ask(`m${hex(COUNTER)},4`);
    // One that comes before the machine runs is no interrupt.
    client.raw('\x03');
    client.send('vCont;c');
    await runsPast(machine, machine.position);
    client.raw('\x03');
    expect(await client.next()).toMatch(/^T02/);
    expect(await client.ask(`m${hex(COUNTER)},4`)).not.toBe(counted);
  });

  it('should name the processor as its one thread where the kernel has none', async () => {
    const client = smallMachine().connect();
    expect(await client.ask('qC')).toBe('QC1');
    expect(await client.ask('qfThreadInfo')).toBe('m1');
    expect(await client.ask('qsThreadInfo')).toBe('l');
    expect(await client.ask('T1')).toBe('OK');
    expect(await client.ask('T2')).toBe('E02');
    expect(await client.ask('Hg2')).toBe('E02');
    expect(await client.ask('Hg0')).toBe('OK');
    expect(await client.ask('Hc-1')).toBe('OK');
    expect(await client.ask('qThreadExtraInfo,1')).toBe(Buffer.from('processor').toString('hex'));
  });

  it('should serve monitor commands, and say what there is for others', async () => {
    const client = smallMachine().connect();
    const monitor = async (command: string): Promise<string> =>
      Buffer.from(await client.ask(`qRcmd,${Buffer.from(command).toString('hex')}`), 'hex').toString();
    expect(await monitor('position')).toBe('position 0  time 0 ns\n');
    expect(await monitor('registers')).toContain('rip 0000000000100000');
    expect(await monitor('constructor')).toContain("no command 'constructor'");
    for (const name of ['help', 'position', 'registers', 'ps', 'trace']) {
      expect(await monitor('help')).toContain(name);
    }
    expect(await monitor('ps')).toMatch(/^ps: /);
  });

  it('should tell an ending once it has been looked at', async () => {
    // UD2 without a table of handlers: a triple fault.
    const { connect, stub } = smallMachine({ code: Uint8Array.of(0x0f, 0x0b) });
    const client = connect();
    expect(await client.ask('c')).toMatch(/^T0b/);
    expect(await client.register(RIP)).toBe(ENTRY);
    expect(await client.ask('c')).toBe('W05');
    expect((await stub.ended).reason).toBe('ended');
  });

  it.each([
    ['k', undefined],
    ['vKill;1', 'OK'],
  ])('should end when killed by %s', async (packet, reply) => {
    const { connect, stub } = smallMachine();
    const client = connect();
    client.send(packet);
    if (reply !== undefined) expect(await client.next()).toBe(reply);
    expect(await stub.ended).toEqual({ reason: 'killed' });
  });
});
