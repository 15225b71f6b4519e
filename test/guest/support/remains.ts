import { type Kernel, listElements, type View } from '../../../emu/index.ts';
import { counts, lists, pages, poolItems } from './census.ts';

/** What processes that are gone must not have changed: two of these are compared. */
export function remains(kernel: Kernel): Readonly<Record<string, unknown>> {
  const { free, inPools, wired } = pages(kernel);
  return {
    counts: counts(kernel),
    lists: lists(kernel),
    pools: poolItems(kernel),
    // Which of its pages a pool empties, and gives back, depends on the order of things.
    pages: { freeOrInPools: free + inPools, wired },
    vnodes: vnodes(kernel),
    references: references(kernel.processes()),
    allocations: allocations(kernel),
  };
}

/** The vnodes of all file systems, as [type, users] by address. */
function vnodes(kernel: Kernel): Record<string, readonly number[]> {
  const mounts = listElements(kernel.global('mountlist'), kernel.struct('mount'), 'mnt_list');
  const known: Record<string, readonly number[]> = {};
  for (const mount of mounts) {
    const ofMount = listElements(mount.at('mnt_vnodelist'), kernel.struct('vnode'), 'v_mntvnodes');
    for (const vnode of ofMount) {
      known[vnode.address.toString(16)] = [vnode.number('v_type'), vnode.number('v_usecount')];
    }
  }
  return known;
}

/** References to what the processes that live on share. */
function references(processes: Iterable<View>): Record<string, readonly number[]> {
  return Object.fromEntries(
    [...processes].map((process) => [
      process.text('ps_comm') ?? '',
      ['ps_ucred.cr_ref', 'ps_limit.pl_refcnt', 'ps_fd.fd_refcnt', 'ps_vmspace.vm_refcnt'].map((path) =>
        process.number(path),
      ),
    ]),
  );
}

/** What malloc(9) has handed out and not got back, by type: pieces and bytes. */
function allocations(kernel: Kernel): readonly string[] {
  const types = kernel.global('kmemstats').get();
  if (!Array.isArray(types)) throw new TypeError('kmemstats is no array');
  return types.map((_, type) => {
    const statistics = kernel.global('kmemstats').at(`[${type}]`);
    return `${statistics.integer('ks_inuse')} of ${statistics.integer('ks_memuse')} bytes`;
  });
}
