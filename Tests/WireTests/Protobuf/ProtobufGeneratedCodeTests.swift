import Bytes
import Testing
import Wire

@Suite("Protobuf generated code") struct ProtobufGeneratedCodeTests {
  /// Names that Swift or the runtime uses get another spelling; what they are on the wire does not change.
  @Test func escapesNames() throws {
    var message = Varve_Testing_OddNames_Type()
    message.self_p = "a"
    message.init_p = "b"
    message.type = "c"
    message.protocol = "d"
    message.default = "e"
    message.in = "f"
    message.unknownFields_p = "g"
    message.serializedSize_p = "h"
    message.class = 1
    message.switch = [2]
    message.func = ["i": 3]
    message.where = 4
    #expect(message.hasWhere)
    #expect(try Varve_Testing_OddNames_Type(serializedBytes: message.serializedBytes()) == message)
    #expect(
      try message.jsonString()
        == #"{"self":"a","init":"b","Type":"c","protocol":"d","default":"e","in":"f","unknownFields":"g","#
        + #""serializedSize":"h","class":1,"switch":[2],"func":{"i":3},"where":4}"#)
  }

  @Test func tellsCollidingNamesApart() {
    var message = Varve_Testing_OddNames_Collisions()
    message.hasFoo_p2 = true
    #expect(!message.hasFoo)
    message.foo = 1
    #expect(message.hasFoo)
    message.kind = .case("x")
    #expect(message.case == "x" && message.init_p == 0)
    message.userID = "u"
    message.imageURL = "i"
    message.httpServer = "h"
    message.a1_2 = 1
    #expect(Varve_Testing_OddNames_String.EnumEnum.enum2D.rawValue == 2)
    #expect(Varve_Testing_OddNames_String.EnumEnum.enumerated.rawValue == 4)
    #expect(Varve_Testing_Colour.allCases == [.unspecified, .red, .green, .infrared, .last])
  }

  /// A message may contain itself, directly, through another, in a oneof; copies stay apart.
  @Test func holdsCirclesByValue() throws {
    var circle = Varve_Testing_OddNames_Circle()
    circle.next.next.right.back.left = Varve_Testing_OddNames_Circle()
    let before = circle
    circle.next.next = .init()
    #expect(before.next.next.right.back.hasNext == false)
    #expect(before.next.next.either != nil && circle.next.next.either == nil)
    #expect(before != circle)
    #expect(try Varve_Testing_OddNames_Circle(serializedBytes: before.serializedBytes()) == before)
    var large = Varve_Testing_Everything()
    large.plainEverything.plainEverything.plainInt32 = 7
    var copy = large
    copy.plainEverything.plainEverything.plainInt32 = 8
    #expect(large.plainEverything.plainEverything.plainInt32 == 7)
  }

  /// proto2: presence and defaults for everything, extensions kept.
  @Test func readsProto2() throws {
    var message = Varve_Testing_Proto2_Defaults()
    #expect(message.minus == -9 && message.huge == .max && message.ratio == 0.25 && message.yes)
    #expect(message.endless == -.infinity && message.undefined.isNaN)
    #expect(message.text == "a \"quoted\"\tstring é")
    #expect(message.raw == ByteBuffer([0, 255, 0x5c, 0x78, 0x0a]))
    #expect(message.size == .large && message.otherSize == .small && Varve_Testing_Proto2_Size() == .small)
    #expect(!message.hasMinus && message.serializedSize == 0)
    message.number = 0
    message.minus = -9
    message.unpacked = [1]
    message.packed = [1]
    let extra: [UInt8] = [0xa2, 0x06, 0x02, 0x08, 0x01]
    let bytes: [UInt8] = [0x08, 0, 0x10] + [0xf7] + [UInt8](repeating: 0xff, count: 8) + [1]
    #expect(try encoded(message) == bytes + [0x60, 1, 0x6a, 1, 1])
    let again = try Varve_Testing_Proto2_Defaults(serializedBytes: encoded(message) + extra)
    #expect(again.unknownFields.bytes == extra && again.hasMinus)
  }
}
