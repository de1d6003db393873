import Bytes
import Testing
import Wire

/// The types of Schemas/testing that tests have code for, with the descriptors of all of them.
private enum Subject {
  static let types: [any Message.Type] = [
    Varve_Testing_Everything.self, Varve_Testing_Everything.Nested.self, Varve_Testing_Batch.self,
    Varve_Testing_Little.self, Varve_Testing_Nothing.self, Varve_Testing_Proto2_Defaults.self,
    Varve_Testing_Proto2_Extended.self, Varve_Testing_OddNames_Collisions.self,
    Varve_Testing_OddNames_Circle.self, Google_Protobuf_Any.self, Google_Protobuf_Duration.self,
    Google_Protobuf_Empty.self, Google_Protobuf_FieldMask.self, Google_Protobuf_Int64Value.self,
    Google_Protobuf_ListValue.self, Google_Protobuf_Struct.self, Google_Protobuf_Timestamp.self,
    Google_Protobuf_Value.self,
  ]

  static let registry: ProtobufTypeRegistry = {
    var registry = ProtobufTypeRegistry.wellKnown
    for type in types { registry.register(type) }
    return registry
  }()

  static let descriptors: Result<ProtobufDescriptors, any Error> = Result {
    let files = ["everything", "names", "proto2", "benchmark"].map { "testing/\($0).proto" }
    let set = try ProtobufPeers.descriptors(of: files)
    return try ProtobufDescriptors(fileDescriptorSet: set.readable)
  }
}

private let name = "varve.testing.Everything"

/// What came of writing a message, generated or not.
private enum Outcome: Equatable {
  case written(ByteBuffer)
  case refused(ProtobufDynamicError.Reason)
}

private func outcome(_ body: () throws -> ByteBuffer) -> Outcome {
  do {
    return .written(try body())
  } catch let error as ProtobufDynamicError {
    return .refused(error.reason)
  } catch ProtobufJSONError.any(let error) {
    return .refused(.malformed(error))
  } catch let error as ProtobufJSONError {
    return .refused(.json(error))
  } catch let error as ProtobufError {
    return .refused(.malformed(error))
  } catch {
    Issue.record(error)
    return .refused(.unknownMessage("\(error)"))
  }
}

private func generated(
  _ type: (some Message).Type, _ bytes: [UInt8], _ options: ProtobufJSONEncodingOptions
) throws -> ByteBuffer {
  try type.init(serializedBytes: bytes).jsonUTF8Bytes(options: options)
}

@Suite("Protobuf from descriptors") struct ProtobufDynamicTests {
  private let types: ProtobufDescriptors

  init() throws { types = try Subject.descriptors.get() }

  private func json(
    _ bytes: [UInt8], of name: String = name, options: ProtobufDynamicJSONOptions = .init()
  ) throws(ProtobufDynamicError) -> String {
    String(
      decoding: [UInt8](try types.jsonUTF8Bytes(of: name, bytes: bytes.span.bytes, options: options)),
      as: UTF8.self)
  }

  private func refusal(
    _ bytes: [UInt8], of name: String = name, options: ProtobufDynamicJSONOptions = .init()
  ) -> ProtobufDynamicError? {
    do throws(ProtobufDynamicError) {
      _ = try json(bytes, of: name, options: options)
      return nil
    } catch {
      return error
    }
  }

