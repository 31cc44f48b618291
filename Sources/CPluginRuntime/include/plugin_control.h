// How a call is asked to stop: one word in a page that daemon and worker share, holding the highest
// call id that was cancelled. Ids ascend, so the word needs no reset and cannot hit a later call.
#ifndef PLUGIN_CONTROL_H
#define PLUGIN_CONTROL_H

#include "plugin_error.h"

typedef struct kzr_control kzr_control;

// A page of its own. With `fd` not NULL it is a memfd that a worker can attach to: whoever gets
// the descriptor can map it for reading only (F_SEAL_FUTURE_WRITE). `*fd` is the caller's to close.
kzr_control *kzr_control_create(int *fd, kzr_error *error);

// The page behind `fd`, read-only. The descriptor may be closed afterwards.
kzr_control *kzr_control_attach(int fd, kzr_error *error);

// Asks call `call` and all before it to stop. From any thread.
void kzr_control_cancel(kzr_control *control, uint64_t call);

// Whether call `call` is to stop. From any thread; NULL never stops.
bool kzr_control_cancelled(const kzr_control *control, uint64_t call);

// Gives the page back. No call may still refer to it.
void kzr_control_free(kzr_control *control);

#endif
