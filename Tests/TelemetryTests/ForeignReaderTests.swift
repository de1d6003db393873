// What others read: Prometheus's own parser takes the expositions apart, and Python's readers the log lines.
// They run in the repository's private Python environment, which ops/setup makes.

import Bytes
import Foundation
import Peers
import Runtime
import Testing

@testable import Telemetry

@Suite("Foreign readers") struct ForeignReaderTests {
  /// Runs a Python program over a file holding `input`, and returns what it printed.
  private func python(_ program: String, input: String) throws -> String {
    let folder = try TemporaryFolder()
    try input.write(to: folder.url("input"), atomically: true, encoding: .utf8)
    return try ForeignProgram.python(program, [folder.path("input")], input: "")
  }

  @Test(
    "Prometheus's parser reads both formats",
    arguments: [
      (.prometheus, "prometheus_client.parser"), (.openMetrics, "prometheus_client.openmetrics.parser"),
    ] as [(ExpositionFormat, String)])
  func prometheus(format: ExpositionFormat, parser: String) throws {
    let registry = ExpositionTests.example()
    ProcessMetrics(registry: registry)
    let printed = try python(
      """
      import sys
      from \(parser) import text_string_to_metric_families
      text = open(sys.argv[1], encoding="utf-8", newline="\\n").read()
      for family in text_string_to_metric_families(text):
          if family.name.startswith("process_"):
              continue
          print(family.name, family.type, repr(family.documentation))
          for s in family.samples:
              # Versions of the parser differ in how they spell a bound.
              labels = {k: float(v) if k == "le" else v for k, v in s.labels.items()}
              print(" ", s.name, sorted(labels.items()), float(s.value))
      """, input: exposition(registry, format))
    #expect(
      printed == #"""
        depth gauge 'Depth.'
          depth [] -7.0
        http_requests counter 'Requests \\ "served"\nby path.'
          http_requests_total [('code', '500'), ('path', '/a')] 1.0
          http_requests_total [('code', '200'), ('path', '/b')] 3.0
          http_requests_total [('code', '200'), ('path', 'a"b\\c\nd')] 1.0
        odd gauge 'Odd numbers.'
          odd [('kind', 'high')] inf
          odd [('kind', 'large')] 1e+21
          odd [('kind', 'low')] -inf
          odd [('kind', 'nan')] nan
          odd [('kind', 'tiny')] 1e-07
        ratio gauge 'Ratio.'
          ratio [] 0.25
        varve_metrics_series_overflow counter "\#(ExpositionTests.overflowHelp)"
        wait_seconds histogram 'Waiting.'
          wait_seconds_bucket [('le', 0.0005), ('queue', 'in')] 1.0
          wait_seconds_bucket [('le', 1.0), ('queue', 'in')] 2.0
          wait_seconds_bucket [('le', inf), ('queue', 'in')] 3.0
          wait_seconds_sum [('queue', 'in')] 5.0025
          wait_seconds_count [('queue', 'in')] 3.0

        """#)
  }

  /// Every character up to the astral planes' first, alone and between letters, as a message and a field.
  private func hostileLines(_ format: LogFormat) -> String {
    var buffer = ByteBuffer()
    let renderer = LogRenderer(format: format)
    for value in Array(0...0x2100) as [UInt32] + [0xfeff, 0xfffd, 0x1f600] {
      guard let scalar = Unicode.Scalar(value) else { continue }
      var line = ByteBuffer()
      renderer.render(
        LogRecord(
          time: LogRendererTests.moment, level: .info, module: "m", message: String(Character(scalar)),
          fields: [
            "v": .string("a\(Character(scalar))b"), "n": .uint(value), "d": .duration(.microseconds(1500)),
          ]),
        into: &line)
      buffer.append(line)
    }
    return String(validating: buffer) ?? "not UTF-8"
  }

  @Test func pythonReadsJSONLines() throws {
    let printed = try python(
      """
      import json, sys, unicodedata
      lines = open(sys.argv[1], "rb").read().split(b"\\n")
      assert lines.pop() == b""
      for raw in lines:
          line = json.loads(raw)
          assert list(line) == ["time", "level", "module", "msg", "v", "n", "d"], line
          c = chr(line["n"])
          assert line["msg"] == c and line["v"] == "a" + c + "b" and line["d"] == 0.0015, line
          # No control, no separator of lines, nothing that turns text around, but as an escape.
          assert not any(unicodedata.category(ch) in ("Cc", "Zl", "Zp", "Cf") for ch in raw.decode() if ch != "\\u00ad" and not 0x600 <= ord(ch) <= 0x605 and ch not in "\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e"), raw
      print(len(lines))
      """, input: hostileLines(.json))
    #expect(printed == "8452\n")
  }

  @Test func pythonReadsLogfmt() throws {
    // A logfmt reader in a few lines: bare values end at a space, quoted ones are JSON strings.
    let printed = try python(
      #"""
      import json, re, sys
      pair = re.compile(r'([A-Za-z0-9_.-]+)=("(?:[^"\\]|\\.)*"|[^ "=]*)(?: |$)')
      lines = open(sys.argv[1], "rb").read().split(b"\n")
      assert lines.pop() == b""
      for raw in lines:
          text, at, line = raw.decode(), 0, {}
          while at < len(text):
              m = pair.match(text, at)
              assert m, (text, at)
              line[m[1]] = json.loads(m[2]) if m[2].startswith('"') else m[2]
              at = m.end()
          c = chr(int(line["n"]))
          assert line["msg"] == c and line["v"] == "a" + c + "b" and line["d"] == "1.5ms", line
          assert list(line) == ["time", "level", "module", "msg", "v", "n", "d"], line
      print(len(lines))
      """#, input: hostileLines(.logfmt))
    #expect(printed == "8452\n")
  }
}
