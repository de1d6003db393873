import Testing

@testable import protoc_gen_varve

@Suite("Names of generated Swift") struct SwiftNamesTests {
  @Test func fieldsAreInLowerCamelCase() {
    let cases = [
      ("name", "name"), ("user_id", "userID"), ("id", "id"), ("image_url", "imageURL"),
      ("url_path", "urlPath"),
      ("http_port", "httpPort"), ("use_https", "useHTTPS"), ("proto3_optional", "proto3Optional"),
      ("fooBar", "fooBar"), ("HTTPServer", "httpServer"), ("FOO_BAR", "fooBar"), ("a__b", "aB"),
      ("x_1_2", "x1_2"),
      ("identity", "identity"), ("grid_id_x", "gridIDX"), ("trailing_", "trailing"),
      ("int32value", "int32Value"),
    ]
    for (proto, swift) in cases { #expect(SwiftNames.property(proto) == swift) }
  }

  @Test func reservedPropertiesGetASuffix() {
    for name in ["self", "init", "description", "hash_value", "unknown_fields", "serialized_size"] {
      #expect(SwiftNames.property(name).hasSuffix("_p"), "\(name)")
    }
    #expect(SwiftNames.escaped("default") == "`default`" && SwiftNames.escaped("name") == "name")
    #expect(SwiftNames.property("_") == "_" && SwiftNames.property("_1") == "_1")
  }

  @Test func packagesBecomePrefixes() {
    #expect(SwiftNames.typePrefix(package: "").isEmpty)
    #expect(SwiftNames.typePrefix(package: "google.protobuf") == "Google_Protobuf_")
    #expect(SwiftNames.typePrefix(package: "volume_server_pb") == "VolumeServerPb_")
    #expect(SwiftNames.typePrefix(package: "a.bC.d_e") == "A_BC_DE_")
  }

  @Test func typesOfSwiftAndOfTheRuntimeAreAvoided() {
    #expect(SwiftNames.message("Type") == "TypeMessage" && SwiftNames.enumeration("Type") == "TypeEnum")
    #expect(SwiftNames.message("Google_Protobuf_Any") == "Google_Protobuf_Any")
  }

  /// The enum's own name is taken off the front, unless what is left is no name.
  @Test func casesLoseTheirPrefix() {
    let cases: [(String, [String], [String])] = [
      ("Color", ["COLOR_RED", "COLOR_DARK_BLUE"], ["red", "darkBlue"]),
      ("FieldKind", ["FIELD_KIND_X", "FIELDKIND_Y", "OTHER"], ["x", "y", "other"]),
      ("Color", ["COLORFUL", "COLOR"], ["colorful", "color"]),
      ("Size", ["SIZE_2D", "SIZE_DEFAULT", "SIZE_SELF"], ["size2D", "default", "self_"]),
      ("E", ["E_A", "A", "E_a"], ["a", "a_", "a__"]),
      ("Mode", ["ModeFast", "MODE_SLOW"], ["fast", "slow"]),
    ]
    for (name, values, expected) in cases {
      #expect(SwiftNames.cases(of: name, values: values) == expected)
    }
  }
}
