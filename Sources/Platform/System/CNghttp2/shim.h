// nghttp2 1.52, as Swift sees it.
#pragma once
#include <nghttp2/nghttp2.h>
