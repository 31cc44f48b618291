#include "CMicroHTTPD.h"

#include <string.h>
#include <sys/socket.h>

// The decoded target is never used, so decoding is switched off: the default one cuts the path
// at an encoded NUL and makes an encoded slash a slash.
static size_t leave_escapes(void *context, struct MHD_Connection *connection, char *text) {
  return strlen(text);
}

struct MHD_Daemon *kzm_start(const struct kzm_options *options) {
  // MHD_USE_ITC: needed where there is no listen socket (microhttpd.h at that flag).
  // MHD_USE_POLL: select cannot take descriptors over 1023.
  unsigned int flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                       MHD_USE_POLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, options->handle, options->context,
      MHD_OPTION_CONNECTION_LIMIT, options->connections_max,
      MHD_OPTION_CONNECTION_TIMEOUT, options->idle_seconds_max,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory,
      MHD_OPTION_URI_LOG_CALLBACK, options->begin, options->context,
      MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context,
      MHD_OPTION_NOTIFY_CONNECTION, options->connection, options->context,
      MHD_OPTION_UNESCAPE_CALLBACK, &leave_escapes, NULL,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_END);
}

int kzm_add(struct MHD_Daemon *daemon, int socket) {
  // MHD looks at the family only: a Unix socket has no TCP options to set.
  struct sockaddr_storage address = {.ss_family = AF_UNIX};
  socklen_t size = sizeof address;
  if (getsockname(socket, (struct sockaddr *)&address, &size) != 0) size = sizeof(struct sockaddr);
  return MHD_add_connection(daemon, socket, (struct sockaddr *)&address, size) == MHD_YES ? 0 : -1;
}

int kzm_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}
