// libzstd: what Kafka calls zstd in a record batch.
#pragma once
#include <zstd.h>
