import { SOFT_OFF } from '../../devices/power-management.ts';
import { COM1_PORT } from '../../devices/uart-registers.ts';
import {
  type Aml,
  type AmlResources,
  amlDefine,
  amlDevice,
  amlEisaId,
  amlInteger,
  amlPackage,
  amlResources,
  amlScope,
} from './aml.ts';
import { systemTable, TABLE_HEADER_SIZE } from './table.ts';

/** With revision 2 and above, integers have 64 bits. */
const REVISION = 2;

/** The devices of the board by plug-and-play id. There is no PCI root: nothing answers in configuration space. */
const DEVICES: readonly (readonly [name: string, id: string, resources: AmlResources])[] = [
  [
    'PIC',
    'PNP0000',
    {
      ports: [
        [0x20, 2],
        [0xa0, 2],
        [0x4d0, 2],
      ],
      irq: 2,
    },
  ],
  ['TIMR', 'PNP0100', { ports: [[0x40, 4]], irq: 0 }],
  ['RTC', 'PNP0B00', { ports: [[0x70, 2]], irq: 8 }],
  ['SPKR', 'PNP0800', { ports: [[0x61, 1]] }],
  [
    'KBD',
    'PNP0303',
    {
      ports: [
        [0x60, 1],
        [0x64, 1],
      ],
      irq: 1,
    },
  ],
  ['COM1', 'PNP0501', { ports: [[COM1_PORT, 8]], irq: 4 }],
];

/** The differentiated system description table: the board's devices, and how to switch off. */
export function dsdt(): Uint8Array {
  const sleepType = amlInteger(SOFT_OFF);
  const off = amlPackage([sleepType, sleepType, amlInteger(0), amlInteger(0)]);
  const devices = DEVICES.map(
    ([name, id, resources]): Aml =>
      amlDevice(name, [
        amlDefine('_HID', amlEisaId(id)),
        ...(name === 'COM1' ? [amlDefine('_UID', amlInteger(1))] : []),
        amlDefine('_CRS', amlResources(resources)),
      ]),
  );
  const code = [...amlDefine('\\_S5', off), ...amlScope('\\_SB', devices)];
  return systemTable('DSDT', REVISION, TABLE_HEADER_SIZE + code.length, (fields) =>
    fields.put(TABLE_HEADER_SIZE, code),
  );
}
