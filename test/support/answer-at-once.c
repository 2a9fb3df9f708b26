/* Loaded into pcscd (LD_PRELOAD) by pcscd.ts: vpcd sends a message's length and body apart, and Nagle's algorithm keeps the body back until the
   length is acknowledged, 40 ms later. Its connections get TCP_NODELAY. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

int accept(int listening, struct sockaddr *restrict peer, socklen_t *restrict length) {
  int (*next)(int, struct sockaddr *, socklen_t *) = (int (*)(int, struct sockaddr *, socklen_t *))dlsym(RTLD_NEXT, "accept");
  int connected = next(listening, peer, length);
  int on = 1;
  if (connected >= 0) setsockopt(connected, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* fails on pcscd's own socket, which is no TCP */
  return connected;
}