  /// For the same bytes of any type there is code for, the JSON is the generated message's, and so is the error.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func saysWhatGeneratedMessagesSay(seed: UInt64) throws {
    var random = RandomDescribed(
      types: types, anyTypes: Subject.types.map { $0.protoMessageName },
      generator: SeededGenerator(seed: 100 + seed))
    var options = ProtobufDynamicJSONOptions()
    options.preserveProtoFieldNames = seed == 1
    options.includeDefaultValues = seed == 2
    options.alwaysPrintEnumsAsInts = seed == 3
    let style: JSONWriter.Style = seed == 0 ? .pretty(indent: 2) : .compact
    var same = ProtobufJSONEncodingOptions()
    same.types = Subject.registry
    same.style = style
    same.preserveProtoFieldNames = options.preserveProtoFieldNames
    same.includeDefaultValues = options.includeDefaultValues
    same.alwaysPrintEnumsAsInts = options.alwaysPrintEnumsAsInts
    var (written, bytesWritten) = (0, 0)
    for type in Subject.types {
      for _ in 0..<60 {
        let bytes = random.message(type.protoMessageName)
        let expected = outcome { try generated(type, bytes, same) }
        let found = outcome {
          try types.jsonUTF8Bytes(
            of: type.protoMessageName, bytes: bytes.span.bytes, style: style, options: options)
        }
        #expect(found == expected, "\(type.protoMessageName) \(bytes)")
        if case .written(let json) = found {
          (written, bytesWritten) = (written + 1, bytesWritten + json.count)
        }
      }
    }
    #expect(written > Subject.types.count * 40 && bytesWritten > 100_000, "\(written) \(bytesWritten)")
  }

  /// Bytes with one thing changed are refused exactly as the generated message refuses them.
  @Test func refusesWhatGeneratedMessagesRefuse() throws {
    var generator = SeededGenerator(seed: 31)
    var random = RandomEverything(generator: SeededGenerator(seed: 32))
    var refused = 0
    for _ in 0..<800 {
      var bytes = random.message()
      if bytes.isEmpty { continue }
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: bytes[index] ^= UInt8(1 << Int.random(in: 0..<8, using: &generator))
      case 1: bytes.removeSubrange(index...)
      default: bytes.remove(at: index)
      }
      let expected = outcome { try generated(Varve_Testing_Everything.self, bytes, .init()) }
      let found = outcome { try types.jsonUTF8Bytes(of: name, bytes: bytes.span.bytes) }
      #expect(found == expected, "\(bytes)")
      if case .refused = found { refused += 1 }
    }
    #expect(refused > 100)
  }

  /// Google's Python reads the JSON as the message that the bytes are.
  @Test func saysWhatPythonReads() throws {
    var requests = ""
    for line in try ProtobufPeers.python("random 41 150\n") {
      let words = line.split(separator: " ")
      let bytes = try ByteBuffer(peerWord: words[0])
      let json = try types.jsonUTF8Bytes(of: name, bytes: bytes.readable)
      requests += "same \(words[0]) \(words[0]) \(json.peerWord)\n"
    }
    let verdicts = try ProtobufPeers.python(requests)
    #expect(verdicts.count == 150)
    for verdict in verdicts { #expect(verdict == "ok") }
  }

  @Test func writesWhereTheWriterStands() throws {
    let bytes = WireWriter.bytes { $0.field(3, varint: 5) }
    var writer = JSONWriter(style: .pretty(indent: 1))
    writer.beginObject()
    writer.key("value")
    try types.json(of: name, bytes: bytes.span.bytes, into: &writer)
    writer.key("more")
    writer.bool(true)
    writer.endObject()
    #expect(
      String(decoding: [UInt8](writer.finish()), as: UTF8.self)
        == "{\n \"value\": {\n  \"plainInt32\": 5\n },\n \"more\": true\n}")
  }

  /// What is wrong, and the fields that lead to it.
  @Test func saysWhereInTheMessage() throws {
    let nested = { (bytes: [UInt8]) in WireWriter.bytes { $0.field(18, bytes) } }
    let cut: [UInt8] = [0x18]
    let at = { (byte: Int, field: Int) in ProtobufPosition(byte: byte, field: field) }
    let list = WireWriter.bytes {
      $0.field(52, [])
      $0.field(52, WireWriter.bytes { $0.field(2, [0xff]) })
    }
    let entry = WireWriter.bytes { $0.field(83, WireWriter.bytes { $0.field(2, [0x08]) }) }
    let duration = WireWriter.bytes { $0.field(1, varint: UInt64.max >> 1) }
    let any = { (content: [UInt8]) in
      WireWriter.bytes {
        $0.field(
          103,
          WireWriter.bytes {
            $0.field(1, Array("x/varve.testing.Everything".utf8))
            $0.field(2, content)
          })
      }
    }
    let cases: [([UInt8], String, ProtobufDynamicError.Reason?)] = [
      (cut, "plain_int32", .malformed(.truncated(at(1, 3)))),
      ([0x00], "", .malformed(.fieldNumberZero(at(1, 0)))),
      ([0xf8, 0xff, 0x01], "", .malformed(.truncated(at(3, 4095)))),
      (
        nested(nested(cut)), "plain_everything.plain_everything.plain_int32", .malformed(.truncated(at(7, 3)))
      ),
      (list, "repeated_nested[1].text", .malformed(.notUTF8(at(8, 2)))),
      (entry, "map_int32_nested.value.number", .malformed(.truncated(at(6, 1)))),
      (WireWriter.bytes { $0.field(38, [0x01, 0x80]) }, "repeated_int32", .malformed(.truncated(at(5, 38)))),
      (nested(WireWriter.bytes { $0.field(104, duration) }), "plain_everything.known_duration", nil),
      (any(cut), "known_any.value.plain_int32", .malformed(.truncated(at(1, 3)))),
      (
        any(any(WireWriter.bytes { $0.field(104, duration) })),
        "known_any.value.known_any.value.known_duration", nil
      ),
    ]
    for (bytes, path, reason) in cases {
      let error = try #require(refusal(bytes), "accepted \(bytes)")
      #expect(error.path == path, "\(error)")
      if let reason {
        #expect(error.reason == reason, "\(bytes)")
      } else if case .json(.notRepresentable("google.protobuf.Duration", _)) = error.reason {
        continue
      } else {
        Issue.record("\(error)")
      }
    }
    #expect(refusal([], of: "varve.testing.Missing")?.reason == .unknownMessage("varve.testing.Missing"))
  }

  @Test func listsUnknownFieldsWhenAsked() throws {
    var options = ProtobufDynamicJSONOptions()
    options.listsUnknownFields = true
    let bytes = WireWriter.bytes {
      $0.field(3, varint: 1)
      $0.field(601, varint: .max)
      $0.tag(602, 1)
      $0.fixed(2, bytes: 8)
      $0.field(603, [1, 2])
      $0.tag(604, 3)
      $0.field(1, varint: 7)
      $0.tag(604, 4)
      $0.tag(605, 5)
      $0.fixed(3, bytes: 4)
      $0.field(
        103,
        WireWriter.bytes {
          $0.field(1, Array("x/nobody.Knows".utf8))
          $0.field(2, [0x08, 0x01])
        })
    }
    #expect(
      try json(bytes, options: options)
        == #"{"plainInt32":1,"knownAny":{"@type":"x/nobody.Knows","@unknown":[{"field":1,"varint":"1"}]},"#
        + #""@unknown":[{"field":601,"varint":"18446744073709551615"},{"field":602,"fixed64":"2"},"#
        + #"{"field":603,"bytes":"AQI="},{"field":604,"group":[{"field":1,"varint":"7"}]},"#
        + #"{"field":605,"fixed32":3}]}"#)
    #expect(refusal(bytes)?.reason == .json(.unknownType("x/nobody.Knows")))
    #expect(refusal(bytes)?.path == "known_any.value")
    #expect(try json([0x08, 0x05], of: "google.protobuf.Empty") == "{}")
    #expect(
      try json([0x08, 0x05], of: "google.protobuf.Empty", options: options)
        == #"{"@unknown":[{"field":1,"varint":"5"}]}"#)
  }

  /// Groups have no generated code; they are messages between two tags.
  @Test func readsGroups() throws {
    let set = DescriptorWriter.set([
      DescriptorWriter.file(
        "g.proto",
        messages: [
          DescriptorWriter.message(
            "M",
            [
              .init("group", 1, type: 10, typeName: ".M"),
              .init("groups", 2, label: 3, type: 10, typeName: ".M"),
              .init("n", 3, type: 5),
            ])
        ])
    ])
    let types = try ProtobufDescriptors(fileDescriptorSet: set.span.bytes)
    let read = { (bytes: [UInt8]) throws in
      String(decoding: [UInt8](try types.jsonUTF8Bytes(of: "M", bytes: bytes.span.bytes)), as: UTF8.self)
    }
    // Group 1 comes twice: it merges. Group 2 is repeated.
    #expect(
      try read([0x0b, 0x18, 1, 0x0c, 0x13, 0x14, 0x0b, 0x0b, 0x0c, 0x0c, 0x13, 0x18, 2, 0x14])
        == #"{"group":{"group":{},"n":1},"groups":[{},{"n":2}]}"#)
    for bad in [[0x0b], [0x0b, 0x14], [0x0c], [0x0b, 0x18, 1]] as [[UInt8]] {
      #expect(throws: ProtobufDynamicError.self, "\(bad)") { try read(bad) }
    }
    let deep = [UInt8](repeating: 0x0b, count: 100) + [UInt8](repeating: 0x0c, count: 100)
    #expect(try read(deep).count > 100)
    #expect(throws: ProtobufDynamicError.self) { try read([0x0b] + deep + [0x0c]) }
  }

  /// Each limit accepts what is at it, and refuses one more.
  @Test func keepsLimits() throws {
    var deep: [UInt8] = []
    for _ in 0..<3 { deep = WireWriter.bytes { $0.field(18, deep) } }
    var any: [UInt8] = []
    for _ in 0..<3 {
      let content = any
      any = WireWriter.bytes {
        $0.field(1, Array("x/google.protobuf.Any".utf8))
        $0.field(2, content)
      }
    }
    let elements = WireWriter.bytes {
      $0.field(3, varint: 1)
      $0.field(38, [1, 2])
      $0.field(67, [])
    }
    let cases: [(String, [UInt8], (inout ProtobufDynamicJSONOptions, Int) -> Void, Int)] = [
      (name, deep, { $0.limits.depth = $1 }, 3),
      ("google.protobuf.Any", any, { $0.limits.depth = $1 }, 3),
      (name, elements, { $0.limits.elements = $1 }, 4),
      (name, elements, { $0.limits.messageBytes = $1 }, elements.count),
      (name, WireWriter.bytes { $0.field(14, [97, 98]) }, { $0.limits.fieldBytes = $1 }, 2),
      // `{"plainInt32":1,"repeatedInt32":[1,` stands before the last value.
      (name, elements.dropLast(3), { $0.jsonBytes = $1 }, #"{"plainInt32":1,"repeatedInt32":[1"#.utf8.count),
    ]
    for (type, bytes, set, limit) in cases {
      var options = ProtobufDynamicJSONOptions()
      set(&options, limit)
      #expect(refusal(bytes, of: type, options: options) == nil, "\(limit)")
      set(&options, limit - 1)
      #expect(refusal(bytes, of: type, options: options) != nil, "\(limit - 1)")
    }
  }
}
