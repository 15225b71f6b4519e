import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { absolute } from '../guest/index.ts';
import { BEGIN, busyboxInitramfs, END } from './initramfs.ts';
import { dependencyOf, fileBeginning, packageFiles } from './packages.ts';

/** What is booted, and when it has done what it is booted for. */
export interface ForeignProgram {
  /** Names it on the command line. */
  readonly name: string;
  readonly title: string;
  /** MiB. */
  readonly memory: number;
  readonly commandLine: string;
  /** The last text that it must print; undefined when it ends by switching the machine off. */
  readonly until?: string | undefined;
  /** What it must not print. */
  readonly never: readonly RegExp[];
  /** Beginning and end of the output that must be the same everywhere. */
  readonly compared?: readonly [string, string] | undefined;
  /** Fetches and builds what is missing. */
  readonly files: () => ForeignFiles;
}

/** Paths. */
export interface ForeignFiles {
  readonly kernel: string;
  readonly initrd?: string | undefined;
}

const INITRAMFS = '.foreign/busybox.cpio';
const XEN = '.foreign/xen';

const memtest = (name: string, file: string, bits: number): ForeignProgram => ({
  name,
  title: `memtest86+ 6.10, ${bits}-bit: tests 0 to 5 of 16 MiB`,
  memory: 16,
  commandLine: 'console=ttyS0,115200 nopause nobench',
  // Test 6, which takes long, begins when the ones before have passed.
  until: '#6  [',
  never: [/Errors: [1-9]/, /Unexpected interrupt/],
  files: () => ({ kernel: join(packageFiles('memtest86+'), 'boot', file) }),
});

export const PROGRAMS: readonly ForeignProgram[] = [
  memtest('memtest64', 'memtest86+x64.bin', 64),
  memtest('memtest32', 'memtest86+ia32.bin', 32),
  {
    name: 'xen',
    title: 'Xen 4.17 (Multiboot): to where it misses a kernel for dom0',
    memory: 256,
    // Its real-mode code asks the BIOS; there is none.
    commandLine: 'com1=115200,8n1 console=com1 noreboot no-real-mode',
    until: 'dom0 kernel not specified',
    never: [/FATAL/, /Assertion/],
    files: () => {
      const boot = join(packageFiles(dependencyOf('xen-system-amd64', 'xen-hypervisor-')), 'boot');
      const kernel = absolute(XEN);
      writeFileSync(kernel, gunzipSync(readFileSync(fileBeginning(boot, 'xen-', '.gz'))));
      return { kernel };
    },
  },
  {
    name: 'linux',
    title: "Debian's cloud kernel, busybox: to its shell's last command and power-off",
    memory: 256,
    commandLine: 'console=ttyS0',
    never: [/Kernel panic/, /Oops/, /BUG:/, /Call Trace/],
    compared: [BEGIN, END],
    files: () => {
      const root = packageFiles(dependencyOf('linux-image-cloud-amd64', 'linux-image-'));
      const initrd = absolute(INITRAMFS);
      mkdirSync(dirname(initrd), { recursive: true });
      writeFileSync(initrd, busyboxInitramfs(join(packageFiles('busybox-static'), 'bin/busybox')));
      return { kernel: fileBeginning(join(root, 'boot'), 'vmlinuz-'), initrd };
    },
  },
];
