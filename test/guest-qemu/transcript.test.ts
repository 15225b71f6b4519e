// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the text is for the shell
import { expect, it } from 'vitest';
import { transcriptOnQemu } from '../oracles/qemu-guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { PROMPTS, qemu, readGuest, transcriptOnPuffer, withoutJobPids } from './support/guest.ts';

/**
 * What a person may type. Nothing here prints a time, an address, or two outputs whose order is left to the scheduler. ps sorts by
 * pid, and pids are random: so it is asked for one process at a time.
 */
const SESSION = [
  'ls',
  'ls /bin /sbin /usr/bin',
  'ls -ln /bin /dev',
  'ls -a -F /',
  'id; id -un; uname; uname -srm',
  'echo one   two "three  four" \'five  six\' seven\\ eight',
  'echo "$HOME" \'$HOME\' \\$HOME "a\\"b"; echo -n no newline; echo',
  'x=5; echo $x ${x:-unset} ${y:-unset} $((x * 7 + 1)) ${#PATH}',
  'cat /etc/passwd | grep puffer | wc',
  'cat /etc/passwd /etc/group | cat | cat | wc -l',
  'echo first > /tmp/a; echo second >> /tmp/a; cat < /tmp/a; wc /tmp/a',
  'ls /nosuch; echo $?',
  'ls /nosuch /bin/ls 2> /tmp/errors; cat /tmp/errors',
  'ls /nosuch 2>&1 | wc -c',
  'cd /usr/bin; pwd; cd -; cd /nosuch; echo $?; cd; pwd',
  'true && echo yes; false && echo no; false || echo otherwise; ! true; echo $?',
  'nosuchcommand; echo $?; /etc/passwd; echo $?; /etc; echo $?',
  "ksh -c 'exit 7'; echo $?; ksh -c 'kill -TERM $$'; echo $?; (exit 3); echo $?",
  "ksh -c 'echo $0 $1 $#' name arg; ksh -c 'ksh -c \"ksh -c id\"'",
  'sleep 1; echo $?',
  'sleep 1 & wait; echo waited $?',
  "ksh -c '(exit 9) & wait $!; echo $?'",
  'sleep 1000 & sleep 1',
  'jobs',
  'ps -o ppid,stat,comm | grep sleep; ps -o ppid,stat,comm -p $$',
  'kill $!; wait $!; echo $?; jobs',
  'sleep 1000 & kill -KILL $!; wait $!; echo $?',
  'ps -ax -o comm | grep -c sleep; ps -ax -o pid,ppid,comm | grep init; ps -o pid,ppid,comm -p $$',
  'for i in 1 2 3; do echo -n "$i "; done; echo; while read a; do echo "<$a>"; done < /tmp/a',
  'if [ -d /bin ]; then echo a directory; else echo none; fi; case ls in l*) echo l;; *) echo other;; esac',
  'f() { echo "f: $# $1"; return 4; }; f a b; echo $?',
  'cat << END | grep -c x',
  'x marks $x',
  'nothing',
  'END',
  'echo $(echo inner; ls /sbin) `echo back`; echo /bin/[lp]s /nosuch/*',
  'mkdir -p /tmp/d/e; cp /bin/ls /tmp/d/e/ls; ln -s ls /tmp/d/e/link; ls -RF /tmp/d; /tmp/d/e/ls /sbin; rm -r /tmp/d; ls /tmp',
  'doas -u puffer id; doas -u puffer ksh -c "cat /etc/nosuch; echo x > /etc/new; halt"',
  "ksh -c 'trap \"echo caught\" USR1; kill -USR1 $$; echo after'; ksh -c 'kill -SEGV $$'; echo $?",
  'cat /bin/* /sbin/* | wc -c; cat /bin/ksh | head -n 1 > /dev/null; echo $?',
  'ksh',
  'echo nested; exit 5',
  'echo $?; exit 3',
  'echo a new shell',
  'halt -p',
];

describeWithOracle(qemu, 'a session of forty lines on puffer and on QEMU', () => {
  it('should give the same transcript, byte for byte, but for the pids of jobs', async () => {
    const files = await readGuest();
    const ours = transcriptOnPuffer(files, SESSION);
    for (const line of SESSION) expect(ours).toContain(`${line}\r\n`);
    expect(withoutJobPids(ours)).toBe(withoutJobPids(await transcriptOnQemu(files, SESSION, PROMPTS)));
  });
});
