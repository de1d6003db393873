// The streaming writer: shortest forms, containers, floats, and the buffer it writes to.

import Bytes
import Testing
import Wire

@Suite("CBOR: writer") struct CBORWriterTests {
  private func written(
    _ options: CBORWritingOptions = CBORWritingOptions(),
    _ body: (inout CBORWriter) throws(CBORError) -> Void
  ) throws(CBORError) -> String {
    var writer = CBORWriter(options: options)
    try body(&writer)
    return cborHex(writer.finish())
  }

  @Test("every kind of item")
  func items() throws {
    let hex = try written { (writer) throws(CBORError) in
      writer.beginArray(count: 16)
      writer.write(23 as UInt8)
      writer.write(-25)
      writer.write(UInt64.max)
      writer.write(Int64.min)
      writer.write(Int128(-18_446_744_073_709_551_616))
      writer.write(true)
      writer.writeNull()
      writer.writeUndefined()
      writer.write(CBORSimple(32)!)
      writer.write("\u{fc}")
      writer.write(literal: "lit")
      writer.write(bytes(cbor: "0102"))
      writer.write(bytes: bytes(cbor: "03").readable)
      writer.write(tag: 32)
      writer.write("x")
      writer.write(1.5)
      writer.write(0.1 as Float)
      try writer.end()
    }
    #expect(
      hex == "9017" + "3818" + "1bffffffffffffffff" + "3b7fffffffffffffff" + "3bffffffffffffffff" + "f5f6f7"
        + "f820" + "62c3bc" + "636c6974" + "420102" + "4103" + "d8206178" + "f93e00" + "fa3dcccccd")
  }

  @Test("containers, definite and not")
  func containers() throws {
    let hex = try written { (writer) throws(CBORError) in
      writer.beginIndefiniteMap()
      writer.write(1)
      writer.beginIndefiniteArray()
      writer.beginArray(count: 0)
      try writer.end()
      try writer.end()
      writer.write(2)
      writer.beginMap(count: 1)
      writer.write("a")
      writer.write(tag: 1)
      writer.beginMap(count: 0)
      try writer.end()
      try writer.end()
      try writer.end()
    }
    #expect(hex == "bf019f80ff02a16161c1a0ff")
  }

  @Test(
    "floats in the shortest width that keeps them, or as given",
    arguments: [
      (1.0, "f93c00", "fb3ff0000000000000"), (65504.0, "f97bff", "fb40effc0000000000"),
      (65536.0, "fa47800000", "fb40f0000000000000"), (-0.0, "f98000", "fb8000000000000000"),
      (0x1p-24, "f90001", "fb3e70000000000000"), (0x1p-25, "fa33000000", "fb3e60000000000000"),
      (0x1.8p-24, "fa33c00000", "fb3e78000000000000"), (0x1.ff8p-15, "f903ff", "fb3f0ff80000000000"),
      (0x1p-149, "fa00000001", "fb36a0000000000000"), (0x1p-150, "fb3690000000000000", "fb3690000000000000"),
      (0x1.fffffep127, "fa7f7fffff", "fb47efffffe0000000"),
      (0x1p128, "fb47f0000000000000", "fb47f0000000000000"),
      (Double(bitPattern: 1), "fb0000000000000001", "fb0000000000000001"),
      (.infinity, "f97c00", "fb7ff0000000000000"),
      (.nan, "f97e00", "fb7ff8000000000000"),
      (Double(bitPattern: 0x7ff0_0400_0000_0000), "f97c01", "fb7ff0040000000000"),
      (Double(bitPattern: 0xfff0_0000_2000_0000), "faff800001", "fbfff0000020000000"),
      (Double(bitPattern: 0x7ff8_0000_0000_0001), "fb7ff8000000000001", "fb7ff8000000000001"),
    ])
  func floats(_ value: Double, _ shortest: String, _ given: String) throws {
    #expect(try written { (writer) throws(CBORError) in writer.write(value) } == shortest)
    let asGiven = CBORWritingOptions(floats: .asGiven)
    #expect(try written(asGiven) { (writer) throws(CBORError) in writer.write(value) } == given)
    for hex in [shortest, given] {
      #expect(try CBORValue(decoding: bytes(cbor: hex)) == .float(value))
    }
  }

  @Test("every half-precision number comes back the same")
  func halves() throws {
    for bits in UInt16.min...UInt16.max {
      var half = ByteBuffer([0xf9])
      half.append(bigEndian: bits)
      let value = try CBORValue(decoding: half)
      guard case .float(let number) = value, try value.encoded() == half,
        number.isNaN || number == Double(Float16(bitPattern: bits))
      else {
        Issue.record("half \(bits) became \(value)")
        return
      }
    }
  }

  @Test("a Float is written as a Float, or shorter")
  func singles() throws {
    #expect(try written { (writer) throws(CBORError) in writer.write(1.5 as Float) } == "f93e00")
    let asGiven = CBORWritingOptions(floats: .asGiven)
    #expect(try written(asGiven) { (writer) throws(CBORError) in writer.write(1.5 as Float) } == "fa3fc00000")
  }

  @Test("a writer goes on where a buffer ends, and gives it back")
  func appends() throws {
    var output = bytes(cbor: "ffff")
    var writer = CBORWriter(appendingTo: &output, options: .deterministic)
    writer.beginMap(count: 2)
    for key in ["b", "a"] {
      writer.write(key)
      writer.write(0)
    }
    try writer.end()
    writer.finish(into: &output)
    #expect(cborHex(output) == "ffffa2616100616200")
  }

  @Test("a sorted map that is written with a key twice is an error")
  func duplicates() throws {
    #expect(throws: CBORError.duplicateKey(at: 3)) {
      try written(.deterministic) { (writer) throws(CBORError) in
        writer.beginMap(count: 2)
        for _ in 0..<2 {
          writer.write(1)
          writer.write(2)
        }
        try writer.end()
      }
    }
  }

  @Test("a tag, a key or a value may be anything in a sorted map")
  func sortsTagged() throws {
    let hex = try written(.deterministic) { (writer) throws(CBORError) in
      writer.beginMap(count: 2)
      writer.write(tag: 5)
      writer.beginMap(count: 1)
      writer.write(1)
      writer.write(tag: 6)
      writer.write(2)
      try writer.end()
      writer.write(3)
      writer.write(7)
      writer.write(tag: 8)
      writer.write(9)
      try writer.end()
    }
    #expect(hex == "a207c809c5a101c60203")
  }
}

@Suite("CBOR: programmer errors end the process") struct CBORWriterPreconditionTests {
  @Test func tooManyItems() async {
    await #expect(processExitsWith: .failure) {
      var writer = CBORWriter()
      writer.write(1)
      writer.write(2)
    }
  }

  @Test func tooFewItems() async {
    await #expect(processExitsWith: .failure) {
      var writer = CBORWriter()
      writer.beginArray(count: 2)
      writer.write(1)
      try writer.end()
    }
  }

  @Test func incompleteMessage() async {
    await #expect(processExitsWith: .failure) {
      let writer = CBORWriter()
      _ = writer.finish()
    }
  }

  @Test func indefiniteWhenDeterministic() async {
    await #expect(processExitsWith: .failure) {
      var writer = CBORWriter(options: .deterministic)
      writer.beginIndefiniteArray()
    }
  }
}
