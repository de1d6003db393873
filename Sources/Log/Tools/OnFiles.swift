// Errors of files as errors of the log.

import Files
import Log

/// Does something with files; what fails is the log's error.
func onFiles<Result: ~Copyable>(_ body: () throws(FileError) -> Result) throws(LogError) -> Result {
  do throws(FileError) { return try body() } catch { throw .file(error) }
}

/// What `body` gives; nil when it fails because a name does not exist.
func ifFound<Result>(_ body: () throws(FileError) -> Result) throws(FileError) -> Result? {
  do throws(FileError) {
    return try body()
  } catch {
    if error.isNotFound { return nil }
    throw error
  }
}
