// A signature at the token's own socket, timed, by a client that does nothing else: for npm run bench. What the token itself takes.
//
//   token-load SOCKET TIMES WARM-UP SEED REST < PIN
//
// Opens a channel (CMD_INIT), gives the PIN (VERIFY), and asks for signatures of slot 9A (GENERAL AUTHENTICATE), each in packets that were made before the clock
// runs, and REST microseconds after the answer before. Packets: protocol/packet.ts. Prints «time token NANOSECONDS» for each exchange.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "load.h"

#define PACKET_BYTES 64
#define INITIAL_HEADER_BYTES 7
#define CONTINUATION_HEADER_BYTES 5
#define MAX_ANSWER_BYTES 256
#define CMD_APDU 0x03
#define CMD_INIT 0x06
#define CMD_KEEPALIVE 0x3b
#define INITIAL_BIT 0x80
#define NONCE_BYTES 8
#define PIN_BYTES 8

typedef unsigned char byte;

static int cable;
static byte channel[4] = {0xff, 0xff, 0xff, 0xff};

static void fail(const char *reason) {
  fprintf(stderr, "%s\n", reason);
  exit(1);
}

/** One packet holds whatever this program sends. */
static void make_packet(byte *packet, byte command, const byte *payload, size_t length) {
  memset(packet, 0, PACKET_BYTES);
  memcpy(packet, channel, sizeof channel);
  packet[4] = command | INITIAL_BIT;
  packet[6] = (byte)length;
  memcpy(packet + INITIAL_HEADER_BYTES, payload, length);
}

static void read_packet(byte *packet) {
  for (size_t filled = 0; filled < PACKET_BYTES;) {
    ssize_t got = read(cable, packet + filled, PACKET_BYTES - filled);
    if (got <= 0) fail("the token has gone");
    filled += (size_t)got;
  }
}

/** Sends a packet and reads the answer's packets to their end. @return the length of the answer that is in `payload` */
static size_t exchange(const byte *packet, byte *payload) {
  byte answer[PACKET_BYTES];
  if (write(cable, packet, PACKET_BYTES) != PACKET_BYTES) fail("the token has gone");
  do read_packet(answer);
  while (answer[4] == (CMD_KEEPALIVE | INITIAL_BIT));
  size_t length = (size_t)answer[5] << 8 | answer[6];
  if (answer[4] != packet[4] || length > MAX_ANSWER_BYTES) fail("the token answered something else");
  memcpy(payload, answer + INITIAL_HEADER_BYTES, PACKET_BYTES - INITIAL_HEADER_BYTES);
  for (size_t filled = PACKET_BYTES - INITIAL_HEADER_BYTES; filled < length; filled += PACKET_BYTES - CONTINUATION_HEADER_BYTES) {
    read_packet(answer);
    memcpy(payload + filled, answer + CONTINUATION_HEADER_BYTES, PACKET_BYTES - CONTINUATION_HEADER_BYTES);
  }
  return length;
}

/** An APDU that must be answered 9000. */
static void transmit(const byte *packet) {
  byte payload[MAX_ANSWER_BYTES + PACKET_BYTES];
  size_t length = exchange(packet, payload);
  if (length < 2 || payload[length - 2] != 0x90 || payload[length - 1] != 0x00) fail("the token did not answer 9000");
}

static void open_channel(void) {
  byte packet[PACKET_BYTES], payload[MAX_ANSWER_BYTES + PACKET_BYTES];
  const byte nonce[NONCE_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8};
  make_packet(packet, CMD_INIT, nonce, sizeof nonce);
  exchange(packet, payload);
  memcpy(channel, payload + NONCE_BYTES, sizeof channel);
}

static void verify_pin(const char *pin) {
  byte packet[PACKET_BYTES];
  byte apdu[5 + PIN_BYTES] = {0x00, 0x20, 0x00, 0x80, PIN_BYTES};
  memset(apdu + 5, 0xff, PIN_BYTES);
  memcpy(apdu + 5, pin, strnlen(pin, PIN_BYTES));
  make_packet(packet, CMD_APDU, apdu, sizeof apdu);
  transmit(packet);
}

int main(int count, char **args) {
  if (count != 6) {
    fprintf(stderr, "token-load SOCKET TIMES WARM-UP SEED REST < PIN\n");
    return 2;
  }
  char pin[64] = "";
  if (fgets(pin, sizeof pin, stdin)) pin[strcspn(pin, "\n")] = 0;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, args[1], sizeof address.sun_path - 1);
  cable = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (cable < 0 || connect(cable, (struct sockaddr *)&address, sizeof address) != 0) fail("no token at this socket");
  open_channel();
  verify_pin(pin);
  // 7C { 82: the answer is asked for, 81: the digest }, with the extended length that the bridge's commands have
  byte apdu[7 + 38 + 2] = {0x00, 0x87, 0x11, 0x9a, 0, 0, 38, 0x7c, 36, 0x82, 0, 0x81, 32};
  byte packet[PACKET_BYTES];
  long times = atol(args[2]), warm_up = atol(args[3]);
  uint64_t state = strtoull(args[4], NULL, 10);
  useconds_t rest = (useconds_t)atol(args[5]);
  for (long i = -warm_up; i < times; i++) {
    next_digest(apdu + 13, &state);
    make_packet(packet, CMD_APDU, apdu, sizeof apdu);
    if (rest > 0) usleep(rest);
    uint64_t begin = now_ns();
    transmit(packet);
    if (i >= 0) printf("time token %lu\n", now_ns() - begin);
  }
  return 0;
}
