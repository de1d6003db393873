import Bytes
import Glibc
import Testing

@testable import Runtime

extension SocketAddress {
  /// The address after a round trip through the kernel's form.
  var throughKernelForm: SocketAddress? {
    withKernelForm { pointer, length in
      var storage = sockaddr_storage()
      memcpy(&storage, pointer, Int(length))
      return SocketAddress(storage, length: length)
    }
  }
}

@Suite("OutputQueue") struct OutputQueueTests {
  /// What a send of up to `limit` bytes would take.
  private func front(_ queue: OutputQueue, limit: Int) -> [UInt8] {
    queue.withVectors { vectors in
      #expect(vectors.count <= OutputQueue.vectorsMaximum)
      var bytes: [UInt8] = []
      for vector in vectors {
        #expect(vector.iov_len > 0)
        bytes += UnsafeRawBufferPointer(start: vector.iov_base, count: vector.iov_len)
      }
      return Array(bytes.prefix(limit))
    }
  }

  @Test func keepsTheOrderOfWritesAndSplices() {
    var queue = OutputQueue()
    queue.staging.append("a")
    queue.splice(ByteBuffer("BC"))
    queue.splice(ByteBuffer(""))
    queue.splice(ByteBuffer("D"))
    queue.staging.append("ef")
    #expect(front(queue, limit: 99) == Array("aBCDef".utf8))
    queue.consume(2)
    #expect(front(queue, limit: 99) == Array("CDef".utf8))
    queue.staging.append("g")
    queue.splice(ByteBuffer("H"))
    queue.consume(2)
    #expect(front(queue, limit: 99) == Array("efgH".utf8))
    queue.consume(4)
    #expect(queue.count == 0 && queue.isContiguous)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func agreesWithOneLongArray(_ seed: UInt64) {
    let random = SeededRandom(seed: seed)
    var queue = OutputQueue()
    var model: [UInt8] = []
    for step in 0..<4_000 {
      let bytes = pattern(Int(random.next(below: 40)), seed: UInt64(step))
      switch random.next(below: 3) {
      case 0:
        queue.staging.append(contentsOf: bytes)
        model += bytes
      case 1:
        queue.splice(ByteBuffer(bytes))
        model += bytes
      default:
        let sent = front(queue, limit: Int(random.next(below: 60)))
        #expect(sent == Array(model.prefix(sent.count)))
        queue.consume(sent.count)
        model.removeFirst(sent.count)
      }
      #expect(queue.count == model.count)
    }
    while !model.isEmpty {
      let sent = front(queue, limit: .max)
      #expect(!sent.isEmpty && sent == Array(model.prefix(sent.count)))
      queue.consume(sent.count)
      model.removeFirst(sent.count)
    }
    #expect(queue.isContiguous)
  }
}
