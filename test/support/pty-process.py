"""A board without hardware: a program's standard input and output behind a pseudo terminal.

pty-process.py LINK COMMAND…    LINK becomes a symbolic link to the terminal; «ready» is printed when it is there. What comes on standard input, one
line at a time, is a command: «cut N» pulls the cable after N more bytes from the host. At the end of standard input the cable is pulled, too. The
program's input stays open as long as it runs: at its end Espruino reads «?» for ever. As soon as the program reads a FIFO named «frames» in this
folder, what the host sends goes there: on standard input Espruino for Linux takes byte 4 for the end.
"""

import os
import pty
import select
import signal
import subprocess
import sys
import tty

def input_of_program():
    """The FIFO when somebody reads it."""
    try:
        fifo = os.open("frames", os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return os.dup(program.stdin.fileno())
    os.set_blocking(fifo, True)  # only to open it must not wait: a full one must not lose a byte
    return fifo


link, command = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()
tty.setraw(slave)
program = subprocess.Popen(
    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, start_new_session=True
)
temporary = link + ".new"
os.symlink(os.ttyname(slave), temporary)
os.replace(temporary, link)
print("ready", flush=True)

left = None
while left != 0:
    readable, _, _ = select.select([master, sys.stdin.fileno(), program.stdout], [], [])
    if sys.stdin.fileno() in readable:
        orders = os.read(sys.stdin.fileno(), 4096).decode()
        if not orders:
            break
        left = int(orders.split()[1])
    if master in readable:
        data = os.read(master, 4096)
        if left is not None:
            data = data[:left]
            left -= len(data)
        fifo = input_of_program()
        os.write(fifo, data)
        os.close(fifo)
    if program.stdout in readable:
        data = os.read(program.stdout.fileno(), 4096)
        if not data:
            break
        while data:
            data = data[os.write(master, data) :]
os.unlink(link)
os.killpg(program.pid, signal.SIGKILL)
program.wait()
