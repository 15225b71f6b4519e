import { describe, expect } from 'vitest';
import { type Checkpoint, call, forking, intAt, guestTest as it } from '../../emu/vitest/index.ts';

const SYS_getpid = 20;

const SYS_mmap = 197;
const constants = { PROT_READ: 1, MAP_PRIVATE: 2, MAP_ANON: 0x1000 };

describe('guest.syscall', () => {
  it('should return what the kernel returns', ({ guest }) => {
    const { value, errno, carry, number } = guest.syscall('getpid');
    expect(value).toBe(guest.scratch.pid);
    expect({ errno, carry, number }).toEqual({ errno: 0, carry: false, number: SYS_getpid });
  });

  it('should return -1 and the name of the error', ({ guest }) => {
    expect(guest.syscall('open', '/nonexistent', 0)).toMatchObject({
      value: -1,
      errno: 'ENOENT',
      carry: true,
    });
  });

  it('should fork, with a child that exits, and wait', ({ guest }) => {
    const fork = forking('fork', [call('exit', 7)]);
    const status = guest.user.buffer(4);
    const { results, end } = guest.program([fork, call('wait4', fork, status, 0, null)]);
    expect(end).toBe('parked');
    expect(results.get(fork)?.value).toBeGreaterThan(1);
    expect(status.int()).toBe(7 << 8);
  });

  it('should talk through a pipe with a child', ({ guest }) => {
    const ends = guest.user.buffer(8);
    const into = guest.user.buffer(16);
    const fork = forking('fork', [call('write', intAt(ends, 4), 'hello', 5)]);
    const { result } = guest.program([
      call('pipe', ends),
      fork,
      call('read', intAt(ends), into, 16),
      call('wait4', fork, null, 0, null),
    ]);
    expect(result(2).value).toBe(5);
    expect(into.text()).toBe('hello');
  });
  it('should pass the seventh and the eighth argument on the stack, above the return address', ({
    guest,
  }) => {
    const { MAP_ANON, MAP_PRIVATE, PROT_READ } = constants;
    const mapping = [null, 4096, PROT_READ, MAP_ANON | MAP_PRIVATE, -1, 0x1234, 0] as const;
    expect(guest.syscall('__syscall', SYS_mmap, ...mapping).errno).toBe(0);
    const above = guest.user.read(guest.machine.register('rsp') + 8n, 16);
    expect([...new BigUint64Array(above.slice().buffer)]).toEqual([0x1234n, 0n]);
  });

  it('should leave a sleeping process asleep when asked to, and finish its call later', ({ guest }) => {
    const twoSeconds = guest.user.struct('timespec', { tv_sec: 2 });
    const { end } = guest.program([call('nanosleep', twoSeconds, null)], { untilAsleep: true });
    expect(end).toBe('asleep');
    const before = guest.machine.guestTime;
    expect(guest.scratch.finish().result(0).value).toBe(0);
    expect(guest.machine.guestTime - before).toBeGreaterThan(1.9e9);
  });

  it('should tell that the process is gone, and leave the shell usable', ({ guest }) => {
    expect(guest.program([call('exit', 3)]).end).toBe('gone');
    expect(guest.sh('echo here').output).toBe('here\n');
  });

  it('should go on from what the shell has done, and the shell from what it has done', ({ guest }) => {
    guest.sh('mkdir /tmp/made');
    expect(guest.syscall('mkdir', '/tmp/made', 0o755).errno).toBe('EEXIST');
    expect(guest.syscall('rmdir', '/tmp/made').value).toBe(0);
    expect(guest.sh('ls /tmp').output).toBe('');
  });

  it('should give a page that a child shares to the process alone before the host writes it', ({ guest }) => {
    const text = guest.user.string('before');
    const second = guest.user.struct('timespec', { tv_sec: 1 });
    const later = [call('nanosleep', second, null), call('write', 1, text, 6)];
    guest.program([forking('fork', later)]);
    text.write(new TextEncoder().encode('after!'));
    guest.syscall('wait4', -1, null, 0, null);
    expect(text.text()).toBe('after!');
    expect(guest.output).toContain('before');
    expect(guest.output).not.toContain('after!');
  });

  it('should refuse names and programs that cannot be', ({ guest }) => {
    expect(() => guest.syscall('frok')).toThrow(/no system call frok/);
    const twice = call('getpid');
    expect(() => guest.program([twice, twice])).toThrow(/stands twice/);
    expect(() => guest.program([call('kill', call('getpid'), 0)])).toThrow(/outside the program/);
    expect(() => guest.user.buffer(70_000)).toThrow(/do not fit/);
    expect(() => guest.user.struct('rlimit', { rlim_kurr: 1 })).toThrow(/no member rlim_kurr/);
  });
});

describe('guest.sh', () => {
  it('should tell the status without running anything in the guest for it', ({ guest }) => {
    const forks = (): number => guest.kernel.global('uvmexp').number('forks');
    const before = forks();
    expect(guest.sh('ls /nonexistent').status).not.toBe(0);
    expect(forks() - before).toBe(1);
    expect(guest.output).not.toContain('echo');
    expect(guest.sh("ksh -c 'exit 7'").status).toBe(7);
    expect(guest.sh('true').status).toBe(0);
  });

  it('should end at once when a program waits for input, and say which', ({ guest }) => {
    const began = guest.machine.position;
    expect(() => guest.sh('cat')).toThrow(/the guest waits for input: pid \d+ cat in ttyin/);
    expect(guest.machine.position - began).toBeLessThan(10_000_000);
  });

  it('should end at once when the shell waits for the end of a quotation', ({ guest }) => {
    expect(() => guest.sh('echo "open')).toThrow(/waits for input: pid \d+ ksh in ttyin[\s\S]*echo "open/);
  });

  it('should wait for what time will bring, with a program that reads meanwhile', ({ guest }) => {
    guest.sh('sleep 2 &');
    expect(guest.until('proc:exit').status).toBe(0);
    expect(() => guest.until('coredump')).toThrow(/did not come to coredump: the guest waits for input/);
  });
});

describe('guest.goBack', () => {
  it('should refuse what is no checkpoint', ({ guest }) => {
    expect(() => guest.goBack({} as Checkpoint)).toThrow(
      /goBack takes what guest.checkpoint\(\) has returned/,
    );
  });
});
