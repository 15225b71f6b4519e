import { expect, it } from 'vitest';
import type { BootModule } from '../../../emu/machine/boot/placement.ts';
import { type BootProtocol, Machine } from '../../../emu/machine/index.ts';
import { commandProbe, describeWithOracle, oracle } from '../../oracles/require.ts';
import { LONG_MODE_ENTRY, linuxImage, multibootElf, multibootFlat } from '../support/handover.ts';
import { runUnderQemu } from '../support/probe.ts';

const COMMAND_LINE = 'one two="three four" console=ttyS0';
const INITRD = Uint8Array.from({ length: 5001 }, (_, index) => 0x41 + (index % 26));
const BUDGET = 10_000_000;

const gcc = oracle('gcc', commandProbe('gcc', ['--version'], 'gcc'));
const qemu = oracle('QEMU', commandProbe('qemu-system-x86_64', ['--version'], 'qemu-system-x86'));

/** Boots a kernel until it switches the machine off: how it was entered, and what it printed. */
function boot(
  bytes: Uint8Array,
  modules: readonly BootModule[] = [],
): { protocol: BootProtocol; output: string } {
  const machine = Machine.create({ memory: 64 << 20 });
  const { protocol } = machine.loadKernel(bytes, {
    name: 'some/path/kernel',
    commandLine: COMMAND_LINE,
    initrd: { name: 'other/path/initrd', bytes: INITRD },
    modules,
  });
  let output = '';
  machine.console.onOutput((text) => {
    output += String.fromCharCode(...text);
  });
  expect(machine.run({ budget: BUDGET }).reason).toBe('powerOff');
  return { protocol, output };
}

const KERNELS: readonly [string, BootProtocol, () => Uint8Array][] = [
  ['a Multiboot kernel in an ELF file', 'multiboot', multibootElf],
  ['a Multiboot kernel with address fields', 'multiboot', multibootFlat],
  [
    'a Linux image with a 64-bit entry point',
    'linux64',
    () => linuxImage({ extendedLoadFlags: LONG_MODE_ENTRY, relocatable: true }),
  ],
  [
    'a Linux image with a 32-bit entry point only',
    'linux32',
    () => linuxImage({ extendedLoadFlags: 0, relocatable: true }),
  ],
  [
    'a Linux image that cannot be moved',
    'linux64',
    () => linuxImage({ extendedLoadFlags: LONG_MODE_ENTRY, relocatable: false }),
  ],
];

describeWithOracle([gcc, qemu], 'what a kernel is handed', () => {
  it.each(KERNELS)('should be the same as under QEMU for %s', (_, protocol, build) => {
    const kernel = build();
    const ours = boot(kernel);
    expect(ours.protocol).toBe(protocol);
    expect(ours.output).toContain('two="three four"');
    expect(ours.output).toMatch(/\nend\n$/);
    expect(ours.output).toBe(runUnderQemu(kernel, INITRD, COMMAND_LINE));
  });

  it('should be the same as under QEMU with modules before the initrd', () => {
    const modules = ['first', 'second'].map((name) => ({
      name,
      bytes: new TextEncoder().encode(`the ${name} module`.padEnd(name.length * 1000)),
      commandLine: `${name} argument`,
    }));
    const kernel = multibootElf();
    const ours = boot(kernel, modules);
    expect(ours.output).toContain('modules=00000003');
    expect(ours.output).toContain('second second argument');
    expect(ours.output).toBe(runUnderQemu(kernel, INITRD, COMMAND_LINE, modules));
  });
});
