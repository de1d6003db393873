// The buffer's window: reading, consuming, slicing, growing, and that shared bytes never change under anyone.
// Appending is in ByteBufferAppendTests.swift.

import Bytes
import Testing

@Suite("ByteBuffer") struct ByteBufferTests {
  @Test func appendsAndConsumes() {
    var buffer = ByteBuffer("hello")
    buffer.append(" world")
    buffer.consume(6)
    #expect(String(validating: buffer) == "world")
  }

  @Test func isMadeFromBytesOfEveryKind() {
    let bytes: [UInt8] = [1, 2, 3]
    #expect([UInt8](ByteBuffer(bytes)) == bytes)
    #expect([UInt8](ByteBuffer(1...3)) == bytes)
    #expect([UInt8](ByteBuffer(AnySequence(bytes))) == bytes)
    #expect([UInt8](bytes.withUnsafeBytes { ByteBuffer(copying: $0) }) == bytes)
    #expect([UInt8](ByteBuffer(copying: ByteBuffer(bytes).readable)) == bytes)
    #expect([UInt8](ByteBuffer("\u{1}\u{2}\u{3}")) == bytes)
    #expect([UInt8](ByteBuffer("é€")) == [0xc3, 0xa9, 0xe2, 0x82, 0xac])
    #expect(ByteBuffer(copying: UnsafeRawBufferPointer(start: nil, count: 0)).isEmpty)
  }

  @Test func beginsEmptyWithTheRoomAskedFor() {
    let empty = ByteBuffer()
    #expect(empty.isEmpty && empty.count == 0 && empty.capacity == 0 && empty.writableCount == 0)
    let roomy = ByteBuffer(capacity: 100)
    #expect(roomy.isEmpty && roomy.capacity == 100 && roomy.writableCount == 100)
  }

  @Test func emptyBuffersDoNotWriteIntoEachOther() {
    var first = ByteBuffer()
    var second = ByteBuffer()
    first.append(1)
    second.append(2)
    #expect([UInt8](first) == [1] && [UInt8](second) == [2])
    #expect(ByteBuffer().isEmpty)
  }

  // MARK: Reading

  @Test func readsByOffsetFromTheFirstReadableByte() {
    var buffer = ByteBuffer(10..<20)
    #expect(buffer[0] == 10 && buffer[9] == 19)
    buffer.consume(3)
    #expect(buffer[0] == 13 && buffer[6] == 19)
    #expect(buffer.readable.byteCount == 7)
    #expect(buffer.readable.unsafeLoad(fromByteOffset: 1, as: UInt8.self) == 14)
  }

