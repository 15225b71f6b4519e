import { pageCounts, poolItems, processesOfUsers, vnodes } from '../../kernel/census/index.ts';
import { Structures } from '../../kernel/consistency/index.ts';
import type { Kernel, View } from '../../kernel/index.ts';
import { GuestTestError } from '../errors.ts';

/** What can be counted, or listed, in the kernel: what an action that is over must have left as it was. */
const QUANTITIES = {
  /** Processes and threads, as the kernel counts them. */
  nprocesses: (kernel: Kernel) => kernel.global('nprocesses').number(),
  nthreads: (kernel: Kernel) => kernel.global('nthreads').number(),
  /** Processes of each real user id. */
  ui_proccnt: (_: Kernel, s: Structures) => processesOfUsers(s),
  /** Pages that are free or in pools, which keep some of those that they have emptied. */
  pages: (_: Kernel, s: Structures) => {
    const { free, inPools } = pageCounts(s);
    return free + inPools;
  },
  /** Pages that the kernel has wired. */
  wired: (_: Kernel, s: Structures) => pageCounts(s).wired,
  /** Items that each pool has handed out. */
  pools: (_: Kernel, s: Structures) => poolItems(s),
  /** Descriptors that are open, by pid. */
  fds: (kernel: Kernel) =>
    Object.fromEntries(
      [...kernel.processes()].map((process) => [process.number('ps_pid'), openDescriptors(process)]),
    ),
  /** The processes by pid, zombies among them. */
  processes: (kernel: Kernel) =>
    Object.fromEntries(
      [...kernel.processes(), ...kernel.zombies()].map((process) => [
        process.number('ps_pid'),
        process.text('ps_comm') ?? '',
      ]),
    ),
  /** Users of each vnode, by its address. */
  vnodes: (_: Kernel, s: Structures) =>
    Object.fromEntries(vnodes(s).map(({ address, users }) => [address.toString(16), users])),
} as const;

/** What `census` can count by name. A global variable of the kernel can be named too: `uvmexp.forks`. */
export type Quantity = keyof typeof QUANTITIES;

/** All of them. */
export const ALL_QUANTITIES = Object.keys(QUANTITIES) as readonly Quantity[];

/** A count, or counts by name. */
export type Count = number | string | { readonly [name: string]: number | string };

/** Counts. Throws GuestTestError 'bad-expectation' for what cannot be counted. */
export function census(kernel: Kernel, names: readonly (Quantity | (string & {}))[]): Record<string, Count> {
  const structures = new Structures(kernel);
  return Object.fromEntries(names.map((name) => [name, count(kernel, structures, name)]));
}

function count(kernel: Kernel, structures: Structures, name: string): Count {
  if (Object.hasOwn(QUANTITIES, name)) return QUANTITIES[name as Quantity](kernel, structures);
  const [root = '', ...rest] = name.split('.');
  if (kernel.image.debug.variable(root) === undefined) {
    throw new GuestTestError(
      'bad-expectation',
      `${name} is no variable of the kernel and none of ${ALL_QUANTITIES.join(', ')}`,
    );
  }
  return kernel.global(root).number(rest.join('.'));
}

function openDescriptors(process: View): string {
  const slots = process.number('ps_fd.fd_lastfile') + 1;
  const open: number[] = [];
  for (let fd = 0; fd < slots; fd++) if (process.pointer(`ps_fd.fd_ofiles[${fd}]`) !== 0n) open.push(fd);
  return open.join(' ');
}

/** The names whose counts are others now, with both counts; for counts by name, those that differ. */
export function differences(before: Record<string, Count>, after: Record<string, Count>): string[] {
  return Object.keys(before).flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    if (typeof was !== 'object' || typeof is !== 'object')
      return was === is ? [] : [`${name}: ${was} → ${is}`];
    const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return keys
      .filter((key) => was[key] !== is[key])
      .map((key) => `${name}[${key}]: ${was[key] ?? 'none'} → ${is[key] ?? 'none'}`);
  });
}
