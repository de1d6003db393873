// OpenSSL 3, as Swift sees it: the headers, and a function for each macro Swift cannot call.
#pragma once
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
