// libpq: the client of the shared store of read models.
#pragma once
#include <libpq-fe.h>
