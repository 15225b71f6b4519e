import { describe, expect, it } from 'vitest';
import { encodePacket, type Frame, PACKET_SIZE, PacketReader } from '../../../emu/debug/gdb/packet-codec.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const read = (text: string): Frame[] => new PacketReader().feed(bytes(text));
const packet = (data: string): Frame => ({ kind: 'packet', data });

describe('packets of the remote protocol', () => {
  it('should be read from pieces of any size', () => {
    const reader = new PacketReader();
    const frames = Array.from('+$g#67$?#3f', (character) => reader.feed(bytes(character))).flat();
    expect(frames).toEqual([{ kind: 'acknowledged' }, packet('g'), packet('?')]);
  });

  it.each(['$g#68', '$g#zz', '$g##g'])(
    'should count as damaged when the checksum does not fit: %s',
    (text) => {
      expect(read(text)).toEqual([{ kind: 'damaged' }]);
    },
  );

  it('should begin anew where a packet was cut off', () => {
    expect(read('$m100,$g#67')).toEqual([packet('g')]);
  });

  it('should have escapes undone, and the interrupt character inside them taken as data', () => {
    expect(read('$X\x7d\x03\x03#f3'.replace('#f3', `#${sum('X\x7d\x03\x03')}`))).toEqual([
      packet('X\x23\x03'),
    ]);
    expect(read('\x03')).toEqual([{ kind: 'interrupt' }]);
  });

  it('should be left out when longer than the stub takes, and the next one be read', () => {
    expect(read(`$${'m'.repeat(PACKET_SIZE + 1)}#00$g#67`)).toEqual([{ kind: 'oversized' }, packet('g')]);
  });

  it('should be sent with the characters escaped that mean something', () => {
    expect(encodePacket('a#b$c}d*')).toEqual(
      bytes(`$a}\x03b}\x04c}\x5dd}\x0a#${sum('a}\x03b}\x04c}\x5dd}\x0a')}`),
    );
  });
});

function sum(text: string): string {
  const total = Array.from(text).reduce((value, character) => value + character.charCodeAt(0), 0);
  return (total & 0xff).toString(16).padStart(2, '0');
}
