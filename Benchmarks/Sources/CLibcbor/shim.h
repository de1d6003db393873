// libcbor: the peer that bench-cbor is measured against.
#pragma once
#include <cbor.h>
