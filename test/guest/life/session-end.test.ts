import { describe, expect } from 'vitest';
import { guestTest } from '../../../emu/vitest/index.ts';

const PROGRAM = new URL('../programs/lastwill.c', import.meta.url);
const it = guestTest.extend({ guestSetup: { programs: [PROGRAM] } });

/** sys/errno.h. */
const EIO = 5;
const ENXIO = 6;

describe('the end of a session’s leader', () => {
  it('should hang up those in the foreground that have the terminal, and take it from everybody', ({
    guest,
  }) => {
    guest.start('exec lastwill');
    const stop = guest.machine.run({ text: 'init: ksh exited\r\n# ' });
    expect(stop.reason).toBe('consoleText');
    const { output } = guest.sh('sleep 2; cat /tmp/lastwill');
    expect(output.trim().split('\n').sort()).toEqual([
      `back: nothing, ${EIO}, ${ENXIO}`,
      `front: SIGHUP, ${EIO}, ${ENXIO}`,
      `without: nothing, ${EIO}, ${ENXIO}`,
    ]);
  });
});
