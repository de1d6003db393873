// liblz4's frame format: what Kafka calls lz4 in a record batch.
#pragma once
#include <lz4frame.h>
