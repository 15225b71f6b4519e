import { describe, expect } from 'vitest';
import { backtrace } from '../../emu/kernel/index.ts';
import { call, forking, guestTest as it } from '../../emu/vitest/index.ts';
import { MAP_ANON, MAP_INHERIT_COPY, MAP_SHARED, PAGE_SIZE } from './support/constants.ts';
import { makePipe, ok } from './support/setting.ts';

const READ_WRITE = 3;

describe('a fork that finds no page to copy shared memory into', () => {
  it('should go on at once when there is one after all', ({ guest }) => {
    const place = ok(guest, 'mmap', null, PAGE_SIZE, READ_WRITE, MAP_ANON | MAP_SHARED, -1, 0, 0);
    const [from, to] = makePipe(guest);
    ok(guest, 'write', to, 'FIRST', 5);
    ok(guest, 'read', from, place, 5);
    // A fork makes it shared, and the next one has to copy it.
    const first = forking('fork', []);
    guest.program([first, call('wait4', first, null, 0, null)]);
    ok(guest, 'minherit', place, PAGE_SIZE, MAP_INHERIT_COPY);
    const fork = forking('fork', [call('write', to, place, 5)]);
    const all = [fork, call('wait4', fork, null, 0, null)];
    // Which of the calls is for the copy is seen by who has called.
    const inCopy: boolean[] = [];
    const before = guest.checkpoint();
    const { kernel, image, tracer } = guest.machine;
    const detach = tracer.probes.at(image.address('uvm_analloc'), () => {
      inCopy.push(backtrace(kernel).some((level) => level.function === 'amap_cow_now'));
    });
    guest.program(all);
    detach();
    guest.goBack(before);
    guest.faults.failCall('uvm_analloc', { call: inCopy.indexOf(true) + 1 });
    const { results } = guest.program(all);
    expect(results.get(fork)?.errno).toBe(0);
    const into = guest.user.buffer(5);
    ok(guest, 'read', from, into, 5);
    expect(new TextDecoder().decode(into.bytes())).toBe('FIRST');
  });
});
