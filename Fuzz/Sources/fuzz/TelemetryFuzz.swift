import Bytes
import Runtime
import Telemetry

/// What telemetry reads and repeats of the world: level specifications, request identifiers, Accept headers,
/// label values, and text in log lines. The first byte chooses.
let telemetryFuzz = FuzzTarget(name: "telemetry") { bytes in
  guard let choice = bytes.first else { return }
  let rest = UnsafeRawBufferPointer(rebasing: bytes[1...])
  let text = String(decoding: rest, as: UTF8.self)
  switch choice % 5 {
  case 0:
    // What is read is described in a way that reads the same.
    if let levels = try? LogLevels(parsing: text) {
      precondition((try? LogLevels(parsing: levels.description)) == levels)
    }
  case 1:
    let fromBytes = RequestID(accepting: rest.bytes)
    let fromText = RequestID(accepting: text)
    precondition(fromBytes == fromText)
    if let fromText { precondition(fromText.description == text && text.utf8.count <= 64) }
  case 2:
    _ = ExpositionFormat(accept: text)
  case 3:
    labels(text)
  default:
    lines(text)
  }
}

/// A label value stays inside its quotes: one line for the sample, whatever the value.
private func labels(_ text: String) {
  let registry = MetricRegistry()
  registry.counter("fuzz_total", help: "Fuzz.", labels: ["value"]).with(text).increment()
  for format in [ExpositionFormat.prometheus, .openMetrics] {
    var buffer = ByteBuffer()
    registry.render(format, into: &buffer)
    guard let page = String(validating: buffer) else { preconditionFailure("not UTF-8") }
    let samples = page.utf8.split(separator: 10).filter { $0.starts(with: "fuzz_total{value=\"".utf8) }
    precondition(samples.count == 1 && String(samples[0])?.hasSuffix("\"} 1") == true)
  }
}

/// A line stays one line without control characters, whatever the message and the fields.
private func lines(_ text: String) {
  for format in LogFormat.allCases {
    let sink = MemorySink()
    guard let pipeline = try? LogPipeline(sink: sink, format: format, time: ManualTime()) else {
      preconditionFailure("no thread for the log")
    }
    pipeline.logger("fuzz").info(text, ["text": .string(text), "bytes": .bytes(ByteBuffer(text)), "last": 1])
    precondition(pipeline.close(within: .seconds(10)))
    precondition(sink.lines.count == 1)
    for scalar in sink.lines[0].unicodeScalars {
      precondition(scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value), "a control character")
      precondition(scalar.value != 0x2028 && scalar.value != 0x2029 && scalar.value != 0x202e)
    }
    precondition(sink.lines[0].hasSuffix(format == .json ? ",\"last\":1}" : " last=1"))
  }
}
