// An APDU through PC/SC, timed: for npm run bench.
//
//   pcsc-load TIMES WARM-UP
//
// Connects to the first reader that has a card, and asks for the discovery object (SP 800-73-5 Part 1 §3.3.2) again and again. Prints «time apdu
// NANOSECONDS» for each SCardTransmit.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#include "load.h"

#define MAX_NAMES 1024
#define MAX_ANSWER_BYTES 258

static const BYTE GET_DISCOVERY[] = {0x00, 0xcb, 0x3f, 0xff, 0x03, 0x5c, 0x01, 0x7e, 0x00};

static void check(LONG answer, const char *name) {
  if (answer == SCARD_S_SUCCESS) return;
  fprintf(stderr, "%s: %s\n", name, pcsc_stringify_error(answer));
  exit(1);
}

static SCARDHANDLE connect_first(SCARDCONTEXT context, DWORD *protocol) {
  char names[MAX_NAMES];
  DWORD length = sizeof names;
  SCARDHANDLE card;
  LONG answer = SCARD_E_NO_SMARTCARD;
  check(SCardListReaders(context, NULL, names, &length), "SCardListReaders");
  for (const char *name = names; *name != 0 && answer != SCARD_S_SUCCESS; name += strlen(name) + 1)
    answer = SCardConnect(context, name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, protocol);
  check(answer, "SCardConnect");
  return card;
}

int main(int count, char **args) {
  if (count != 3) {
    fprintf(stderr, "pcsc-load TIMES WARM-UP\n");
    return 2;
  }
  SCARDCONTEXT context;
  DWORD protocol;
  check(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), "SCardEstablishContext");
  SCARDHANDLE card = connect_first(context, &protocol);
  const SCARD_IO_REQUEST *head = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
  long times = atol(args[1]);
  for (long i = -atol(args[2]); i < times; i++) {
    BYTE answer[MAX_ANSWER_BYTES];
    DWORD length = sizeof answer;
    uint64_t begin = now_ns();
    check(SCardTransmit(card, head, GET_DISCOVERY, sizeof GET_DISCOVERY, NULL, answer, &length), "SCardTransmit");
    uint64_t end = now_ns();
    if (length < 3 || answer[0] != 0x7e || answer[length - 2] != 0x90) {
      fprintf(stderr, "no discovery object came\n");
      return 1;
    }
    if (i >= 0) printf("time apdu %lu\n", end - begin);
  }
  SCardDisconnect(card, SCARD_LEAVE_CARD);
  SCardReleaseContext(context);
  return 0;
}
