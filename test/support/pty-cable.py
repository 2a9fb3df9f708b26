"""A serial cable without hardware: a pseudo terminal whose far end is a simulated token's socket.

pty-cable.py SOCKET LINK    LINK becomes a symbolic link to the terminal; «ready» is printed when it is there. What comes on standard input, one line at
a time, is a command: «garbage HEX» sends bytes to the host, «within OFFSET HEX» puts them into the token's next answer, so many bytes after its beginning,
«harm SEED» begins to lose, to double and to turn bytes both ways, by chance, «heal» ends that, «bytes» prints how many bytes the host has sent since the last time, «talk» sends a letter every 5 ms, «hush» ends that. At the end of standard input the
cable is pulled. SOCKET «-»: nobody answers. The simulator's socket has packets, the terminal frames (protocol/serial-frame.ts).
"""

import os
import pty
import random
import select
import socket
import sys
import time
import tty
import zlib

SYNC = b"\xc5\xea\x75"
FRAME_BYTES = 72


class FrameReader:
    """Packets out of frames; like the one in TypeScript it passes over what is none, and over what came already."""

    def __init__(self):
        self.rest = b""
        self.beginning = None
        self.number = -1

    def is_new(self, body):
        number = body[0]
        if number == 0:
            if body == self.beginning:
                return False
            self.beginning = body
        elif self.number >= 0 and (self.number - number) % 255 < 64:
            return False
        self.number = number
        return True

    def take(self, data):
        self.rest += data
        packets = b""
        while True:
            start = self.rest.find(SYNC)
            self.rest = self.rest[-2:] if start < 0 else self.rest[start:]
            if len(self.rest) < FRAME_BYTES:
                return packets
            body = self.rest[3:FRAME_BYTES]
            if zlib.crc32(body[:-4]) != int.from_bytes(body[-4:], "little"):
                self.rest = self.rest[1:]
                continue
            if self.is_new(body):
                packets += body[1:-4]
            self.rest = self.rest[FRAME_BYTES:]


class FrameWriter:
    def __init__(self):
        self.number = 0

    def frames(self, packets):
        frames = b""
        for at in range(0, len(packets), 64):
            body = bytes([self.number]) + packets[at : at + 64]
            frames += SYNC + body + zlib.crc32(body).to_bytes(4, "little")
            self.number = self.number % 255 + 1
        return frames


def harmed(data):
    """Now and then a piece is lost, comes twice, or has a bit turned."""
    if chance is None or chance.random() < 0.7:
        return data
    at, length = chance.randrange(len(data)), chance.choice([1, 2, 7, 72, 150])
    before, piece, after = data[:at], data[at : at + length], data[at + length :]
    return before + [b"", piece + piece, bytes([piece[0] ^ 1]) + piece[1:]][chance.randrange(3)] + after


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

reader, writer = FrameReader(), FrameWriter()
packets_of_token = b""
chance = None
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
        elif line[0] in ("harm", "heal"):
            chance = random.Random(int(line[1])) if line[0] == "harm" else None
        elif line[0] in ("talk", "hush"):
            is_talking = line[0] == "talk"
        elif line[0] == "bytes":
            print(sent_by_host, flush=True)
            sent_by_host = 0
    if master in readable:
        data = os.read(master, 4096)
        sent_by_host += len(data)
        if token:
            token.sendall(reader.take(harmed(data)))
    if token and token in readable:
        data = token.recv(4096)
        if not data:
            break
        packets_of_token += data
        whole = len(packets_of_token) // 64 * 64
        data = harmed(writer.frames(packets_of_token[:whole])) if whole else b""
        packets_of_token = packets_of_token[whole:]
        if inserted and data:
            offset, garbage = inserted
            data = data[:offset] + garbage + data[offset:]
            inserted = None
        while data:
            data = data[os.write(master, data):]
os.unlink(link)
