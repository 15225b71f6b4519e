import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { absolute, guestPaths, repositoryRoot } from '../guest/paths.ts';
import { filesBelow } from '../guest/sources.ts';

const COPIED = ['emu', 'scripts', 'test', 'guest', 'dist', 'package.json', 'tsconfig.json', 'README.md'];

/**
 * A copy of the checkout in which kernels are broken: the tests there build and boot what lies there, and
 * guest/sys of the checkout itself is never touched.
 */
export class Shadow {
  readonly root: string;

  /** Copies the checkout, whose guest must be built. */
  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'puffer-mutants-'));
    for (const path of COPIED) {
      cpSync(absolute(path), this.path(path), {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      });
    }
    symlinkSync(absolute('node_modules'), this.path('node_modules'));
    // A stamp holds the command that made its file, and that names the checkout. The paths in the file itself are relative.
    for (const stamp of filesBelow(guestPaths.objects).filter((path) => path.endsWith('.stamp'))) {
      const text = readFileSync(this.path(stamp), 'utf8');
      writeFileSync(this.path(stamp), text.replaceAll(repositoryRoot, this.root));
    }
  }

  /** Absolute path of a repository-relative one. */
  path(relative: string): string {
    return join(this.root, relative);
  }

  /** A digest of all sources that lie here. */
  contents(): string {
    const hash = createHash('sha256');
    for (const directory of ['emu', 'scripts', 'test', 'guest']) {
      for (const path of filesBelow(directory).sort()) {
        if (path.startsWith(guestPaths.objects)) continue;
        hash.update(path).update(readFileSync(this.path(path)));
      }
    }
    return hash.digest('hex');
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}
