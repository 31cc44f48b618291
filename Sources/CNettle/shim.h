// The one part of Nettle in use: SHA-2.
#ifndef CNETTLE_SHIM_H
#define CNETTLE_SHIM_H

#include <nettle/sha2.h>

#endif
