// A worker that holds a function of an ordinary library instead of a component.
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include "plugin_control.h"
#include "plugin_wire.h"

// Does what LOAD_FUNCTION asks; NULL with `error`.
kzr_function *function_load(const kzw_message *message, kzr_error *error);

// Answers one INVOKE. False where the daemon is gone or spoke garbage (`error`).
bool function_invoke(kzr_function *function, kzw_channel *channel, const kzr_control *control,
                     const kzw_message *message, kzr_error *error);

#endif
