import Bytes
import Testing
import Wire

private typealias Everything = Varve_Testing_Everything

private func canonical(_ json: String, options: ProtobufJSONEncodingOptions = jsonEncoding) throws -> String {
  try Everything(jsonString: json, options: jsonDecoding).jsonString(options: options)
}

@Suite("Protobuf JSON") struct ProtobufJSONTests {
  /// What is read, and what is written for it.
  static let readings: [(String, String)] = [
    (#" { } "#, #"{}"#),
    (#"{"plainInt32":1,"plain_int64":2}"#, #"{"plainInt32":1,"plainInt64":"2"}"#),
    (
      #"{"plainInt32":"-7","plainUint64":18446744073709551615}"#,
      #"{"plainInt32":-7,"plainUint64":"18446744073709551615"}"#
    ),
    (
      #"{"plainInt32":1e2,"plainInt64":-3.0,"plainUint32":"4294967295"}"#,
      #"{"plainInt32":100,"plainInt64":"-3","plainUint32":4294967295}"#
    ),
    (#"{"plainDouble":"1.5e3","plainFloat":0.1}"#, #"{"plainDouble":1500,"plainFloat":0.1}"#),
    (#"{"plainDouble":"-Infinity","plainFloat":"NaN"}"#, #"{"plainDouble":"-Infinity","plainFloat":"NaN"}"#),
    (
      #"{"plainDouble":-0.0,"repeatedFloat":["Infinity",3.4e38]}"#,
      #"{"plainDouble":-0.0,"repeatedFloat":["Infinity",3.4e+38]}"#
    ),
    (#"{"plainString":"\u00e9\n","plainBool":true}"#, #"{"plainBool":true,"plainString":"é\n"}"#),
    (
      #"{"plainBytes":"-_8=","optionalBytes":"+/8","repeatedBytes":["",""]}"#,
      #"{"plainBytes":"+/8=","optionalBytes":"+/8=","repeatedBytes":["",""]}"#
    ),
    (
      #"{"plainColour":"COLOUR_RED","repeatedColour":[2,"COLOUR_INFRARED",77]}"#,
      #"{"plainColour":"COLOUR_RED","repeatedColour":["COLOUR_GREEN","COLOUR_INFRARED",77]}"#
    ),
    (#"{"optionalInt32":0,"optionalString":"","plainInt32":0}"#, #"{"optionalInt32":0,"optionalString":""}"#),
    (
      #"{"plainInt32":null,"repeatedInt32":null,"mapInt32":null,"plainNested":null,"choiceInt32":null}"#,
      #"{}"#
    ),
    (
      #"{"plainNested":{"text":"a","up":{"plainInt32":1}},"optionalNested":{}}"#,
      #"{"plainNested":{"text":"a","up":{"plainInt32":1}},"optionalNested":{}}"#
    ),
    (
      #"{"mapInt64":{"10":"1","-2":2},"mapBool":{"true":false},"mapString":{"b":"1","a":"2"}}"#,
      #"{"mapInt64":{"-2":"2","10":"1"},"mapBool":{"true":false},"mapString":{"a":"2","b":"1"}}"#
    ),
    (#"{"choiceUint64":"5"}"#, #"{"choiceUint64":"5"}"#),
    (#"{"choiceInt32":1,"choiceString":null}"#, #"{"choiceInt32":1}"#),
    (#"{"choiceNull":null}"#, #"{"choiceNull":null}"#),
    (
      #"{"somethingElse":1,"fieldWithUnderscores":2,"UPPERName2x":3}"#,
      #"{"somethingElse":1,"fieldWithUnderscores":2,"UPPERName2x":3}"#
    ),
    (
      #"{"renamed":1,"field__with___underscores":2,"UPPER_name2x":3}"#,
      #"{"somethingElse":1,"fieldWithUnderscores":2,"UPPERName2x":3}"#
    ),
    // Well-known types.
    (#"{"knownTimestamp":"1972-01-01T10:00:20.021Z"}"#, #"{"knownTimestamp":"1972-01-01T10:00:20.021Z"}"#),
    (#"{"knownTimestamp":"1969-12-31T23:59:59.9+00:00"}"#, #"{"knownTimestamp":"1969-12-31T23:59:59.900Z"}"#),
    (#"{"knownTimestamp":"2024-02-29T00:30:00-08:30"}"#, #"{"knownTimestamp":"2024-02-29T09:00:00Z"}"#),
    (#"{"knownTimestamp":"0001-01-01T00:00:00Z"}"#, #"{"knownTimestamp":"0001-01-01T00:00:00Z"}"#),
    (
      #"{"knownTimestamp":"9999-12-31T23:59:59.999999999Z"}"#,
      #"{"knownTimestamp":"9999-12-31T23:59:59.999999999Z"}"#
    ),
    (#"{"knownDuration":"-0.5s"}"#, #"{"knownDuration":"-0.500s"}"#),
    (#"{"knownDuration":"3.000001s"}"#, #"{"knownDuration":"3.000001s"}"#),
    (#"{"knownDuration":"315576000000s"}"#, #"{"knownDuration":"315576000000s"}"#),
    (#"{"knownFieldMask":"fooBar,a.bC"}"#, #"{"knownFieldMask":"fooBar,a.bC"}"#),
    (#"{"knownFieldMask":""}"#, #"{"knownFieldMask":""}"#),
    (#"{"knownEmpty":{}}"#, #"{"knownEmpty":{}}"#),
    (
      #"{"knownInt64Value":"0","knownBoolValue":true,"knownBytesValue":"AQ"}"#,
      #"{"knownInt64Value":"0","knownBoolValue":true,"knownBytesValue":"AQ=="}"#
    ),
    (
      #"{"knownStringValue":"","knownDoubleValue":null,"knownUint32Value":3}"#,
      #"{"knownUint32Value":3,"knownStringValue":""}"#
    ),
    (#"{"knownStruct":{"b":[1,"x",null,{}],"a":true}}"#, #"{"knownStruct":{"a":true,"b":[1,"x",null,{}]}}"#),
    (
      #"{"knownValue":null,"manyValue":[null,1.5,[],{"k":null}],"knownListValue":[[]]}"#,
      #"{"knownValue":null,"knownListValue":[[]],"manyValue":[null,1.5,[],{"k":null}]}"#
    ),
    (#"{"knownAny":{}}"#, #"{"knownAny":{}}"#),
    (
      #"{"knownAny":{"value":"1.5s","@type":"type.googleapis.com/google.protobuf.Duration"}}"#,
      #"{"knownAny":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.500s"}}"#
    ),
    (
      #"{"knownAny":{"@type":"x/varve.testing.Everything.Nested","number":4}}"#,
      #"{"knownAny":{"@type":"x/varve.testing.Everything.Nested","number":4}}"#
    ),
  ]

  @Test func readsWhatTheMappingAllows() throws {
    for (json, expected) in Self.readings { #expect(try canonical(json) == expected, "\(json)") }
  }

  /// The same documents mean the same bytes to the peer.
  @Test func readsWhatPythonReads() throws {
    let words = Self.readings.map { "json \(ByteBuffer($0.0).peerWord)\n" }.joined()
    let answers = try ProtobufPeers.python(words)
    #expect(answers.count == Self.readings.count)
    for ((json, _), answer) in zip(Self.readings, answers) where !json.contains("NaN") {
      guard answer != "no" else {
        Issue.record("the peer refuses \(json)")
        continue
      }
      let theirs = try Everything(serializedBytes: ByteBuffer(peerWord: answer))
      #expect(try Everything(jsonString: json, options: jsonDecoding) == theirs, "\(json)")
    }
  }

  /// The largest float in its shortest digits, which are a little more than it as a double.
  @Test func readsTheLargestFloat() throws {
    let json = #"{"plainFloat":3.4028235e+38}"#
    #expect(try Everything(jsonString: json).plainFloat == .greatestFiniteMagnitude)
    #expect(try canonical(json) == json)
  }

  static let refused: [String] = [
    "", "null", "[]", "{", #"{"plainInt32":1"#, #"{"plainInt32":1}x"#, #"{"plainInt32":01}"#,
    #"{"nothing":1}"#, #"{"plainInt32":2147483648}"#, #"{"plainInt32":1.5}"#, #"{"plainInt32":" 1"}"#,
    #"{"plainInt32":""}"#, #"{"plainInt32":true}"#, #"{"plainUint32":-1}"#,
    #"{"plainUint64":18446744073709551616}"#,
    #"{"plainInt64":"9223372036854775808"}"#, #"{"plainInt64":1e19}"#, #"{"plainDouble":1e400}"#,
    #"{"plainFloat":3.5e38}"#, #"{"plainDouble":"inf"}"#, #"{"plainDouble":NaN}"#, #"{"plainBool":"true"}"#,
    #"{"plainBool":1}"#, #"{"plainString":1}"#, #"{"plainBytes":"=="}"#, #"{"plainBytes":"a"}"#,
    #"{"plainBytes":"ab*d"}"#, #"{"plainColour":"RED"}"#, #"{"plainColour":1.5}"#,
    #"{"plainColour":2147483648}"#,
    #"{"plainNested":[]}"#, #"{"plainNested":"x"}"#, #"{"repeatedInt32":1}"#, #"{"repeatedInt32":[null]}"#,
    #"{"repeatedNested":[null]}"#, #"{"mapInt32":[]}"#, #"{"mapInt32":{"x":1}}"#, #"{"mapInt32":{"1":null}}"#,
    #"{"mapBool":{"1":true}}"#, #"{"mapInt32":{"1":1,"1":2}}"#, #"{"plainInt32":1,"plainInt32":1}"#,
    #"{"plainInt32":1,"plain_int32":1}"#, #"{"choiceInt32":1,"choiceString":""}"#,
    #"{"knownTimestamp":"1972-01-01"}"#, #"{"knownTimestamp":"1972-01-01T10:00:20"}"#,
    #"{"knownTimestamp":"1972-01-01t10:00:20Z"}"#, #"{"knownTimestamp":"1972-01-01T10:00:20z"}"#,
    #"{"knownTimestamp":"1972-13-01T10:00:20Z"}"#, #"{"knownTimestamp":"2023-02-29T10:00:20Z"}"#,
    #"{"knownTimestamp":"1972-01-01T24:00:00Z"}"#, #"{"knownTimestamp":"1972-01-01T10:00:60Z"}"#,
    #"{"knownTimestamp":"1972-01-01T10:00:20.Z"}"#, #"{"knownTimestamp":"1972-01-01T10:00:20.0123456789Z"}"#,
    #"{"knownTimestamp":"0001-01-01T00:00:00+00:01"}"#, #"{"knownTimestamp":"9999-12-31T23:59:59-00:01"}"#,
    #"{"knownTimestamp":"0000-01-01T00:00:00Z"}"#, #"{"knownTimestamp":0}"#, #"{"knownDuration":"1"}"#,
    #"{"knownDuration":"s"}"#, #"{"knownDuration":"1.s"}"#, #"{"knownDuration":"--1s"}"#,
    #"{"knownDuration":"1s "}"#,
    #"{"knownDuration":"315576000001s"}"#, #"{"knownDuration":"315576000000.1s"}"#, #"{"knownDuration":1}"#,
    #"{"knownFieldMask":"foo_bar"}"#, #"{"knownInt64Value":{}}"#, #"{"knownInt64Value":{"value":1}}"#,
    #"{"knownStruct":[]}"#, #"{"knownListValue":{}}"#, #"{"knownAny":{"value":1}}"#,
    #"{"knownAny":{"@type":"Duration","value":"1s"}}"#, #"{"knownAny":{"@type":"x/nobody.Knows"}}"#,
    #"{"knownAny":{"@type":"x/google.protobuf.Duration","value":"1s","seconds":1}}"#,
    #"{"knownAny":{"@type":"x/google.protobuf.Duration","value":"1s","value":"1s"}}"#,
    #"{"knownAny":{"@type":"x/google.protobuf.Empty","@type":"x/google.protobuf.Empty"}}"#,
    #"{"knownEmpty":{"a":1}}"#, #"{"choiceNull":"x"}"#,
  ]

  @Test func refusesWhatTheMappingDoesNot() {
    for json in Self.refused {
      #expect(throws: ProtobufJSONError.self, "\(json)") {
        try Everything(jsonString: json, options: jsonDecoding)
      }
    }
  }

  /// Errors say which field, and where in the document.
  @Test func saysWhereAndWhat() {
    let cases: [(String, ProtobufJSONError)] = [
      ("{\n \"nothing\": 1}", .unknownField("nothing", JSONPosition(offset: 13, line: 2, column: 12))),
      (#"{"plainInt32": "x"}"#, .invalidValue(type: "Int32", JSONPosition(offset: 15, line: 1, column: 16))),
      (#"{"plainBytes": "*"}"#, .invalidValue(type: "bytes", JSONPosition(offset: 15, line: 1, column: 16))),
      (#"{"knownAny":{"@type":"x/y"}}"#, .unknownType("x/y")),
    ]
    for (json, expected) in cases {
      do throws(ProtobufJSONError) {
        _ = try Everything(jsonString: json)
        Issue.record("accepted \(json)")
      } catch {
        #expect(error == expected)
      }
    }
    #expect(throws: ProtobufJSONError.self) {
      try Everything(jsonString: String(repeating: #"{"plainEverything":"#, count: 200))
    }
  }

  @Test func ignoresTheUnknownWhenAsked() throws {
    var lenient = jsonDecoding
    lenient.ignoreUnknownFields = true
    let json = #"""
      {"nothing":{"a":[1]},"plainColour":"BEIGE","repeatedColour":["BEIGE","COLOUR_RED"],"optionalColour":"BEIGE",
       "mapStringColour":{"a":"BEIGE"},"choiceColour":"BEIGE","plainInt32":1,
       "knownAny":{"@type":"x/google.protobuf.Duration","value":"1s","more":1}}
      """#
    var expected = Everything()
    expected.repeatedColour = [.red]
    expected.plainInt32 = 1
    expected.knownAny = try Google_Protobuf_Any(packing: duration(1, 0), urlPrefix: "x")
    #expect(try Everything(jsonString: json, options: lenient) == expected)
    #expect(throws: ProtobufJSONError.self) {
      try Everything(jsonString: #"{"plainColour":[]}"#, options: lenient)
    }
  }

  @Test func writesByTheOptions() throws {
    var message = Varve_Testing_Little()
    message.plainInt32 = 1
    var options = ProtobufJSONEncodingOptions()
    options.preserveProtoFieldNames = true
    #expect(try message.jsonString(options: options) == #"{"plain_int32":1}"#)
    options.includeDefaultValues = true
    #expect(
      try message.jsonString(options: options) == #"{"plain_int32":1,"plain_string":"","repeated_nested":[]}"#
    )
    var colour = Everything()
    colour.plainColour = .red
    options = .init()
    options.alwaysPrintEnumsAsInts = true
    #expect(try colour.jsonString(options: options) == #"{"plainColour":1}"#)
    options.style = .pretty(indent: 2)
    #expect(try colour.jsonString(options: options) == "{\n  \"plainColour\": 1\n}")
  }

  private func duration(_ seconds: Int64, _ nanos: Int32) -> Google_Protobuf_Duration {
    var duration = Google_Protobuf_Duration()
    duration.seconds = seconds
    duration.nanos = nanos
    return duration
  }

  /// Messages that JSON cannot say are refused, not approximated.
  @Test func refusesWhatJSONCannotSay() throws {
    var timestamp = Google_Protobuf_Timestamp()
    timestamp.seconds = 253_402_300_800
    var negative = Google_Protobuf_Timestamp()
    negative.nanos = -1
    var mask = Google_Protobuf_FieldMask()
    mask.paths = ["fooBar"]
    var badMask = Google_Protobuf_FieldMask()
    badMask.paths = ["foo_2"]
    var infinite = Google_Protobuf_Value()
    infinite.numberValue = .infinity
    var unknown = Google_Protobuf_Any()
    unknown.typeURL = "x/nobody.Knows"
    var broken = Google_Protobuf_Any()
    broken.typeURL = "x/google.protobuf.Duration"
    broken.value = ByteBuffer([0x08])
    var deep = Google_Protobuf_Value()
    for _ in 0..<600 {
      var list = Google_Protobuf_ListValue()
      list.values = [deep]
      deep = Google_Protobuf_Value()
      deep.listValue = list
    }
    let messages: [any Message] = [
      timestamp, negative, mask, badMask, infinite, Google_Protobuf_Value(), unknown, broken, deep,
      duration(1, -1), duration(0, 1_000_000_000), duration(.min, 0), duration(0, .min),
    ]
    for message in messages {
      #expect(throws: ProtobufJSONError.self, "\(message)") { try message.jsonString() }
    }
  }

  @Test func packsAndUnpacksAny() throws {
    let any = try Google_Protobuf_Any(packing: duration(2, 0))
    #expect(any.typeURL == "type.googleapis.com/google.protobuf.Duration")
    #expect(any.holds(Google_Protobuf_Duration.self) && !any.holds(Google_Protobuf_Timestamp.self))
    #expect(try any.unpack(Google_Protobuf_Duration.self) == duration(2, 0))
    #expect(try any.unpack(Google_Protobuf_Timestamp.self) == nil)
  }
}
