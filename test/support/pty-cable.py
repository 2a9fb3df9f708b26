"""A serial cable without hardware: a pseudo terminal whose far end is a simulated token's socket.

pty-cable.py SOCKET LINK    LINK becomes a symbolic link to the terminal; «ready» is printed when it is there. What comes on standard input, one line at
a time, is a command: «garbage HEX» sends bytes to the host, «within OFFSET HEX» puts them into the token's next answer, so many bytes after its beginning,
«bytes» prints how many bytes the host has sent since the last time, «talk» sends a letter every 5 ms, «hush» ends that. At the end of standard input the
cable is pulled. SOCKET «-»: nobody answers.
"""

import os
import pty
import select
import socket
import sys
import time
import tty

token_path, link = sys.argv[1:]
master, slave = pty.openpty()
tty.setraw(slave)
temporary = link + ".new"
os.symlink(os.ttyname(slave), temporary)
os.replace(temporary, link)
token = None
if token_path != "-":
    token = socket.socket(socket.AF_UNIX)
    token.connect(token_path)
print("ready", flush=True)

inserted = None  # (offset, bytes)
sent_by_host = 0
is_talking = False
while True:
    readable, writable, _ = select.select(
        [master, sys.stdin.fileno()] + ([token] if token else []), [master] if is_talking else [], [], None
    )
    if writable:
        os.write(master, b"x")
        time.sleep(0.005)
    if sys.stdin.fileno() in readable:
        commands = os.read(sys.stdin.fileno(), 4096)
        if not commands:
            break
        line = commands.decode().split()
        if line[0] == "garbage":
            os.write(master, bytes.fromhex(line[1]))
        elif line[0] == "within":
            inserted = (int(line[1]), bytes.fromhex(line[2]))
        elif line[0] in ("talk", "hush"):
            is_talking = line[0] == "talk"
        elif line[0] == "bytes":
            print(sent_by_host, flush=True)
            sent_by_host = 0
    if master in readable:
        data = os.read(master, 4096)
        sent_by_host += len(data)
        if token:
            token.sendall(data)
    if token and token in readable:
        data = token.recv(4096)
        if not data:
            break
        if inserted:
            offset, garbage = inserted
            data = data[:offset] + garbage + data[offset:]
            inserted = None
        while data:
            data = data[os.write(master, data):]
os.unlink(link)
