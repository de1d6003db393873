// What a WebSocket runs over: the two halves of a connection. Everything else here speaks of these names only.

import Runtime

typealias ReadingHalf = ConnectionReader
typealias WritingHalf = ConnectionWriter
