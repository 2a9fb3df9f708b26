#!/usr/bin/env python3
"""A pinentry that does what the environment variable PINENTRY_SCRIPT says, and writes what it was told to the file PINENTRY_LOG.

PINENTRY_SCRIPT is a list, separated by spaces, of what each GETPIN does: «pin=TEXT» answers it in one D line, «split=TEXT» in one line a character,
«hex=TEXT» with every byte escaped, «err=CODE» refuses, «hang» never answers, «die» ends, «noise» says what no pinentry says, «flood» never ends its line,
«inquire» asks something back and then gives the PIN 123456.
"""

import os
import sys
import time

steps = os.environ["PINENTRY_SCRIPT"].split()
log = open(os.environ["PINENTRY_LOG"], "a", encoding="utf-8")


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


print(os.getpid(), file=log, flush=True)
say("OK Pleased to meet you")
for line in sys.stdin:
    line = line.rstrip("\n")
    print(line, file=log, flush=True)
    if line == "BYE":
        say("OK closing connection")
        break
    if line != "GETPIN":
        say("ERR 83886254 Unknown option" if line.startswith("OPTION ttytype") else "OK")
        continue
    what, _, value = steps.pop(0).partition("=")
    say("# a comment")
    say("S PASSWORD_FROM_CACHE")
    if what == "pin":
        say("D " + value)
        say("OK")
    elif what == "split":
        for character in value:
            say("D " + character)
        say("OK")
    elif what == "hex":
        say("D " + "".join(f"%{byte:02x}" for byte in value.encode()))
        say("OK")
    elif what == "err":
        say(f"ERR {value} Operation cancelled <Pinentry>")
    elif what == "hang":
        time.sleep(600)
    elif what == "die":
        sys.exit(1)
    elif what == "flood":
        sys.stdout.write("D " + "9" * 100_000)
        sys.stdout.flush()
        time.sleep(600)
    elif what == "inquire":
        say("INQUIRE QUALITY 123456")
        print(sys.stdin.readline().rstrip("\n"), file=log, flush=True)
        say("D 123456")
        say("OK")
    else:
        for _ in range(400):
            say("D 7777")
