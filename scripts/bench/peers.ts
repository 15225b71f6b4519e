import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A program or library that puffer is compared with. */
export interface Peer {
  readonly name: string;
  /** Why it cannot be measured here and what to install; undefined when it can. */
  readonly missing: string | undefined;
}

/** Native Unicorn, as Debian installs it. */
export const UNICORN_LIBRARY = '/usr/lib/x86_64-linux-gnu/libunicorn.so.2';

const runs = (command: string): boolean =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

const command = (name: string, program: string, packageName: string): Peer => ({
  name,
  missing: runs(program) ? undefined : `${name} is missing: apt-get install ${packageName}`,
});

/** Looks for the peers and the tools that measuring them takes. */
export const findPeers = {
  qemu: (): Peer => command('QEMU', 'qemu-system-x86_64', 'qemu-system-x86'),
  gdb: (): Peer => command('gdb', 'gdb', 'gdb'),
  assembler: (): Peer => command('GNU as', 'as', 'binutils'),
  unicorn: (): Peer => ({
    name: 'Unicorn',
    missing: existsSync(UNICORN_LIBRARY) ? undefined : 'Unicorn is missing: apt-get install libunicorn2',
  }),
};

/** Why a comparison cannot be made: the first of its peers that is missing. */
export function firstMissing(...peers: readonly Peer[]): string | undefined {
  return peers.find(({ missing }) => missing !== undefined)?.missing;
}
