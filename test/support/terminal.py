"""A terminal for a program that asks on one: prints its path, then passes what comes on standard input to it, and what it shows to standard output."""

import os
import pty
import select
import sys

master, slave = pty.openpty()
print(os.ttyname(slave), flush=True)
while True:
    readable, _, _ = select.select([master, sys.stdin.fileno()], [], [])
    if sys.stdin.fileno() in readable:
        typed = os.read(sys.stdin.fileno(), 4096)
        if not typed:
            break
        os.write(master, typed)
    if master in readable:
        os.write(sys.stdout.fileno(), os.read(master, 4096))
