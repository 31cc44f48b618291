// The version before fragile_1_3.
#define FIXTURE_VERSION "1.2.0"
#include "fragile_1_3.c"
