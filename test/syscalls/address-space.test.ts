import { describe, expect } from 'vitest';
import { listElements } from '../../emu/kernel/index.ts';
import { type BootedGuest, call, forking, guestTest as it } from '../../emu/vitest/index.ts';
import {
  MAP_ANON,
  MAP_FIXED,
  MAP_INHERIT_COPY,
  MAP_INHERIT_NONE,
  MAP_INHERIT_SHARE,
  MAP_INHERIT_ZERO,
  MAP_NOREPLACE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_STACK,
  PAGE_SIZE,
  PROT_EXEC,
  PROT_NONE,
  PROT_READ,
  PROT_WRITE,
} from './support/constants.ts';
import { refuses } from './support/refusals.ts';
import { makePipe, ok, open } from './support/setting.ts';

const ANONYMOUS = MAP_ANON | MAP_PRIVATE;
const READ_WRITE = PROT_READ | PROT_WRITE;
/** Far from all that the scratch process has. */
const PLACE = 0x5000_0000n;

/** The arguments of mmap(2) for anonymous memory. */
function anonymous(address: bigint | null, pages: number, prot: number, flags = ANONYMOUS) {
  return ['mmap', address, pages * PAGE_SIZE, prot, flags, -1, 0, 0] as const;
}

/** Maps pages at a place. */
function map(guest: BootedGuest, pages = 1, prot = READ_WRITE, flags = ANONYMOUS): bigint {
  expect(BigInt(ok(guest, ...anonymous(PLACE, pages, prot, flags | MAP_FIXED)))).toBe(PLACE);
  return PLACE;
}

/** The struct vm_map_entry of an address. */
function entryOf(guest: BootedGuest, address: bigint) {
  for (const entry of listElements(
    guest.scratch.process.at('ps_vmspace').member('vm_map.addr'),
    guest.kernel.struct('vm_map_entry'),
    'daddrs',
  ))
    if (entry.integer('start') <= address && address < entry.integer('end')) return entry;
  return undefined;
}

/** The process's data pages, as it counts them. */
const dataPages = (guest: BootedGuest): number => guest.scratch.process.number('ps_vmspace.vm_dused');

/** Whether the kernel can read a byte there for the process. */
const readable = (guest: BootedGuest, address: bigint): boolean =>
  guest.syscall('write', makePipe(guest)[1], address, 1).errno === 0;

const heapEnd = (guest: BootedGuest): bigint => {
  const vm = guest.scratch.process.at('ps_vmspace');
  return vm.pointer('vm_daddr') + vm.integer('vm_dsize') * BigInt(PAGE_SIZE);
};

describe('mmap', () => {
  it('should give zeros, and a page only when it is used', ({ guest }) => {
    const [from, to] = makePipe(guest);
    const into = guest.user.buffer(new Uint8Array(4).fill(1));
    const pages = (): number => guest.kernel.global('uvmexp').number('free');
    const address = map(guest, 16);
    const before = pages();
    ok(guest, 'write', to, address + 8n, 4);
    // Its page, the list of the range's pages, and a page table.
    expect(before - pages()).toBeLessThanOrEqual(3);
    ok(guest, 'read', from, into, 4);
    expect(into.int()).toBe(0);
  });

  it('should write down protection, inheritance and what a private mapping is', ({ guest }) => {
    map(guest, 2, PROT_READ);
    expect(entryOf(guest, PLACE)?.number('protection')).toBe(PROT_READ);
    expect(entryOf(guest, PLACE)?.number('max_protection')).toBe(PROT_READ | PROT_WRITE | PROT_EXEC);
    expect(entryOf(guest, PLACE)?.number('inheritance')).toBe(MAP_INHERIT_COPY);
    map(guest, 2, PROT_READ, MAP_ANON | MAP_SHARED);
    expect(entryOf(guest, PLACE)?.number('inheritance')).toBe(MAP_INHERIT_SHARE);
  });

  it('should take the next gap when the wanted place is taken', ({ guest }) => {
    map(guest);
    const next = ok(guest, ...anonymous(PLACE, 1, PROT_READ));
    expect(BigInt(next)).toBe(PLACE + BigInt(PAGE_SIZE));
  });

  it('should replace what is there with MAP_FIXED, and its content', ({ guest }) => {
    const [from, to] = makePipe(guest);
    map(guest);
    guest.user.write(guest.user.guarded, Uint8Array.of(7));
    ok(guest, 'write', to, guest.user.guarded, 1);
    ok(guest, 'read', from, PLACE, 1);
    map(guest);
    const into = guest.user.buffer(Uint8Array.of(9));
    ok(guest, 'write', to, PLACE, 1);
    ok(guest, 'read', from, into, 1);
    expect(into.bytes()[0]).toBe(0);
  });

  it('should count data pages once, however often they are mapped anew', ({ guest }) => {
    map(guest, 3);
    const once = dataPages(guest);
    map(guest, 3);
    map(guest, 3);
    expect(dataPages(guest)).toBe(once);
    ok(guest, 'munmap', PLACE, 3 * PAGE_SIZE);
    expect(dataPages(guest)).toBe(once - 3);
  });

  it('should share MAP_SHARED memory with a child', ({ guest }) => {
    map(guest, 1, READ_WRITE, MAP_ANON | MAP_SHARED);
    const [from, to] = makePipe(guest);
    const fork = forking('fork', [call('write', to, 'ch', 2), call('read', from, PLACE, 2)]);
    // The parent touches the page too, which makes it present.
    guest.program([fork, call('wait4', fork, null, 0, null), call('write', to, PLACE, 1)]);
    expect([...guest.user.read(PLACE, 2)]).toEqual([...'ch'].map((letter) => letter.charCodeAt(0)));
  });

  it('should let memory that may hold a stack be one', ({ guest }) => {
    map(guest, 1, READ_WRITE, ANONYMOUS | MAP_STACK);
    const UVM_ET_STACK = 0x40;
    expect((entryOf(guest, PLACE)?.number('etype') ?? 0) & UVM_ET_STACK).toBe(UVM_ET_STACK);
  });
});

