import { buildGuest } from '../scripts/guest/index.ts';

/** Brings the guest up to date once, before the workers look at it side by side. */
export default async function setup(): Promise<void> {
  await buildGuest();
  await buildGuest({ part: 'regress' });
  await buildGuest({ part: 'kit' });
}
