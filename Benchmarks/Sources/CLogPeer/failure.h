// How the peers say what went wrong.
#pragma once

// Keeps the message, and errno's text when it is set, for log_peer_error(); answers -1.
int log_peer_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
