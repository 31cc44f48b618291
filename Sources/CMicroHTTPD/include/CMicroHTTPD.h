// libmicrohttpd, and what Swift cannot call of it: the two variadic functions.
#ifndef CMICROHTTPD_H
#define CMICROHTTPD_H

#include <stddef.h>
#include <sys/types.h>

#include <microhttpd.h>

// Called with the request target as it came, before anything of it is decoded; what it returns is
// the request's own pointer in the two callbacks below.
typedef void *(*kzm_begin)(void *context, const char *target, struct MHD_Connection *connection);

struct kzm_options {
  unsigned int connections_max;  // one over it would be closed at once
  unsigned int idle_seconds_max; // a connection silent for so long is closed
  size_t connection_memory;      // bytes for the header and the buffers of one connection
  kzm_begin begin;
  MHD_AccessHandlerCallback handle;
  MHD_RequestCompletedCallback completed;
  MHD_NotifyConnectionCallback connection; // started or closed
  void *context;                 // first argument of the four callbacks
};

// MHD_start_daemon with a thread for each connection and no listener of its own; NULL with errno set where it fails.
struct MHD_Daemon *kzm_start(const struct kzm_options *options);

// Hands a connected socket over; it is closed in any case. -1 where it was not taken.
int kzm_add(struct MHD_Daemon *daemon, int socket);

// The connection's socket, lent.
int kzm_socket(struct MHD_Connection *connection);

#endif
