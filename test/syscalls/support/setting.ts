import { expect } from 'vitest';
import type { BootedGuest, call, UserBuffer } from '../../../emu/vitest/index.ts';
import { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY, USER } from './constants.ts';

/** A call that must succeed; gives what it returns. */
export function ok(guest: BootedGuest, ...[name, ...args]: Parameters<typeof call>): number {
  const { errno, value } = guest.syscall(name, ...args);
  expect(errno, String(name)).toBe(0);
  return value;
}

/** Opens a file; gives the descriptor. */
export function open(guest: BootedGuest, path: string, flags: number = O_RDONLY, mode = 0o644): number {
  return ok(guest, 'open', path, flags, mode);
}

/** Makes a file with this content. */
export function makeFile(guest: BootedGuest, path: string, content = '', mode = 0o644): void {
  const fd = open(guest, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (content !== '') expect(ok(guest, 'write', fd, content, content.length)).toBe(content.length);
  ok(guest, 'close', fd);
}

/** The whole of a file that has at most a page. */
export function contentOf(guest: BootedGuest, path: string): string {
  const fd = open(guest, path);
  const into = guest.user.buffer(4096);
  const length = ok(guest, 'read', fd, into, 4096);
  ok(guest, 'close', fd);
  return new TextDecoder().decode(into.bytes().subarray(0, length));
}

/** Makes a pipe; gives the descriptors of the end to read from and the end to write to. */
export function makePipe(guest: BootedGuest, flags = 0): readonly [number, number] {
  const ends = guest.user.buffer(8);
  ok(guest, 'pipe2', ends, flags);
  return [ends.int(), ends.int(4)];
}

/** The scratch process becomes a user without rights, for good. */
export function becomeUser(guest: BootedGuest): void {
  guest.become({ uid: USER, gid: USER });
}

/** What stat(2) tells of a path. */
export function stat(guest: BootedGuest, path: string, name = 'stat'): Record<string, number> {
  const status = guest.user.struct('stat');
  ok(guest, name, path, status);
  const members = ['st_mode', 'st_ino', 'st_nlink', 'st_uid', 'st_gid', 'st_size', 'st_blocks', 'st_rdev'];
  return Object.fromEntries(members.map((member) => [member.slice('st_'.length), status.number(member)]));
}

/** Bytes of a buffer as text, up to a length. */
export function text(buffer: UserBuffer, length: number): string {
  return new TextDecoder().decode(buffer.bytes().subarray(0, length));
}
