import { expect, it } from 'vitest';
import { PACKET_SIZE } from '../../../emu/debug/gdb/packet-codec.ts';
import { Random } from '../../oracles/user-case-random.ts';
import { smallMachine } from './support/small-machine.ts';
import type { StubClient } from './support/stub-client.ts';

const ROUNDS = 1_500;
/** All that the stub knows but what lets the machine run on without end, leave or die; and what it does not know. */
const NAMES = [
  ...[
    '?',
    'g',
    'G',
    'p',
    'P',
    'm',
    'M',
    'X',
    's',
    'S05',
    'Z0,',
    'Z1,',
    'Z2,',
    'Z3,',
    'Z4,',
    'z0,',
    'z2,',
    'H',
    'Hg',
    'Hc',
  ],
  ...['T', 'qC', 'qfThreadInfo', 'qsThreadInfo', 'qThreadExtraInfo,', 'qRcmd,', 'qAttached', 'vCont?'],
  ...[
    'vCont;s',
    'vCont;S05',
    'qXfer:features:read:target.xml:',
    'qXfer:memory-map:read::',
    'bs',
    'q',
    'v',
    'Q',
    '!',
  ],
];
const ARGUMENTS = '0123456789abcdefx,:;=-*}.pzZ ';

/** Something that looks like a packet's arguments, or like nothing. */
function argumentsOf(random: Random): string {
  const length = random.oneIn(40) ? random.below(2 * PACKET_SIZE) : random.below(24);
  const any = (): string => String.fromCharCode(random.below(256));
  const likely = (): string => ARGUMENTS[random.below(ARGUMENTS.length)] ?? '';
  const isNoise = random.oneIn(6);
  return Array.from({ length }, isNoise ? any : likely).join('');
}

/** A packet that is whole, or damaged: cut off, with a wrong checksum, or begun inside of another. */
function packet(random: Random): string {
  const data = `${NAMES[random.below(NAMES.length)]}${argumentsOf(random)}`;
  let sum = 0;
  for (const character of data) sum += character.charCodeAt(0);
  const whole = `$${data}#${(sum & 0xff).toString(16).padStart(2, '0')}`;
  switch (random.below(12)) {
    case 0:
      return whole.slice(0, random.below(whole.length));
    case 1:
      return `$${whole}#zz`;
    case 2:
      return `${whole.slice(0, 4)}${whole}`;
    case 3:
      return `${whole}-+--`;
    default:
      return whole;
  }
}

/** Sends it in pieces. */
function send(client: StubClient, text: string, random: Random): void {
  for (let at = 0; at < text.length; ) {
    const size = random.oneIn(3) ? 1 + random.below(5) : text.length;
    client.raw(text.slice(at, at + size));
    at += size;
  }
}

it.each([1, 2, 3, 4, 5])('should serve on after packets of any kind, in any pieces (%i)', async (seed) => {
  const random = new Random(seed);
  const { machine, stub, connect } = smallMachine();
  const client = connect();
  for (let round = 0; round < ROUNDS; round++) send(client, packet(random), random);
  // Whatever was left open is closed, and whatever was asked is answered; a defect would reject here.
  client.raw('#00');
  client.send('qSupported');
  let reply: string;
  do reply = await client.next();
  while (!/^(PacketSize=|W)/.test(reply));
  if (reply.startsWith('W')) {
    // A jump to nowhere has ended the machine in a triple fault.
    expect((await stub.ended).reason).toBe('ended');
    return;
  }
  expect(await client.ask('qC')).toBe('QC1');
  // What was let run was stepped: a few instructions.
  expect(machine.position).toBeLessThan(ROUNDS);
  client.connection.closed();
  expect(await connect().ask('?')).toMatch(/^T/);
});
