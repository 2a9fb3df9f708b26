# A PC/SC program that has a card for itself for a while (SCardBeginTransaction), which npm's `smartcard` can't: tells «held», and ends with its input.
import ctypes
import sys

RESPONSE_BITS = 0xFFFFFFFF
SCOPE_SYSTEM, SHARE_SHARED, T0_OR_T1, LEAVE_CARD = (ctypes.c_ulong(number) for number in (2, 2, 3, 0))

pcsc = ctypes.CDLL("libpcsclite.so.1")


def call(name, *arguments):
    function = getattr(pcsc, name)
    function.restype = ctypes.c_long
    code = function(*arguments) & RESPONSE_BITS
    if code:
        sys.exit(f"{name}: {code:x}")


context, card, protocol = ctypes.c_long(), ctypes.c_long(), ctypes.c_ulong()
call("SCardEstablishContext", SCOPE_SYSTEM, None, None, ctypes.byref(context))
reader = sys.argv[1].encode()
call("SCardConnect", context, reader, SHARE_SHARED, T0_OR_T1, ctypes.byref(card), ctypes.byref(protocol))
call("SCardBeginTransaction", card)
print("held", flush=True)
sys.stdin.read()
call("SCardEndTransaction", card, LEAVE_CARD)
call("SCardDisconnect", card, LEAVE_CARD)
call("SCardReleaseContext", context)
