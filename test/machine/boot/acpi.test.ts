import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { amlDevice, amlEisaId, amlInteger, amlScope } from '../../../emu/machine/boot/acpi/aml.ts';
import { RSDP_ADDRESS } from '../../../emu/machine/boot/acpi/tables.ts';
import { writeFirmwareData } from '../../../emu/machine/boot/firmware-data.ts';
import { describeWithOracle, oracle } from '../../oracles/require.ts';

const MEMORY = 64 << 20;
/** The range that firmware keeps at the top of RAM. */
const RESERVED = MEMORY - 0x2_0000;

const iasl = oracle('iasl', {
  package: 'acpica-tools',
  works: () => spawnSync('iasl', ['-v'], { stdio: 'ignore' }).status === 0,
});

/** RAM as firmware leaves it, and its tables as a kernel finds them: through the root pointer. */
function findTables(): { ram: Uint8Array; view: DataView; tables: Map<string, Uint8Array> } {
  const ram = new Uint8Array(MEMORY);
  writeFirmwareData(ram);
  const view = new DataView(ram.buffer);
  const tables = new Map<string, Uint8Array>();
  const add = (address: number) => {
    const bytes = ram.subarray(address, address + view.getUint32(address + 4, true));
    tables.set(text(ram, address, 4), bytes);
    return address;
  };
  const rsdp = scan(ram);
  tables.set('RSDP', ram.subarray(rsdp, rsdp + 36));
  add(view.getUint32(rsdp + 16, true));
  const xsdt = add(Number(view.getBigUint64(rsdp + 24, true)));
  for (let at = xsdt + 36; at < xsdt + view.getUint32(xsdt + 4, true); at += 8) {
    add(Number(view.getBigUint64(at, true)));
  }
  const fadt = tables.get('FACP') as Uint8Array;
  const fields = new DataView(fadt.buffer, fadt.byteOffset);
  add(fields.getUint32(36, true));
  add(fields.getUint32(40, true));
  return { ram, view, tables };
}

/** The root pointer as the ACPI specification says to look for it. */
function scan(ram: Uint8Array): number {
  for (let at = 0xe_0000; at < 0x10_0000; at += 16) if (text(ram, at, 8) === 'RSD PTR ') return at;
  throw new Error('there is no RSDP');
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => (total + byte) & 0xff, 0);
}

describe('ACPI tables', () => {
  it('should be found from the BIOS area, at the address that is handed over', () => {
    const { ram, tables } = findTables();
    expect(scan(ram)).toBe(RSDP_ADDRESS);
    expect([...tables.keys()].sort()).toEqual(['APIC', 'DSDT', 'FACP', 'FACS', 'RSDP', 'RSDT', 'XSDT']);
  });

  it('should sum to zero, and the root pointer in both its parts', () => {
    const { tables } = findTables();
    for (const [name, bytes] of tables) if (name !== 'FACS') expect([name, sum(bytes)]).toEqual([name, 0]);
    expect(sum((tables.get('RSDP') as Uint8Array).subarray(0, 20))).toBe(0);
  });

  it('should lie in memory that no kernel takes for its own', () => {
    const { tables } = findTables();
    for (const [name, bytes] of tables) {
      if (name !== 'RSDP') expect(bytes.byteOffset).toBeGreaterThanOrEqual(RESERVED);
    }
    expect((tables.get('FACS') as Uint8Array).byteOffset % 64).toBe(0);
  });

  it('should name the same tables in both roots', () => {
    const { tables } = findTables();
    const [narrow, wide] = ['RSDT', 'XSDT'].map((name) => {
      const bytes = tables.get(name) as Uint8Array;
      return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }) as [DataView, DataView];
    const addresses = Array.from({ length: (narrow.byteLength - 36) / 4 }, (_, index) =>
      narrow.getUint32(36 + 4 * index, true),
    );
    expect(addresses.map((_, index) => Number(wide.getBigUint64(36 + 8 * index, true)))).toEqual(addresses);
  });
});

