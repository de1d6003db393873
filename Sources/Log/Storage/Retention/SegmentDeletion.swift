// Deletes one sealed segment, the oldest, so that no crash at any moment leaves a hole: the name of its log
// goes durably before anything else happens, and before the next segment is touched. Every step can be done
// again after it failed. Readers that have the file open read on.

import Files

/// The deletion of one segment.
struct SegmentDeletion: Hashable {
  let base: Int64

  /// Goes through every step that is not done yet.
  func run(_ directory: SegmentDirectory) throws(FileError) {
    let files = directory.files
    let log = directory.log(base)
    let deleted = directory.deleted(base)
    if try !files.exists(log) {
      guard try files.exists(deleted) else { return }
      // The directory could not be synced after the renaming, and the kernel may have forgotten what it should
      // have written. Names that are given anew are written anew.
      try files.rename(deleted, to: log)
    }
    try files.rename(log, to: deleted)
    try files.syncDirectory(directory.path)
    for path in [directory.index(base), directory.timeIndex(base)] where try files.exists(path) {
      try files.remove(path)
    }
    try files.remove(deleted)
  }
}
