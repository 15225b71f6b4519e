import { availableParallelism } from 'node:os';

/**
 * Runs `work` on every item, as many at a time as the host has processors. After a failure no new item
 * is started; what is running is waited for.
 *
 * @returns the failures, in the order they happened; empty when all went well.
 */
export async function runJobs<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const item = items[next++];
      if (item === undefined) {
        break;
      }
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const workers = Math.min(availableParallelism(), items.length);
  await Promise.all(Array.from({ length: workers }, worker));
  return failures;
}
