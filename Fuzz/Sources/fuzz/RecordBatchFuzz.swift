import Bytes
import Records

/// A segment: whatever the scanner takes for a batch is decompressed and read, and what was read is the same
/// when it is written again. Checksums are left out of the walk, or nothing made up would come past them.
let recordBatchFuzz = FuzzTarget(name: "record-batch") { bytes in
  var scanner = BatchScanner(expectedOffset: nil, batchBytesMaximum: 1 << 20, checksums: false)
  var position = 0
  var offset: Int64 = 0
  while position < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
    guard case .batch(let header, let byteCount) = scanner.next(rest, atEnd: true) else { return }
    let whole = UnsafeRawBufferPointer(rebasing: rest.prefix(byteCount))
    law(header.baseOffset >= offset && header.nextOffset > header.baseOffset, "offsets fell back")
    offset = header.nextOffset
    checkHeader(header, whole)
    checkRecords(RecordBatch(trusted: header, bytes: ByteBuffer(copying: whole)))
    position += byteCount
  }
}

private func checkHeader(_ header: RecordBatchHeader, _ bytes: UnsafeRawBufferPointer) {
  let stored = ByteBuffer(copying: UnsafeRawBufferPointer(rebasing: bytes.prefix(61)))
  var written = ByteBuffer()
  written.withWritableBytes(minimum: 61) { room in
    if let memory = room.baseAddress { header.store(to: memory) }
    return 61
  }
  law(written == stored, "a header was not stored as it was")
  var scanner = BatchScanner(expectedOffset: header.baseOffset, batchBytesMaximum: 1 << 20)
  let isTaken = scanner.next(bytes, atEnd: true) == .batch(header, byteCount: bytes.count)
  law(isTaken == RecordBatch.checksumIsRight(header, bytes), "the checksum was not heeded")
}

private func checkRecords(_ batch: RecordBatch) {
  let limit = 1 << 20
  do {
    let payload = try batch.payload(bytesMaximum: limit)
    law(batch.header.attributes.compressionCode == 0 || payload.count <= limit, "the limit was not kept")
    let records = try read(batch.header, payload)
    law(records.count == Int(batch.header.recordCount), "the count was not kept")
    if batch.header.attributes.isLogAppendTime { return }
    let again = try read(batch.header, write(records, batch.header))
    law(again == records, "written again, the records are others")
  } catch {
    law(!error.description.isEmpty, "an error without words")
  }
}

private func read(_ header: RecordBatchHeader, _ payload: ByteBuffer) throws(RecordError) -> [StoredRecord] {
  var records: [StoredRecord] = []
  var iterator = RecordIterator(header, payload: payload.readable)
  while let view = try iterator.next() { records.append(view.owned()) }
  return records
}

private func write(_ records: [StoredRecord], _ header: RecordBatchHeader) -> ByteBuffer {
  var payload = ByteBuffer()
  for stored in records {
    let timestampDelta = stored.timestamp &- header.baseTimestamp
    let offsetDelta = Int32(stored.offset - header.baseOffset)
    let count = RecordEncoding.byteCount(
      stored.record, timestampDelta: timestampDelta, offsetDelta: offsetDelta)
    payload.withWritableBytes(minimum: count) { room in
      guard let memory = room.baseAddress else { return 0 }
      let written = RecordEncoding.encode(
        stored.record, timestampDelta: timestampDelta, offsetDelta: offsetDelta, to: memory)
      law(written == count, "a record was measured wrong")
      return written
    }
  }
  return payload
}
