import Bytes
import Records
import Wire

/// The files beside a segment: the first byte says which. What is taken is written again as it was.
let logSideFilesFuzz = FuzzTarget(name: "log-side-files") { bytes in
  guard let kind = bytes.first else { return }
  let content = ByteBuffer(copying: UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
  do throws(RecordError) {
    switch kind % 7 {
    case 0: try checkIndexes(content)
    case 1:
      let text = ByteBuffer(try LeaderEpochCheckpoint.parse(content.readable).text)
      law(text.count - content.count <= 1, "the epochs were written longer")
      law(text.slice(from: 0, count: content.count) == content, "the epochs were written otherwise")
    case 2:
      let text = ByteBuffer(try PartitionMetadata.parse(content.readable).text)
      law(content.count - text.count <= 1, "the topic id was written shorter")
      law(content.slice(from: 0, count: text.count) == text, "the topic id was written otherwise")
    case 3: try checkSnapshot(content)
    case 4: try checkSnapshot(withRightChecksum(content))
    case 5: try checkControlRecord(content)
    default: checkName(String(decoding: bytes.dropFirst(), as: UTF8.self))
    }
  } catch {
    law(!error.description.isEmpty, "an error without words")
  }
}

private func checkIndexes(_ content: ByteBuffer) throws(RecordError) {
  var written = ByteBuffer(Array(repeating: 0, count: 20))
  let (offsets, times) = try content.withReadableBytes { bytes throws(RecordError) in
    (
      try OffsetIndexEntry(parsing: bytes),
      try TimeIndexEntry(parsing: UnsafeRawBufferPointer(rebasing: bytes.dropFirst(8)))
    )
  }
  written.withMutableReadableBytes { bytes in
    guard let memory = bytes.baseAddress else { return }
    offsets.store(to: memory)
    times.store(to: memory + 8)
  }
  law(written == content.slice(from: 0, count: 20), "an index row was written otherwise")
}

private func checkSnapshot(_ content: ByteBuffer) throws(RecordError) {
  let snapshot = try ProducerSnapshot.parse(content.readable)
  law(snapshot.encoded() == content, "the producers were written otherwise")
}

private func withRightChecksum(_ content: ByteBuffer) -> ByteBuffer {
  if content.count < 6 { return content }
  let body = content.slice(from: 6, count: content.count - 6)
  var whole = content.slice(from: 0, count: 2)
  whole.append(bigEndian: CRC32C.checksum(of: body.readable))
  whole.append(body)
  return whole
}

private func checkControlRecord(_ content: ByteBuffer) throws(RecordError) {
  let keyCount = min(4, content.count)
  let (key, value) = (
    content.slice(from: 0, count: keyCount), content.slice(from: keyCount, count: content.count - keyCount)
  )
  let control = try ControlRecord(parsing: key.readable, value: value.readable)
  let record = control.record()
  law(record.key == key, "the key was written otherwise")
}

private func checkName(_ name: String) {
  guard let (base, kind) = SegmentFileName.parse(name) else { return }
  law(SegmentFileName.name(base, kind) == name, "the name was written otherwise")
}
