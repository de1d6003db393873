// ISA-L: checksums and Reed-Solomon in vector instructions.
#pragma once
#include <isa-l.h>
