#include "CMicroHTTPD.h"

#include <string.h>

// The decoded target is never used, so decoding is switched off: the default one cuts the path
// at an encoded NUL and makes an encoded slash a slash.
static size_t leave_escapes(void *context, struct MHD_Connection *connection, char *text) {
  return strlen(text);
}

struct MHD_Daemon *kzm_start(const struct kzm_options *options) {
  // MHD_USE_ITC: MHD_quiesce_daemon needs it in threaded modes (microhttpd.h at that function).
  // MHD_USE_POLL: select cannot take descriptors over 1023.
  unsigned int flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                       MHD_USE_POLL | MHD_USE_ITC;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, options->handle, options->context,
      MHD_OPTION_LISTEN_SOCKET, options->listen_socket,
      MHD_OPTION_CONNECTION_LIMIT, options->connections_max,
      MHD_OPTION_CONNECTION_TIMEOUT, options->idle_seconds_max,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory,
      MHD_OPTION_URI_LOG_CALLBACK, options->begin, options->context,
      MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context,
      MHD_OPTION_UNESCAPE_CALLBACK, &leave_escapes, NULL,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_END);
}

int kzm_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}
