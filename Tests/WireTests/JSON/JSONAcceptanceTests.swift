// Which documents RFC 8259 has us take (y), refuse (n), and which it leaves to us (i, with our choice).

import Bytes
import Testing
import Wire

/// Whether the reader takes `bytes` as one document, asked in each of the ways it can be read.
private func accepts(_ bytes: [UInt8]) -> Bool {
  let buffer = ByteBuffer(bytes)
  let asTree = Result { () throws(JSONError) in
    try JSONValue(parsing: buffer.readable, duplicateKeys: .keepEvery)
  }
  let bySkipping = Result { () throws(JSONError) in
    var reader = try JSONReader(buffer.readable)
    try reader.skipValue()
    try reader.finish()
  }
  switch (asTree, bySkipping) {
  case (.success, .success): return true
  case (.failure(let one), .failure(let other)):
    // Reading and skipping must see the same thing in the same place.
    #expect(one == other)
    return false
  default:
    Issue.record("reading and skipping disagree about \(bytes)")
    return false
  }
}

@Suite("JSON acceptance") struct JSONAcceptanceTests {
  @Test(arguments: [
    // Structure
    "[[]   ]", "[\"\"]", "[]", "[\"a\"]", "[false]", "[null, 1, \"1\", {}]", "[null]", "[1\n]", " [1]",
    "[1,null,null,null,2]", "[2] ", "\t[\r\n1 ,\t2 ]\n", "{}", "{\"\":0}", "{\"a\":\"b\",\"a\":\"c\"}",
    "{\"a\":[]}", "{\"a\":{\"b\":{\"c\":[{}]}}}", "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}", "{\n\"a\" : \"b\"\n}",
    "{\"x\":[{\"id\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}], \"id\": \"xxxxxxxxxxxxxxxxxxxxxxxx\"}",
    // A lone scalar is a document
    "false", "true", "null", "42", "-0.1", "\"asd\"", "\"\"", " 1 ",
    // Numbers
    "[123e65]", "[0e+1]", "[0e1]", "[ 4]", "[-0.000000000000000000000000000000000000000000000000001]",
    "[20e1]", "[-0]", "[-123]", "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]",
    "[1e+2]", "[123]", "[123.456789]", "[0]", "[0.0]", "[-0.0]", "[18446744073709551616]", "[0.5e-000]",
    // Strings
    "[\"\\u0060\\u012a\\u12AB\"]", "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\\u0000\"]", "[\"\\\"\"]", "[\"a/*b*/c/*d//e\"]",
    "[\"\\\\a\"]", "[\"\\\\n\"]", "[\"\\u0012\"]", "[\"\\uFFFF\"]", "[\"asd\"]", "[ \"asd\"]",
    "[\"\\uDBFF\\uDFFF\"]", "[\"new\\u00A0line\"]", "[\"\u{10FFFF}\"]", "[\"\u{FFFF}\"]", "[\"\\u0000\"]",
    "[\"\\u002c\"]", "[\"π\"]", "[\"\u{1BFFF}\"]", "[\"asd \"]", "\" \"", "[\"\\uD834\\uDd1e\"]",
    "[\"\\u0821\"]", "[\"\\u0123\"]", "[\"\u{2028}\"]", "[\"\u{2029}\"]",
    "[\"\\u0061\\u30af\\u30EA\\u30b9\"]",
    "[\"new\\u000Aline\"]", "[\"\u{7f}\"]", "[\"\\uA66D\"]", "[\"\\u005C\"]", "[\"⍂㈴⍂\"]", "[\"\\u200B\"]",
    "[\"\\u2064\"]", "[\"\\uFDD0\"]", "[\"\\uFFFE\"]", "[\"\\u0022\"]", "[\"€𝄞\"]",
    "[\"aa\u{7f}aaaaaaaaaaaa\"]",
    "{\"\\u00AA\":0}", "{\"foo\\u0000bar\": 42}",
  ])
  func takes(document: String) {
    #expect(accepts(Array(document.utf8)))
  }

