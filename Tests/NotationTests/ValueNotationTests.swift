import Notation
import Testing

private enum Level: String, CaseIterable, Sendable { case debug, info, warning }
private enum Long: String, CaseIterable, Sendable { case everything, nothing, something }

/// What reading a text ends in: the value as it is printed again, or the phrase of the error.
private func read<Value>(_ notation: ValueNotation<Value>, _ text: String) -> String {
  do {
    return notation.write(try notation.read(text))
  } catch {
    return "\(text) \(error.phrase)"
  }
}

@Suite("Notations") struct ValueNotationTests {
  @Test(
    arguments: [
      ("1", "1"), ("+7", "7"), ("-0", "0"), ("0x1F", "31"), ("0o17", "15"), ("-0x10", "-16"), ("100", "100"),
      ("-100", "-100"), ("101", "101 is out of range"),
      ("99999999999999999999", "99999999999999999999 is out of range"),
      ("-99999999999999999999", "-99999999999999999999 is out of range"), ("", " is not an integer"),
      ("-", "- is not an integer"), ("--1", "--1 is not an integer"), ("1.0", "1.0 is not an integer"),
      ("1e2", "1e2 is not an integer"), ("0x", "0x is not an integer"), ("0o8", "0o8 is not an integer"),
      ("0X1", "0X1 is not an integer"), (" 1", " 1 is not an integer"), ("1_000", "1_000 is not an integer"),
      ("٣", "٣ is not an integer"), ("0x-1", "0x-1 is not an integer"),
      ("010", "010 starts with a zero: write the number without it, or 0o for octal"),
    ] as [(String, String)])
  func ofIntegers(text: String, result: String) {
    #expect(read(.integer(-100...100), text) == result)
  }