  @Test func lendsItsBytesAndPassesErrorsOn() throws {
    struct Stop: Error, Equatable {}
    let buffer = ByteBuffer("abc")
    #expect(buffer.withReadableBytes { $0.count } == 3)
    #expect(throws: Stop()) {
      try buffer.withReadableBytes { (_) throws(Stop) in throw Stop() }
    }
  }

  @Test func consumesUpToAllOfItsBytes() {
    var buffer = ByteBuffer("abcd")
    buffer.consume(0)
    #expect(buffer == ByteBuffer("abcd"))
    buffer.consume(3)
    #expect(buffer == ByteBuffer("d"))
    buffer.consume(1)
    #expect(buffer.isEmpty)
    buffer.consume(0)
    #expect(buffer.isEmpty)
  }

  @Test func readToTheEndItHasAllItsRoomAgain() {
    var buffer = ByteBuffer(capacity: 64)
    buffer.append(repeating: 1, count: 64)
    #expect(buffer.writableCount == 0)
    buffer.consume(64)
    #expect(buffer.writableCount == 64)
  }

  @Test func readToTheEndItKeepsItsPlaceWhileASliceLooksOn() {
    var buffer = ByteBuffer("abcd")
    let slice = buffer.slice(from: 1, count: 2)
    buffer.consume(4)
    buffer.append("wxyz")
    #expect(slice == ByteBuffer("bc"))
    #expect(buffer == ByteBuffer("wxyz"))
  }

  @Test func splitsOffItsFront() {
    var buffer = ByteBuffer("header:body")
    let front = buffer.split(7)
    #expect(front == ByteBuffer("header:"))
    #expect(buffer == ByteBuffer("body"))
    #expect(buffer.split(0).isEmpty)
    #expect(buffer.split(4) == ByteBuffer("body"))
    #expect(buffer.isEmpty)
    buffer.append("x")
    #expect(front == ByteBuffer("header:") && buffer == ByteBuffer("x"))
  }

  @Test func slicesShareBytesAndSliceAgain() {
    let buffer = ByteBuffer(0..<100)
    for offset in stride(from: 0, through: 100, by: 7) {
      for length in stride(from: 0, through: 100 - offset, by: 11) {
        let slice = buffer.slice(from: offset, count: length)
        #expect([UInt8](slice) == [UInt8](UInt8(offset)..<UInt8(offset + length)))
        #expect(slice.capacity == buffer.capacity)
      }
    }
    let inner = buffer.slice(from: 10, count: 80).slice(from: 10, count: 3)
    #expect([UInt8](inner) == [20, 21, 22])
  }

  // MARK: Sharing

  @Test func aCopyDoesNotSeeWhatTheOtherWrites() {
    var original = ByteBuffer(capacity: 64)
    original.append("shared")
    var copy = original
    copy.append(" and more")
    original.append(" no more")
    #expect(original == ByteBuffer("shared no more"))
    #expect(copy == ByteBuffer("shared and more"))
  }

  @Test func everyWayOfWritingCopiesFirstWhenShared() {
    let writes: [(String, (inout ByteBuffer) -> Void)] = [
      ("byte", { $0.append(0xff) }),
      ("bytes", { $0.append(contentsOf: [0xff, 0xff]) }),
      ("string", { $0.append("\u{7f}" as String) }),
      ("repeat", { $0.append(repeating: 0xff, count: 3) }),
      ("big endian", { $0.append(bigEndian: UInt32.max) }),
      ("little endian", { $0.append(littleEndian: UInt64.max) }),
      ("varint", { $0.append(varint: .max) }),
      ("itself", { $0.append($0) }),
      ("in place", { $0.withMutableReadableBytes { $0[0] = 0xff } }),
      (
        "fill",
        {
          $0.withWritableBytes(minimum: 1) {
            $0[0] = 0xff
            return 1
          }
        }
      ),
    ]
    for (name, write) in writes {
      var buffer = ByteBuffer(capacity: 256)
      buffer.append("kept")
      let shared = buffer
      let slice = buffer.slice(from: 0, count: 2)
      write(&buffer)
      #expect(shared == ByteBuffer("kept"), "\(name)")
      #expect(slice == ByteBuffer("ke"), "\(name)")
      #expect(buffer != shared, "\(name)")
    }
  }

  @Test func aSliceThatGrowsDoesNotWriteOverItsNeighbour() {
    let buffer = ByteBuffer("abcdef")
    var slice = buffer.slice(from: 0, count: 3)
    slice.append("XYZ")
    #expect(slice == ByteBuffer("abcXYZ"))
    #expect(buffer == ByteBuffer("abcdef"))
  }

  @Test func aLoneSliceMayWriteInPlace() {
    var slice = ByteBuffer(capacity: 64).slice(from: 0, count: 0)
    #expect(slice.writableCount == 64)
    slice.append("abc")
    #expect(slice.capacity == 64)
  }

  // MARK: Room

  @Test func growsToHoldWhatIsAppendedAndKeepsIt() {
    var buffer = ByteBuffer()
    var expected: [UInt8] = []
    for step in 0..<2000 {
      buffer.append(UInt8(truncatingIfNeeded: step))
      expected.append(UInt8(truncatingIfNeeded: step))
    }
    #expect([UInt8](buffer) == expected)
    #expect(buffer.capacity >= 2000 && buffer.capacity <= 4096)
  }

  @Test func growsByDoublingSoThatAppendingStaysCheap() {
    var buffer = ByteBuffer()
    var capacities: Set<Int> = []
    for _ in 0..<100_000 {
      buffer.append(0)
      capacities.insert(buffer.capacity)
    }
    #expect(capacities.count <= 13)
  }

  @Test func reservesAtOnceWhatWasAskedFor() {
    var buffer = ByteBuffer("x")
    buffer.reserve(10_000)
    let capacity = buffer.capacity
    #expect(buffer.writableCount >= 10_000 && buffer == ByteBuffer("x"))
    buffer.append(repeating: 0, count: 10_000)
    #expect(buffer.capacity == capacity)
    buffer.reserve(0)
    #expect(buffer.capacity == capacity)
  }

  @Test func reservingInSharedStorageMakesItsOwn() {
    var buffer = ByteBuffer(capacity: 1000)
    buffer.append("abc")
    let other = buffer
    buffer.reserve(1)
    #expect(buffer == other)
    #expect(buffer.capacity < 1000)  // sized for what is there, not for what the other once asked for
  }

  @Test func movesItsBytesDownRatherThanGrow() {
    var buffer = ByteBuffer(capacity: 128)
    buffer.append(contentsOf: (0..<128).map(UInt8.init))
    buffer.consume(100)
    buffer.reserve(90)
    #expect(buffer.capacity == 128)
    #expect([UInt8](buffer) == (100..<128).map(UInt8.init))
    #expect(buffer.writableCount == 100)
  }

  @Test func growsWhenMovingDownWouldBeLongerThanTheGap() {
    var buffer = ByteBuffer(capacity: 128)
    buffer.append(contentsOf: (0..<128).map(UInt8.init))
    buffer.consume(50)
    buffer.reserve(40)
    #expect(buffer.capacity > 128)
    #expect([UInt8](buffer) == (50..<128).map(UInt8.init))
  }

  @Test func clearingKeepsTheStorageUnlessShared() {
    var buffer = ByteBuffer(capacity: 500)
    buffer.append("abc")
    buffer.consume(1)
    buffer.clear()
    #expect(buffer.isEmpty && buffer.capacity == 500 && buffer.writableCount == 500)
    buffer.append("def")
    let shared = buffer
    buffer.clear()
    #expect(buffer.isEmpty && buffer.capacity == 0)
    #expect(shared == ByteBuffer("def"))
  }

  @Test func truncatesFromTheEnd() {
    var buffer = ByteBuffer("abcdef")
    buffer.consume(1)
    buffer.truncate(to: 5)
    #expect(buffer == ByteBuffer("bcdef"))
    let shared = buffer
    buffer.truncate(to: 2)
    buffer.append("X")
    #expect(buffer == ByteBuffer("bcX") && shared == ByteBuffer("bcdef"))
    buffer.truncate(to: 0)
    #expect(buffer.isEmpty)
  }

  // MARK: Filling

  @Test func countsWhatTheFillSaysItWrote() {
    var buffer = ByteBuffer("<")
    let written = buffer.withWritableBytes(minimum: 10) { room in
      #expect(room.count >= 10)
      room.copyBytes(from: "abc".utf8)
      return 3
    }
    #expect(written == 3 && buffer == ByteBuffer("<abc"))
    #expect(buffer.withWritableBytes(minimum: 0) { _ in 0 } == 0)
    let all = buffer.withWritableBytes(minimum: 1) { room in
      for index in room.indices { room[index] = UInt8(ascii: ".") }
      return room.count
    }
    #expect(buffer.count == 4 + all && buffer.writableCount == 0)
  }

  @Test func aFillThatThrowsAddsNothing() {
    struct Stop: Error, Equatable {}
    var buffer = ByteBuffer("abc")
    #expect(throws: Stop()) {
      try buffer.withWritableBytes(minimum: 8) { (room) throws(Stop) in
        room[0] = 1
        throw Stop()
      }
    }
    #expect(buffer == ByteBuffer("abc"))
  }

  @Test func changesBytesInPlace() {
    var buffer = ByteBuffer("xabcx")
    buffer.consume(1)
    buffer.truncate(to: 3)
    buffer.withMutableReadableBytes { bytes in
      for index in bytes.indices { bytes[index] ^= 0x20 }
    }
    #expect(buffer == ByteBuffer("ABC"))
    #expect(buffer.withMutableReadableBytes { $0.count } == 3)
  }

  // MARK: Comparing and showing

  @Test func equalsByReadableBytesAlone() {
    var consumed = ByteBuffer("xxabc")
    consumed.consume(2)
    #expect(consumed == ByteBuffer("abc"))
    #expect(consumed.hashValue == ByteBuffer("abc").hashValue)
    #expect(consumed != ByteBuffer("abd"))
    #expect(consumed != ByteBuffer("ab"))
    #expect(ByteBuffer() == ByteBuffer(capacity: 10))
    #expect(Set([consumed, ByteBuffer("abc"), ByteBuffer("abd")]).count == 2)
  }

  @Test func showsItsLengthAndItsFirstBytes() {
    #expect(ByteBuffer().description == "0 bytes")
    #expect(ByteBuffer([0, 10, 255]).description == "3 bytes: 00 0a ff")
    #expect(
      ByteBuffer(0..<16).description == "16 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f")
    #expect(
      ByteBuffer(0..<17).description == "17 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f …")
  }

  @Test func isTextOnlyWhenItIsUTF8() {
    #expect(String(validating: ByteBuffer("né")) == "né")
    #expect(String(validating: ByteBuffer()) == "")
    #expect(String(validating: ByteBuffer([0x61, 0xff])) == nil)
    #expect(String(validating: ByteBuffer([0xc3])) == nil)
    #expect(String(validating: ByteBuffer([0xed, 0xa0, 0x80])) == nil)
  }

  // MARK: Misuse

  @Test func trapsOutsideItsBytes() async {
    await #expect(processExitsWith: .failure) { _ = ByteBuffer("abc")[3] }
    await #expect(processExitsWith: .failure) { _ = ByteBuffer("abc")[-1] }
    await #expect(processExitsWith: .failure) {
      var buffer = ByteBuffer("abc")
      buffer.consume(4)
    }
    await #expect(processExitsWith: .failure) {
      var buffer = ByteBuffer("abc")
      buffer.consume(-1)
    }
    await #expect(processExitsWith: .failure) { _ = ByteBuffer("abc").slice(from: 2, count: 2) }
    await #expect(processExitsWith: .failure) { _ = ByteBuffer("abc").slice(from: 1, count: .max) }
    await #expect(processExitsWith: .failure) { _ = ByteBuffer("abc").slice(from: -1, count: 1) }
    await #expect(processExitsWith: .failure) {
      var buffer = ByteBuffer("abc")
      _ = buffer.split(4)
    }
    await #expect(processExitsWith: .failure) {
      var buffer = ByteBuffer("abc")
      buffer.truncate(to: 4)
    }
  }

  @Test func trapsOnRoomThatCannotBe() async {
    await #expect(processExitsWith: .failure) {
      var buffer = ByteBuffer()
      buffer.reserve(-1)
    }
    await #expect(processExitsWith: .failure) {
      var buffer = ByteBuffer("abc")
      buffer.reserve(.max)
    }
    await #expect(processExitsWith: .failure) {
      var buffer = ByteBuffer()
      buffer.append(repeating: 0, count: -1)
    }
    await #expect(processExitsWith: .failure) {
      var buffer = ByteBuffer()
      buffer.withWritableBytes(minimum: 1) { $0.count + 1 }
    }
    await #expect(processExitsWith: .failure) {
      var buffer = ByteBuffer()
      buffer.withWritableBytes(minimum: 1) { _ in -1 }
    }
  }
}
