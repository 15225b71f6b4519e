import { readFileSync } from 'node:fs';
import { type CpioEntry, writeCpio } from '../guest/cpio.ts';

const EXECUTABLE = 0o755;
/** Lines that stand around the output that must be the same on any machine. */
export const BEGIN = '=== begin ===';
export const END = '=== end ===';

/**
 * What runs in it: programs whose output follows from their input alone, so that two machines can be compared: pipes and
 * forks, integer and floating point arithmetic, compression, checksums, files and links.
 */
const COMMANDS = `echo "${BEGIN}"
uname -s -m
echo /*
sha256sum /bin/busybox
md5sum /bin/busybox
dd if=/bin/busybox bs=64k count=8 2>/dev/null | gzip -9 | gunzip | sha512sum
i=0; while [ $i -lt 200 ]; do i=$((i + 1)); echo $((i * i % 97)); done | sort -n | uniq -c | sort -rn | head -5
awk 'BEGIN { for (i = 1; i <= 2000; i++) { s += 1 / (i * i); t = t * 0.75 + i / 3 } printf "%.15f %.9e %d\\n", s, t, t * s }'
echo '2 200 ^ p' | dc
for i in 1 2 3 4 5 6 7 8 9 10; do (sh -c "echo child $i" &) ; wait; done | sort
mkdir -p /tmp/a/b; ln -s .. /tmp/a/b/up; echo data > /tmp/a/file; cat /tmp/a/b/up/file; find /tmp | sort
seq 1 1000 | tr '\\n' ' ' | wc
tar -cf - /init | tar -tf -
(sleep 1; echo woken) & wait
kill -0 1 && echo alive
cat /proc/sys/kernel/ostype
echo "${END}"
`;

/** The first program: sets up, runs the commands, switches the machine off. */
const INIT = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp /usr/bin /usr/sbin /sbin
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sysfs /sys
# The kernel's own messages must not come in between.
dmesg -n 1
${COMMANDS}
poweroff -f
`;

/** An initial RAM disk of a statically linked busybox that runs the commands and powers off; `rdinit=/bin/sh` gives a shell instead. */
export function busyboxInitramfs(busybox: string): Uint8Array {
  const script = new TextEncoder().encode(INIT);
  const entries: CpioEntry[] = [
    { kind: 'directory', path: 'bin', permissions: EXECUTABLE },
    {
      kind: 'file',
      path: 'bin/busybox',
      permissions: EXECUTABLE,
      data: new Uint8Array(readFileSync(busybox)),
    },
    { kind: 'symbolic-link', path: 'bin/sh', permissions: 0o777, target: 'busybox' },
    { kind: 'file', path: 'init', permissions: EXECUTABLE, data: script },
  ];
  return writeCpio(entries);
}
