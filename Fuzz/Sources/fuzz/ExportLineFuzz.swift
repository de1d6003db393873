import Bytes
import LogTools

/// A line of an export: what is read is the same when it is written and read again.
let exportLineFuzz = FuzzTarget(name: "export-line") { bytes in
  let line: ExportLine
  do {
    line = try ExportLine(parsing: ByteBuffer(copying: bytes), line: 1)
  } catch {
    return
  }
  var written = ByteBuffer()
  line.append(to: &written)
  do {
    let again = try ExportLine(parsing: written.slice(from: 0, count: written.count - 1), line: 1)
    precondition(again == line, "written, and read as something else")
  } catch {
    preconditionFailure("written, and not read back: \(error)")
  }
}
