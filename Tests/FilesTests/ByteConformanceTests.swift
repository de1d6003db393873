// What every file system must do the same way with bytes, sizes, holes and blocks.

import Bytes
import Files
import Testing

@Suite("Every file system: bytes") struct ByteConformanceTests {
  private func withFile(
    _ subject: Subject, _ body: (any FileSystem, FilePath, File) throws -> Void
  ) throws {
    try subject.withDirectory { files, base in
      let file = try files.open(base / "file", [.read, .write, .create, .exclusive])
      try body(files, base, file)
      try file.close()
    }
  }

  @Test(arguments: Subject.allCases) func readsBackWhatWasWritten(_ subject: Subject) throws {
    try withFile(subject) { _, _, file in
      try file.write(ByteBuffer("hello world"), at: 0)
      try file.write(ByteBuffer("W"), at: 6)
      #expect(try file.text(at: 0, count: 11) == "hello World")
      #expect(try file.text(at: 6, count: 3) == "Wor")
      try file.write(ByteBuffer(), at: 100)
      #expect(try file.status().bytes == 11, "writing nothing changes nothing")
    }
  }

  @Test(arguments: Subject.allCases) func readsLessOnlyAtTheEnd(_ subject: Subject) throws {
    try withFile(subject) { _, base, file in
      try file.write(ByteBuffer("0123456789"), at: 0)
      var buffer = ByteBuffer()
      #expect(try file.read(into: &buffer, count: 4, at: 8) == 2)
      #expect(try file.read(into: &buffer, count: 4, at: 10) == 0)
      #expect(try file.read(into: &buffer, count: 4, at: 1 << 40) == 0)
      #expect(try file.read(into: &buffer, count: 0, at: 0) == 0)
      #expect(buffer == ByteBuffer("89"))
      #expect(throws: FileError.unexpectedEnd(path: base / "file", offset: 8, wanted: 4, got: 2)) {
        try file.read(exactly: 4, into: &buffer, at: 8)
      }
      #expect(buffer == ByteBuffer("89"), "a failed exact read adds nothing")
      try file.read(exactly: 3, into: &buffer, at: 0)
      #expect(buffer == ByteBuffer("89012"))
    }
  }

  @Test(arguments: Subject.allCases) func refusesWhatTheOpenDoesNotAllow(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      try files.put("x", at: base / "file")
      let reader = try files.open(base / "file", .read)
      let writer = try files.open(base / "file", .write)
      let directory = try files.open(base, .read)
      var buffer = ByteBuffer()
      #expect(number { () throws(FileError) in try reader.write(ByteBuffer("y"), at: 0) } == .badDescriptor)
      #expect(number { () throws(FileError) in try reader.truncate(to: 0) } == .invalid)
      #expect(
        number { () throws(FileError) in try reader.allocate(.reserve, at: 0, length: 1) } == .badDescriptor)
      #expect(
        number { () throws(FileError) in try writer.read(into: &buffer, count: 1, at: 0) } == .badDescriptor)
      #expect(
        number { () throws(FileError) in try directory.read(into: &buffer, count: 1, at: 0) } == .isDirectory)
      #expect(number { () throws(FileError) in try writer.copy(at: 0, length: 1, to: writer, at: 9) } != nil)
      #expect(number { () throws(FileError) in try writer.write(ByteBuffer("y"), at: -1) } == .invalid)
      #expect(number { () throws(FileError) in try reader.read(into: &buffer, count: 1, at: -1) } == .invalid)
      #expect(number { () throws(FileError) in try writer.truncate(to: -1) } == .invalid)
      #expect(number { () throws(FileError) in try writer.allocate(.reserve, at: -1, length: 1) } == .invalid)
      #expect(number { () throws(FileError) in try writer.allocate(.reserve, at: 0, length: 0) } == .invalid)
      #expect(
        number { () throws(FileError) in try writer.startWriteBack(at: -1, length: 1) } == .invalid)
      try reader.sync()
      try directory.sync()
      #expect(try files.text(of: base / "file") == "x")
    }
  }

  @Test(arguments: Subject.allCases) func holesReadAsZeros(_ subject: Subject) throws {
    try withFile(subject) { _, _, file in
      try file.write(ByteBuffer("end"), at: 1 << 20)
      let status = try file.status()
      #expect(status.bytes == (1 << 20) + 3)
      #expect(status.allocatedBytes < 1 << 19, "what was never written takes no room")
      var buffer = ByteBuffer()
      try file.read(exactly: 4099, into: &buffer, at: (1 << 20) - 4096)
      #expect(buffer == ByteBuffer([UInt8](repeating: 0, count: 4096) + Array("end".utf8)))
    }
  }

  @Test(arguments: Subject.allCases) func truncatingForgetsWhatWasBeyond(_ subject: Subject) throws {
    try withFile(subject) { _, _, file in
      try file.write(runs((7, 10_000)), at: 0)
      try file.truncate(to: 5000)
      try file.truncate(to: 9000)
      var buffer = ByteBuffer()
      #expect(try file.read(into: &buffer, count: 20_000, at: 0) == 9000)
      #expect(buffer == runs((7, 5000), (0, 4000)))
    }
  }

  @Test(arguments: Subject.allCases) func reservesPunchesAndZeroes(_ subject: Subject) throws {
    try withFile(subject) { _, _, file in
      func content() throws -> ByteBuffer {
        var buffer = ByteBuffer()
        try file.read(into: &buffer, count: 1 << 20, at: 0)
        return buffer
      }
      try file.allocate(.reserveKeepingSize, at: 0, length: 65_536)
      #expect(try file.status().bytes == 0)
      #expect(try file.status().allocatedBytes >= 65_536)
      try file.allocate(.reserve, at: 0, length: 20_000)
      #expect(try content() == runs((0, 20_000)))
      try file.write(runs((7, 20_000)), at: 0)
      try file.allocate(.reserve, at: 100, length: 200)
      #expect(try content() == runs((7, 20_000)), "reserving keeps bytes")
      try file.allocate(.zeroRange, at: 10, length: 20)
      #expect(
        try content()
          == runs((7, 10), (0, 20), (7, 19_970)))
      let before = try file.status().allocatedBytes
      try file.allocate(.punchHole, at: 4000, length: 12_384)
      #expect(try file.status().allocatedBytes < before)
      #expect(
        try content()
          == runs((7, 10), (0, 20), (7, 3970), (0, 12_384), (7, 3616)))
      try file.allocate(.punchHole, at: 19_999, length: 1 << 20)
      #expect(try file.status().bytes == 20_000, "a hole past the end leaves the size")
      try file.allocate(.zeroRange, at: 20_000, length: 10)
      #expect(try file.status().bytes == 20_010)
      #expect(try content()[19_999] == 0 && content()[19_998] == 7)
    }
  }

  @Test(arguments: Subject.allCases) func scattersAndGathers(_ subject: Subject) throws {
    try withFile(subject) { _, _, file in
      let text = Array("the quick brown fox".utf8)
      try text.withUnsafeBytes { bytes in
        let pieces = [bytes[0..<4], bytes[4..<4], bytes[4..<10], bytes[10..<19]]
        try file.write(gathering: pieces.map { UnsafeRawBufferPointer(rebasing: $0) }, at: 3)
      }
      #expect(try file.text(at: 3, count: 100) == "the quick brown fox")
      var back = [UInt8](repeating: 0, count: 30)
      let got = try back.withUnsafeMutableBytes { bytes in
        let pieces = [bytes[0..<5], bytes[5..<5], bytes[5..<30]]
        return try file.read(scattering: pieces.map { UnsafeMutableRawBufferPointer(rebasing: $0) }, at: 3)
      }
      #expect(got == 19 && Array(back[..<19]) == text)
    }
  }

  @Test(arguments: Subject.allCases) func gathersMorePiecesThanOneCallTakes(_ subject: Subject) throws {
    try withFile(subject) { _, _, file in
      let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }
      try bytes.withUnsafeBytes { all in
        try file.write(
          gathering: all.indices.map { UnsafeRawBufferPointer(rebasing: all[$0..<$0 + 1]) }, at: 0)
      }
      var back = [UInt8](repeating: 0, count: 5000)
      let got = try back.withUnsafeMutableBytes { all in
        try file.read(
          scattering: all.indices.map { UnsafeMutableRawBufferPointer(rebasing: all[$0..<$0 + 1]) }, at: 0)
      }
      #expect(got == 5000 && back == bytes)
    }
  }

  @Test(arguments: Subject.allCases) func appendsAtTheEndWhereverItIs(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      let first = try files.open(base / "file", [.write, .create, .append])
      let second = try files.open(base / "file", [.write, .append])
      try first.append(ByteBuffer("one ").readable)
      try second.append(ByteBuffer("two ").readable)
      try first.append(ByteBuffer("three").readable)
      #expect(try files.text(of: base / "file") == "one two three")
      try second.truncate(to: 4)
      try first.append(ByteBuffer("four").readable)
      #expect(try files.text(of: base / "file") == "one four")
    }
  }

  @Test(arguments: Subject.allCases) func copiesRangesBetweenFiles(_ subject: Subject) throws {
    try withFile(subject) { files, base, file in
      try file.write(ByteBuffer("0123456789"), at: 0)
      let target = try files.open(base / "target", [.read, .write, .create])
      #expect(try file.copy(at: 2, length: 5, to: target, at: 3) == 5)
      #expect(try target.text(at: 0, count: 99) == "\0\0\023456")
      #expect(try file.copy(at: 8, length: 100, to: target, at: 0) == 2, "the source ends")
      #expect(try target.text(at: 0, count: 99) == "89\023456")
      #expect(try file.copy(at: 50, length: 1, to: target, at: 0) == 0)
      #expect(try file.copy(at: 0, length: 3, to: file, at: 7) == 3, "within one file, apart")
      #expect(try file.text(at: 0, count: 99) == "0123456012")
      #expect(number { () throws(FileError) in try file.copy(at: 0, length: 5, to: file, at: 3) } == .invalid)
    }
  }

  @Test(arguments: Subject.allCases) func mapsWhatLiesInside(_ subject: Subject) throws {
    try withFile(subject) { _, base, file in
      try file.write(ByteBuffer((0..<10_000).map { UInt8(truncatingIfNeeded: $0 / 10) }), at: 0)
      let mapping = try file.map(at: 5000, length: 100)
      #expect(mapping.count == 100)
      let expected = (5000..<5100).map { UInt8(truncatingIfNeeded: $0 / 10) }
      #expect(mapping.withBytes { Array($0) } == expected)
      #expect(ByteBuffer(copying: mapping.bytes) == ByteBuffer(expected))
      #expect(throws: FileError.unexpectedEnd(path: base / "file", offset: 9990, wanted: 11, got: 10)) {
        _ = try file.map(at: 9990, length: 11)
      }
    }
  }

  @Test(arguments: Subject.allCases) func takesHintsAndReadsWhatIsCached(_ subject: Subject) throws {
    try withFile(subject) { _, _, file in
      try file.write(ByteBuffer("cached"), at: 0)
      try file.startWriteBack(at: 0, length: 6)
      for advice in [ReadAdvice.normal, .sequential, .random, .willNeed, .dontNeed] {
        try file.advise(advice, at: 0, length: 6)
      }
      try file.syncData()
      var bytes = [UInt8](repeating: 0, count: 16)
      // Whether the page is there is the kernel's to say; what it gives must be right.
      let got = try bytes.withUnsafeMutableBytes { try file.readCached(into: $0, at: 2) }
      #expect(got == nil || (got == 4 && Array(bytes[..<4]) == Array("ched".utf8)))
      let atEnd = try bytes.withUnsafeMutableBytes { try file.readCached(into: $0, at: 6) }
      #expect(atEnd == nil || atEnd == 0)
    }
  }

  @Test(arguments: Subject.allCases) func directAccessWantsAlignment(_ subject: Subject) throws {
    try subject.withDirectory { files, base in
      let file: File
      do throws(FileError) {
        file = try files.open(base / "file", [.read, .write, .create, .direct])
      } catch {
        // Some file systems (older tmpfs) have no direct access at all, and say so.
        #expect(error.number == .invalid)
        return
      }
      var buffer = AlignedBuffer(bytes: 8000)
      #expect(buffer.count == 8192)
      buffer.withMutableBytes { $0[0] = 42 }
      try buffer.withBytes { try file.write($0, at: 4096) }
      try file.read(exactly: 4096, into: &buffer, at: 4096)
      #expect(buffer.withBytes { $0[0] } == 42)
      #expect(
        number { () throws(FileError) in
          try buffer.withBytes { bytes throws(FileError) in try file.write(bytes, at: 100) }
        } == .invalid)
      #expect(
        number { () throws(FileError) in
          try buffer.withBytes { bytes throws(FileError) in
            try file.write(UnsafeRawBufferPointer(rebasing: bytes[0..<100]), at: 0)
          }
        } == .invalid)
    }
  }
}

extension File {
  /// Reads `count` bytes to the front of an aligned buffer.
  func read(exactly count: Int, into buffer: inout AlignedBuffer, at offset: Int) throws(FileError) {
    try buffer.withMutableBytes { bytes throws(FileError) in
      try read(exactly: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), at: offset)
    }
  }
}
