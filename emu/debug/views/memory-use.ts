import { type Kernel, listElements } from '../../kernel/index.ts';
import { definitions, table } from './table.ts';

/** A pool of pool(9). */
export interface PoolRow {
  readonly name: string;
  /** Bytes of an item. */
  readonly size: number;
  readonly out: number;
  readonly free: number;
  readonly pages: number;
  readonly gets: bigint;
  readonly puts: bigint;
  readonly failures: bigint;
}

/** All pools, in the kernel's order. Throws KernelError. */
export function poolRows(kernel: Kernel): PoolRow[] {
  return [...listElements(kernel.global('pool_head'), kernel.struct('pool'), 'pr_poollist')].map((pool) => ({
    name: pool.text('pr_wchan') ?? '',
    size: pool.number('pr_size'),
    out: pool.number('pr_nout'),
    free: pool.number('pr_nitems'),
    pages: pool.number('pr_npages'),
    gets: pool.integer('pr_nget'),
    puts: pool.integer('pr_nput'),
    failures: pool.integer('pr_nfail'),
  }));
}

export function renderPools(rows: readonly PoolRow[]): string {
  return table(
    ['POOL', 'SIZE', 'OUT', 'FREE', 'PAGES', 'GETS', 'PUTS', 'FAILED'],
    rows.map((row) => [
      row.name,
      ...[row.size, row.out, row.free, row.pages, row.gets, row.puts, row.failures].map(String),
    ]),
  );
}

/** The counters of struct uvmexp by member. Throws KernelError. */
export function memoryCounters(kernel: Kernel): Record<string, number> {
  const uvmexp = kernel.global('uvmexp');
  return Object.fromEntries(uvmexp.members().map((name) => [name, uvmexp.number(name)]));
}

export function renderMemoryCounters(counters: Readonly<Record<string, number>>): string {
  return definitions(Object.entries(counters).map(([name, value]) => [name, String(value)] as const));
}
