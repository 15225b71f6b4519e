import { bytesToHex, hexToBytes, parseAddress, parseNumber } from '../hexadecimal.ts';
import { PACKET_SIZE } from '../packet-codec.ts';
import { malformed, PacketError } from '../packet-error.ts';
import type { PacketFamily } from '../packet-family.ts';
import type { Session } from '../session.ts';

/** Two digits a byte. */
const LONGEST_READ = PACKET_SIZE / 2;

/** `m M X`: memory by linear address. */
export const memoryPackets: PacketFamily = {
  prefixed: () => ({
    m: (session, argument) => {
      const { address, size } = range(argument);
      const bytes = session.target.memory.read(address, Math.min(size, LONGEST_READ));
      if (bytes.length === 0 && size > 0) throw new PacketError('unmapped', 'no memory is mapped there');
      return bytesToHex(bytes);
    },
    M: (session, argument) => write(session, argument, hexToBytes),
    X: (session, argument) => write(session, argument, binary),
  }),
};

function range(text: string): { address: bigint; size: number } {
  const [address, size, ...rest] = text.split(',');
  if (rest.length > 0) throw malformed('ADDRESS,LENGTH');
  return { address: parseAddress(address), size: parseNumber(size) };
}

function write(session: Session, argument: string, decode: (data: string) => Uint8Array): string {
  const colon = argument.indexOf(':');
  if (colon < 0) throw malformed('ADDRESS,LENGTH:DATA');
  const { address, size } = range(argument.slice(0, colon));
  const bytes = decode(argument.slice(colon + 1));
  if (bytes.length !== size) throw malformed('as many bytes as it says');
  // gdb tries an empty X to learn whether there is one.
  if (size > 0) session.target.memory.write(address, bytes);
  return 'OK';
}

const binary = (data: string): Uint8Array => Uint8Array.from(data, (character) => character.charCodeAt(0));
