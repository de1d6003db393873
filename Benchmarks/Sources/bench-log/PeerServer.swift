// A server of somebody else's: started in a directory of its own for one measurement, stopped after it.

import CLogPeer
import Files
import Glibc

/// A running server.
struct PeerServer {
  let port: UInt16
  private let process: pid_t
  private let directory: FilePath
  private let files = LocalFiles()

  private static let outputBytesMaximum = 1 << 20
  /// How long a server may take to listen.
  private static let startNanoseconds: UInt64 = 10_000_000_000

  /// Starts `program` under `parent` and waits until it listens.
  ///
  /// - Parameters:
  ///   - arguments: all of them, the name it is called by first.
  ///   - configuration: a file beside its data, named `configuration`.
  init(
    _ program: String, in parent: FilePath, configuration: (UInt16, FilePath) -> String? = { _, _ in nil },
    arguments: (UInt16, FilePath) -> [String]
  ) throws {
    directory = try files.createTemporaryDirectory(in: parent, prefix: "peer-")
    port = log_peer_free_port()
    guard port != 0 else { throw BenchmarkFailure(String(cString: log_peer_error())) }
    if let text = configuration(port, directory) {
      let file = try files.open(directory / "configuration", [.write, .create])
      var text = text
      try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0), at: 0) }
      try file.close()
    }
    let output = directory / "output"
    process = try spawn(program, arguments(port, directory), in: directory, output: output)
    let deadline = log_peer_now() + Self.startNanoseconds
    while log_peer_listens(port) == 0 {
      guard log_peer_now() < deadline, log_peer_runs(process) != 0 else {
        log_peer_stop(process)
        let said = try String(validating: files.contents(of: output, bytesMaximum: Self.outputBytesMaximum))
        throw BenchmarkFailure("\(program) does not listen; it says: \(said ?? "nothing legible")")
      }
      usleep(2000)
    }
  }

  /// Ends the server and removes what it kept.
  func stop() throws {
    log_peer_stop(process)
    try files.removeTree(directory)
  }
}

/// Starts a program that ends with this one.
///
/// - Parameter arguments: all of them, the name it is called by first.
func spawn(
  _ program: String, _ arguments: [String], in directory: FilePath, output: FilePath
) throws -> pid_t {
  let strings: [UnsafeMutablePointer<CChar>?] = arguments.map { argument in strdup(argument) }
  defer { for string in strings { free(string) } }
  let process = log_peer_spawn(program, strings + [nil], directory.string, output.string)
  guard process > 0 else { throw BenchmarkFailure(String(cString: log_peer_error())) }
  return process
}
