import type { GuestCase } from './guest-case.ts';

/** What the programs of the guest print. */
export const utilityCases: readonly GuestCase[] = [
  {
    name: 'ls lists a directory in columns',
    script: ['ls /'],
    expect: ['bin     dev     etc     home    sbin    tmp     usr'],
  },
  {
    name: 'ls -1 lists one name a line',
    script: ['ls -1 /sbin'],
    expect: ['halt', 'init', 'sysctl'],
  },
  {
    name: 'ls without a terminal lists one name a line',
    script: ['ls / | cat'],
    expect: ['bin', 'dev', 'etc', 'home', 'sbin', 'tmp', 'usr'],
  },
  {
    name: 'ls -F marks the types',
    script: ['ls -F / | cat; ls -F /bin/ls /dev/null'],
    expect: ['bin/', 'dev/', 'etc/', 'home/', 'sbin/', 'tmp/', 'usr/', '/bin/ls*        /dev/null'],
  },
  {
    name: 'ls -a shows names with a period',
    script: ['ls -a /sbin | cat'],
    expect: ['.', '..', 'halt', 'init', 'sysctl'],
  },
  {
    name: 'ls -d shows a directory itself',
    script: ['ls -d /bin /etc'],
    expect: ['/bin    /etc'],
  },
  {
    name: 'ls -R descends',
    script: ['mkdir -p /tmp/d/e; echo x > /tmp/d/f; ls -R /tmp/d; rm -r /tmp/d'],
    expect: ['e       f', '', '/tmp/d/e:'],
  },
  {
    name: 'ls fails for a name that is not there',
    script: ['ls /nosuch; echo $?'],
    expect: ['ls: /nosuch: No such file or directory', '1'],
  },
  {
    name: 'ls -l shows modes, owners and device numbers',
    script: ["ls -ln /dev | grep -c 'crw-rw-rw-  1 0  0    2,   2 .* null$'"],
    expect: ['1'],
  },
  {
    name: 'cat -n numbers lines',
    script: ['cat -n /etc/passwd | head -n 1'],
    expect: ['     1\troot:*:0:0:Charlie &:/:/bin/ksh'],
  },
  {
    name: 'cat of a directory fails',
    script: ['cat /etc; echo $?'],
    expect: ['cat: /etc: Is a directory', '1'],
  },
  {
    name: 'mkdir, rmdir and their errors',
    script: ['mkdir /tmp/a; mkdir /tmp/a; rmdir /tmp/a; rmdir /tmp/a; echo $?'],
    expect: ['mkdir: /tmp/a: File exists', 'rmdir: /tmp/a: No such file or directory', '1'],
  },
  {
    name: 'rmdir keeps a directory that is not empty',
    script: ['mkdir -p /tmp/a/b; rmdir /tmp/a; rm -r /tmp/a; ls -d /tmp/a'],
    expect: ['rmdir: /tmp/a: Directory not empty', 'ls: /tmp/a: No such file or directory'],
  },
  {
    name: 'cp and mv',
    script: [
      'echo data > /tmp/c1; cp /tmp/c1 /tmp/c2; mv /tmp/c2 /tmp/c3; cat /tmp/c3; ls /tmp/c2; rm /tmp/c1 /tmp/c3',
    ],
    expect: ['data', 'ls: /tmp/c2: No such file or directory'],
  },
  {
    name: 'ln makes links of both kinds',
    script: [
      'echo l > /tmp/l1; ln /tmp/l1 /tmp/l2; ln -s l1 /tmp/l3; cat /tmp/l2 /tmp/l3; [ /tmp/l1 -ef /tmp/l2 ] && echo same; rm /tmp/l1; cat /tmp/l2 /tmp/l3; rm /tmp/l2 /tmp/l3',
    ],
    expect: ['l', 'l', 'same', 'l', 'cat: /tmp/l3: No such file or directory'],
  },
  {
    name: 'rm -f does not mind what is not there',
    script: ['rm -f /tmp/nosuch; echo $?; rm /tmp/nosuch; echo $?'],
    expect: ['0', 'rm: /tmp/nosuch: No such file or directory', '1'],
  },
  {
    name: 'chmod changes a mode',
    script: [
      "echo x > /tmp/p; chmod u=rx,go= /tmp/p; ls -l /tmp/p | grep -c '^-r-x------'; chmod 644 /tmp/p; ls -l /tmp/p | grep -c '^-rw-r--r--'; rm -f /tmp/p",
    ],
    expect: ['1', '1'],
  },
  {
    name: 'wc counts',
    script: ['wc /etc/passwd; wc -l < /etc/group'],
    expect: ['       4       8     182 /etc/passwd', '       8'],
  },
  {
    name: 'head shows the first lines',
    script: ['head -n 2 /etc/group'],
    expect: ['wheel:*:0:root', 'daemon:*:1:daemon'],
  },
  {
    name: 'grep finds lines',
    script: [
      "grep -n '^[a-d].*:.:' /etc/passwd; grep -c wheel /etc/group; grep -q nosuch /etc/group; echo $?",
    ],
    expect: ['2:daemon:*:1:1:The devil himself:/:/sbin/nologin', '1', '1'],
  },
  {
    name: 'id shows who one is',
    script: ['id; id -u; doas -u puffer id; doas -u puffer id -un'],
    expect: [
      'uid=0(root) gid=0(wheel) groups=0(wheel)',
      '0',
      'uid=1000(puffer) gid=1000(puffer) groups=1000(puffer)',
      'puffer',
    ],
  },
  {
    name: "an ordinary user cannot write what is root's",
    script: ["doas -u puffer ksh -c 'echo x > /etc/new'; doas -u puffer rm /etc/passwd; doas -u puffer halt"],
    expect: [
      'ksh: cannot create /etc/new: Permission denied',
      'rm: /etc/passwd: Permission denied',
      'halt: only root can halt the machine',
    ],
  },
  {
    name: 'uname names the system',
    script: ['uname; uname -srm'],
    expect: ['OpenBSD', 'OpenBSD 6.6 amd64'],
  },
  {
    name: 'true and false',
    script: ['true; echo $?; false; echo $?'],
    expect: ['0', '1'],
  },
  {
    name: 'kill -l names signals',
    script: ['/bin/kill -l 15; /bin/kill -l 130'],
    expect: ['TERM', 'INT'],
  },
  {
    name: 'kill complains about a process that is not there',
    script: ['/bin/kill 99998; echo $?'],
    expect: ['kill: 99998: No such process', '1'],
  },
  {
    name: 'ps shows the state of the shell',
    script: ['ps -o ppid,stat,comm -p $$'],
    expect: [' PPID STAT   COMMAND', '    1 Ss     ksh'],
  },
  {
    name: 'sleep takes fractions',
    script: ['sleep 0.01; echo $?; sleep x; echo $?'],
    expect: ['0', 'sleep: seconds is invalid: x', '1'],
  },
  {
    name: 'date formats a time',
    script: ['date -r 0; date -r 951782400 +%F-%T-%j-%a; date -r -1 +%Y'],
    expect: ['Thu Jan  1 00:00:00 UTC 1970', '2000-02-29-00:00:00-060-Tue', '1969'],
  },
  {
    name: 'the process limit of a user makes fork fail',
    script: ["doas -u puffer ksh -c 'ulimit -p 1; ls; echo not reached'; echo $?"],
    expect: ['ksh: cannot fork - try again', '1'],
  },
  {
    name: 'after that there are processes again',
    script: ['doas -u puffer echo fine'],
    expect: ['fine'],
  },
  {
    name: 'ktrace records a command, kdump prints it',
    script: [
      'ktrace -f /tmp/k -t cix echo hello; kdump -f /tmp/k -t ix | grep hello; kdump -f /tmp/k | grep -c write; rm /tmp/k',
    ],
    expect: ['hello', '\t[1] = "hello"', '      "hello\\n"', '2'],
  },
  {
    name: 'ktrace -i follows children',
    script: [
      'ktrace -i -f /tmp/k -t n ksh -c "ls /nothing; true"; kdump -f /tmp/k | grep -c nothing; rm /tmp/k',
    ],
    expect: ['ls: /nothing: No such file or directory', '2'],
  },
  {
    name: 'kdump refuses what is no trace',
    script: ['kdump -f /etc/passwd'],
    expect: ['kdump: /etc/passwd: not a trace'],
  },
  {
    name: 'sysctl shows variables of the kernel',
    script: [
      'sysctl kern.ostype hw.pagesize; sysctl -n kern.maxproc; sysctl kern.nosuch; echo $?; sysctl | grep -c =$',
    ],
    expect: [
      'kern.ostype=OpenBSD',
      'hw.pagesize=4096',
      '1310',
      'sysctl: kern.nosuch: no such variable',
      '1',
      '0',
    ],
  },
  {
    name: 'sysctl sets a variable, for root alone',
    script: [
      'sysctl kern.maxproc=1200; doas -u puffer sysctl kern.maxproc=1300; sysctl kern.maxproc=1310; sysctl kern.maxproc=x; echo $?',
    ],
    expect: [
      'kern.maxproc: 1310 -> 1200',
      'sysctl: kern.maxproc: Operation not permitted',
      'kern.maxproc: 1200 -> 1310',
      'sysctl: kern.maxproc: x is invalid',
      '1',
    ],
  },
  {
    name: 'the kernel debugger is not entered unless it was asked for',
    script: ['sysctl ddb.console ddb.panic; sysctl ddb.trigger=1; echo $?'],
    expect: ['ddb.console=0', 'ddb.panic=0', 'sysctl: ddb.trigger: Operation not supported by device', '1'],
  },
];
