import { describe, expect } from 'vitest';
import { call, forking, intAt, guestTest as it, pufferMatchers } from '../../emu/vitest/index.ts';

expect.extend(pufferMatchers);

/** What fuzzing has found in the kernel, each as a test that failed before. */

const PAGE = 4096;
const PROT_READ_WRITE = 3;
const MAP_SHARED_ANON = 0x1001;
const MAP_PRIVATE_ANON = 0x1002;
const MAP_INHERIT_SHARE = 0;
const MAP_INHERIT_COPY = 1;

describe('a shared mapping that is inherited as a copy', () => {
  it('should keep in the child what was in it at fork, whatever its parent writes later', ({ guest }) => {
    const { user } = guest;
    const [into, go, out] = [user.buffer(8), user.buffer(8), user.buffer(8)];
    const seen = user.buffer(4);
    const map = call('mmap', null, PAGE, PROT_READ_WRITE, MAP_SHARED_ANON, -1, 0, 0);
    /** Lets the kernel write text where the mapping is. */
    const put = (text: string): ReturnType<typeof call>[] => [
      call('write', intAt(into, 4), text, text.length),
      call('read', intAt(into), map, text.length),
    ];
    const child = forking('fork', [call('read', intAt(go), seen, 1), call('write', intAt(out, 4), map, 3)]);
    guest.program([
      map,
      ...[into, go, out].map((ends) => call('pipe', ends)),
      ...put('old'),
      // Somebody has shared it before.
      forking('fork', []),
      call('minherit', map, PAGE, MAP_INHERIT_COPY),
      child,
      ...put('new'),
      call('write', intAt(go, 4), 'x', 1),
      call('read', intAt(out), seen, 3),
    ]);
    expect(seen.text()).toBe('old');
  });
});

describe('private memory that is inherited shared', () => {
  it('should be the same for parent and child, though another child has a copy of it', ({ guest }) => {
    const { user } = guest;
    const [into, go, out] = [user.buffer(8), user.buffer(8), user.buffer(8)];
    const seen = user.buffer(4);
    const map = call('mmap', null, PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANON, -1, 0, 0);
    const put = (text: string): ReturnType<typeof call>[] => [
      call('write', intAt(into, 4), text, text.length),
      call('read', intAt(into), map, text.length),
    ];
    const child = forking('fork', put('new'));
    guest.program([
      map,
      ...[into, go, out].map((ends) => call('pipe', ends)),
      ...put('old'),
      // Holds on to the pages as they are.
      forking('fork', [call('read', intAt(go), seen, 1)]),
      call('minherit', map, PAGE, MAP_INHERIT_SHARE),
      child,
      call('wait4', child, null, 0, null),
      call('write', intAt(out, 4), map, 3),
      call('read', intAt(out), seen, 3),
    ]);
    expect(seen.text()).toBe('new');
    expect(guest).toBeConsistent();
  });
});
