import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory with package.json above this file, compiled or not. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  return directory;
}

/** Where compiled oracles are kept between runs. */
export function cacheDirectory(): string {
  return join(packageRoot(), 'node_modules/.cache/puffer-oracles');
}
