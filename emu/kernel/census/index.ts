/** What can be counted in the kernel. */
export { changedCounts, type KernelCounts, kernelCounts } from './counts.ts';
export {
  allocations,
  type PageCounts,
  pageCounts,
  poolItems,
  processesOfUsers,
  type Tally,
  timeouts,
  type VnodeUse,
  vnodes,
} from './quantities.ts';
