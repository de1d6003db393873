// Wrappers that need GNU extensions in force before the first system header, which a Clang module
// imported by Swift cannot promise.
#define _GNU_SOURCE
#include "clinux.h"

int clinux_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

#include <string.h>

const char *clinux_error_name(int code) { return strerrorname_np(code); }

const char *clinux_error_text(int code) { return strerrordesc_np(code); }
int clinux_dup3(int from, int to, int flags) { return dup3(from, to, flags); }
