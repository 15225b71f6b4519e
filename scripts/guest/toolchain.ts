import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { GuestBuildError } from './errors.ts';
import { repositoryRoot } from './paths.ts';

/** The Debian package that brings each tool the build runs. */
const packageOf: Readonly<Record<string, string>> = {
  gcc: 'gcc',
  ar: 'binutils',
  ld: 'binutils',
  strip: 'binutils',
};

/** A tool of the build that the host does not have, and the Debian package that brings it. */
export interface MissingTool {
  readonly tool: string;
  readonly debian: string;
}

function missing(tool: string): GuestBuildError {
  const debian = packageOf[tool] ?? tool;
  return new GuestBuildError(
    'missing-tool',
    `the guest is built with ${tool}, which is not installed: install Debian's package '${debian}' (apt install ${debian})`,
  );
}

/** gcc is started without the user's locale, so that its messages and its output do not depend on it. */
const environment = { ...process.env, LC_ALL: 'C' };

/**
 * What identifies the compiler and linker: a guest built by another one is stale.
 *
 * @returns undefined when a tool is missing.
 */
export function toolchainIdentity(): string | undefined {
  try {
    const run = (tool: string, argument: string): string =>
      execFileSync(tool, [argument], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: environment,
      });
    const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
    return `${firstLine(run('gcc', '--version'))}; ${firstLine(run('ld', '--version'))}`;
  } catch {
    return undefined;
  }
}

/** The first tool of the build that does not start; undefined when all do. */
export function missingTool(): MissingTool | undefined {
  for (const [tool, debian] of Object.entries(packageOf)) {
    try {
      execFileSync(tool, ['--version'], { stdio: 'ignore', env: environment });
    } catch {
      return { tool, debian };
    }
  }
  return undefined;
}

/** @throws GuestBuildError ('missing-tool') naming the package of the first tool that does not start. */
export function requireToolchain(): void {
  const lacking = missingTool();
  if (lacking !== undefined) throw missing(lacking.tool);
}

/**
 * Runs one tool in the repository's root.
 *
 * @returns what it printed (a compiler's warnings).
 * @throws GuestBuildError ('compile-failed') whose message is what the tool printed, unchanged.
 */
export function runTool(tool: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const child: ChildProcess = spawn(tool, args, {
      cwd: repositoryRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment,
    });
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', () => reject(missing(tool)));
    child.on('close', (status, signal) => {
      if (status === 0) {
        resolve(output);
      } else {
        const how = signal === null ? `exit status ${status}` : `signal ${signal}`;
        reject(new GuestBuildError('compile-failed', output.trimEnd() || `${tool} failed: ${how}`));
      }
    });
  });
}