  @Test(arguments: [
    // Nothing at all, or not yet everything
    "", " ", "[", "{", "[1", "[1,", "[\"", "[\"a", "[\"asd]", "[\"\\", "[\"\\u", "[\"\\u00", "{\"", "{\"a",
    "{\"a\"",
    "{\"a\":", "{\"a\":1", "{\"a\":1,", "[\"\\uD800\\", "[\"\\uD800\\u", "[-", "-", "1.", "1e", "1e+", "[[[[",
    "t", "tru", "nul", "fals", "[tru", "\"", "{\"\":", "[{", "[{\"", "[\"\\\"]", "[\"\\\\\\\"]",
    "[{\"\":[{\"\":",
    // Structure
    "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]", "[x", "[3[4]]",
    "[1:2]", "[,]", "[-]", "[   , \"\"]", "[\"a\",\n4\n,1,", "[1,]", "[1,,]", "[*]", "[1,\n1\n,1", "[{}",
    "[}",
    "]", "[1]x", "[1]]", "{]", "{\"x\", null}", "{\"x\"::\"b\"}", "{🇨🇭}", "{\"a\":\"a\" 123}",
    "{key: 'value'}",
    "{\"a\" b}", "{:\"b\"}", "{\"a\" \"b\"}", "{1:1}", "{9999E9999:1}", "{null:null,null:null}",
    "{\"id\":0,,,,,}", "{'a':0}", "{\"id\":0,}", "{\"a\":\"b\"}/**/", "{\"a\":\"b\"}/**//", "{\"a\":\"b\"}//",
    "{\"a\":\"b\"}/", "{\"a\":\"b\",,\"c\":\"d\"}", "{a: \"b\"}", "{\"a\":\"a",
    "{ \"foo\" : \"bar\", \"a\" }",
    "{\"a\":\"b\"}#", "{\"a\":/*comment*/\"b\"}", "{\"a\": true} \"x\"", "{,", "{[", "{\"a", "{'a'", "{}}",
    "<.>",
    "[<null>]", "[1]1", "aå", "[True]", "1]", "[][]", "{\"a\":[1}", "[{\"a\":1]", "*", "<null>", "[a",
    "[\\n]",
    "é", "å", "[nul]", "[fals]", "[tru]", "[nulll]", "[truee]", "TRUE", "Null", "undefined", "[1 000.0]",
    "{\"a\":true,}", "{\"x\" 1}", "[1\u{c}]", "[\u{c}]", "[\u{2060}]", "\u{a0}[]", "[]\u{a0}", "[\u{b}1]",
    // Numbers
    "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]", "[-2.]", "[-NaN]", "[.-1]", "[.2e-3]", "[0.1.2]",
    "[0.3e+]", "[0.3e]", "[0.e1]", "[0E+]", "[0E]", "[0e+]", "[0e]", "[1.0e+]", "[1.0e-]", "[1.0e]", "[1eE2]",
    "[2.e+3]", "[2.e-3]", "[2.e3]", "[9.e+]", "[Inf]", "[NaN]", "[１]", "[1+2]", "[0x1]", "[0x42]",
    "[Infinity]", "[0e+-1]", "[-Infinity]", "[-foo]", "[- 1]", "[-012]", "[-.123]", "[1ea]",
    "[1.8011670033376514H-308]",
    "[1.2a-3]", "[.123]", "[1.]", "[012]", "[1_000]", "[1,000", "[1e1.5]", "[00]", "[0 1]", "[1 2]", "[--1]",
    // Strings
    "[\"\\uD800\\u\"]", "[\"\\uD800\\u1\"]", "[\"\\uD800\\u1x\"]", "[é]", "[\"\\x00\"]", "[\"\\\\\\\"]",
    "[\"\\\t\"]", "[\"\\🌀\"]", "[\"\\\"]", "[\"\\u00A\"]", "[\"\\uD834\\uDd\"]", "[\"\\uD800\\uD800\\x\"]",
    "[\"\\a\"]", "[\"\\uqqqq\"]", "[\"\\'\"]", "[\\u0020\"asd\"]", "\"\\UA66D\"", "[\"\t\"]",
    "[\"new\nline\"]",
    "[\"a\u{0}a\"]", "[\"\u{1f}\"]", "\"", "['single quote']", "abc", "\"x", "\"\"x", "[\"\\u 123\"]",
    "[\"\\u12g4\"]", "[\"12345678901\n\"]", "\"\\u{41}\"", "\"\\N\"", "\"\\0\"",
    // Refused where RFC 8259 leaves it open: lone surrogates, a byte order mark
    "[\"\\uDADA\"]", "[\"\\uD888\\u1234\"]", "[\"\\uD800\\n\"]", "[\"\\uDd1ea\"]", "[\"\\uD800\\uD800\\n\"]",
    "[\"\\ud800\"]", "[\"\\ud800abc\"]", "[\"\\uDd1e\\uD834\"]", "[\"\\uDFAA\"]", "{\"\\uDFAA\":0}",
    "\u{feff}{}",
  ])
  func refuses(document: String) {
    #expect(!accepts(Array(document.utf8)))
  }

