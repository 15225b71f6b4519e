import { guestPaths, repositoryRoot } from './paths.ts';

/**
 * DWARF paths are relative to the repository, whatever the checkout is called. gcc tries the maps from
 * the last to the first; the machine headers are reached through a link below obj/ and are named by
 * their real place.
 */
const prefixMaps = [
  `-ffile-prefix-map=${repositoryRoot}=.`,
  `-ffile-prefix-map=${repositoryRoot}/=`,
  `-ffile-prefix-map=${guestPaths.generatedHeaders}/machine=${guestPaths.machineHeaders}`,
];

const common = [
  '-std=gnu11',
  '-O2',
  '-g',
  '-gdwarf-5',
  '-ffreestanding',
  '-nostdinc',
  '-fno-pic',
  '-fno-pie',
  '-fno-stack-protector',
  '-fno-omit-frame-pointer',
  '-fno-strict-aliasing',
  '-fcf-protection=none',
  '-fno-common',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wno-unused-parameter',
  ...prefixMaps,
];

/** What a kernel source is compiled with. Every function keeps its name, its frame and its call. */
export const kernelFlags: readonly string[] = [
  ...common,
  '-mgeneral-regs-only',
  '-mcmodel=kernel',
  '-mno-red-zone',
  '-fno-optimize-sibling-calls',
  '-fno-inline-functions',
  '-fno-inline-small-functions',
  '-fno-inline-functions-called-once',
  '-fno-partial-inlining',
  '-fno-ipa-cp',
  '-fno-ipa-sra',
  '-fno-ipa-icf',
  '-fno-asynchronous-unwind-tables',
  '-D_KERNEL',
  `-I${guestPaths.kernelSources}`,
  `-I${guestPaths.generatedHeaders}`,
];

/** What a user source is compiled with. */
export const userFlags: readonly string[] = [
  ...common,
  '-fno-optimize-sibling-calls',
  '-fno-asynchronous-unwind-tables',
  `-I${guestPaths.sources}/include`,
  `-I${guestPaths.kernelSources}`,
  `-I${guestPaths.generatedHeaders}`,
];

const commonLinkFlags = [
  '-nostdlib',
  '-static',
  '-no-pie',
  // Tells one build from another: a recording names the kernel it belongs to.
  '-Wl,--build-id=sha1',
  '-Wl,-z,noexecstack',
  '-Wl,-z,norelro',
  '-Wl,-z,max-page-size=4096',
  '-Wl,--fatal-warnings',
];

/** How the kernel is linked; the addresses come from its linker script. */
export const kernelLinkFlags: readonly string[] = [
  ...commonLinkFlags,
  `-Wl,-T,${guestPaths.kernelLinkerScript}`,
];

/** How a program is linked: at 0x400000, with text, read-only data and data on pages of their own. */
export const userLinkFlags: readonly string[] = [
  ...commonLinkFlags,
  '-Wl,-z,separate-code',
  '-Wl,-Ttext-segment=0x400000',
];