describe('the ACPI machine language', () => {
  it('should write integers in their shortest form', () => {
    expect([0, 1, 0x42, 0x1234, 0x1234_5678].map(amlInteger)).toEqual([
      [0x00],
      [0x01],
      [0x0a, 0x42],
      [0x0b, 0x34, 0x12],
      [0x0c, 0x78, 0x56, 0x34, 0x12],
    ]);
  });

  it('should pack plug-and-play ids', () => {
    expect(amlEisaId('PNP0303')).toEqual([0x0c, 0x41, 0xd0, 0x03, 0x03]);
  });

  it.each([
    [63, [0x40 | 0x1, 0x04]],
    [0xffd, [0x40 | 0xf, 0xff]],
    [0xffe, [0x80 | 0x1, 0x00, 0x01]],
  ])('should write the length of a package of %i bytes', (size, expected) => {
    // The scope's name takes four bytes.
    const terms = Array.from({ length: size - 4 }, () => amlInteger(0));
    expect(amlScope('_SB', terms).slice(1, 1 + expected.length)).toEqual(expected);
  });

  it('should count a short package with its length byte', () => {
    expect(amlDevice('X', [amlInteger(1)])).toEqual([0x5b, 0x82, 6, 0x58, 0x5f, 0x5f, 0x5f, 1]);
  });
});

describeWithOracle(iasl, 'iasl', () => {
  /** What `iasl -d` makes of a table. */
  function disassemble(name: string): string {
    const directory = mkdtempSync(join(tmpdir(), 'puffer-acpi-'));
    try {
      writeFileSync(join(directory, 'table.aml'), findTables().tables.get(name) as Uint8Array);
      const run = spawnSync('iasl', ['-d', 'table.aml'], { cwd: directory, encoding: 'utf8' });
      const listing = readFileSync(join(directory, 'table.dsl'), 'utf8');
      expect(`${run.stdout}${run.stderr}${listing}`).not.toMatch(
        /\berror|warning|invalid|incorrect|unknown/i,
      );
      expect(run.status).toBe(0);
      return listing.replace(/ +/g, ' ');
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  it('should read the devices and the way to switch off', () => {
    const listing = disassemble('DSDT');
    expect(listing).toMatch(/Name \(\\_S5, Package \(0x04\)/);
    expect(listing.match(/EisaId \("PNP\w+"\)/g)).toEqual(
      ['0000', '0100', '0B00', '0800', '0303', '0501'].map((id) => `EisaId ("PNP${id}")`),
    );
    expect(listing).toMatch(/Device \(COM1\)[^}]*PNP0501[\s\S]*0x03F8, \/\/ Range Minimum[\s\S]*\{4\}/);
  });

  it('should read the fixed hardware', () => {
    const listing = disassemble('FACP');
    for (const line of [
      'SCI Interrupt : 0009',
      'SMI Command Port : 000000B2',
      'ACPI Enable Value : F1',
      'PM1A Event Block Address : 00000600',
      'PM1A Control Block Address : 00000604',
      'PM Timer Block Address : 00000608',
      'RTC Century Index : 32',
      '8042 Present on ports 60/64 (V2) : 1',
      'VGA Not Present (V4) : 0',
      'Hardware Reduced (V5) : 0',
      'Reset Register Supported (V2) : 1',
      '32-bit PM Timer (V1) : 0',
      'Value to cause reset : 06',
    ]) {
      expect(listing).toContain(line);
    }
  });

  it('should read the interrupt controllers', () => {
    const listing = disassemble('APIC');
    expect(listing.match(/Subtable Type : .*/g)).toEqual([
      'Subtable Type : 00 [Processor Local APIC]',
      'Subtable Type : 01 [I/O APIC]',
      'Subtable Type : 02 [Interrupt Source Override]',
      'Subtable Type : 02 [Interrupt Source Override]',
      'Subtable Type : 04 [Local APIC NMI]',
    ]);
    expect(listing).toContain('Local Apic Address : FEE00000');
    expect(listing).toMatch(/Source : 00\n.*Interrupt : 00000002/);
    expect(listing).toMatch(/Source : 09\n.*Interrupt : 00000009\n.*Flags \(decoded below\) : 000D/);
  });

  it.each(['FACS', 'RSDT', 'XSDT'])('should read the %s', (name) => {
    expect(disassemble(name)).toContain(`[000h 0000 4] Signature : "${name}"`);
  });
});
