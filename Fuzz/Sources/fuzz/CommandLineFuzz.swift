// Command lines from made-up bytes, an argument a line. Whatever they ask for, parsing answers with an
// invocation or with an error whose message cannot steer a terminal. And the notations that options and
// configuration share: what is read is printed, and read again as the same.

import CommandLine

private enum FuzzedFormat: String, CaseIterable, Sendable { case table, yaml, json }

private struct FuzzedCommand: Command {
  static let about = CommandDescription("copy", "Copy.")
  var (format, size, count, offset) = (FuzzedFormat.table, ByteSize?.none, 1, 0)
  var (isQuiet, isPaged) = (false, true)
  var settings: [String] = []
  var from = ""
  var to: [String] = []

  static func declare(_ arguments: inout ArgumentDeclaration<Self>) {
    arguments.option("format", short: "f", \.format, .choice, "How.")
    arguments.option("size", short: "s", \.size, .byteSize(.bytes(0) ... .bytes(.max)), "How much.")
    arguments.option("count", short: "1", \.count, .integer(0...9), environment: "VARVE_COUNT", "How many.")
    arguments.option("offset", short: "o", \.offset, .integer(-9...9), "Where.")
    arguments.flag("quiet", short: "q", \.isQuiet, "Less.")
    arguments.flag("pager", short: "p", \.isPaged, negatable: true, "By page.")
    arguments.repeatedOption("set", \.settings, .string(bytes: 0...8), "A key.")
    arguments.argument("FROM", \.from, .path, "From.")
    arguments.arguments("TO", \.to, .path, "To.")
  }

  func run(_ console: Console) async throws {}
}

private let program = Program(
  name: "varve", version: "1", summary: "A program.", environmentPrefix: "VARVE_",
  commands: [.group("config", "A group.", [.command(FuzzedCommand.self)]), .command(FuzzedCommand.self)])

/// A command line.
let commandLineFuzz = FuzzTarget(name: "command-line") { bytes in
  let arguments = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    .map { String(decoding: $0, as: UTF8.self) }
  do throws(CommandLineError) {
    let invocation = try program.parse(arguments, environment: [:])
    if case .help(let page) = invocation.action {
      law(page.text(width: 80).hasPrefix("Usage: varve"), "a page")
    }
  } catch {
    for text in [error.message, error.hint ?? ""] {
      law(!text.unicodeScalars.contains { $0.properties.generalCategory == .control }, text)
    }
  }
}

private func check<Value>(_ notation: ValueNotation<Value>, _ text: String) {
  guard let value = try? notation.read(text) else { return }
  let written = notation.write(value)
  guard let again = try? notation.read(written) else { return law(false, "\(text) is printed as \(written)") }
  law(notation.write(again) == written, "\(text), \(written), \(notation.write(again))")
}

/// Every notation.
let notationFuzz = FuzzTarget(name: "notation") { bytes in
  let text = String(decoding: bytes, as: UTF8.self)
  check(.bool, text)
  check(ValueNotation<Int64>.integer(.min ... .max), text)
  check(ValueNotation<UInt8>.integer(.min ... .max), text)
  check(.number(-1e308...1e308), text)
  check(.byteSize(.bytes(0) ... .bytes(.max)), text)
  check(.duration(.zero...DurationNotation.longest), text)
  check(.hostPort, text)
  check(.listenAddress, text)
  check(.path, text)
  check(ValueNotation<FuzzedFormat>.choice, text)
  law(TerminalText.width(TerminalText.cut(text, to: 7)) <= 7, text)
  law(TerminalText.wrapped(text, to: 9).allSatisfy { !$0.isEmpty }, text)
}
