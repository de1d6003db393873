// The servers that durable appends are compared with, each driven by a client of its own kind.

import CLogPeer
import Files
import Glibc

/// A server that takes appends.
protocol AppendPeer {
  /// What the table calls it.
  var name: String { get }
  /// Whether it syncs before it answers.
  var syncs: Bool { get }

  /// Starts it with nothing stored.
  func start(in directory: FilePath) throws -> PeerServer
  /// Makes what appends go to; called once after starting.
  func prepare(_ port: UInt16) throws
  /// Keeps one append of every producer outstanding for so many seconds. 0, or -1 as the C peers have it.
  func append(
    _ port: UInt16, producers: Int, recordBytes: Int, seconds: Double, _ load: UnsafeMutablePointer<log_load>
  ) -> Int32
}

extension AppendPeer {
  func prepare(_ port: UInt16) throws {}

  /// One measurement.
  func measure(
    in directory: FilePath, producers: Int, recordBytes: Int, seconds: Double, samples: Samples
  ) throws -> AppendRun {
    let server = try start(in: directory)
    let run = Result {
      try prepare(server.port)
      let flushes = FlushCount(directory.string)
      let load = try samples.load {
        append(server.port, producers: producers, recordBytes: recordBytes, seconds: seconds, $0)
      }
      return AppendRun(load, latencies: load.operations, samples, flushes, producers)
    }
    try server.stop()
    return try run.get()
  }
}

extension AppendRun {
  /// From what a C peer measured.
  init(
    _ load: log_load, latencies: UInt64, _ samples: Samples, _ flushes: FlushCount, _ producers: Int
  ) {
    self.init(
      rate: Double(load.operations) * 1e9 / Double(load.nanoseconds),
      latency: samples.percentiles(Int(latencies)),
      perFlush: flushes.appendsPerFlush(load.operations, producers: producers))
  }
}

/// Redis streams, the append-only file synced before each answer.
struct RedisPeer: AppendPeer {
  let name = "Redis stream, appendfsync always"
  let syncs = true
  // Debian's redis-tools holds the server's program under this name; it is what it is called by.
  private let program = "/usr/bin/redis-check-rdb"

  init?() { if access(program, X_OK) != 0 { return nil } }

  func start(in directory: FilePath) throws -> PeerServer {
    try PeerServer(program, in: directory) { port, directory in
      [
        "redis-server", "--bind", "127.0.0.1", "--port", "\(port)", "--dir", directory.string, "--save", "",
        "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0",
      ]
    }
  }

  func append(
    _ port: UInt16, producers: Int, recordBytes: Int, seconds: Double, _ load: UnsafeMutablePointer<log_load>
  ) -> Int32 {
    log_peer_redis(port, Int32(producers), recordBytes, seconds, load)
  }
}

/// NATS JetStream, a file store synced before each acknowledgement.
struct NATSPeer: AppendPeer {
  let name = "NATS JetStream, sync_interval always"
  let syncs = true
  private let program: FilePath

  init?(_ environment: FilePath) {
    program = environment / "bin" / "nats-server"
    if access(program.string, X_OK) != 0 { return nil }
  }

  func start(in directory: FilePath) throws -> PeerServer {
    try PeerServer(
      program.string, in: directory,
      configuration: { port, directory in
        """
        listen: "127.0.0.1:\(port)"
        jetstream { store_dir: "\(directory.string)", sync_interval: always }

        """
      },
      arguments: { _, directory in ["nats-server", "-c", (directory / "configuration").string] })
  }

  func prepare(_ port: UInt16) throws {
    let stream = """
      {"name":"BENCH","subjects":["bench"],"storage":"file","retention":"limits","num_replicas":1}
      """
    if log_peer_nats_request(port, "$JS.API.STREAM.CREATE.BENCH", stream) != 0 {
      throw BenchmarkFailure(String(cString: log_peer_error()))
    }
  }

  func append(
    _ port: UInt16, producers: Int, recordBytes: Int, seconds: Double, _ load: UnsafeMutablePointer<log_load>
  ) -> Int32 {
    log_peer_nats(port, Int32(producers), recordBytes, seconds, load)
  }
}

/// noida-db, a Kafka-protocol broker that keeps records in memory, through librdkafka.
struct NoidaPeer: AppendPeer {
  let name = "noida-db over librdkafka, never syncs"
  let syncs = false
  private let program: String

  init?(_ environment: FilePath) {
    let pattern = (environment / "lib").string + "/python3*/site-packages/noida_db/noida-db"
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0, let first = found.gl_pathv[0] else { return nil }
    program = String(cString: first)
    // Its Python command makes it executable at the first use; so does this.
    guard chmod(program, 0o755) == 0 else { return nil }
  }

  func start(in directory: FilePath) throws -> PeerServer {
    try PeerServer(program, in: directory) { port, directory in
      ["noida-db", "start", "--only", "kafka", "--kafka-port", "\(port)", "--data-dir", directory.string]
    }
  }

  func append(
    _ port: UInt16, producers: Int, recordBytes: Int, seconds: Double, _ load: UnsafeMutablePointer<log_load>
  ) -> Int32 {
    log_peer_kafka(port, Int32(producers), recordBytes, seconds, load)
  }
}
