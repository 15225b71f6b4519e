import { afterEach, describe, expect, it } from 'vitest';
import { checkEnd } from '../../emu/debug/time/open-recording.ts';
import {
  decodeRecording,
  encodeRecording,
  type Recording,
  RecordingError,
} from '../../emu/debug/time/recording.ts';
import { DebugGuest } from './support/debug-guest.ts';

const guests: DebugGuest[] = [];

async function boot(...args: Parameters<typeof DebugGuest.boot>): Promise<DebugGuest> {
  const guest = await DebugGuest.boot(...args);
  guests.push(guest);
  return guest;
}

afterEach(() => {
  for (const guest of guests.splice(0)) guest.close();
});

/** A session in which something was typed and something written, and its recording. */
async function recorded(): Promise<{ guest: DebugGuest; recording: Recording; bytes: Uint8Array }> {
  const guest = await boot(['echo one', 'echo two | cat']);
  await guest.run('tbreak sys_fork', 'continue', 'set $rbx = 7', 'set nprocesses = nprocesses', 'continue');
  guest.machine.console.sendBreak();
  await guest.run('continue');
  const recording = await guest.session.record();
  return { guest, recording, bytes: encodeRecording(recording) };
}

interface Stopped {
  readonly reason: string;
  readonly position: number;
}

const stop = async (guest: DebugGuest, line: string): Promise<Stopped> => (await guest.data(line)) as Stopped;

describe('a recording', () => {
  it('should be lived through again elsewhere, to the same state', async () => {
    const { guest, recording, bytes } = await recorded();
    const opened = decodeRecording(bytes);
    expect(opened.input).toEqual(recording.input);
    const other = await boot([], {}, opened);
    expect(await stop(other, 'continue')).toMatchObject({ reason: 'historyEnd', position: recording.end });
    expect(() => checkEnd(other.machine, opened)).not.toThrow();
    for (const position of [recording.end, 700_000, 1_000_000, recording.start.position]) {
      await guest.run(`goto ${position}`);
      await other.run(`goto ${position}`);
      expect(other.machine.stateHash()).toBe(guest.machine.stateHash());
    }
  });

  it('should be gone through in both directions, and not beyond its ends', async () => {
    const { recording } = await recorded();
    const guest = await boot([], {}, decodeRecording(encodeRecording(recording)));
    await guest.run('break sys_fork');
    const first = await stop(guest, 'continue');
    expect(first.reason).toBe('stopPoint');
    expect((await stop(guest, 'goto end')).position).toBe(recording.end);
    for (const line of ['continue', 'stepi', 'nexti', 'goto 99999999']) {
      expect((await stop(guest, line)).reason, line).toBe('historyEnd');
    }
    let earliest: number | undefined;
    for (;;) {
      const { reason, position } = await stop(guest, 'reverse-continue');
      if (reason !== 'stopPoint') break;
      earliest = position;
    }
    expect(earliest).toBe(first.position);
    expect((await stop(guest, 'reverse-stepi')).reason).toBe('historyBegin');
  });

  it('should notice a replay that comes to another state', async () => {
    const { recording } = await recorded();
    const guest = await boot([], {}, recording);
    await guest.run('goto end');
    expect(() => checkEnd(guest.machine, { ...recording, endHash: '0'.repeat(16) })).toThrow(RecordingError);
  });

  it('should be refused by another kernel and another machine', async () => {
    const { recording } = await recorded();
    const kernel = { ...recording.kernel, identity: 'another' };
    await expect(boot([], {}, { ...recording, kernel })).rejects.toThrow(/--kernel FILE/);
    const start = { ...recording.start, memorySize: recording.start.memorySize * 2 };
    await expect(boot([], {}, { ...recording, start })).rejects.toThrow(/bytes of memory/);
  });

  it('should be refused when its bytes are damaged, saying how', async () => {
    const { bytes } = await recorded();
    const code = (damaged: Uint8Array): string => {
      try {
        decodeRecording(damaged);
        return 'read';
      } catch (error) {
        if (error instanceof RecordingError) return error.code;
        throw error;
      }
    };
    expect(code(new Uint8Array(0))).toBe('notARecording');
    expect(code(Uint8Array.from('PUFFSNAP', (letter) => letter.charCodeAt(0)))).toBe('notARecording');
    const version = bytes.slice();
    version[8] = 99;
    expect(code(version)).toBe('version');
    for (const length of [10, 20, 300, bytes.length >> 1, bytes.length - 1]) {
      expect(code(bytes.subarray(0, length)), `${length} bytes`).toBe('damaged');
    }
    const withHeader = (change: (header: { input: unknown[] }) => unknown): Uint8Array => {
      const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(12, true);
      const header = JSON.parse(new TextDecoder().decode(bytes.subarray(16, 16 + length)));
      const json = new TextEncoder().encode(JSON.stringify(change(header)));
      const changed = new Uint8Array(16 + json.length + bytes.length - 16 - length);
      changed.set(bytes.subarray(0, 16));
      new DataView(changed.buffer).setUint32(12, json.length, true);
      changed.set(json, 16);
      changed.set(bytes.subarray(16 + length), 16 + json.length);
      return changed;
    };
    expect(code(withHeader((header) => header))).toBe('read');
    expect(code(withHeader(() => null))).toBe('damaged');
    expect(code(withHeader((header) => ({ ...header, input: [null] })))).toBe('damaged');
    for (const position of [-5, 1e9, 2 ** 60]) {
      const moved = withHeader((header) => {
        const [first, ...rest] = header.input as object[];
        return { ...header, input: [{ ...first, position }, ...rest] };
      });
      expect(code(moved), `an input at ${position}`).toBe('damaged');
    }
    let seed = 1;
    for (let count = 0; count < 200; count++) {
      const damaged = bytes.slice();
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      damaged[16 + (seed % 2000)] = seed >> 16;
      expect(['read', 'damaged']).toContain(code(damaged));
    }
  });
});
