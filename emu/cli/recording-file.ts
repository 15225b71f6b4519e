import { writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DebugError } from '../debug/session/errors.ts';
import { decodeRecording, type Recording, RecordingError } from '../debug/time/recording.ts';
import { readNamedFile } from './guest-files.ts';

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** Writes a recording, compressed. Throws DebugError 'refused' saying why it cannot be written. */
export function writeRecording(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, gzipSync(bytes));
  } catch (error) {
    throw new DebugError('refused', `${path} cannot be written: ${(error as Error).message}`);
  }
}

/** Reads a recording. Throws UsageError and RecordingError naming the file. */
export function readRecording(path: string): Recording {
  const bytes = readNamedFile(path, '--open');
  try {
    return decodeRecording(
      GZIP_MAGIC.every((byte, index) => bytes[index] === byte) ? gunzipSync(bytes) : bytes,
    );
  } catch (error) {
    if (error instanceof RecordingError)
      throw new RecordingError(error.code, `--open '${path}': ${error.message}`);
    const why = (error as Error).message;
    throw new RecordingError('damaged', `--open '${path}': the recording is damaged: ${why}`);
  }
}
