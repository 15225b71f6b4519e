import { describe, expect } from 'vitest';
import { type BootedGuest, guestTest } from '../../../emu/vitest/index.ts';
import { everything, REFUSED, RefusedScene } from '../support/refused-scene.ts';

const EAGAIN = 35n;
const ENOMEM = 12n;
const MINUS_ONE = 0xffff_ffff_ffff_ffffn;
/** Little memory is used up in little time; the kernel alone needs more than 16 MiB. */
const LITTLE_MEMORY = 24 * 2 ** 20;

const REFUSALS = [
  { limit: 'the limit of threads', command: 'refused -t 8', errno: EAGAIN },
  { limit: 'the limit of threads, for a user', command: 'refused -t 8 -u 1000', errno: EAGAIN },
  { limit: 'the limit of processes', command: 'refused -p 8', errno: EAGAIN },
  { limit: 'the limit of processes, for a user', command: 'refused -p 8 -u 1000', errno: EAGAIN },
  { limit: 'RLIMIT_NPROC', command: 'refused -l 3 -u 1000', errno: EAGAIN },
  { limit: 'want of memory for a uarea', command: 'refused -m', errno: ENOMEM },
  { limit: 'want of memory, for a user', command: 'refused -u 1000 -m', errno: ENOMEM },
];

const it = guestTest.extend({ guestSetup: { programs: [REFUSED], memory: LITTLE_MEMORY } });

for (const { limit, command, errno } of REFUSALS) {
  describe(`a fork refused by ${limit}`, () => {
    let played: RefusedScene | undefined;
    const play = (guest: BootedGuest): RefusedScene => {
      played ??= new RefusedScene(guest, command);
      return played;
    };

    it(`should answer rax ${errno}, carry set, and leave rdx alone`, ({ guest }) => {
      const scene = play(guest);
      const { rdx } = scene.answerAt('SYSCALL');
      expect(scene.answerAt('refused')).toEqual({ rax: errno, rdx, carry: true });
    });

    it('should leave counts, lists, pools, pages, references, registers and memory as they were', ({
      guest,
    }) => {
      const scene = play(guest);
      const [before, after] = scene.both('SYSCALL', 'refused', () => everything(scene));
      expect(after).toEqual(before);
    });

    it('should make libc’s fork return -1 and set errno', ({ guest }) => {
      const scene = play(guest);
      expect(scene.answerAt('libc returns').rax).toBe(MINUS_ONE);
      expect(guest.finish()).toContain(`, errno ${errno}\n`);
    });

    it('should not keep a fork from success when there is room again', ({ guest }) => {
      play(guest).at('libc returns');
      expect(guest.finish()).toContain('after errno 0\n');
    });
  });
}