  @Test func ofIntegersKeepToTheirType() {
    #expect(read(ValueNotation<UInt8>.integer(0...255), "256") == "256 is out of range")
    #expect(read(ValueNotation<UInt8>.integer(0...255), "-1") == "-1 is out of range")
    #expect(read(ValueNotation<UInt64>.integer(0 ... .max), "18446744073709551615") == "18446744073709551615")
    #expect(
      read(ValueNotation<Int64>.integer(.min ... .max), "-9223372036854775808") == "-9223372036854775808")
  }

  @Test(
    arguments: [
      ("true", "true"), ("True", "true"), ("FALSE", "false"), ("yes", "yes is not a boolean: write true"),
      ("On", "On is not a boolean: write true"), ("no", "no is not a boolean: write false"),
      ("0", "0 is not a boolean: write false"), ("tRue", "tRue is not a boolean"), ("", " is not a boolean"),
    ] as [(String, String)])
  func ofBooleans(text: String, result: String) {
    #expect(read(.bool, text) == result)
  }

  @Test(
    arguments: [
      ("0", "0.0"), ("0.5", "0.5"), ("1e-2", "0.01"), ("-1", "-1 is out of range"),
      ("1.01", "1.01 is out of range"),
      ("nan", "nan is not a number"), ("inf", "inf is not a number"), ("1e999", "1e999 is not a number"),
      ("0x1p-1", "0x1p-1 is not a number"), ("", " is not a number"), ("1 ", "1  is not a number"),
      (".", ". is not a number"),
    ] as [(String, String)])
  func ofNumbers(text: String, result: String) {
    #expect(read(.number(0...1), text) == result)
  }

  @Test func ofSizesAndDurationsKeepToTheirRanges() {
    let sizes = ValueNotation<ByteSize>.byteSize(.kibibytes(1) ... .mebibytes(1))
    #expect(sizes.accepted == "a size from 1 KiB to 1 MiB, such as 64 MiB")
    #expect(read(sizes, "1MiB") == "1 MiB")
    #expect(read(sizes, "1023") == "1023 is out of range")
    let durations = ValueNotation<Duration>.duration(.milliseconds(1) ... .seconds(60))
    #expect(durations.accepted == "a duration from 1ms to 1m, such as 250ms or 5m")
    #expect(read(durations, "60s") == "1m")
    #expect(read(durations, "61s") == "61s is out of range")
  }

  @Test func ofChoicesNameTheNearest() {
    #expect(read(ValueNotation<Level>.choice, "info") == "info")
    #expect(read(ValueNotation<Level>.choice, "inof") == "inof is not known, did you mean info?")
    #expect(read(ValueNotation<Level>.choice, "Info") == "Info is not known, did you mean info?")
    #expect(read(ValueNotation<Level>.choice, "loud") == "loud is not known")
    #expect(ValueNotation<Level>.choice.accepted == "one of debug, info, warning")
    #expect(ValueNotation<Level>.choice.placeholder == "debug|info|warning")
    #expect(ValueNotation<Long>.choice.placeholder == "CHOICE")
  }

  @Test func ofTexts() {
    let letters = ValueNotation<String>.string(bytes: 1...4, accepted: "up to 4 letters") {
      $0.allSatisfy(\.isLetter)
    }
    #expect(read(letters, "abc") == "abc")
    #expect(read(letters, "") == " is empty")
    #expect(read(letters, "abcde") == "abcde is not 1 to 4 bytes long")
    #expect(read(letters, "日本") == "日本 is not 1 to 4 bytes long")
    #expect(read(letters, "a1") == "a1 is not accepted")
    #expect(read(letters, "a\n") == "a\n has control characters")
  }

  @Test func ofPaths() {
    #expect(read(.path, "/a b/c") == "/a b/c")
    #expect(read(.path, "") == " is empty")
    #expect(read(.path, "a\0b") == "a\0b has a zero byte")
    #expect(read(.path, "~/a") == "~/a starts with ~, which only a shell expands")
    #expect(read(.path, "~a") == "~a")
    let long = String(repeating: "a", count: 4096)
    #expect(read(.path, long) == "\(long) is longer than 4095 bytes")
  }

  @Test(
    arguments: [
      ("localhost:80", "localhost:80"), ("a.example-1.com:65535", "a.example-1.com:65535"),
      ("192.0.2.1:1", "192.0.2.1:1"),
      ("[::1]:443", "[::1]:443"), ("[2001:db8::1]:1", "[2001:db8::1]:1"), ("under_score:1", "under_score:1"),
      ("localhost", "localhost has no port"), ("", " has no port"),
      ("a:", "a: does not end in a port from 0 to 65535"),
      ("a:65536", "a:65536 does not end in a port from 0 to 65535"),
      ("a:-1", "a:-1 does not end in a port from 0 to 65535"),
      ("a:+1", "a:+1 does not end in a port from 0 to 65535"),
      ("a:1x", "a:1x does not end in a port from 0 to 65535"),
      ("a:0", "a:0 has port 0, which cannot be connected to"),
      (":80", ":80 has no valid host before its port"),
      ("256.0.0.1:80", "256.0.0.1:80 has no valid host before its port"),
      ("1.2.3:80", "1.2.3:80 has no valid host before its port"),
      ("-a:80", "-a:80 has no valid host before its port"),
      ("a..b:80", "a..b:80 has no valid host before its port"),
      ("a b:80", "a b:80 has no valid host before its port"),
      ("é:80", "é:80 has no valid host before its port"),
      ("::1:80", "::1:80 has an IPv6 address without brackets: write [address]:port"),
      ("[::g]:80", "[::g]:80 has no valid IPv6 address in its brackets"),
      ("[192.0.2.1]:80", "[192.0.2.1]:80 has no valid IPv6 address in its brackets"),
      ("[]:80", "[]:80 has no valid IPv6 address in its brackets"),
    ] as [(String, String)])
  func ofAddresses(text: String, result: String) {
    #expect(read(.hostPort, text) == result)
  }

  @Test func ofAddressesKeepToTheLengthOfNames() {
    let label = String(repeating: "a", count: 63)
    #expect(read(.hostPort, "\(label):1") == "\(label):1")
    #expect(read(.hostPort, "a\(label):1") == "a\(label):1 has no valid host before its port")
    let long = [String](repeating: label, count: 4).joined(separator: ".")
    #expect(read(.hostPort, "\(long):1") == "\(long):1 has no valid host before its port")
  }

  @Test(
    arguments: [
      ("0.0.0.0:0", "0.0.0.0:0"), ("unix:/run/a.sock", "unix:/run/a.sock"),
      ("unix:a.sock", "unix:a.sock does not name a socket by its absolute path"),
      ("unix:", "unix: does not name a socket by its absolute path"),
      ("unix:/", "unix:/ does not name a socket by its absolute path"),
      ("unix:/a\0b", "unix:/a\0b does not name a socket by its absolute path"),
      ("*:80", "*:80 has no valid host before its port"),
    ] as [(String, String)])
  func ofListenAddresses(text: String, result: String) {
    #expect(read(.listenAddress, text) == result)
  }

  @Test func ofListenAddressesKeepToTheKernelsPath() {
    let longest = "unix:/" + String(repeating: "a", count: 106)
    #expect(read(.listenAddress, longest) == longest)
    #expect(read(.listenAddress, longest + "a") == "\(longest)a has a socket path longer than 107 bytes")
  }

  @Test func ofSecretsNeverShowThem() throws {
    let notation = ValueNotation<Secret>.secret(bytes: 2...8)
    let secret = try notation.read("hunter2")
    #expect(secret.reveal() == "hunter2" && secret.byteCount == 7)
    var dumped = ""
    dump([secret], to: &dumped)
    for text in [
      notation.write(secret), "\(secret)", String(reflecting: secret), String(describing: [secret]), dumped,
    ] {
      #expect(!text.contains("hunter2") && text.contains("(secret)"))
    }
    #expect(throws: NotationError.malformed("is not 2 to 8 bytes long")) { try notation.read("x") }
    #expect(throws: NotationError.malformed("is empty")) { try notation.read("") }
  }

  @Test func canBeConverted() {
    let even = ValueNotation<Int>.integer(0...10).map(
      accepted: "an even integer", { $0 % 2 == 0 ? Int8($0) : nil }
    ) { Int($0) }
    #expect(read(even, "4") == "4")
    #expect(read(even, "5") == "5 is not an accepted integer")
    #expect(read(even, "x") == "x is not an integer")
    #expect(even.accepted == "an even integer" && even.role == .bare)
  }
}

@Suite("Quotation") struct QuotationTests {
  @Test(
    arguments: [
      ("", #""""#), ("plain", #""plain""#), ("a\"b\\c", #""a\"b\\c""#), ("\n\r\t", #""\n\r\t""#),
      ("\0\u{1B}", #""\u0000\u001b""#),
      ("\u{7F}\u{9B}", #""\u007f\u009b""#), ("\u{2028}\u{FEFF}", #""\u2028\ufeff""#), ("é日🙂", #""é日🙂""#),
      ("\r\n", #""\r\n""#),
    ] as [(String, String)])
  func escapesWhatIsNotPlain(text: String, quoted: String) {
    #expect(Quotation.quoted(text) == quoted)
  }
}
