import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitStatusOf, GuestBuildError } from '../../scripts/guest/errors.ts';
import { repositoryRoot } from '../../scripts/guest/paths.ts';
import { explainRefusal, explainToolRefusal } from '../../scripts/guest/writable.ts';

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: mkdir`), { code, path });
}

describe('a refusal to write', () => {
  test.each([
    ['EACCES', 'permission denied'],
    ['EROFS', 'read-only file system'],
    ['EPERM', 'operation not permitted'],
  ])('of the host (%s) names the path and ends with status 2', (code, reason) => {
    const error = explainRefusal(systemError(code, join(repositoryRoot, 'guest/obj/x')));
    expect(error).toBeInstanceOf(GuestBuildError);
    expect((error as GuestBuildError).message).toContain(`'guest/obj/x' cannot be written (${reason})`);
    expect(exitStatusOf((error as GuestBuildError).code)).toBe(2);
  });

  test('elsewhere, and any other error, stays what it is', () => {
    const elsewhere = systemError('EACCES', join(repositoryRoot, '../elsewhere'));
    const other = systemError('ENOENT', join(repositoryRoot, 'guest/obj/x'));
    expect(explainRefusal(elsewhere)).toBe(elsewhere);
    expect(explainRefusal(other)).toBe(other);
  });

  test('of a dependency file, in the words of gcc, names it', () => {
    const printed = new GuestBuildError(
      'compile-failed',
      'a.c:9: fatal error: opening dependency file guest/obj/a.c.o.1.tmp.d: Permission denied',
    );
    const error = explainToolRefusal(printed, 'guest/obj/a.c.o.1.tmp');
    expect((error as GuestBuildError).code).toBe('unwritable');
    expect((error as GuestBuildError).message).not.toContain('\n');
    expect((error as GuestBuildError).message).toContain('guest/obj/a.c.o.1.tmp');
    expect(explainToolRefusal(printed, 'guest/obj/b.c.o.1.tmp')).toBe(printed);
  });
});
