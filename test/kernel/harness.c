// Runs the kernel's blob under qemu-arm: orders come on standard input, answers leave on standard output (kernel-process.ts). No libc: Linux's own calls.

#include <stdint.h>

#define SYS_EXIT 1
#define SYS_READ 3
#define SYS_WRITE 4
#define SYS_OPEN 5
#define SYS_MMAP2 192
/** Marks for trace-plugin.c. */
#define SYS_GETPPID 64
#define BLOB_ROOM 65536
#define MAX_DATA 4096
#define STACK_LOOKED_AT 8192
#define PATTERN 0xa5

static int32_t call(int32_t number, int32_t a, int32_t b, int32_t c, int32_t d, int32_t e, int32_t f) {
  register int32_t r7 __asm__("r7") = number, r0 __asm__("r0") = a, r1 __asm__("r1") = b, r2 __asm__("r2") = c, r3 __asm__("r3") = d,
                   r4 __asm__("r4") = e, r5 __asm__("r5") = f;
  __asm__ volatile("svc 0" : "+r"(r0) : "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5), "r"(r7) : "memory");
  return r0;
}

struct order {
  uint32_t operation, key_bytes, data_bytes, attempt;
  /** Keys of HMAC are the long ones. */
  uint8_t key[192], point[64], signature[64];
};

struct answer {
  int32_t result;
  uint32_t attempt, stack_bytes, left_bytes, kept_bytes;
  uint8_t out[64];
};

struct arguments {
  uint32_t operation;
  uint8_t *out;
  const uint8_t *key, *point, *data;
  uint32_t key_bytes, data_bytes, attempt;
  const uint8_t *signature;
  uint8_t *wiped;
  uint32_t wiped_bytes;
};

static int read_all(void *to, uint32_t length) {
  uint8_t *at = to;
  while (length > 0) {
    int32_t got = call(SYS_READ, 0, (int32_t)at, (int32_t)length, 0, 0, 0);
    if (got <= 0) return 0;
    at += got;
    length -= (uint32_t)got;
  }
  return 1;
}

static uint8_t data[MAX_DATA], point[64];

void run(uint32_t *stack) {
  int argc = (int)stack[0];
  char **argv = (char **)(stack + 1);
  uint32_t offset = 0;
  if (argc < 2) call(SYS_EXIT, 2, 0, 0, 0, 0, 0);
  if (argc > 2)
    for (char *digit = argv[2]; *digit; digit++) offset = offset * 10 + (uint32_t)(*digit - '0');
  int32_t file = call(SYS_OPEN, (int32_t)argv[1], 0, 0, 0, 0, 0);
  uint8_t *room = (uint8_t *)call(SYS_MMAP2, 0, BLOB_ROOM * 2, 7, 0x22, -1, 0);
  if (file < 0 || call(SYS_READ, file, (int32_t)(room + offset), BLOB_ROOM, 0, 0, 0) <= 0) call(SYS_EXIT, 3, 0, 0, 0, 0, 0);
  int32_t (*entry)(struct arguments *) = (int32_t(*)(struct arguments *))(room + offset + 1);
  struct order order;
  struct answer answer;
  while (read_all(&order, sizeof order) && read_all(data, order.data_bytes)) {
    for (unsigned i = 0; i < sizeof answer.out; i++) answer.out[i] = 0;
    struct arguments arguments = {order.operation, answer.out,      order.key,     order.point,    data,
                                  order.key_bytes, order.data_bytes, order.attempt, order.signature,
                                  order.key,       sizeof order.key};
    for (unsigned i = 0; i < sizeof point; i++) point[i] = order.point[i];
    register uint8_t *sp __asm__("sp");
    uint8_t *top = sp;
    for (volatile uint8_t *at = top - STACK_LOOKED_AT; at < top; at++) *at = PATTERN;
    call(SYS_GETPPID, 0, 0, 0, 0, 0, 0);
    answer.result = entry(&arguments);
    call(SYS_GETPPID, 1, 0, 0, 0, 0, 0);
    answer.attempt = arguments.attempt;
    volatile uint8_t *at = top - STACK_LOOKED_AT;
    while (at < top && *at == PATTERN) at++;
    answer.stack_bytes = (uint32_t)(top - at);
    answer.left_bytes = 0;
    // The nine registers that the entry pushed are the caller's own.
    for (; at < top - 36; at++)
      if (*at != 0) answer.left_bytes++;
    // The key is to be wiped, and what stands behind it is not.
    answer.kept_bytes = 0;
    for (unsigned i = 0; i < sizeof order.key; i++)
      if (order.key[i] != 0) answer.kept_bytes++;
    for (unsigned i = 0; i < sizeof point; i++)
      if (order.point[i] != point[i]) answer.kept_bytes++;
    call(SYS_WRITE, 1, (int32_t)&answer, sizeof answer, 0, 0, 0);
  }
  call(SYS_EXIT, 0, 0, 0, 0, 0, 0);
}

__attribute__((naked)) void _start(void) { __asm__("mov r0, sp\n bl run"); }
