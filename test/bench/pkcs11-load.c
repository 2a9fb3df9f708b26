// What an application does with a PKCS#11 module, timed: for npm run bench.
//
//   pkcs11-load MODULE OPERATION PROCESSES TIMES WARM-UP SEED < PIN
//
// OPERATION is initialize, sign or find-sign. PROCESSES run at once, each with C_Initialize, a session and a login of its own; they begin together. What is
// printed, a line each: «time NAME NANOSECONDS» for every call timed, «wall NANOSECONDS» from the first call's begin to the last one's end, and of each
// process's last signature «signature POINT DIGEST SIGNATURE» in hexadecimal, for openssl to judge.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkcs11/pkcs11.h"

#include "load.h"

#define SIGNATURE_BYTES 64
#define MAX_POINT_BYTES 80
#define MAX_PIN_BYTES 64
#define MAX_SLOTS 64

/** What one process tells, in memory that the processes share. */
struct report {
  uint64_t begin, end;
  CK_BYTE point[MAX_POINT_BYTES];
  CK_ULONG point_bytes;
  CK_BYTE digest[DIGEST_BYTES], signature[SIGNATURE_BYTES];
};

static CK_FUNCTION_LIST *pkcs11;
/** Shared by the processes: a barrier that they begin behind, and a lock under which one after the other gets ready. */
static struct {
  pthread_barrier_t begin;
  pthread_mutex_t ready;
} *together;
static char pin[MAX_PIN_BYTES];

static void check(CK_RV rv, const char *name) {
  if (rv == CKR_OK) return;
  fprintf(stderr, "%s answered 0x%lx\n", name, rv);
  _exit(1);
}
#define CALL(name, ...) check(pkcs11->name(__VA_ARGS__), #name)

static void load(const char *module) {
  void *library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
  CK_C_GetFunctionList list = library ? (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList") : NULL;
  if (!list) {
    fprintf(stderr, "%s\n", dlerror());
    exit(1);
  }
  check(list(&pkcs11), "C_GetFunctionList");
}

/** The first slot whose token is set up: SoftHSM2 shows an empty one, too. */
static CK_SLOT_ID find_slot(void) {
  CK_SLOT_ID slots[MAX_SLOTS];
  CK_ULONG count = MAX_SLOTS;
  CK_TOKEN_INFO info;
  CALL(C_GetSlotList, CK_TRUE, slots, &count);
  for (CK_ULONG i = 0; i < count; i++) {
    CALL(C_GetTokenInfo, slots[i], &info);
    if (info.flags & CKF_TOKEN_INITIALIZED) return slots[i];
  }
  fprintf(stderr, "no token that is set up\n");
  _exit(1);
}

/** The object of this class whose CKA_ID is 1. */
static CK_OBJECT_HANDLE find_object(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class) {
  CK_BYTE id = 1;
  CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, &id, sizeof id}};
  CK_OBJECT_HANDLE object;
  CK_ULONG found;
  CALL(C_FindObjectsInit, session, template, 2);
  CALL(C_FindObjects, session, &object, 1, &found);
  CALL(C_FindObjectsFinal, session);
  if (found == 1) return object;
  fprintf(stderr, "no object of class %lu\n", class);
  _exit(1);
}

static void sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, struct report *report) {
  CK_MECHANISM ecdsa = {CKM_ECDSA, NULL, 0};
  CK_ULONG length = SIGNATURE_BYTES;
  CALL(C_SignInit, session, &ecdsa, key);
  CALL(C_Sign, session, report->digest, DIGEST_BYTES, report->signature, &length);
}

static void run_signatures(int is_finding, uint64_t state, long times, long warm_up, uint64_t *durations, struct report *report) {
  CK_SESSION_HANDLE session;
  pthread_mutex_lock(&together->ready); // SoftHSM2 does not find its token while another process logs in
  CALL(C_Initialize, NULL);
  CALL(C_OpenSession, find_slot(), CKF_SERIAL_SESSION, NULL, NULL, &session);
  CALL(C_Login, session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin));
  CK_ATTRIBUTE point = {CKA_EC_POINT, report->point, MAX_POINT_BYTES};
  CALL(C_GetAttributeValue, session, find_object(session, CKO_PUBLIC_KEY), &point, 1);
  report->point_bytes = point.ulValueLen;
  CK_OBJECT_HANDLE key = find_object(session, CKO_PRIVATE_KEY);
  pthread_mutex_unlock(&together->ready);
  for (long i = -warm_up; i < times; i++) {
    if (i == 0) {
      pthread_barrier_wait(&together->begin);
      report->begin = now_ns();
    }
    next_digest(report->digest, &state);
    uint64_t begin = now_ns();
    if (is_finding) key = find_object(session, CKO_PRIVATE_KEY);
    sign(session, key, report);
    if (i >= 0) durations[i] = now_ns() - begin;
  }
  report->end = now_ns();
  pthread_barrier_wait(&together->begin);
  CALL(C_Finalize, NULL);
}

