import { hexToBytes, textToHex } from '../hexadecimal.ts';
import type { PacketFamily } from '../packet-family.ts';

/** `qRcmd`: gdb's `monitor`. An empty output is `OK`. */
export const monitorPackets: PacketFamily = {
  prefixed: ({ monitor }) =>
    monitor === undefined
      ? {}
      : {
          'qRcmd,': (_, argument) => {
            const output = monitor(new TextDecoder().decode(hexToBytes(argument)).trim());
            return output === '' ? 'OK' : textToHex(output);
          },
        },
};