describe('munmap', () => {
  it('should cut a hole in the middle', ({ guest }) => {
    map(guest, 3);
    const entries = guest.scratch.process.number('ps_vmspace.vm_map.nentries');
    ok(guest, 'munmap', PLACE + BigInt(PAGE_SIZE), PAGE_SIZE);
    expect(guest.scratch.process.number('ps_vmspace.vm_map.nentries')).toBe(entries + 1);
    expect([0n, 1n, 2n].map((page) => readable(guest, PLACE + page * BigInt(PAGE_SIZE)))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('should give the pages back', ({ guest }) => {
    const { scratch } = guest;
    const into = makePipe(guest);
    const mapping = (): unknown =>
      scratch.program([
        call(...anonymous(PLACE, 4, READ_WRITE, ANONYMOUS | MAP_FIXED)),
        call('write', into[1], 'page', 4),
        call('read', into[0], PLACE, 4),
        call('munmap', PLACE, 4 * PAGE_SIZE),
      ]);
    mapping();
    expect(guest.during(mapping)).toLeaveUnchanged();
  });

  it('should do nothing for a length of 0', ({ guest }) => {
    map(guest);
    ok(guest, 'munmap', PLACE, 0);
    expect(readable(guest, PLACE)).toBe(true);
  });
});

describe('mprotect', () => {
  it('should take the right to write, and give it back with the content', ({ guest }) => {
    const [from, to] = makePipe(guest);
    map(guest);
    ok(guest, 'write', to, 'kept!', 5);
    ok(guest, 'read', from, PLACE, 5);
    ok(guest, 'mprotect', PLACE, PAGE_SIZE, PROT_READ);
    ok(guest, 'write', to, 'x', 1);
    expect(guest.syscall('read', from, PLACE, 1)).toReturnErrno('EFAULT');
    ok(guest, 'mprotect', PLACE, PAGE_SIZE, READ_WRITE);
    expect(new TextDecoder().decode(guest.user.read(PLACE, 5))).toBe('kept!');
  });

  it('should change one page of three', ({ guest }) => {
    map(guest, 3);
    ok(guest, 'mprotect', PLACE + BigInt(PAGE_SIZE), PAGE_SIZE, PROT_NONE);
    const protections = [0n, 1n, 2n].map((page) =>
      entryOf(guest, PLACE + page * BigInt(PAGE_SIZE))?.number('protection'),
    );
    expect(protections).toEqual([READ_WRITE, PROT_NONE, READ_WRITE]);
  });

  it('should count what may not be used as no data', ({ guest }) => {
    const before = dataPages(guest);
    map(guest, 4, PROT_NONE);
    expect(dataPages(guest)).toBe(before);
    ok(guest, 'mprotect', PLACE, 2 * PAGE_SIZE, READ_WRITE);
    expect(dataPages(guest)).toBe(before + 2);
    ok(guest, 'munmap', PLACE, 4 * PAGE_SIZE);
    expect(dataPages(guest)).toBe(before);
  });
});

describe('the data pages of a child', () => {
  it('should be those of its parent', ({ guest }) => {
    map(guest, 5);
    const fork = forking('fork', [call('sigsuspend', 0)]);
    const pid = guest.program([fork]).result(0).value;
    guest.scratch.settle();
    expect(guest.proc(pid).vmspace.number('vm_dused')).toBe(dataPages(guest));
  });
});

describe('minherit', () => {
  it.for([
    [MAP_INHERIT_SHARE, 'share a range with a child', 'CHILD'],
    [MAP_INHERIT_COPY, 'give a child a copy of a range', 'FIRST'],
  ] as const)('should, with %i, %s', ([inheritance, , expected], { guest }) => {
    const [from, to] = makePipe(guest);
    map(guest);
    ok(guest, 'write', to, 'FIRST', 5);
    ok(guest, 'read', from, PLACE, 5);
    ok(guest, 'minherit', PLACE, PAGE_SIZE, inheritance);
    const fork = forking('fork', [call('write', to, 'CHILD', 5), call('read', from, PLACE, 5)]);
    guest.program([fork, call('wait4', fork, null, 0, null)]);
    expect(new TextDecoder().decode(guest.user.read(PLACE, 5))).toBe(expected);
  });

  it.for([
    [MAP_INHERIT_NONE, 'keep a range from a child', 'EFAULT', 0],
    [MAP_INHERIT_ZERO, 'give a child zeros for a range', 0, 0],
  ] as const)('should, with %i, %s', ([inheritance, , errno, byte], { guest }) => {
    const [from, to] = makePipe(guest);
    map(guest);
    ok(guest, 'write', to, 'FIRST', 5);
    ok(guest, 'read', from, PLACE, 5);
    ok(guest, 'minherit', PLACE, PAGE_SIZE, inheritance);
    const seen = call('write', to, PLACE, 5);
    const fork = forking('fork', [seen]);
    const { results } = guest.program([fork, call('wait4', fork, null, 0, null)]);
    expect(results.get(seen)?.errno).toBe(errno);
    const into = guest.user.buffer(5);
    if (errno === 0) ok(guest, 'read', from, into, 5);
    expect(into.bytes()[0]).toBe(byte);
  });
});

describe('break', () => {
  it('should let the data grow and shrink, by pages', ({ guest }) => {
    const old = heapEnd(guest);
    const pages = dataPages(guest);
    ok(guest, 'break', old + 1n);
    expect(heapEnd(guest)).toBe(old + BigInt(PAGE_SIZE));
    expect(dataPages(guest)).toBe(pages + 1);
    expect(readable(guest, old)).toBe(true);
    ok(guest, 'break', old);
    expect(heapEnd(guest)).toBe(old);
    expect(dataPages(guest)).toBe(pages);
    expect(readable(guest, old)).toBe(false);
  });

  it('should give zeros where something was before', ({ guest }) => {
    const [from, to] = makePipe(guest);
    const old = heapEnd(guest);
    ok(guest, 'break', old + BigInt(PAGE_SIZE));
    ok(guest, 'write', to, 'x', 1);
    ok(guest, 'read', from, old, 1);
    ok(guest, 'break', old);
    ok(guest, 'break', old + BigInt(PAGE_SIZE));
    ok(guest, 'write', to, old, 1);
    const into = guest.user.buffer(Uint8Array.of(1));
    ok(guest, 'read', from, into, 1);
    expect(into.bytes()[0]).toBe(0);
  });
});

refuses('break', [
  ['ENOMEM', 'below the data', () => [PAGE_SIZE]],
  ['ENOMEM', 'beyond the limit of the data', () => [1n << 46n]],
  [
    'ENOMEM',
    'where something is mapped',
    (guest) => {
      const end = heapEnd(guest);
      ok(guest, ...anonymous(end + BigInt(PAGE_SIZE), 1, PROT_READ, ANONYMOUS | MAP_FIXED));
      return [end + 2n * BigInt(PAGE_SIZE)];
    },
  ],
]);
refuses('mmap', [
  [
    'ENODEV',
    'of a file',
    (guest) => [null, PAGE_SIZE, PROT_READ, MAP_PRIVATE, open(guest, '/etc/passwd'), 0, 0],
  ],
  [
    'EINVAL',
    'for a stack that is shared',
    () => anonymous(null, 1, READ_WRITE, MAP_ANON | MAP_SHARED | MAP_STACK).slice(1),
  ],
  [
    'EINVAL',
    'for a stack that can be executed',
    () => anonymous(null, 1, PROT_READ | PROT_EXEC, ANONYMOUS | MAP_STACK).slice(1),
  ],
  [
    'EINVAL',
    'beyond the end of user memory',
    () => anonymous(0x7fff_ffff_f000n, 2, PROT_READ, ANONYMOUS | MAP_FIXED).slice(1),
  ],
  ['EINVAL', 'for a length that wraps around', () => [PLACE, -1, PROT_READ, ANONYMOUS, -1, 0, 0]],
  [
    'ENOMEM',
    'with MAP_NOREPLACE where something is',
    (guest) => {
      map(guest);
      return anonymous(PLACE, 1, PROT_READ, ANONYMOUS | MAP_FIXED | MAP_NOREPLACE).slice(1);
    },
  ],
  [
    'ENOMEM',
    'beyond the limit of the data',
    (guest) => {
      guest.become({ limits: { data: dataPages(guest) * PAGE_SIZE } });
      return anonymous(PLACE, 1, READ_WRITE).slice(1);
    },
  ],
]);
refuses('munmap', [
  ['EINVAL', 'where nothing is mapped', () => [PLACE, PAGE_SIZE]],
  [
    'EINVAL',
    'for a range with a hole',
    (guest) => {
      map(guest);
      return [PLACE, 2 * PAGE_SIZE];
    },
  ],
  ['EINVAL', 'for a length that wraps around', () => [PLACE, -1]],
]);
refuses('mprotect', [['EINVAL', 'for a length that wraps around', () => [PLACE, -1, PROT_READ]]]);
refuses('minherit', [['EINVAL', 'for a length that wraps around', () => [PLACE, -1, MAP_INHERIT_COPY]]]);