/** A new process each time, as applications are: a module that has been initialised before may have kept something. */
static void run_initialize(uint64_t *durations) {
  CK_SLOT_ID slots[MAX_SLOTS];
  CK_ULONG count = MAX_SLOTS;
  uint64_t begin = now_ns();
  CALL(C_Initialize, NULL);
  uint64_t initialized = now_ns();
  CALL(C_GetSlotList, CK_TRUE, slots, &count);
  uint64_t listed = now_ns();
  CALL(C_Finalize, NULL);
  durations[0] = initialized - begin, durations[1] = listed - initialized, durations[2] = now_ns() - listed;
}

static void *share(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) return memory;
  perror("mmap");
  exit(1);
}

static pid_t start(void) {
  pid_t child = fork();
  if (child >= 0) return child;
  perror("fork");
  exit(1);
}

/** Ends with this process, and takes the other children with it, when one of them failed: they would wait for it. */
static void await_all(const pid_t *children, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    int status;
    if (wait(&status) > 0 && status == 0) continue;
    for (unsigned j = 0; j < count; j++) kill(children[j], SIGKILL);
    exit(1);
  }
}

static void print_hex(const CK_BYTE *bytes, CK_ULONG length) {
  putchar(' ');
  for (CK_ULONG i = 0; i < length; i++) printf("%02x", bytes[i]);
}

static void time_initialize(long times) {
  static const char *const names[] = {"C_Initialize", "C_GetSlotList", "C_Finalize"};
  uint64_t *durations = share(3 * sizeof *durations);
  for (long i = 0; i < times; i++) {
    pid_t child = start();
    if (child == 0) run_initialize(durations), _exit(0);
    await_all(&child, 1);
    for (int j = 0; j < 3; j++) printf("time %s %lu\n", names[j], durations[j]);
  }
}

static void prepare_together(unsigned processes) {
  pthread_barrierattr_t barrier;
  pthread_mutexattr_t mutex;
  together = share(sizeof *together);
  pthread_barrierattr_init(&barrier);
  pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&together->begin, &barrier, processes);
  pthread_mutexattr_init(&mutex);
  pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&together->ready, &mutex);
}

static void time_signatures(const char *operation, unsigned processes, long times, long warm_up, uint64_t seed) {
  uint64_t *durations = share(processes * times * sizeof *durations);
  struct report *reports = share(processes * sizeof *reports);
  pid_t children[processes];
  prepare_together(processes);
  for (unsigned i = 0; i < processes; i++) {
    children[i] = start();
    if (children[i] == 0) run_signatures(operation[0] == 'f', seed + i, times, warm_up, durations + i * times, reports + i), _exit(0);
  }
  await_all(children, processes);
  uint64_t begin = UINT64_MAX, end = 0;
  for (unsigned i = 0; i < processes; i++) {
    struct report *report = reports + i;
    if (report->begin < begin) begin = report->begin;
    if (report->end > end) end = report->end;
    printf("signature");
    print_hex(report->point, report->point_bytes);
    print_hex(report->digest, DIGEST_BYTES);
    print_hex(report->signature, SIGNATURE_BYTES);
    putchar('\n');
  }
  for (long i = 0; i < processes * times; i++) printf("time %s %lu\n", operation, durations[i]);
  printf("wall %lu\n", end - begin);
}

int main(int count, char **args) {
  if (count != 7) {
    fprintf(stderr, "pkcs11-load MODULE OPERATION PROCESSES TIMES WARM-UP SEED < PIN\n");
    return 2;
  }
  if (fgets(pin, sizeof pin, stdin)) pin[strcspn(pin, "\n")] = 0;
  load(args[1]);
  if (strcmp(args[2], "initialize") == 0) time_initialize(atol(args[4]));
  else time_signatures(args[2], (unsigned)atol(args[3]), atol(args[4]), atol(args[5]), strtoull(args[6], NULL, 10));
  return 0;
}
