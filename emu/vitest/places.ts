import { EVENT_NAMES, type EventName, type KernelImage } from '../kernel/index.ts';
import { nearBy, shown } from './checks.ts';
import { GuestTestError } from './errors.ts';

/** The events' names have one of these, which no symbol has. */
const EVENT_MARK = ':';

/** Whether a name is that of an event. Throws GuestTestError 'bad-expectation' for one that looks like it and is none. */
export function isEventName(name: unknown): name is EventName {
  if ((EVENT_NAMES as readonly unknown[]).includes(name)) return true;
  if (typeof name !== 'string' || !name.includes(EVENT_MARK)) return false;
  throw new GuestTestError(
    'bad-expectation',
    `there is no event ${name}: there are ${EVENT_NAMES.join(', ')}${nearBy(EVENT_NAMES, name)}`,
  );
}

/** The address of a place. Throws GuestTestError 'bad-expectation' for a name that the kernel does not have, with those near it. */
export function placeOf(image: KernelImage, place: string | bigint): bigint {
  if (typeof place === 'bigint') return place;
  if (typeof place !== 'string' || place === '') {
    throw new GuestTestError(
      'bad-expectation',
      `a place in the kernel is a symbol or an address such as 0xffffffff81000000n; ${shown(place)} is none`,
    );
  }
  const address = image.addressOf(place);
  if (address !== undefined) return address;
  const names = image.symbols.symbols.map(({ name }) => name);
  throw new GuestTestError('bad-expectation', `this kernel has no symbol ${place}${nearBy(names, place)}`);
}
