// Fields: order, case, several of one name, and that nothing unfit for the wire can get into them.

import Bytes
import HTTP
import Testing

@Suite("HTTP fields") struct HTTPFieldsTests {
  @Test func namesAreFoundWhateverTheirCaseAndValuesKeepTheirOrder() {
    var fields: HTTPFields = ["Accept": "a", "X-Other": "1", "ACCEPT": "b"]
    #expect(fields["accept"] == "a")
    #expect(fields.values(of: "Accept") == ["a", "b"])
    #expect(fields.list(of: "accept") == "a, b")
    #expect(fields["missing"] == nil)
    #expect(fields.list(of: "missing") == nil)
    fields.remove("accept")
    #expect(fields.pairs.map(\.name) == ["X-Other"])
    fields.set("x-other", "2")
    #expect(fields.count == 1)
    #expect(fields["X-Other"] == "2")
    fields.removeAll()
    #expect(fields.isEmpty)
  }

  @Test(
    "What would break a message apart becomes spaces",
    arguments: [
      ("a\r\nSet-Cookie: x=1", "a  Set-Cookie: x=1"), ("a\nb", "a b"), ("\0", " "), ("a\u{7f}b", "a b"),
      ("long enough for a word\r\n and the rest of it", "long enough for a word   and the rest of it"),
      ("\t tabs and blanks \t", "tabs and blanks"), ("a\tb", "a\tb"), ("ü", "ü"), ("", ""),
    ])
  func sanitizes(value: String, kept: String) {
    let fields: HTTPFields = ["X": value]
    #expect(fields["x"] == kept)
  }

  @Test(
    "A list's members are found",
    arguments: [
      ("close", true), ("keep-alive, close", true), ("x ,\tCLOSE ,", true), ("closed", false), ("", false),
      ("not close", false),
    ])
  func members(list: String, isThere: Bool) {
    let fields: HTTPFields = ["Connection": list]
    #expect(fields.hasMember("close", in: "connection") == isThere)
  }

  @Test("A name from outside has to be a token", arguments: ["", "a b", "a:", "a\r\n", "é", "(a)"])
  func refusesNames(name: String) {
    #expect(HTTPFieldName(name) == nil)
  }

  @Test func namesFromOutsideCompareWithoutCase() throws {
    let name = try #require(HTTPFieldName("X-Custom"))
    var fields = HTTPFields()
    fields.append(name, "1")
    #expect(fields["x-custom"] == "1")
    #expect(fields[try #require(HTTPFieldName("x-CUSTOM"))] == "1")
    #expect(HTTPFieldName("a") == HTTPFieldName("A"))
  }

  @Test func equalityIsOfNamesAndValues() {
    #expect(["A": "1", "B": "2"] as HTTPFields == ["a": "1", "b": "2"])
    #expect(["A": "1"] as HTTPFields != ["A": "2"])
    #expect(["A": "1", "B": "2"] as HTTPFields != ["B": "2", "A": "1"])
  }

  @Test func descriptionsShowNoValues() {
    let fields: HTTPFields = ["Authorization": "secret"]
    #expect(!fields.description.contains("secret"))
  }
}
