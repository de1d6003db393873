import Bytes
import Testing
import Wire

private typealias Make = DescriptorWriter

@Suite("Protobuf descriptor sets") struct ProtobufDescriptorsTests {
  private func refusal(
    _ set: [UInt8], limits: ProtobufDescriptorLimits = .standard
  ) -> ProtobufDescriptorError? {
    do throws(ProtobufDescriptorError) {
      _ = try ProtobufDescriptors(fileDescriptorSet: set.span.bytes, limits: limits)
      return nil
    } catch {
      return error
    }
  }

  private func set(_ fields: [Make.Field], nested: [[UInt8]] = [], oneofs: Int = 0) -> [UInt8] {
    Make.set([
      Make.file(
        "a.proto", package: "p",
        messages: [Make.message("M", fields, nested: nested, oneofs: oneofs)],
        enums: [Make.enumeration("E", [("A", 0)])])
    ])
  }

  /// What protoc says of Schemas/testing is what the files say.
  @Test func readsWhatProtocWrites() throws {
    let files = ["testing/everything.proto", "testing/proto2.proto"]
    let set = try ProtobufPeers.descriptors(of: files)
    let types = try ProtobufDescriptors(fileDescriptorSet: set.readable)
    let everything = try #require(types.message(named: "varve.testing.Everything"))
    #expect(everything.fields.map(\.number) == everything.fields.map(\.number).sorted())
    #expect(everything.field(3)?.kind == .int32 && everything.field(3)?.shape == .plain)
    #expect(everything.field(21)?.shape == .optional && everything.field(21)?.jsonName == "optionalInt32")
    #expect(
      everything.field(36)?.shape == .repeated
        && everything.field(78)?.shape == .map(key: .string, value: .string))
    #expect(everything.field(84)?.oneof == everything.field(102)?.oneof)
    #expect(everything.field(999) == nil)
    guard case .enumeration(let place)? = everything.field(16)?.kind else {
      Issue.record("plain_colour is no enum")
      return
    }
    #expect(types.enums[place].fullName == "varve.testing.Colour")
    #expect(types.enums[place].numbers == [-1, 0, 1, 2, 2_147_483_647])
    #expect(types.enums[place].name(of: -1) == "COLOUR_INFRARED" && types.enums[place].name(of: 9) == nil)
    let defaults = try #require(types.message(named: "varve.testing.proto2.Defaults"))
    #expect(defaults.field(1)?.shape == .optional)
    #expect(types.message(named: "varve.testing.Missing") == nil)
    #expect(types.message(named: ".varve.testing.Everything") == nil)
  }

  /// Without json_name, the name protoc would have given.
  @Test func namesFieldsInJSON() throws {
    let names = ["foo", "foo_bar", "_foo", "foo__bar_", "foo_1a", "FOO_bar", "foo_B"]
    let fields = names.enumerated().map { Make.Field($1, UInt64($0 + 1), type: 5) }
    let types = try ProtobufDescriptors(fileDescriptorSet: set(fields).span.bytes)
    #expect(
      types.message(named: "p.M")?.fields.map(\.jsonName)
        == ["foo", "fooBar", "Foo", "fooBar", "foo1a", "FOOBar", "fooB"])
  }

  @Test func refusesWhatNoFileSays() {
    let entry = { (key: Make.Field, value: Make.Field) in
      [Make.message("Entry", [key, value], isMapEntry: true)]
    }
    let map = Make.Field("m", 1, label: 3, type: 11, typeName: ".p.M.Entry")
    let key = Make.Field("key", 1, type: 9)
    let value = Make.Field("value", 2, type: 9)
    let file = Make.file("a.proto")
    let cases: [(String, [UInt8], ProtobufDescriptorError)] = [
      ("cut", [0x0a, 0x05], .malformed(.truncated(ProtobufPosition(byte: 2, field: 1)))),
      ("file twice", Make.set([file, file]), .duplicateFile("a.proto")),
      (
        "type twice",
        Make.set([
          Make.file("a", package: "p", messages: [Make.message("M")]),
          Make.file("b", package: "p", enums: [Make.enumeration("M", [])]),
        ]), .duplicateType("p.M")
      ),
      ("editions", Make.set([Make.file("a", syntax: "editions")]), .syntax("editions", file: "a")),
      ("package", Make.set([Make.file("a", package: "p..q")]), .name("p..q", in: "a")),
      ("message name", Make.set([Make.file("a", messages: [Make.message("M.N")])]), .name("M.N", in: "")),
      ("no name", set([], nested: [Make.message("")]), .name("", in: "p.M")),
      (
        "enum value", Make.set([Make.file("a", enums: [Make.enumeration("E", [("1", 1)])])]),
        .name("1", in: "E")
      ),
      ("field name", set([.init("a b", 1, type: 5)]), .name("a b", in: "p.M")),
      (
        "name twice", set([.init("a", 1, type: 5), .init("a", 2, type: 5)]),
        .duplicateField("a", message: "p.M")
      ),
      (
        "number twice", set([.init("a", 1, type: 5), .init("b", 1, type: 5)]),
        .duplicateNumber(1, message: "p.M")
      ),
      ("number zero", set([.init("a", 0, type: 5)]), .number(0, field: "p.M.a")),
      ("number too high", set([.init("a", 1 << 29, type: 5)]), .number(1 << 29, field: "p.M.a")),
      ("no type", set([.init("a", 1, type: 0)]), .fieldType(0, field: "p.M.a")),
      ("no such type", set([.init("a", 1, type: 19)]), .fieldType(19, field: "p.M.a")),
      ("message without a name", set([.init("a", 1, type: 11)]), .fieldType(11, field: "p.M.a")),
      (
        "unresolved", set([.init("a", 1, type: 11, typeName: ".p.N")]),
        .unresolvedType(".p.N", field: "p.M.a")
      ),
      ("not in full", set([.init("a", 1, type: 11, typeName: "M")]), .unresolvedType("M", field: "p.M.a")),
      ("enum as message", set([.init("a", 1, type: 11, typeName: ".p.E")]), .fieldType(11, field: "p.M.a")),
      ("message as enum", set([.init("a", 1, type: 14, typeName: ".p.M")]), .fieldType(14, field: "p.M.a")),
      ("scalar with a name", set([.init("a", 1, type: 5, typeName: ".p.M")]), .fieldType(5, field: "p.M.a")),
      ("label", set([.init("a", 1, label: 4, type: 5)]), .label(4, field: "p.M.a")),
      ("oneof", set([.init("a", 1, type: 5, oneof: 1)], oneofs: 1), .oneof(1, field: "p.M.a")),
      (
        "entry key", set([map], nested: entry(.init("key", 1, type: 1), value)), .mapEntry("p.M.m")
      ),
      ("entry numbers", set([map], nested: entry(key, .init("value", 3, type: 9))), .mapEntry("p.M.m")),
      (
        "entry label", set([map], nested: entry(key, .init("value", 2, label: 3, type: 9))),
        .mapEntry("p.M.m")
      ),
      (
        "entry group", set([map], nested: entry(key, .init("value", 2, type: 10, typeName: ".p.M"))),
        .mapEntry("p.M.m")
      ),
      (
        "entry alone", set([.init("m", 1, type: 11, typeName: ".p.M.Entry")], nested: entry(key, value)),
        .mapEntry("p.M.m: Entry")
      ),
    ]
    for (what, set, error) in cases { #expect(refusal(set) == error, "\(what)") }
    // The same things said right are taken.
    #expect(refusal(set([map, .init("a", 2, type: 14, typeName: ".p.E")], nested: entry(key, value))) == nil)
    #expect(refusal(set([.init("a", 536_870_911, type: 0, typeName: ".p.M", oneof: 0)], oneofs: 1)) == nil)
    #expect(refusal([]) == nil)
  }

  /// Each limit accepts what is at it, and refuses one more.
  @Test func keepsLimits() {
    var deep = Make.message("m")
    for _ in 0..<3 { deep = Make.message("m", nested: [deep]) }
    // A file, four messages; a name of seven bytes: m.m.m.m.
    let set = Make.set([Make.file("a", messages: [deep])])
    let cases: [((inout ProtobufDescriptorLimits, Int) -> Void, Int)] = [
      ({ $0.setBytes = $1 }, set.count), ({ $0.declarations = $1 }, 5), ({ $0.nameBytes = $1 }, 7),
      ({ $0.depth = $1 }, 4),
    ]
    for (change, limit) in cases {
      var limits = ProtobufDescriptorLimits.standard
      change(&limits, limit)
      #expect(refusal(set, limits: limits) == nil, "\(limits)")
      change(&limits, limit - 1)
      #expect(refusal(set, limits: limits) != nil, "\(limits)")
    }
  }
}
