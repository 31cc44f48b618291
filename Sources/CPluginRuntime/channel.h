// What the files of the wire share; not for users.
#ifndef CHANNEL_H
#define CHANNEL_H

#include <pthread.h>

#include "plugin_wire.h"

struct kzw_channel {
  int socket;
  bool takes_descriptors;
  uint8_t *buffer;      // KZW_MESSAGE_BYTES_MAX, for receiving
  void *mapped;         // a body that came as a memfd
  size_t mapped_bytes;
  int window;           // -1 = none
  kz_text topics[KZ_TOPICS_MAX]; // of the last READY

  size_t batch_at, batch_end; // what of a received batch, in `buffer`, is still to come

  pthread_mutex_t sending; // what follows, so that messages stay whole and in order
  bool holding;
  uint8_t *held; // KZW_MESSAGE_BYTES_MAX: a BATCH under construction, its header first
  size_t held_bytes;
};

// Sends `writer`'s fields as one message; `window` -1 = none. Frees the writer.
bool kzw_send(kzw_channel *channel, uint32_t kind, uint64_t call, kzw_writer *writer, int window,
              kzr_error *error);

#endif