  @Test(
    arguments: [
      [0xff], [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xc2], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf],
      [0xe2, 0x82],
      [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf],
      [0xf0, 0x9f, 0x98], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80],
      [0xfc, 0x83, 0xbf, 0xbf, 0xbf, 0xbf], [0xe6, 0x97, 0xa5, 0xd1], [0x61, 0x62, 0x63, 0xe5], [0xe9],
      [0xc3, 0x28], [0xe2, 0x28, 0xa1], [0xe2, 0x82, 0x28], [0xf0, 0x28, 0x8c, 0xbc],
      [0xf0, 0x90, 0x28, 0xbc],
    ] as [[UInt8]])
  func refusesWhatIsNotUTF8(bytes: [UInt8]) {
    #expect(!accepts([0x22] + bytes + [0x22]))
    #expect(!accepts([0x22] + bytes))
    #expect(!accepts([0x5b, 0x22, 0x5c, 0x6e] + bytes + [0x22, 0x5d]))
    #expect(!accepts([0x7b, 0x22] + bytes + [0x22, 0x3a, 0x30, 0x7d]))
    #expect(!accepts(bytes))
    // Behind a long plain run, so that the word-wise scan has gone ahead.
    #expect(!accepts([0x22] + Array(repeating: 0x61, count: 29) + bytes + [0x22]))
  }

  @Test func refusesUTF16() {
    #expect(!accepts([0xff, 0xfe, 0x5b, 0x00, 0x5d, 0x00]))
    #expect(!accepts([0x00, 0x5b, 0x00, 0x22, 0x00, 0x22, 0x00, 0x5d]))
    #expect(!accepts([0x5b, 0x00, 0x5d, 0x00]))
  }

  @Test func takesEveryScalarValueRawAndEscaped() throws {
    for value in UInt32(0x20)...0x10ffff {
      guard let scalar = Unicode.Scalar(value), value % 251 == 0 || value < 0x3000 || value & 0xfff < 3 else {
        continue
      }
      if scalar != "\"" && scalar != "\\" {
        #expect(try JSONValue(parsing: "\"\(scalar)\"") == .string(String(scalar)))
      }
      var escaped = "\""
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16, uppercase: value % 2 == 0)
        escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
      #expect(try JSONValue(parsing: escaped + "\"") == .string(String(scalar)))
    }
  }

  @Test func refusesEveryControlCharacterAtEveryPlaceOfAWord() {
    for control in UInt8(0)..<0x20 {
      for place in 0..<17 {
        var bytes = Array(repeating: UInt8(ascii: "x"), count: 17)
        bytes[place] = control
        #expect(!accepts([0x22] + bytes + [0x22]))
      }
    }
  }

  @Test func everyPrefixOfADocumentIsRefused() {
    let whole = Array("{\"a\":[1.5e+3,true,false,null,\"\\u00e9\\ud83d\\ude00é😀\\n\"],\"b\":{\"c\":-0}}".utf8)
    #expect(accepts(whole))
    for length in 0..<whole.count { #expect(!accepts(Array(whole[..<length]))) }
  }
}
